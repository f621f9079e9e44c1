"""What the demo's residents write: templates × places, by kind. All of it is invented."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from .places import PLACES, RESIDENTS, Place


@dataclass(frozen=True)
class Line:
    """One thing that a resident will say; `channel` is "comment" or "dm", `plan` what becomes of it later (PLANS)."""

    kind: str
    text: str
    page: str
    author: str
    channel: str = "comment"
    attachments: tuple[str, ...] = ()
    plan: str = ""


PROBLEMS = (
    "Третью неделю не вывозят мусор {at}, баки переполнены, пакеты ветром разносит по двору",
    "Здравствуйте! {at} второй день нет горячей воды. В управляющей компании трубку не берут. Когда дадут?",
    "{name}. Батареи еле тёплые, дома 16 градусов, ребёнок спит в шапке. Сколько это будет продолжаться?",
    "Фонари не горят {at} уже с октября, дети из школы идут в кромешной темноте",
    "Яма на дороге {at} такая, что вчера сосед пробил колесо. Засыпьте хотя бы щебнем!",
    "Снег во дворе не чистят вообще. {name}. Скорая вчера не смогла подъехать к подъезду",
    "Тротуар {at} превратился в каток, не посыпают. Бабушка упала и сломала руку",
    "Лифт не работает неделю, {name}, девятый этаж, живут пожилые люди",
    "Автобус утром пришёл на сорок минут позже расписания, люди мёрзли на остановке {at}",
    "{name} - из подвала запах канализации на весь подъезд, плавает всё, дышать нечем",
    "Крыша течёт {at}, на пятом этаже с потолка капает прямо на кровать",
    "Светофор не работает {at}, перейти дорогу с коляской невозможно",
    "Опять несанкционированная свалка {at}: мешки, шины, старая мебель. Уберите пожалуйста",
    "Детская площадка {at} разбита: качели оторваны, из горки торчит арматура",
    "В поликлинике к терапевту запись только через три недели. {name}. Это как вообще?",
    "Напряжение скачет каждый вечер {at}, сгорел холодильник",
    "Дерево наклонилось над парковкой {at}, ветки уже на проводах. Ждёте, пока упадёт?",
    "Интернет пропадает каждый день {at}, дети не могут делать уроки",
)
URGENT = (
    "СРОЧНО! Открытый люк {at}, рядом школа, дети бегают!",
    "Оборвало провод {at}, висит над тротуаром и искрит!!! Примите меры",
    "Стая собак кидается на детей {at}, одного мальчика покусали",
    "Прорвало трубу, кипяток бежит по дороге {at}! Кто-нибудь приедет?",
)
WITHOUT_ADDRESS = (
    "Когда уже почистят дороги? Ездить невозможно",
    "У нас опять нет воды. Сколько можно терпеть",
    "Мусор не вывозят, крысы бегают!!!",
    "почему не горят фонари на нашей улице",
    "Во дворе сугробы по пояс, дворника не видели с ноября",
    "Отопление когда сделаете нормально? Платим за холодные батареи",
)
QUESTIONS = (
    "Подскажите, пожалуйста, до какого числа принимают заявления в первый класс? {name}",
    "Добрый день! Как записать ребёнка в кружок рисования {at}?",
    "Скажите, во сколько завтра начинается ярмарка и где можно поставить машину? {name}",
    "Здравствуйте. Какие документы нужны для пособия на второго ребёнка? Живём {at}",
    "А каток {at} в этом году зальют? С какого числа?",
    "Где посмотреть расписание автобусов на выходные? {name}",
)
SUGGESTIONS = (
    "Предлагаю поставить лавочки {at}, пожилым негде присесть по дороге в аптеку",
    "Было бы хорошо сделать пешеходный переход {at}, давно просим",
    "Давайте посадим липы {at} вместо спиленных тополей, жители помогут",
)
GRATITUDE = (
    "Спасибо огромное за новую площадку, дети в восторге!",
    "Благодарим дорожников, улицу наконец почистили. Молодцы!",
    "Спасибо вам за быстрый ответ и за помощь, всё сделали",
    "Большое спасибо врачам нашей больницы, низкий поклон",
    "Молодцы! Так держать! Спасибо за праздник",
)
REVIEWS = (
    "Были на концерте в доме культуры, всё понравилось, зал полный, артисты старались",
    "Ходили на выставку всей семьёй, интересно, экскурсовод рассказывает понятно",
)
SPAM = (
    "Заработок от 5000 в день без вложений! Пиши в личку, ссылка https://example.org/zarabotok",
    "Кредит всем без отказа за 5 минут, переходи по ссылке https://example.org/kredit",
    "Подпишись на наш канал и получи приз! Розыгрыш айфона https://example.org/priz",
)
NOT_FOR_US = ("Всем доброе утро!", "+++", "Красивое фото", "С праздником, дорогие земляки!")
# One accident, told by different people in their own words; the operator merges them.
ACCIDENTS = (
    (
        "adm-chelyabinsk",
        (
            "На Воровского, 21 в Челябинске прорвало теплотрассу, весь двор в пару!",
            "Челябинск, Воровского 21. Авария на теплотрассе, батареи остыли, что происходит?",
            "Почему нет отопления на Воровского, 21 (Челябинск)? Говорят, трубу порвало",
            "воровского 21 челябинск фонтан горячей воды у второго подъезда, осторожно",
            "Челябинск, ул. Воровского, 21: дома холодно, отопление отключили из-за аварии. Надолго?",
        ),
    ),
    (
        "adm-miass",
        (
            "В Миассе на Автозаводцев, 43 нет света со вчерашнего вечера",
            "Миасс, Автозаводцев 43, отключили электричество, холодильники текут",
            "Автозаводцев, 43 Миасс - света нет всю ночь, когда включат?",
            "Второй день сидим без электричества, Миасс, Автозаводцев, 43",
        ),
    ),
    (
        "adm-kopeysk",
        (
            "Копейск, улица Борьбы, 28: из крана течёт ржавая холодная вода",
            "Вода коричневая на Борьбы, 28 в Копейске, купать ребёнка нельзя",
            "В Копейске на Борьбы 28 вместо воды ржавчина, сделайте что-нибудь",
        ),
    ),
)  # fmt: skip
MARKS_AFTER = ("5", "5, спасибо", "4 из 5", "5", "тройка, долго ждали")
UNSOLVED_AFTER = ("не решено", "Не решено, приезжайте и посмотрите", "2", "1")
THANKS_AFTER = ("Спасибо, всё сделали!", "Спасибо большое, помогли", "Благодарю за ответ, всё хорошо, спасибо!")
NOT_DONE_AFTER = (
    "Ничего не сделали! Как было, так и осталось, приезжайте и посмотрите",
    "Неправда, никто не приезжал, проблема на месте",
    "Вы пишете, что исправили, а у нас всё по-прежнему, не сделали",
)
NATIVE = (
    "Добрый день! Передали в дежурную службу, бригада выедет сегодня до 18 часов.",
    "Здравствуйте! Вопрос решён, спасибо за сигнал.",
    "Здравствуйте! Заявления принимаем до 30 июня, список документов на сайте школы.",
)

CHANNELS = ("comment", "comment", "comment", "dm")
# What becomes of a fixed message later, and how many of each 110 problems have it.
PLANS = (
    ("native", 10),
    ("native_late", 8),
    ("edited", 10),
    ("deleted_at_once", 5),
    ("deleted_later", 5),
    ("restored", 2),
    ("thanks", 14),
    ("not_done", 12),
)
SHARES = (
    (PROBLEMS, "problem", 108),
    (URGENT, "urgent", 8),
    (WITHOUT_ADDRESS, "vague", 12),
    (QUESTIONS, "question", 18),
    (SUGGESTIONS, "suggestion", 6),
    (GRATITUDE, "gratitude", 14),
    (REVIEWS, "review", 4),
    (SPAM, "spam", 9),
    (NOT_FOR_US, "not_for_us", 8),
)
# What is asked on the pages of a school, a clinic and their ministry: the demo's steward and curator have work of their own.
INSTITUTIONS = (
    (
        "school-chelyabinsk-1",
        (
            "В столовой дети ждут обед по двадцать минут и не успевают на урок. Можно что-то сделать?",
            "Здравствуйте! Когда будет собрание в пятых классах?",
            "В спортзале холодно, дети занимаются в куртках",
            "Спасибо учителям за праздник, дети в восторге!",
            "Электронный дневник третий день не показывает оценки",
        ),
    ),
    (
        "clinic-chelyabinsk-1",
        (
            "К терапевту нет записи на две недели вперёд. Как попасть на приём?",
            "Подскажите, во сколько работает процедурный кабинет в субботу?",
            "Сидели в очереди к педиатру два часа с температурой, хотя были по записи",
            "Спасибо медсестре Ольге за доброту и терпение!",
        ),
    ),
    (
        "min-health",
        (
            "В районной больнице нет льготных лекарств уже месяц, куда обращаться?",
            "Почему в нашей поликлинике нет окулиста? Ездим за сто километров",
        ),
    ),
)
INSTITUTION_SHARE = 0.15

# How often a resident of the trickle writes what.
OFTEN = (
    (PROBLEMS, "problem", 50),
    (QUESTIONS, "question", 14),
    (WITHOUT_ADDRESS, "vague", 10),
    (URGENT, "urgent", 4),
    (SUGGESTIONS, "suggestion", 5),
    (GRATITUDE, "gratitude", 9),
    (REVIEWS, "review", 3),
    (SPAM, "spam", 2),
    (NOT_FOR_US, "not_for_us", 3),
)


def endless(seed: int) -> Iterator[Line]:
    """Residents of every kind without end, the same for the same seed."""
    dice = random.Random(seed)
    while True:
        if dice.random() < INSTITUTION_SHARE:
            page, said = dice.choice(INSTITUTIONS)
            yield Line("institution", dice.choice(said), page, dice.choice(RESIDENTS), dice.choice(CHANNELS))
            continue
        texts, kind, _ = dice.choices(OFTEN, weights=[row[2] for row in OFTEN])[0]
        yield _line(kind, dice.choice(texts), dice.choice(RESIDENTS), dice)


def _line(kind: str, template: str, author: str, dice: random.Random, plan: str = "") -> Line:
    place = dice.choice(PLACES)
    pictures = ("photo",) if kind in ("problem", "urgent") and dice.random() < 0.25 else ()
    return Line(kind, write(template, place), place.page, author, dice.choice(CHANNELS), pictures, plan)


def write(template: str, place: Place) -> str:
    """The template with the place in it."""
    return template.format(at=place.at, name=place.name)


def fixed(seed: int, times: int = 1) -> list[Line]:
    """Messages of every kind, about 215 for each of `times`, with what becomes of them; the same for the same seed."""
    dice = random.Random(seed)
    lines: list[Line] = []
    for number in range(times):
        names = [f"{name}{'-' * bool(number)}{number or ''}" for name in RESIDENTS]  # nobody writes twice by chance
        dice.shuffle(names)
        authors = iter(names)
        lines += [_line(kind, template, next(authors), dice, plan) for kind, template, plan in _drawn(dice)]
        lines += [Line("photo", "", dice.choice(PLACES).page, next(authors), "comment", ("photo",)) for _ in range(8)]
        lines += [Line("voice", "", dice.choice(PLACES).page, next(authors), "dm", ("voice",)) for _ in range(2)]
        lines += [Line("accident", text, page, next(authors)) for page, texts in ACCIDENTS for text in texts]
    dice.shuffle(lines)
    return lines


def _drawn(dice: random.Random) -> Iterator[tuple[str, str, str]]:
    """Kind, template and plan of each message that names no accident."""
    plans = [plan for plan, number in PLANS for _ in range(number)]
    for texts, kind, number in SHARES:
        for index in range(number):
            plan = plans.pop(dice.randrange(len(plans))) if kind == "problem" and plans else ""
            yield kind, texts[index % len(texts)], plan
