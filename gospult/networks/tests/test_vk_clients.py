"""Libraries that other people wrote for VK drive the sandbox as they are: only the address is another one, by their own means."""

import asyncio
import contextlib
import time

import pytest

from gospult.networks.testing import Receiver, Sandbox

requests = pytest.importorskip("requests")
vk_api = pytest.importorskip("vk_api")
vkbottle = pytest.importorskip("vkbottle")

from vk_api.bot_longpoll import VkBotEventType, VkBotLongPoll  # noqa: E402 -- after it is known to be installed
from vk_api.requests_pool import VkRequestsPool  # noqa: E402
from vkbottle.bot import Bot, Message  # noqa: E402
from vkbottle.callback import BotCallback  # noqa: E402
from vkbottle.http import AiohttpClient  # noqa: E402
from vkbottle_types.events import GroupEventType  # noqa: E402
from vkbottle_types.events.bot_events import WallReplyNew  # noqa: E402

PAGE = 7


@pytest.fixture
def sandbox():
    with Sandbox() as sandbox:
        sandbox.add_page(PAGE, name="Школа № 5", handle="school5", members=900)
        yield sandbox


# vkbottle: a subclass of API says where VK is, one client per loop says with what


@contextlib.asynccontextmanager
async def bottle(sandbox, kind="community"):
    """vkbottle's API at the sandbox."""

    class Local(vkbottle.API):
        API_URL = sandbox.api_url()

    client = AiohttpClient()
    try:
        yield Local(f"{kind}-token-{PAGE}", http_client=client)
    finally:
        await client.close()


def test_vkbottle_reads_a_page(sandbox):
    post = sandbox.add_post(PAGE, "Завтра субботник", likes=3)
    sandbox.comment(PAGE, post, "Приду")

    async def read():
        async with bottle(sandbox, "user") as api:
            groups = await api.groups.get_by_id(group_ids=["school5"], fields=["members_count"])
            wall = await api.wall.get(owner_id=-PAGE)
            comments = await api.wall.get_comments(owner_id=-PAGE, post_id=int(post))
            return groups.groups[0], wall.items[0], comments.items[0]

    group, item, comment = asyncio.run(read())
    assert (group.name, group.members_count) == ("Школа № 5", 900)
    assert (item.text, item.likes.count, comment.text) == ("Завтра субботник", 3, "Приду")


async def talk(sandbox, bot, deed, *about):
    """Let a bot poll; when it listens somebody does something, and it goes on until the page has answered."""

    async def listen():
        async for event in bot.polling.listen():
            for update in event["updates"]:
                await bot.router.route(update, bot.api)
            if await asyncio.to_thread(sandbox.ledger):
                return

    async def disturb():
        while "groups.getLongPollServer" not in (await asyncio.to_thread(sandbox.state))["calls"]:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(deed, *about)

    await asyncio.wait_for(asyncio.gather(listen(), disturb()), 20)


def test_vkbottle_hears_a_message_by_long_poll_and_answers_it(sandbox):
    async def answer():
        async with bottle(sandbox) as api:
            bot = Bot(api=api)

            @bot.on.message(text="не горит <what>")
            async def hear(message: Message, what: str):
                await message.answer(f"Починим: {what}")

            await talk(sandbox, bot, sandbox.message, PAGE, "не горит фонарь")

    asyncio.run(answer())
    assert [(entry["text"], entry["by"]) for entry in sandbox.ledger()] == [("Починим: фонарь", "api")]


def test_vkbottle_hears_a_comment_and_answers_under_it(sandbox):
    post = sandbox.add_post(PAGE, "Новости")

    async def answer():
        async with bottle(sandbox) as api:
            bot = Bot(api=api)

            @bot.on.raw_event(GroupEventType.WALL_REPLY_NEW, WallReplyNew)
            async def hear(event: WallReplyNew):
                if event.object.from_id > 0:
                    await api.wall.create_comment(
                        owner_id=-PAGE, post_id=event.object.post_id, from_group=PAGE, message="Едем", reply_to_comment=event.object.id
                    )

            await talk(sandbox, bot, sandbox.comment, PAGE, post, "Темно")

    asyncio.run(answer())
    [entry] = sandbox.ledger()
    assert (entry["text"], entry["id"][0], entry["reply_to"][0]) == ("Едем", "c", "c")


def test_vkbottle_sets_its_own_webhook(sandbox):
    with Receiver() as receiver:

        async def connect():
            async with bottle(sandbox) as api:
                bot = Bot(api=api, callback=BotCallback(url=receiver.url, title="Бот", secret_key="тайна"))
                await bot.callback.setup_group_id()
                word = await bot.callback.get_callback_confirmation_code()
                receiver.reply = lambda body: (200, word if body["type"] == "confirmation" else "ok")
                code, secret = await bot.setup_webhook()
                assert (code, secret) == (word, "тайна")
                for _ in range(100):
                    [server] = await bot.callback.get_callback_servers()
                    if server["status"] == "ok":
                        break
                    await asyncio.sleep(0.05)

        asyncio.run(connect())
        sandbox.message(PAGE, "Здравствуйте")
        assert sandbox.wait_quiet()
        assert [body["secret"] for body in receiver.of("message_new")] == ["тайна"]


def test_vkbottle_hits_the_limit_and_recovers(sandbox):
    async def many(api):
        for _ in range(10):
            await api.groups.get_by_id(group_ids=[PAGE])

    async def hurry():
        async with bottle(sandbox, "user") as api:
            with pytest.raises(vkbottle.VKAPIError[6]):
                await many(api)
            await asyncio.sleep(1.1)
            return await api.groups.get_by_id(group_ids=[PAGE])

    assert asyncio.run(hurry()).groups[0].id == PAGE


def test_vkbottle_is_told_what_a_community_may_not(sandbox):
    async def overstep():
        async with bottle(sandbox) as api:
            with pytest.raises(vkbottle.VKAPIError[27]):
                await api.wall.get(owner_id=-PAGE)

    asyncio.run(overstep())


# vk-api: the session that it is given carries an adapter for VK's address


class ToSandbox(requests.adapters.HTTPAdapter):
    """Whatever goes to VK goes to the sandbox."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, *args, **kwargs):
        request.url = request.url.replace("https://api.vk.ru/method/", self.url)
        return super().send(request, *args, **kwargs)


def session(sandbox, kind="community", make=vk_api.VkApi):
    http = requests.Session()
    http.trust_env = False
    http.mount("https://api.vk.ru/", ToSandbox(sandbox.api_url()))
    return make(token=f"{kind}-token-{PAGE}", session=http, api_version="5.199")


def test_vk_api_reads_a_page(sandbox):
    post = sandbox.add_post(PAGE, "Завтра субботник")
    sandbox.comment(PAGE, post, "Приду")
    vk = session(sandbox, "service").get_api()
    assert vk.groups.getById(group_id=PAGE)["groups"][0]["screen_name"] == "school5"
    assert [item["text"] for item in vk.wall.get(owner_id=-PAGE)["items"]] == ["Завтра субботник"]
    assert vk.wall.getComments(owner_id=-PAGE, post_id=post)["items"][0]["text"] == "Приду"


def test_vk_api_hears_by_long_poll_and_answers(sandbox, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # its poll makes a session of its own
    group = session(sandbox, make=vk_api.vk_api.VkApiGroup)
    poll = VkBotLongPoll(group, PAGE, wait=2)
    wrote = sandbox.message(PAGE, "Не горит фонарь")
    [event] = poll.check()
    assert (event.type, event.object.message["text"]) == (VkBotEventType.MESSAGE_NEW, "Не горит фонарь")
    sent = group.get_api().messages.send(peer_id=event.object.message["peer_id"], random_id=77, message="Починим")
    assert [(entry["id"], entry["thread"]) for entry in sandbox.ledger()] == [(f"m{sent}", wrote["thread"])]
    [own] = poll.check()
    assert (own.type, own.object["random_id"]) == (VkBotEventType.MESSAGE_REPLY, 77)


def test_vk_api_goes_on_after_its_key_is_over(sandbox, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    group = session(sandbox, make=vk_api.vk_api.VkApiGroup)
    poll = VkBotLongPoll(group, PAGE, wait=1)
    for enabled in (0, 1):
        group.get_api().groups.setLongPollSettings(group_id=PAGE, enabled=enabled)
    sandbox.message(PAGE, "Слышно?")
    assert poll.check() == []
    assert [event.object.message["text"] for event in poll.check()] == ["Слышно?"]


def test_vk_api_hits_the_limit_and_recovers_by_itself(sandbox):
    vk = session(sandbox, "user")
    vk.RPS_DELAY = 0  # it would keep the limit by itself
    started = time.monotonic()
    answers = [vk.method("groups.getById", {"group_id": PAGE}) for _ in range(6)]
    assert all(answer["groups"][0]["id"] == PAGE for answer in answers)
    assert time.monotonic() - started > 0.9
    assert sandbox.state()["calls"]["groups.getById"] > 6


def test_vk_api_sends_many_calls_in_one(sandbox):
    sandbox.add_post(PAGE, "Новости")
    with VkRequestsPool(session(sandbox, "user")) as pool:
        wall, group = pool.method("wall.get", {"owner_id": -PAGE}), pool.method("groups.getById", {"group_id": PAGE})
        nobody = pool.method("wall.get", {"owner_id": -404})
    assert wall.result["items"][0]["text"] == "Новости"
    assert group.result["groups"][0]["id"] == PAGE
    assert (nobody.ok, nobody.error["error_code"]) == (False, 100)
    assert sandbox.state()["calls"] == {"execute": 1, "wall.get": 2, "groups.getById": 1}
