"""How a page may be worked with, what each way needs from the tokens, and the Russian words for all of it. No database."""

from django.db import models

from gospult.networks.registry import NETWORKS


class Mode(models.TextChoices):
    OBSERVE = "observe", "только чтение"
    COPY = "copy", "ответ публикует человек"
    FULL = "full", "полный"


# What works in each way, for people.
WORKS = {
    Mode.OBSERVE: "Видим открытые записи и комментарии страницы. Личные сообщения не принимаем и ничего не публикуем.",
    Mode.COPY: "Видим комментарии и личные сообщения. Ответ готовим здесь, а публикует его человек: кнопка копирует текст и открывает ветку. "
    "Появившийся на странице ответ узнаём сами.",
    Mode.FULL: "Видим комментарии и личные сообщения. Согласованный ответ уходит в ту же ветку сам.",
}
AFTER = {
    Mode.COPY: "Ответ готовим здесь, а публикует его человек.",
    Mode.FULL: "Согласованный ответ уходит в тот же диалог сам.",
}
HEARS_PUBLIC = frozenset({"posts", "comments", "webhook", "messages"})
HEARS = HEARS_PUBLIC | {"dialogues"}
ANSWERS = frozenset({"reply_comment", "reply_dm"})
# Which right is missing when a way of work cannot be carried, by network.
TO_HEAR = {
    "vk": "ключ сообщества с отметкой «Сообщения сообщества» или сервисный ключ приложения",
    "ok": "ключ доступа группы из раздела «Работа с API»",
    "telegram": "токен бота, который добавлен в канал и его обсуждение",
    "max": "токен бота, который добавлен в канал",
}
TO_ANSWER = {
    "vk": "ключ сообщества с отметками «Управление сообществом», «Сообщения сообщества», «Фотографии» и «Стена»",
    "ok": "ключ доступа группы из раздела «Работа с API»",
    "telegram": "бот, назначенный администратором канала и его обсуждения",
    "max": "бот, назначенный администратором канала с правом писать",
}
FEATURE_WORDS = {
    "card": "видеть карточку страницы",
    "posts": "читать записи",
    "posts_of": "читать записи многих страниц сразу",
    "comments": "читать прошлые комментарии",
    "messages": "читать прошлые личные сообщения",
    "dialogues": "находить новые личные сообщения",
    "members": "считать подписчиков",
    "members_of": "считать подписчиков многих страниц сразу",
    "rights": "проверять свои права",
    "fetch": "загружать присланные файлы",
    "webhook": "получать события сразу",
    "reply_comment": "отвечать на комментарии",
    "reply_dm": "отвечать на личные сообщения",
    "upload_comment": "прикладывать фото к ответу на комментарий",
    "upload_dm": "прикладывать фото к личному ответу",
    "upload_post": "прикладывать фото к записи",
    "publish": "публиковать записи",
    "edit_post": "править свои записи",
    "delete_post": "удалять свои записи",
    "hide": "скрывать комментарии",
    "unhide": "возвращать скрытые комментарии",
    "ban": "закрывать доступ на срок",
    "unban": "открывать доступ",
}
KIND_WORDS = {
    "community": "ключ доступа сообщества",
    "user": "ключ администратора страницы",
    "service": "сервисный ключ приложения",
    "bot": "токен бота",
}
FAULT_WORDS = {
    "auth": "Ключ не подходит: сеть его не принимает. Получите новый.",
    "access": "Ключу не хватает прав или он от другой страницы.",
    "gone": "Страница удалена или закрыта в сети.",
    "closed": "Страница закрыта в сети.",
    "down": "Сеть не отвечает.",
    "timeout": "Сеть не отвечает вовремя.",
    "quota": "Исчерпан дневной предел вызовов.",
    "too_fast": "Сеть просит спрашивать реже.",
    "flood": "Сеть просит спрашивать реже.",
    "unsupported": "Этим ключом сеть не даёт проверить страницу.",
}


def refusal(mode: str, network: str, can: frozenset[str]) -> str:
    """Why these features cannot carry the mode, naming the right that is missing; "" when they can."""
    if mode == Mode.FULL and not ANSWERS & can:
        return f"Для полного режима нужен {TO_ANSWER.get(network, 'ключ с правом отвечать')}: сейчас отвечать от имени страницы нельзя."
    if mode == Mode.COPY and not HEARS & can:
        return f"Чтобы видеть, на что отвечать, нужен {TO_HEAR.get(network, 'ключ с правом читать')}: сейчас страница не слышна."
    if mode == Mode.OBSERVE and not HEARS_PUBLIC & can:
        return f"Чтобы читать открытые записи и комментарии, нужен {TO_HEAR.get(network, 'ключ с правом читать')}."
    return ""


UNSEEN = "Комментарии под записями с этим ключом не видны: мы принимаем только личные сообщения."


def works(mode: str, network: str, can: frozenset[str]) -> str:
    """What works in a mode with these features, in sentences for the page's steward."""
    kind = NETWORKS.get(network)
    heard = "comments" in can or (kind is not None and "comment" in kind.pushes)
    return WORKS[Mode(mode)] if heard or mode == Mode.OBSERVE else f"{UNSEEN} {AFTER[Mode(mode)]}"


def best(can: frozenset[str]) -> Mode:
    """The fullest way of work that the features carry."""
    return Mode.FULL if ANSWERS & can else Mode.COPY if HEARS & can else Mode.OBSERVE
