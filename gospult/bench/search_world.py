"""A made-up country of bodies for the search: towns that do not exist, institutions as registers name them."""

import random
import re
from collections import defaultdict
from dataclasses import dataclass

from gospult.registry.models import Body, Territory

TOWNS = 2_300
FRONTS = ("Бело", "Красно", "Ново", "Старо", "Верхне", "Нижне", "Зелено", "Сосно", "Светло", "Черно", "Добро", "Медно", "Горно", "Ясно", "Тихо",
          "Велико", "Мало", "Средне", "Сухо", "Остро", "Кругло", "Долго", "Сине",
          "Крас", "Прав", "Лево", "Пере", "Подо", "За", "При", "Меж", "Широко")  # fmt: skip
MIDDLES = ("реч", "озер", "гор", "бор", "луг", "камен", "лес", "дол", "полян", "мост", "яр", "ключ", "бережн", "холм", "остров", "род", "вод", "град",
           "стан", "пруд", "звон", "рыбин", "волж", "уральц", "степн", "хутор", "бугор", "маяк", "залив", "порог", "сопоч", "мельнич",
           "кузнец", "покров")  # fmt: skip
ENDS = (("ск", "ска", "ске", "ский"), ("овка", "овки", "овке", "овский"), ("ино", "ина", "ине", "инский"))
OWN = ("Солнышко", "Ромашка", "Сказка", "Теремок", "Родничок", "Колокольчик", "Радуга", "Берёзка", "Светлячок", "Улыбка", "Золотой ключик",
       "Алёнушка",
       "Ласточка", "Журавлик", "Дюймовочка", "Чебурашка", "Жемчужинка", "Капелька", "Малышок", "Росинка")  # fmt: skip
HALLS = ("Восход", "Юбилейный", "Металлург", "Строитель", "Мир", "Октябрь", "Родина", "Энергетик", "Горняк", "Химик")
WRITERS = ("Пушкина", "Горького", "Чехова", "Маяковского", "Некрасова", "Бажова", "Гайдара", "Лермонтова")
VILLAGES = ("Берёзовка", "Ивановка", "Петровка", "Сосновка", "Михайловка", "Александровка", "Николаевка", "Васильевка", "Кировка", "Покровка")


@dataclass(frozen=True, slots=True)
class Place:
    """A town by its forms: «что», «чего», «где», «какой»."""

    name: str
    of: str
    there: str
    adjective: str
    territory: Territory


@dataclass(frozen=True, slots=True)
class Target:
    """A body to be found, and what is said of it."""

    kind: str
    name: str
    place: Place
    number: str = ""
    own: str = ""
    village: str = ""

    def fits(self, way: str) -> bool:
        """Whether everything that this way of asking names is known of it."""
        return all(value for mark, value in (("{n}", self.number), ("{own}", self.own), ("{v}", self.village)) if mark in way)

    def query(self, way: str) -> str:
        """The way of asking about this body."""
        p = self.place
        return way.format(p=p.name, g=p.of, l=f"в {p.there}", a=p.adjective.lower()[:-2] + "ая", n=self.number, own=self.own, v=self.village)

    def is_it(self, name: str, place: str) -> bool:
        """Whether a line is this body: its name and its place."""
        return name == self.name and place == self.place.territory.name


def places(dice: random.Random, number: int = TOWNS) -> list[Place]:
    """So many towns, each in a municipality of its own."""
    words = sorted({(f + m, end) for f in FRONTS for m in MIDDLES for end in ENDS})
    chosen = dice.sample(words, number)
    Territory.objects.bulk_create(
        [Territory(code=f"t{n}", name=(stem + end[0]).capitalize(), level="municipality") for n, (stem, end) in enumerate(chosen)], batch_size=1000
    )
    rows = {t.code: t for t in Territory.objects.filter(code__startswith="t")}
    forms = [[(stem + part).capitalize() for part in end] for stem, end in chosen]
    return [Place(name, of, there, adjective, rows[f"t{n}"]) for n, (name, of, there, adjective) in enumerate(forms)]


def fill(towns: list[Place], names: int, dice: random.Random) -> dict[str, list[Target]]:
    """Bodies until there are so many; returns them by kind."""
    targets: dict[str, list[Target]] = defaultdict(list)
    rows, count = [], 0
    share = names // len(towns) + 1
    for town in towns:
        for target in _town(town, share, dice)[: names - count]:
            count += 1
            targets[target.kind].append(target)
            rows.append(Body(name=target.name, ogrn=f"10{count:011d}", level="МО", founder_name=town.name, status="active", territory=town.territory))
    Body.objects.bulk_create(rows, batch_size=2000)
    return targets


def _town(p: Place, share: int, dice: random.Random) -> list[Target]:
    """The institutions of one town, the large ones first, then schools and kindergartens until there are enough."""
    one = [
        Target("admin", dice.choice((f"АДМИНИСТРАЦИЯ ГОРОДА {p.of.upper()}", f"Администрация {p.adjective[:-2]}ого муниципального округа")), p),
        Target("council", dice.choice((f"Совет депутатов города {p.of}", f"{p.adjective[:-2].upper()}АЯ ГОРОДСКАЯ ДУМА")), p),
        Target("finance", f"ФИНАНСОВОЕ УПРАВЛЕНИЕ АДМИНИСТРАЦИИ ГОРОДА {p.of.upper()}", p),
        Target("educationdept", f"Управление образования администрации {p.of}", p),
        Target("hospital", f'ГОСУДАРСТВЕННОЕ БЮДЖЕТНОЕ УЧРЕЖДЕНИЕ ЗДРАВООХРАНЕНИЯ "{p.adjective[:-2].upper()}АЯ РАЙОННАЯ БОЛЬНИЦА"', p),
        Target("clinic", f"ГБУЗ «Городская поликлиника № 1» г. {p.of}", p, "1"),
        Target("library", f"МБУК «{p.adjective[:-2]}ая центральная библиотека имени {(writer := dice.choice(WRITERS))}»", p, own=writer),
        Target("sportschool", f"Муниципальное бюджетное учреждение «Спортивная школа № 1 города {p.of}»", p, "1"),
        Target("artschool", f"МБУ ДО «Детская школа искусств» {p.of}", p),
        Target("musicschool", f'МУНИЦИПАЛЬНОЕ УЧРЕЖДЕНИЕ ДОПОЛНИТЕЛЬНОГО ОБРАЗОВАНИЯ "ДЕТСКАЯ МУЗЫКАЛЬНАЯ ШКОЛА" Г. {p.of.upper()}', p),
        Target("kcson", f"КОМПЛЕКСНЫЙ ЦЕНТР СОЦИАЛЬНОГО ОБСЛУЖИВАНИЯ НАСЕЛЕНИЯ ГОРОДА {p.of.upper()}", p),
        Target("employment", f"Центр занятости населения города {p.of}", p),
        Target("museum", f"МБУК «{p.adjective} краеведческий музей»", p),
        Target("culturehouse", f"МБУК «Дом культуры «{(hall := dice.choice(HALLS))}» {p.of}", p, own=hall),
        Target("gymnasium", f"МАОУ «Гимназия № {(number := dice.randint(1, 90))}» {p.of}", p, str(number)),
        *(village for name in dice.sample(VILLAGES, 4) for village in _village(p, name)),
    ]
    number = 0
    while len(one) < share:
        number += 1
        one.append(Target("school", _school(p, number, dice), p, str(number)))
        own = OWN[(number + len(p.name)) % len(OWN)] if number <= len(OWN) else ""
        one.append(Target("kindergarten", _kindergarten(p, number, own, dice), p, str(number), own))
    return one[:share]


def _village(p: Place, name: str) -> list[Target]:
    adjective = re.sub("ка$", "ск", name)
    return [
        Target("village_school", f'МБОУ "{adjective.upper()}АЯ СРЕДНЯЯ ОБЩЕОБРАЗОВАТЕЛЬНАЯ ШКОЛА" {p.of.upper()}', p, village=name),
        Target("village_admin", f"Администрация {adjective}ого сельсовета", p, village=name),
    ]


def _school(p: Place, number: int, dice: random.Random) -> str:
    return dice.choice(
        (
            f'МУНИЦИПАЛЬНОЕ АВТОНОМНОЕ ОБЩЕОБРАЗОВАТЕЛЬНОЕ УЧРЕЖДЕНИЕ "ШКОЛА № {number} ГОРОДА {p.of.upper()}"',
            f"МБОУ «СОШ № {number}»",
            f"МБОУ СОШ №{number} г. {p.of}",
            f"Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № {number}» города {p.of}",
        )
    )


def _kindergarten(p: Place, number: int, own: str, dice: random.Random) -> str:
    if not own:
        return f"МБДОУ «Детский сад № {number} общеразвивающего вида»"
    return dice.choice(
        (
            f'МУНИЦИПАЛЬНОЕ ДОШКОЛЬНОЕ ОБРАЗОВАТЕЛЬНОЕ АВТОНОМНОЕ УЧРЕЖДЕНИЕ ДЕТСКИЙ САД № {number} "{own.upper()}" Г. {p.of.upper()}',
            f"МБДОУ «Детский сад № {number} «{own}»",
            f"МБДОУ Детский сад №{number} {own}",
        )
    )
