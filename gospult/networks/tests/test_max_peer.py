"""An independent client, maxapi, drives the sandbox unchanged; only its documented `set_api_url` is told where to go."""

import asyncio
import io
from contextlib import asynccontextmanager

import pytest
from PIL import Image

from gospult.networks.testing import Sandbox

maxapi = pytest.importorskip("maxapi")

from aiohttp import web  # noqa: E402 -- comes with maxapi
from maxapi.client.default import DefaultConnectionProperties  # noqa: E402
from maxapi.enums.message_link_type import MessageLinkType  # noqa: E402
from maxapi.enums.upload_type import UploadType  # noqa: E402
from maxapi.exceptions.max import InvalidToken, MaxApiError  # noqa: E402
from maxapi.types import BotStarted, InputMediaBuffer, MessageCreated, MessageEdited, MessageRemoved  # noqa: E402
from maxapi.types.message import NewMessageLink  # noqa: E402
from maxapi.webhook.aiohttp import AiohttpMaxWebhook  # noqa: E402

PAGE = 5
PATIENCE = 20  # seconds


@pytest.fixture
def sandbox():
    with Sandbox("max") as running:
        running.settings(rate_limits=False, retry_first=0.02)
        yield running


@pytest.fixture(autouse=True)
def channel(sandbox):
    return int(sandbox.add_page(PAGE, name="Школа № 5", handle="school5", members=130, description="Пишите нам")["external_id"])


@asynccontextmanager
async def client(sandbox, token=f"bot-token-{PAGE}"):
    quick = DefaultConnectionProperties(retry_backoff_factor=0.05)
    bot = maxapi.Bot(token, default_connection=quick, after_input_media_delay=0.0, after_upload_retry_delay=0.05)
    bot.set_api_url(sandbox.api_url())
    try:
        yield bot
    finally:
        await bot.close_session()


def run(work):
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


@asynccontextmanager
async def polling(bot, dispatcher):
    running = asyncio.create_task(dispatcher.start_polling(bot))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await running


async def until(there, wanted):
    """Wait for so many events; bounded by `run`."""
    while len(there) < wanted:
        await asyncio.sleep(0.02)


def test_it_reads_a_channel_its_posts_comments_and_members(sandbox, channel):
    sandbox.add_post(PAGE, "Репост", repost=True)
    post = sandbox.add_post(PAGE, "Завтра субботник", views=12)
    top = sandbox.comment(PAGE, post, "Где собираемся?")
    sandbox.comment(PAGE, post, "У школы", author="Пётр Орлов", reply_to=top["id"])

    async def read():
        async with client(sandbox) as bot:
            me = await bot.get_me()
            chat = await bot.get_chat_by_id(channel)
            posts = (await bot.get_messages(chat_id=chat.chat_id)).messages
            comments = (await bot.get_comments(post)).messages
            members = await bot.get_chat_members(chat.chat_id, count=100)
            rest = await bot.get_chat_members(chat.chat_id, count=100, marker=members.marker)
            return me, chat, posts, comments, members.members + rest.members, await bot.get_me_from_chat(chat.chat_id)

    me, chat, posts, comments, members, own = run(read())
    assert (me.is_bot, chat.title, chat.participants_count, chat.link) == (True, "Школа № 5", 130, "https://max.ru/school5")
    assert [(item.body.text, item.stat.views, item.sender) for item in posts] == [("Завтра субботник", 12, None), ("", 0, None)]
    assert posts[1].link.message.text == "Репост"
    assert [(item.body.text, item.sender.full_name) for item in comments] == [("У школы", "Пётр Орлов"), ("Где собираемся?", "Мария Иванова")]
    assert (comments[0].link.message.mid, comments[0].recipient.post_id) == (top["id"][1:], post)
    assert len({item.user_id for item in members}) == 131
    assert own.user_id == me.user_id
    assert "read_all_messages" in own.permissions


def test_it_hears_by_polling_and_answers_in_the_dialogue(sandbox):
    heard = []

    async def talk():
        dispatcher = maxapi.Dispatcher()

        @dispatcher.bot_started()
        async def started(event: BotStarted):
            heard.append(("started", event.user.full_name))

        @dispatcher.message_created()
        async def created(event: MessageCreated):
            heard.append(("said", event.message.body.text, [item.type for item in event.message.body.attachments or []]))
            await event.message.reply("Передали в сетевую компанию")

        @dispatcher.message_edited()
        async def edited(event: MessageEdited):
            heard.append(("edited", event.message.body.text))

        @dispatcher.message_removed()
        async def removed(event: MessageRemoved):
            heard.append(("removed", event.message_id))

        async with client(sandbox) as bot, polling(bot, dispatcher):
            said = await asyncio.to_thread(
                sandbox.message, PAGE, "Не горит фонарь", attachments=["photo", "voice", "file", "video", "sticker", "link"]
            )
            await until(heard, 2)
            await asyncio.to_thread(sandbox.edit, PAGE, said["id"], "Не горят два фонаря")
            await asyncio.to_thread(sandbox.delete, PAGE, said["id"])
            await until(heard, 4)
            return said

    said = run(talk())
    kinds = ["image", "audio", "file", "video", "sticker", "share"]
    assert heard == [
        ("started", "Мария Иванова"),
        ("said", "Не горит фонарь", kinds),
        ("edited", "Не горят два фонаря"),
        ("removed", said["id"][1:]),
    ]
    assert [(line["text"], line["reply_to"], line["thread"], line["by"]) for line in sandbox.ledger()] == [
        ("Передали в сетевую компанию", said["id"], said["thread"], "api")
    ]


def test_it_hears_by_webhook_with_the_secret(sandbox):
    heard = []

    async def listen():
        dispatcher = maxapi.Dispatcher()

        @dispatcher.message_created()
        async def created(event: MessageCreated):
            heard.append(event.message.body.text)

        async with client(sandbox) as bot:
            hook = AiohttpMaxWebhook(dp=dispatcher, bot=bot, secret="taina_5")
            runner = web.AppRunner(hook.create_app("/hook"))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            where = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hook"
            try:
                with pytest.warns(UserWarning, match="HTTPS"):
                    await bot.subscribe_webhook(where, secret="taina_5", update_types=["message_created"])
                on_record = await bot.get_subscriptions()
                await asyncio.to_thread(sandbox.message, PAGE, "По вебхуку")
                await until(heard, 1)
                await bot.unsubscribe_webhook(where)
                return where, on_record.subscriptions, (await bot.get_subscriptions()).subscriptions
            finally:
                await runner.cleanup()

    where, before, after = run(listen())
    assert heard == ["По вебхуку"]
    assert ([(item.url, item.update_types) for item in before], after) == ([(where, ["message_created"])], [])


def test_it_answers_under_a_post_and_takes_a_comment_away(sandbox):
    post = sandbox.add_post(PAGE, "Завтра субботник")
    asked, rude = sandbox.comment(PAGE, post, "Где собираемся?"), sandbox.comment(PAGE, post, "Грубость")

    async def moderate():
        async with client(sandbox) as bot:
            comment = await bot.get_comment(post, asked["id"][1:])
            answer = await comment.reply("У школы")
            await answer.message.edit("У школы в 10:00")
            await bot.delete_comment(post, rude["id"][1:])
            return [(item.body.text, item.sender.is_bot) for item in (await bot.get_comments(post)).messages]

    assert run(moderate()) == [("У школы в 10:00", True), ("Где собираемся?", False)]
    assert [(line["text"], line["reply_to"], line["thread"]) for line in sandbox.ledger()] == [("У школы", asked["id"], asked["thread"])]


def test_it_publishes_with_a_picture_that_was_not_ready_at_once(sandbox):
    channel = int(sandbox.add_page(6, extra={"not_ready": 2})["external_id"])
    picture = png()

    async def publish():
        async with client(sandbox, "bot-token-6") as bot:
            media = InputMediaBuffer(picture, filename="двор.png", type=UploadType.IMAGE)
            sent = await bot.send_message(chat_id=channel, text="Двор после ремонта", attachments=[media])
            await bot.edit_message(sent.message.body.mid, text="Двор готов", attachments=sent.message.body.attachments)
            return await bot.get_message(sent.message.body.mid)

    message = run(publish())
    assert (message.body.text, [item.type for item in message.body.attachments]) == ("Двор готов", ["image"])
    assert sandbox.state()["calls"]["POST /messages"] == 3


def test_it_hits_the_limit_of_a_chat_and_recovers(sandbox):
    sandbox.settings(rate_limits=True)
    said = sandbox.message(PAGE, "Здравствуйте")
    chat = int(said["thread"][1:])

    refused = []

    async def send(bot, text):
        for _ in range(5):
            try:
                await bot.send_message(chat_id=chat, text=text, link=NewMessageLink(type=MessageLinkType.REPLY, mid=said["id"][1:]))
            except MaxApiError as error:
                refused.append((error.code, error.raw["code"]))
                await asyncio.sleep(0.6)
            else:
                return

    async def hurry():
        async with client(sandbox) as bot:
            for number in range(4):
                await send(bot, f"Ответ {number}")

    run(hurry())
    assert set(refused) == {(429, "too.many.requests")}
    assert [line["text"] for line in sandbox.ledger()] == [f"Ответ {number}" for number in range(4)]


def test_it_outlives_a_server_error_by_itself(sandbox):
    sandbox.fault("http_500_before")

    async def read():
        async with client(sandbox) as bot:
            with pytest.raises(MaxApiError):
                await bot.get_me()
            return await bot.get_me()

    assert run(read()).is_bot


def test_a_wrong_token_is_told_as_such(sandbox):
    async def read():
        async with client(sandbox, "token-of-nobody") as bot:
            await bot.get_me()

    with pytest.raises(InvalidToken):
        run(read())


def png():
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()
