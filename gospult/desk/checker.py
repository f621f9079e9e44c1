"""The answer checker: what would make an answer bad, said to the writer before residents see it.

Only what must never be published blocks; all else warns and the writer decides. What a good and a bad
answer is comes from the memos of governors' offices: act, date and contact named, plain and short words.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gospult.desk import wording as say
from gospult.lib.text import lemmas, tokens, words

BLOCK, WARN = "block", "warn"
FINAL, INTERIM = "final", "interim"
SHORTEST_LETTERS, SHORTEST_WORDS = 20, 3
LONG, TOO_LONG = 1_500, 4_000
SAME = 0.8  # share of common word triples from which two answers are one boilerplate
RECENT = 50  # answers compared at most
READ = 20_000  # characters looked at: beyond TOO_LONG the answer is blocked anyway


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about an answer: `level` is block or warn, `text` tells the writer what to do."""

    code: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    question: str
    kind: str
    promised: date | None
    photo: bool
    recent: Sequence[str]
    lemmas: frozenset[str]


Found = Iterator[Remark]


def check(
    answer_text: str,
    question_text: str = "",
    kind: str = FINAL,
    promised_date: date | None = None,
    has_photo: bool = False,
    recent_texts: Sequence[str] = (),
) -> list[Remark]:
    """Remarks on an answer, those that block first; `recent_texts` are the body's last answers."""
    text = (answer_text or "").strip()
    if len(text) < SHORTEST_LETTERS or len(tokens(text)) < SHORTEST_WORDS:
        what = "Ответ слишком короткий: скажите, что сделано или будет сделано, когда и кто отвечает." if text else "Ответ пуст: напишите его."
        return [Remark("empty" if not text else "too_short", BLOCK, what)]
    text = text[:READ]
    draft = _Draft(text, question_text or "", kind, promised_date, has_photo, recent_texts[:RECENT], frozenset(lemmas(text)))
    found = [remark for rule in RULES for remark in rule(draft)]
    return sorted(found, key=lambda remark: remark.level != BLOCK)


def _placeholder(draft: _Draft) -> Found:
    hit = say.PLACEHOLDER.search(draft.text)
    if hit:
        yield Remark("placeholder", BLOCK, f"Заполните или уберите заготовку «{_short(hit.group())}».")


def _registered(draft: _Draft) -> Found:
    for sentence in say.SENTENCE.split(draft.text):
        if say.REGISTERED.search(sentence) and not say.HONEST.search(sentence):
            what = "Уберите слова о регистрации обращения: комментарий или личное сообщение не обращение по 59-ФЗ. Подать его можно через Госуслуги."
            yield Remark("registered", BLOCK, what)
            return


def _links(draft: _Draft) -> Found:
    if say.PERSONAL_LINK.search(say.LEADING_MENTION.sub("", draft.text)):
        yield Remark("personal_link", BLOCK, "Уберите ссылку на личную страницу: ссылаться можно только на официальные.")
    if say.FOREIGN_LINK.search(draft.text):
        yield Remark("foreign_link", BLOCK, "Уберите ссылку на сеть, недоступную в России: дайте ссылку на официальную страницу или сайт.")


def _length(draft: _Draft) -> Found:
    if len(draft.text) > TOO_LONG:
        yield Remark("too_long", BLOCK, f"Сократите ответ: сеть покажет не больше {TOO_LONG} знаков. Главное — действие, срок и контакт.")
    elif len(draft.text) > LONG:
        yield Remark("long", WARN, f"Ответ длиннее {LONG} знаков, его не дочитают: оставьте действие, срок и контакт.")


def _promise(draft: _Draft) -> Found:
    dated = say.DATE.search(draft.text)
    if draft.kind == INTERIM and draft.promised is None:
        yield Remark("no_promised_date", BLOCK, "Укажите дату, к которой ответите окончательно: промежуточный ответ без неё не публикуется.")
    elif draft.kind == INTERIM and draft.promised and not dated:
        yield Remark("no_date", WARN, f"Назовите жителю обещанный день: «ответим до {draft.promised:%d.%m.%Y}».")
    elif not dated:
        asked = "Житель спрашивает «когда»: н" if "когда" in tokens(draft.question) else "Н"
        yield Remark("no_date", WARN, f"{asked}азовите дату или срок: когда сделали или когда сделаете.")


def _action(draft: _Draft) -> Found:
    if not draft.lemmas & say.ACTIONS:
        yield Remark("no_action", WARN, "Назовите действие: что сделали или сделаете («заменили лампу», «вывезем мусор»).")
    elif draft.kind == FINAL and draft.lemmas & say.DONE and not draft.photo and _already_done(draft.text):
        yield Remark("no_photo", WARN, "Приложите фото сделанного: ему верят больше, чем словам.")


def _already_done(text: str) -> bool:
    """A verb of finished work in the past or as a participle, not a plan."""
    return any(word.lemma in say.DONE and say.PAST.search(word.text) for word in words(text)) and not say.PLANNED.search(text)


def _contact(draft: _Draft) -> Found:
    if not any(pattern.search(draft.text) for pattern in (say.PHONE, say.EMAIL, say.LINK, say.CONTACT)):
        yield Remark("no_contact", WARN, "Дайте контакт: кто отвечает и по какому телефону уточнить.")


def _greeting(draft: _Draft) -> Found:
    if not say.GREETING.search(say.LEADING_MENTION.sub("", draft.text)[:120]):
        yield Remark("no_greeting", WARN, "Поздоровайтесь: начните со слова «Здравствуйте».")


def _private(draft: _Draft) -> Found:
    asked = {_digits(hit.group()) for hit in say.PHONE.finditer(draft.question)} | {hit.group().lower() for hit in say.EMAIL.finditer(draft.question)}
    given = {_digits(hit.group()) for hit in say.PHONE.finditer(draft.text)} | {hit.group().lower() for hit in say.EMAIL.finditer(draft.text)}
    if asked & given:
        yield Remark("private_contact", WARN, "Уберите телефон или почту жителя: ответ увидят все.")
    if say.FLAT.search(draft.text):
        yield Remark("private_address", WARN, "Уберите номер квартиры: хватит улицы и дома, ответ увидят все.")
    if say.DOCUMENT.search(draft.text):
        yield Remark("private_document", WARN, "Уберите номер документа жителя: ответ увидят все.")
    if _names_resident(draft):
        yield Remark("private_name", WARN, "Уберите фамилию жителя: хватит имени или «Здравствуйте», ответ увидят все.")


def _names_resident(draft: _Draft) -> bool:
    """A surname with a patronymic that the question holds too, or that the answer is addressed to; an official's name is no secret."""
    known = set(lemmas(draft.question))
    for hit in say.FULL_NAME.finditer(draft.text):
        whole = any(say.PATRONYMIC.search(word) for word in hit.group().split())
        if whole and (say.ADDRESSED.search(draft.text[: hit.start()]) or len(known & set(lemmas(hit.group()))) >= 2):
            return True
    return False


def _officialese(draft: _Draft) -> Found:
    for sentence in say.SENTENCE.split(draft.text):
        act = say.ACT.search(sentence)
        if act and not say.HONEST.search(sentence):
            yield Remark("act_name", WARN, f"Уберите название акта «{_short(act.group())}»: скажите своими словами, что из него следует.")
            break
    found = list(dict.fromkeys(hit.group().lower() for pattern in (say.OFFICIALESE, say.CHAIN) for hit in pattern.finditer(draft.text)))
    if found:
        yield Remark("officialese", WARN, "Скажите проще: " + ", ".join(f"«{_short(words)}»" for words in found[:3]) + ".")


def _blame(draft: _Draft) -> Found:
    hit = say.BLAME.search(draft.text)
    if hit:
        yield Remark("blame", WARN, f"Не отсылайте жителя («{_short(hit.group())}»): передайте вопрос сами и скажите, кто и когда ответит.")


def _rate_us(draft: _Draft) -> Found:
    if say.RATE_US.search(draft.text) and say.REFUSAL.search(draft.text):
        yield Remark("rate_us", WARN, "Уберите просьбу оценить ответ: после отказа она обижает.")


def _boilerplate(draft: _Draft) -> Found:
    mine = _triples(draft.text)
    if any(_alike(mine, _triples(other[:READ])) for other in draft.recent):
        yield Remark("boilerplate", WARN, "Такой же ответ уже дан другому жителю: ответьте на этот вопрос своими словами.")


def _triples(text: str) -> frozenset[tuple[str, ...]]:
    """Word triples without numbers: another date or house does not make another answer."""
    plain = [word for word in tokens(text) if not word.isdigit()]
    return frozenset(zip(plain, plain[1:], plain[2:], strict=False)) or frozenset([tuple(plain)])


def _alike(one: frozenset[tuple[str, ...]], two: frozenset[tuple[str, ...]]) -> bool:
    return len(one & two) >= SAME * len(one | two)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-10:]


def _short(words_found: str, limit: int = 60) -> str:
    line = " ".join(words_found.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


Rule = Callable[[_Draft], Found]
RULES: tuple[Rule, ...] = (
    *(_placeholder, _registered, _links, _length, _promise),
    *(_action, _contact, _greeting, _private, _blame, _officialese, _rate_us, _boilerplate),
)
