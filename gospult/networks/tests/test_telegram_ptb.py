"""An independent client, python-telegram-bot, drives the sandbox unchanged: only its own settings of another server are used."""

import asyncio
import io

import pytest
from PIL import Image

from gospult.networks.testing import Sandbox

pytest.importorskip("telegram")

from telegram import Bot, InputMediaPhoto, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.ext import ApplicationBuilder, MessageHandler, filters
from telegram.request import HTTPXRequest

# the library warns that a figure of its own will become a timedelta one day
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
TOKEN = "7200000072:AAH-token_of_the_sandbox"
PATIENCE = 20  # seconds


@pytest.fixture
def sandbox():
    with Sandbox("telegram") as running:
        running.settings(rate_limits=False, retry_first=0.02)
        yield running


@pytest.fixture(autouse=True)
def channel(sandbox):
    page = sandbox.add_page(72, name="Школа № 5", handle="school5", members=130, tokens={"bot": TOKEN})
    return int(page["external_id"])


def addresses(sandbox):
    return {"base_url": f"{sandbox.api_url()}bot", "base_file_url": f"{sandbox.api_url()}file/bot"}


def direct():
    # a proxy of the surroundings must not be asked about a server on this very machine
    return HTTPXRequest(httpx_kwargs={"trust_env": False})


def run(sandbox, work, token=TOKEN):
    """What `work(bot)` gives, with a bot of the sandbox."""

    async def whole():
        async with Bot(token, **addresses(sandbox), request=direct(), get_updates_request=direct()) as bot:
            return await asyncio.wait_for(work(bot), PATIENCE)

    return asyncio.run(whole())


def picture():
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()


def test_it_reads_the_channel_and_its_discussion_group(sandbox, channel):
    async def work(bot):
        chat = await bot.get_chat("@school5")
        group = await bot.get_chat(chat.linked_chat_id)
        avatar = await (await bot.get_file(chat.photo.big_file_id)).download_as_bytearray()
        return chat, group, await bot.get_chat_member_count(channel), await bot.get_chat_administrators(group.id), bytes(avatar), bot.username

    chat, group, count, rulers, avatar, name = run(sandbox, work)
    assert (chat.id, chat.title, group.type, group.linked_chat_id, count, name) == (channel, "Школа № 5", "supergroup", channel, 130, "school5_bot")
    assert [ruler.status for ruler in rulers] == ["creator", "administrator"]
    assert avatar[:3] == b"\xff\xd8\xff"


def test_an_application_hears_by_polling_and_answers_in_the_thread(sandbox):
    post = sandbox.add_post(72, "Завтра субботник")
    asked, wrote = sandbox.comment(72, post, "Где собираемся?"), sandbox.message(72, "Здравствуйте", attachments=["voice"])
    heard = []

    async def answer(update: Update, context):
        heard.append(update.message)
        await update.message.reply_text("У школы", do_quote=True)

    async def whole():
        builder = ApplicationBuilder().token(TOKEN).base_url(addresses(sandbox)["base_url"]).base_file_url(addresses(sandbox)["base_file_url"])
        application = builder.request(direct()).get_updates_request(direct()).build()
        application.add_handler(MessageHandler(filters.ALL & ~filters.IS_AUTOMATIC_FORWARD & ~filters.UpdateType.CHANNEL_POST, answer))
        async with application:
            await application.start()
            await application.updater.start_polling(timeout=1)
            for _ in range(PATIENCE * 50):
                if len(heard) == 2 and len(await asyncio.to_thread(sandbox.ledger)) == 2:
                    break
                await asyncio.sleep(0.02)
            await application.updater.stop()
            await application.stop()

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert [(message.text, message.voice is not None) for message in heard] == [("Где собираемся?", False), (None, True)]
    assert [(entry["thread"], entry["reply_to"]) for entry in sandbox.ledger()] == [(asked["thread"], asked["id"]), (wrote["thread"], wrote["id"])]


def test_updates_are_confirmed_by_the_offset(sandbox):
    for text in ("Раз", "Два", "Три"):
        sandbox.message(72, text)

    async def work(bot):
        first = await bot.get_updates(limit=2)
        rest = await bot.get_updates(offset=first[-1].update_id + 1)
        last = await bot.get_updates(offset=-1)
        return [[update.message.text for update in found] for found in (first, rest, last)]

    assert run(sandbox, work) == [["Раз", "Два"], ["Три"], ["Три"]]


def test_two_who_poll_at_once_are_told_of_it(sandbox):
    async def work(bot):
        first = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(bot.get_updates(timeout=3))
        with pytest.raises(Conflict, match="other getUpdates"):
            await first
        await asyncio.to_thread(sandbox.message, 72, "Здравствуйте")
        return await second

    assert [update.message.text for update in run(sandbox, work)] == ["Здравствуйте"]


def test_only_the_asked_updates_come(sandbox):
    async def work(bot):
        await bot.get_updates(allowed_updates=["edited_message"])
        said = await asyncio.to_thread(sandbox.message, 72, "Раз")
        await asyncio.to_thread(sandbox.edit, 72, said["id"], "Два")
        return await bot.get_updates()

    assert [(update.message, update.edited_message.text) for update in run(sandbox, work)] == [(None, "Два")]


def test_it_meets_the_limit_waits_as_told_and_goes_on(sandbox):
    peer = int(sandbox.message(72, "Здравствуйте")["thread"][1:])
    sandbox.settings(rate_limits=True)

    async def work(bot):
        await bot.send_message(peer, "Раз")
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(peer, "Два")
        await asyncio.sleep(1.05)
        await bot.send_message(peer, "Два")
        return str(refused.value)

    assert "Flood control exceeded" in run(sandbox, work)
    assert [entry["text"] for entry in sandbox.ledger()] == ["Раз", "Два"]


def test_it_meets_the_limit_of_a_bot(sandbox, channel):
    sandbox.settings(rate_limits=True)

    async def work(bot):
        asked = await asyncio.gather(*(bot.get_chat_member_count(channel) for _ in range(60)), return_exceptions=True)
        await asyncio.sleep(1.05)
        return asked, await bot.get_chat_member_count(channel)

    asked, after = run(sandbox, work)
    assert {type(answer) for answer in asked} == {int, RetryAfter}
    assert after == 130


def test_it_publishes_with_pictures_rewrites_and_deletes(sandbox, channel):
    async def work(bot):
        single = await bot.send_photo(channel, picture(), caption="Двор")
        await bot.edit_message_caption(channel, single.message_id, caption="Двор готов")
        album = await bot.send_media_group(channel, [InputMediaPhoto(picture()), InputMediaPhoto(picture())], caption="Альбом")
        text = await bot.send_message(channel, "Новость")
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_text("Новость", channel, text.message_id)
        await bot.delete_messages(channel, [message.message_id for message in album])
        with pytest.raises(BadRequest, match="to delete not found"):
            await bot.delete_message(channel, album[0].message_id)

    run(sandbox, work)
    assert list(sandbox.posts(72).values()) == ["Двор готов", "Новость"]


def test_it_is_refused_in_words_that_it_knows(sandbox):
    wrote = sandbox.message(72, "Здравствуйте")
    sandbox.deny(72, "Мария Иванова")

    async def refused(bot):
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(int(wrote["thread"][1:]), "Добрый день")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.get_chat("@nobody")

    run(sandbox, refused)
    with pytest.raises(InvalidToken):
        run(sandbox, refused, token="7200000072:AAH-another")
