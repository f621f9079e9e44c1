"""What may be set up, by whom, and on which screen: one line for each; screens check the rights again for themselves."""

from dataclasses import dataclass

from gospult.accounts.models import Role


@dataclass(frozen=True)
class Section:
    """A line of «Настройки»: `url` is the name of the screen."""

    title: str
    about: str
    url: str
    roles: tuple[Role, ...]


SECTIONS: tuple[Section, ...] = (
    Section("Подборки", "Свои и общие отборы обращений: имена, порядок.", "desk:views", (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.ADMIN)),
    Section(
        "Маршруты",
        "Кто отвечает по какой теме и где; проверка правила на обращениях прошлого месяца.",
        "desk:routes",
        (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN),
    ),
    Section("Сроки и календари", "Когда ждут ответа: сроки по дням, рабочие часы, праздники.", "desk:deadlines", (Role.OPERATOR, Role.ADMIN)),
    Section(
        "Модерация",
        "Что скрыто и кому закрыт доступ, обжалования, закрытые комментарии, массовые удаления.",
        "desk:moderation",
        (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN, Role.AUDITOR),
    ),
    Section(
        "Замещения",
        "Кто отвечает, пока человека нет: доступ открывается и закрывается сам.",
        "registry:absences",
        (Role.OPERATOR, Role.CURATOR, Role.ADMIN, Role.EXECUTOR, Role.STEWARD),
    ),
    Section("Шаблоны ответов", "Готовые ответы по темам и сколько ответов по ним дано.", "desk:templates", (Role.OPERATOR, Role.ADMIN)),
    Section("Согласование", "Какие ответы смотрит ещё один человек или двое.", "desk:approval", (Role.OPERATOR, Role.ADMIN)),
    Section("Подключение страниц", "Ссылки администраторам, способ работы, ключи и пределы сетей.", "exchange:progress", (Role.OPERATOR, Role.ADMIN)),
    Section("Выгрузки реестра", "Загрузить официальную таблицу, посмотреть и отменить загрузку.", "registry:imports", (Role.OPERATOR, Role.ADMIN)),
    Section(
        "ИМ и ПОС", "Выгрузки «Инцидент Менеджмента» и ПОС: какие обращения уже там и где уже ответили.", "desk:foreign", (Role.OPERATOR, Role.ADMIN)
    ),
)


def sections_for(roles: set[Role]) -> list[Section]:
    """The lines that these roles may open, in their order."""
    return [section for section in SECTIONS if roles & set(section.roles)]
