"""Who works in the demo region and which pages it has. Names say the role: nobody real is meant."""

from dataclasses import dataclass

from gospult.accounts.models import Role

PASSWORD = "demo-gospult"


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
FIRST_PAGE = 900_000_101  # VK gives no such ids: a demo page is never mistaken for somebody's


def secret_of(page: str) -> str:
    """The webhook secret that a demo page and the sandbox share."""
    return f"demo-secret-{page}"


def tokens_of(page: str) -> dict[str, str]:
    """The tokens of a demo page in the sandbox: of the community and of the service."""
    return {kind: f"{kind}-token-{page}" for kind in ("community", "service")}
