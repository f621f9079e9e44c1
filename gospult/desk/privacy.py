"""What must not be said of a person where everybody reads: an answer under a comment. Pure; the checker's remarks, with its levels.

A clinic, a school or a social service confirms nothing personal in public, not even by a polite «да»: the talk goes on in
direct messages. Rules and official contacts are public and pass.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gospult.desk import wording as say
from gospult.desk.checker import BLOCK, WARN, Remark
from gospult.lib.text import lemmas, tokens

HEALTH, SOCIAL, EDUCATION = "health", "social", "education"
QUOTED_WORDS = 6  # of a direct message in a row
PHONE_DIGITS = 10

POLICY = re.compile(r"\bполис\w*(?:\s+(?:омс|дмс))?\s*(?:№|номер)?\s*:?\s*(?:\d[\s-]?){10,16}", re.IGNORECASE)
SNILS = re.compile(r"(?<!\d)\d{3}[- ]\d{3}[- ]\d{3}[- ]?\d{2}(?!\d)|\bснилс\w*\s*:?\s*\d{5,}", re.IGNORECASE)
PASSPORT = re.compile(r"\bпаспорт\w*\D{0,20}\d{2}\s?\d{2}\s?(?:№\s?)?\d{6}|\bпаспорт\w*\s*(?:серии?\s*)?\d{2}\s?\d{2}", re.IGNORECASE)
INN = re.compile(r"\bинн\w*\s*:?\s*\d{12}\b", re.IGNORECASE)
CAR = re.compile(r"(?<!\w)[авекмнорстухabekmhopctyx]\s?\d{3}\s?[авекмнорстухabekmhopctyx]{2}\s?\d{2,3}(?!\w)", re.IGNORECASE)
HOME = re.compile(r"\b(?:проживает\w*|прописан\w*|вы\s+жив[её]те|ваш\w*\s+(?:домашн\w+\s+)?адрес\w*)\b[^.!?\n]{0,80}\d", re.IGNORECASE)

CHILD = r"(?:реб[её]н\w*|сын\w*|доч\w+|малыш\w*|внук\w*|внучк\w*)"
YOUR_CHILD = re.compile(rf"\b(?:ваш\w*|у\s+вашего)\s+(?:\w+\s+){{0,2}}?{CHILD}", re.IGNORECASE)
CONFIRMS = {
    HEALTH: re.compile(
        r"\b(?:ваш\w*|вам|вас|вы|у\s+вас|у\s+не(?:го|[её])|пациент\w*|ему|ей)\b[^.!?\n]{0,60}?\b(?:диагноз\w*|анализ\w*|обследовани\w*|операци\w*|при[её]м(?:е|а)?\s+(?:у|к|на)"
        r"|запис(?:ан|аны|ана|али|ь)\w*|талон\w*|назначен\w*|выписан\w*|госпитализирован\w*|состоит\w*\s+на\s+уч[её]т\w*|состоите\s+на\s+уч[её]т\w*|медкарт\w*|карточк\w*"
        r"|больничн\w+|рецепт\w*|прививк\w*|привит\w*|беремен\w*|инвалидност\w*|лечени\w*|лечил\w*|выявлен\w*|обнаружен\w*|подтвержд[её]н\w*|болеет\w*|положительн\w*)"
        r"|\b(?:диагноз|результат\w*\s+анализ\w*|анализ\w*)\s+(?:\w+\s+){0,3}?(?:подтвердил\w*|готов\w*|положительн\w*|отрицательн\w*)"
        r"|\bзаписали\s+вас\b|\bнаш\w*\s+пациент",
        re.IGNORECASE,
    ),
    SOCIAL: re.compile(
        r"\b(?:ваш\w*|вам|вас|вы|ваша\s+семья|ему|ей)\b[^.!?\n]{0,60}?\b(?:пособи\w*|выплат\w*|пенси\w*|субсиди\w*|льгот\w*|компенсаци\w*|соцконтракт\w*|инвалид\w*"
        r"|малоимущ\w*|многодетн\w*|нуждающ\w*|начислен\w*|назначен\w*|перечислен\w*|одобрен\w*|отказано|на\s+уч[её]те|социальн\w+\s+помощ\w*|доход\w*|справк\w*)",
        re.IGNORECASE,
    ),
    EDUCATION: re.compile(r"(?!)"),
}
STATUS = re.compile(
    r"\b(?:записан\w*|зачислен\w*|отчислен\w*|состоит|болеет|болел\w*|лечится|лечил\w*|выписан\w*|госпитализирован\w*|получает|получил\w*|назначен\w*|проживает|находится"
    r"|обучается|уч[иё]тся|посещает|в\s+очереди|на\s+уч[её]те|обследован\w*|принят[аы]?\b|умер\w*|скончал\w*|инвалид\w*)",
    re.IGNORECASE,
)
# What speaks of everybody, or of a way to learn it, confirms nothing.
GENERAL = re.compile(
    r"\b(?:если|чтобы|можно|можете|может\w*|нужно|необходимо|обратитесь|приходите|позвоните|напишите|запишитесь|уточни(?:те|ть)|узнать|не\s+обсуждаем|лично"
    r"|в\s+личн\w+|подайте|подать|проверьте)\b",
    re.IGNORECASE,
)
OF_A_PERSON = "скажите об этом лично. Есть готовая фраза: «продолжим в личных сообщениях»."


@dataclass(frozen=True, slots=True)
class Around:
    """Where an answer will stand.

    spheres  of the page's body, words of HEALTH, SOCIAL, EDUCATION
    own      official phones and e-mails of the body, as they are written
    dms      what residents of the case wrote in direct messages
    danger   words of danger were heard in the case
    """

    public: bool = False
    spheres: frozenset[str] = frozenset()
    own: tuple[str, ...] = ()
    dms: Sequence[str] = ()
    danger: bool = False


Rule = Callable[[str, str, Around], Iterator[Remark]]


def check(text: str, question: str, around: Around) -> list[Remark]:
    """Remarks on an answer that everybody will read; none where only its addressee does."""
    if not around.public:
        return []
    return [remark for rule in RULES for remark in rule(text, question, around)]


def joined(found: Sequence[Remark], private: Sequence[Remark], around: Around) -> list[Remark]:
    """The checker's remarks with those of privacy in place of its milder ones; a template is no answer to a cry for help."""
    codes = {remark.code for remark in private}
    kept = [remark for remark in found if remark.code not in codes]
    if around.danger:
        no = "Заготовка не ответ тому, кто в опасности: напишите сами."
        kept = [Remark(r.code, BLOCK, no) if r.code == "boilerplate" else r for r in kept]
    return sorted([*kept, *private], key=lambda remark: remark.level != BLOCK)


def without_personal(text: str, question: str, around: Around) -> str:
    """The sentences of an answer that may stand in public."""
    sentences = say.SENTENCE.split(text.strip())
    return " ".join(s for s in sentences if not any(r.level == BLOCK for r in check(s, question, around))).strip()


def _contacts(text: str, question: str, around: Around) -> Iterator[Remark]:
    own = {_digits(hit.group()) for line in around.own for hit in say.PHONE.finditer(line)} | {line.strip().lower() for line in around.own}
    said = " ".join([question, *around.dms])
    residents = _found(said) - own
    given = _found(text) - own
    if residents & given:
        yield Remark("private_contact", BLOCK, f"Уберите телефон или почту жителя: {OF_A_PERSON}")
    elif any(len(number) == PHONE_DIGITS and number.startswith("9") for number in given if number.isdecimal()):
        yield Remark("mobile", WARN, "Проверьте, что мобильный телефон служебный: ответ увидят все.")


def _found(text: str) -> set[str]:
    return {_digits(hit.group()) for hit in say.PHONE.finditer(text)} | {hit.group().lower() for hit in say.EMAIL.finditer(text)}


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-PHONE_DIGITS:]


def _documents(text: str, question: str, around: Around) -> Iterator[Remark]:
    if any(pattern.search(text) for pattern in (PASSPORT, SNILS, POLICY, INN)):
        yield Remark("private_document", BLOCK, f"Уберите номер документа: {OF_A_PERSON}")
    if CAR.search(text):
        yield Remark("private_car", BLOCK, "Уберите номер машины: ответ увидят все.")


def _sensitive(text: str, question: str, around: Around) -> Iterator[Remark]:
    """On the pages of clinics, social services and schools nothing is confirmed of anybody."""
    if not around.spheres:
        return
    if say.FLAT.search(text) or HOME.search(text):
        yield Remark("private_address", BLOCK, f"Уберите адрес человека: {OF_A_PERSON}")
    for sentence in say.SENTENCE.split(text):
        if _names_somebody(sentence) and STATUS.search(sentence):
            yield Remark("private_status", BLOCK, f"Не пишите о человеке по имени, что с ним: {OF_A_PERSON}")
            return
        if _plainly(YOUR_CHILD, sentence):
            yield Remark("private_child", BLOCK, f"Не обсуждайте ребёнка в комментариях: {OF_A_PERSON}")
            return
        if any(_plainly(CONFIRMS[sphere], sentence) for sphere in around.spheres):
            yield Remark("private_confirms", BLOCK, f"Не подтверждайте при всех запись, диагноз или выплату: {OF_A_PERSON}")
            return


def _plainly(pattern: re.Pattern[str], sentence: str) -> bool:
    """Whether a sentence says it of somebody, and not «если вам нужно …»: of a word after it nothing becomes general."""
    hit = pattern.search(sentence)
    return hit is not None and not GENERAL.search(sentence, 0, hit.end())


def _names_somebody(sentence: str) -> bool:
    return any(say.PATRONYMIC.search(word) for hit in say.FULL_NAME.finditer(sentence) for word in hit.group().split())


def _quotes(text: str, question: str, around: Around) -> Iterator[Remark]:
    mine = _runs(text)
    if any(mine & _runs(said) for said in around.dms):
        yield Remark("dm_quoted", BLOCK, f"Здесь слова из личного сообщения: не повторяйте их в комментариях, {OF_A_PERSON}")


def _runs(text: str) -> set[tuple[str, ...]]:
    """Runs of QUOTED_WORDS words; in their first form, so that «мою» and «вашу» side by side hide nothing but themselves."""
    plain = lemmas(text) if text else []
    return {tuple(plain[start : start + QUOTED_WORDS]) for start in range(len(plain) - QUOTED_WORDS + 1)} if tokens(text) else set()


RULES: tuple[Rule, ...] = (_contacts, _documents, _sensitive, _quotes)
