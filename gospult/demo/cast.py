"""Who works in the demo region and which pages it has. Names say the role: nobody real is meant."""

from dataclasses import dataclass

from gospult.accounts.models import Role
from gospult.networks.registry import NETWORKS

PASSWORD = "demo-gospult"
TROUBLED = "adm-miass"  # the body whose branch is late, gives back what is its own, and is marked badly


@dataclass(frozen=True)
class Member:
    """One login of the demo; `body` and `page` are codes of bodies, "" is the whole region."""

    login: str
    name: str
    role: Role
    body: str = ""
    page: str = ""


CAST = (
    Member("operator", "Ольга Операторова", Role.OPERATOR),
    Member("executor", "Игорь Исполнителев", Role.EXECUTOR, body="adm-chelyabinsk"),
    Member("executor-miass", "Инна Исполнителева", Role.EXECUTOR, body="adm-miass"),
    Member("curator", "Карина Кураторова", Role.CURATOR, body="min-health"),
    Member("curator-miass", "Ким Кураторов", Role.CURATOR, body=TROUBLED),
    Member("steward", "Алла Администраторова", Role.STEWARD, page="school-chelyabinsk-1"),
    Member("editor", "Роман Редакторов", Role.EDITOR),
    Member("analyst", "Анна Аналитикова", Role.ANALYST),
    Member("methodist", "Мария Методистова", Role.METHODIST),
    Member("jury", "Юрий Жюриев", Role.JURY),
    Member("head", "Роза Руководителева", Role.HEAD),
    Member("admin", "Сергей Системный", Role.ADMIN),
    Member("auditor", "Алина Аудиторова", Role.AUDITOR),
)
# The simulated staff works under these; nobody can log in as them.
ROBOTS = (
    Member("robot-operator", "Имитация Оператора", Role.OPERATOR),
    Member("robot-executor", "Имитация Исполнителя", Role.EXECUTOR),
)

MINISTRIES = (
    "health", "education", "social", "culture", "sport", "roads", "housing", "ecology", "farming", "construction", "economy", "labour", "digital",
    "youth", "tourism",
)  # fmt: skip
TOWNS = (
    "chelyabinsk", "magnitogorsk", "zlatoust", "miass", "kopeysk", "troitsk", "ozersk", "snezhinsk", "kyshtym", "satka", "asha", "korkino",
    "chebarkul", "kasli", "varna",
)  # fmt: skip
OTHERS = (
    "gov", "cur", "gzhi", "grid", "chel-roads", "chel-green", "chel-housing", "chel-transport", "chel-edu", "magn-roads", "magn-housing",
    "zlat-housing", "miass-housing", "school-chelyabinsk-1", "garden-chelyabinsk-1", "clinic-chelyabinsk-1", "school-miass-1",
    "clinic-magnitogorsk-1",
)  # fmt: skip
PAGES = (*(f"adm-{town}" for town in TOWNS), *(f"min-{name}" for name in MINISTRIES), *OTHERS)
FIRST_PAGE = 900_000_101  # no network gives such ids: a demo page is never mistaken for somebody's
# What a page's steward keeps to himself: VK's own key of an administrator opens his whole account.
KEPT_BACK = {"vk": frozenset({"user"})}


MAIN = "vk"  # where the law wants everybody


def networks_of(code: str) -> list[str]:
    """Networks where a body has its page: the main one as a rule, and a third of the bodies each of the others; a few are there alone."""
    place = PAGES.index(code)
    others = [network for network in NETWORKS if network != MAIN]
    further = [network for number, network in enumerate(others) if (place + number) % 3 == 0]
    return further if further and place % 7 == 5 else [MAIN, *further]


def number_of(code: str) -> int:
    """The sandbox's own number of a body's page, the same in every network."""
    return FIRST_PAGE + PAGES.index(code)


def handle_of(code: str) -> str:
    """The short name of a body's page."""
    return f"demo74_{code}".replace("-", "_")
