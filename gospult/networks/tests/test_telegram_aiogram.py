"""An independent client, aiogram, drives the sandbox unchanged: only its own setting of another server is used."""

import asyncio
import io

import httpx
import pytest
from PIL import Image

from gospult.networks.testing import Sandbox

pytest.importorskip("aiogram")

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramConflictError, TelegramForbiddenError, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.types import BotCommand, BufferedInputFile, InputMediaPhoto, Message, ReplyParameters
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

TOKEN = "7100000071:AAH-token_of_the_sandbox"
PATIENCE = 20  # seconds


@pytest.fixture
def sandbox():
    with Sandbox("telegram") as running:
        running.settings(rate_limits=False, retry_first=0.02)
        yield running


@pytest.fixture(autouse=True)
def channel(sandbox):
    page = sandbox.add_page(71, name="Администрация района", handle="raion", members=1200, description="Пишите нам", tokens={"bot": TOKEN})
    return int(page["external_id"])


def session(sandbox):
    return AiohttpSession(api=TelegramAPIServer.from_base(sandbox.api_url().rstrip("/")), timeout=PATIENCE)


def run(sandbox, work, token=TOKEN):
    """What `work(bot)` gives, with a bot of the sandbox."""

    async def whole():
        async with Bot(token, session=session(sandbox)) as bot:
            return await asyncio.wait_for(work(bot), PATIENCE)

    return asyncio.run(whole())


async def hear(bot, dispatcher, wanted, heard):
    """Poll until so many messages were heard."""
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=1))
    for _ in range(PATIENCE * 50):
        if len(heard) >= wanted:
            break
        await asyncio.sleep(0.02)
    await dispatcher.stop_polling()
    await polling


def picture():
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()


def test_it_reads_the_channel_and_its_discussion_group(sandbox, channel):
    async def work(bot):
        me, chat = await bot.get_me(), await bot.get_chat("@raion")
        group = await bot.get_chat(chat.linked_chat_id)
        member = await bot.get_chat_member(chat.id, me.id)
        picture = await bot.download(chat.photo.big_file_id)
        return me, chat, group, member, await bot.get_chat_administrators(group.id), await bot.get_chat_member_count(chat.id), picture.read()

    me, chat, group, member, rulers, count, avatar = run(sandbox, work)
    assert (me.id, me.is_bot, chat.id, chat.title, chat.description, count) == (7100000071, True, channel, "Администрация района", "Пишите нам", 1200)
    assert (group.type, group.linked_chat_id, member.status) == (ChatType.SUPERGROUP, channel, ChatMemberStatus.ADMINISTRATOR)
    assert {ruler.user.id for ruler in rulers} == {900, me.id}
    assert avatar[:3] == b"\xff\xd8\xff"


def test_it_hears_by_polling_and_answers_in_the_thread(sandbox):
    post = sandbox.add_post(71, "Завтра субботник")
    asked, wrote = sandbox.comment(71, post, "Где собираемся?"), sandbox.message(71, "Здравствуйте", attachments=["photo"])
    heard, dispatcher = [], Dispatcher()

    @dispatcher.message(~F.is_automatic_forward)
    async def answer(message: Message):
        heard.append(message)
        await message.reply("У школы" if message.chat.type == ChatType.SUPERGROUP else "Добрый день")

    run(sandbox, lambda bot: hear(bot, dispatcher, 2, heard))
    assert [(message.text or message.caption, message.from_user.full_name) for message in heard] == [
        ("Где собираемся?", "Мария Иванова"),
        ("Здравствуйте", "Мария Иванова"),
    ]
    assert heard[0].reply_to_message.is_automatic_forward
    assert [(entry["thread"], entry["reply_to"], entry["text"]) for entry in sandbox.ledger()] == [
        (asked["thread"], asked["id"], "У школы"),
        (wrote["thread"], wrote["id"], "Добрый день"),
    ]


def test_it_hears_by_webhook_with_the_secret(sandbox):
    heard, dispatcher = [], Dispatcher()

    @dispatcher.message(~F.is_automatic_forward)
    async def listen(message: Message):
        heard.append(message.text)

    async def work(bot):
        app = web.Application()
        SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token="s3cret").register(app, path="/hook")
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        assert await bot.set_webhook(url, secret_token="s3cret", allowed_updates=["message"])
        with pytest.raises(TelegramConflictError):
            await bot.get_updates()
        await asyncio.to_thread(sandbox.message, 71, "Не горит фонарь")
        for _ in range(PATIENCE * 50):
            if heard:
                break
            await asyncio.sleep(0.02)
        info = await bot.get_webhook_info()
        stranger = await asyncio.to_thread(httpx.post, url, json={"update_id": 1}, trust_env=False)
        await bot.delete_webhook()
        await runner.cleanup()
        return url, info, stranger.status_code

    url, info, status = run(sandbox, work)
    assert (heard, info.url, info.allowed_updates, info.last_error_message, status) == (["Не горит фонарь"], url, ["message"], None, 401)


def test_it_meets_the_limit_of_a_chat_waits_as_told_and_goes_on(sandbox):
    peer = int(sandbox.message(71, "Здравствуйте")["thread"][1:])
    sandbox.settings(rate_limits=True)

    async def work(bot):
        await bot.send_message(peer, "Раз")
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(peer, "Два")
        await asyncio.sleep(refused.value.retry_after)
        await bot.send_message(peer, "Два")
        return refused.value.retry_after

    assert run(sandbox, work) == 1
    assert [entry["text"] for entry in sandbox.ledger()] == ["Раз", "Два"]


def test_it_meets_the_limit_of_a_group(sandbox, monkeypatch):
    monkeypatch.setattr("gospult.networks.sandbox.telegram.gate.PER_GROUP", 2)
    sandbox.settings(rate_limits=True)

    async def work(bot):
        for text in ("Раз", "Два"):
            await bot.send_message("@raion", text)
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message("@raion", "Три")
        return refused.value.retry_after

    assert 50 <= run(sandbox, work) <= 60


def test_it_publishes_an_album_rewrites_and_deletes(sandbox, channel):
    async def work(bot):
        album = [InputMediaPhoto(media=BufferedInputFile(picture(), f"{number}.png"), caption="Двор" if not number else None) for number in range(2)]
        made = await bot.send_media_group(channel, album)
        await bot.edit_message_caption(chat_id=channel, message_id=made[0].message_id, caption="Двор готов")
        again = await bot.send_photo(channel, made[0].photo[-1].file_id, caption="Ещё раз")
        text = await bot.send_message(channel, "Новость")
        await bot.edit_message_text("Исправленная новость", chat_id=channel, message_id=text.message_id)
        await bot.delete_message(channel, again.message_id)
        return made

    made = run(sandbox, work)
    assert made[0].media_group_id == made[1].media_group_id
    assert list(sandbox.posts(71).values()) == ["Двор готов", "Исправленная новость"]


def test_it_is_refused_in_words_that_it_knows(sandbox):
    wrote = sandbox.message(71, "Здравствуйте")
    sandbox.deny(71, "Мария Иванова")

    async def blocked(bot):
        with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
            await bot.send_message(int(wrote["thread"][1:]), "Добрый день")

    async def unknown(bot):
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()

    run(sandbox, blocked)
    run(sandbox, unknown, token="7100000071:AAH-another")


def test_it_comes_and_goes(sandbox, channel):
    async def work(bot):
        await bot.set_my_commands([BotCommand(command="start", description="Начать")])
        await bot.send_chat_action(channel, "typing")
        await bot.delete_webhook(drop_pending_updates=True)
        return await bot.get_my_commands(), await bot.delete_my_commands(), await bot.log_out()

    assert run(sandbox, work) == ([], True, True)


def test_a_reply_in_old_words_stands_in_its_thread_too(sandbox):
    asked = sandbox.comment(71, sandbox.add_post(71, "Новость"), "Вопрос")
    group, number = int(f"-100{asked['thread'][1:].split('_')[0]}"), int(asked["id"].split("_")[1])

    async def work(bot):
        await bot.send_message(group, "Ответ", reply_to_message_id=number)
        await bot.send_message(group, "Без вопроса", reply_parameters=ReplyParameters(message_id=999999, allow_sending_without_reply=True))

    run(sandbox, work)
    assert [(entry["reply_to"], entry["text"]) for entry in sandbox.ledger()] == [(asked["id"], "Ответ"), ("", "Без вопроса")]
