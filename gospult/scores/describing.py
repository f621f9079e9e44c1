"""A method in words, made from the very file that counts: what stands on the screen cannot differ from what is counted. Pure."""

from gospult.registry.models.pages import NETWORK_NAMES

from .figures import FIGURES
from .formulas import Checklist, Formula, Penalty, Ratio, Share, Steps
from .method import Indicator, Method, PageRules
from .saying import number


def formula(of: Formula) -> str:
    """The formula as a Russian sentence."""
    match of:
        case Share():
            over = f"({FIGURES[of.over]} − {FIGURES[of.minus]})" if of.minus else FIGURES[of.over]
            return f"{FIGURES[of.of]} / {over} · 100, не больше {number(of.cap)}"
        case Ratio():
            sums = " + ".join(FIGURES[name] for name in of.sums)
            return f"({sums}) / {FIGURES[of.over]} · 100 — это процент; балл = процент · 100 / {number(of.full)}, не больше {number(of.cap)}"
        case Penalty():
            points = "; ".join(f"{number(at)} → {number(value)}" for at, value in of.points)
            return f"{FIGURES[of.figure]}: {points}; между точками по прямой, вне их не подтверждено (наименьшее {number(of.least)})"
        case Steps():
            steps = "; ".join(f"{'больше' if step.strict else 'от'} {number(step.at)}: {number(step.points)}" for step in of.steps)
            return f"{FIGURES[of.figure]}: {steps}; иначе 0"
        case Checklist():
            return "; ".join(f"{FIGURES[item.figure]}: {number(item.points)}" for item in of.items)


def applied(one: Indicator) -> str:
    """How the indicator enters the total, and what happens where it is not known."""
    said = ["прибавляется к сумме как есть" if one.apart else f"вес {number(one.weight)}, наибольший вклад {number(one.most)}"]
    if one.networks:
        said.append(f"только сети: {', '.join(sorted(one.networks))}")
    if "card" in one.not_for:
        said.append("у «визиток» не применяется")
    said.append("неизвестен — остальные пересчитываются" if one.unknown == "leave_out" else "неизвестен — балл не подтверждён")
    return "; ".join(said)


def rules(of: PageRules, method: Method) -> list[str]:
    """Which pages count and when a week counts, for the figures that the method asks."""
    said = ["страницы со статусом «не учитывается» не считаются" if "not_counted" in of.leave_out else "считаются страницы всех статусов"]
    said.append("страницы освобождённых организаций считаются" if of.exempt else "страницы освобождённых организаций не считаются")
    if of.networks:
        said.append("считаются только страницы сетей: " + ", ".join(NETWORK_NAMES.get(name, name) for name in sorted(of.networks)))
    if "regular_pages" in method.asks:
        share = "в котором лежит больше её дней" if of.least_days == 4 else f"в котором лежит не меньше {of.least_days} её дней"
        said.append(f"неделя принадлежит месяцу, {share}, и требует {of.posts} записей" + (" или сниженной нормы" if of.by_norm else ""))
        said.append("неделя, которая ещё идёт, считается, только когда её записи уже набраны")
    if "factor" in method.asks:
        said.append(f"оформлена — значит оформление не меньше {of.designed_from} %")
    said.append(f"если данные есть меньше чем о {number(of.least_coverage * 100)} % страниц, показатель не известен")
    return said
