"""What kind of utterance this is, decided by cues: phrases that speak for a kind, kept as data."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gospult.lib import text as txt
from gospult.lib.patterns import Hit, Patterns

KINDS = ("problem", "question", "suggestion", "review", "gratitude", "not_for_us", "spam")
RUSSIAN = {
    "problem": "проблема",
    "question": "вопрос",
    "suggestion": "предложение",
    "review": "отзыв",
    "gratitude": "благодарность",
    "not_for_us": "не для нас",
    "spam": "спам",
}
_LINK = re.compile(r"https?://|www\.|\bt\.me/|\bvk\.cc/|\bclck\.ru", re.IGNORECASE)
# Weight of what the cues do not know; with it one weak cue alone stays unsure.
DOUBT = 1.0
# A topic of the classifier was recognised but nothing says what the resident wants: most such messages are complaints.
BARE_TOPIC = 1.2
LONG = 12  # words; a shorter text is one sentence and each of its words is meant


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase (of `lib.patterns`) that speaks with a weight for one of KINDS, or for "danger" with a Russian label, or "calm": that it is none."""

    kind: str
    phrase: str
    weight: float = 1.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """kind is None where a person must look; confidence 0…1; danger holds the labels of the dangers named."""

    kind: str | None
    confidence: float
    danger: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Kinds:
    """Compiled cues."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        known = list(cues)
        self._patterns = Patterns((cue.phrase, cue) for cue in known if cue.kind in KINDS)
        # Of danger nothing may be missed for a slip of the finger; what only sounds like it is listed as well.
        self._danger = Patterns(((cue.phrase, cue) for cue in known if cue.kind == "danger"), repairs=True)
        self._calm = Patterns((cue.phrase, cue) for cue in known if cue.kind == "calm")

    def judge(self, text: str, words: Sequence[txt.Word], *, topic_weight: float = 0.0, has_photo: bool = False) -> KindVerdict:
        """Return the kind of a plain text; `topic_weight` is how strongly its topic was recognised."""
        if not any(len(w.text) > 1 for w in words):
            return _wordless(text, has_photo)
        scores, said = self._score(words)
        danger = self._dangers(words)
        _weigh(scores, said, text, topic_weight, bool(danger))
        if has_photo and len(words) < 3 and max(scores.values()) < 2 and not topic_weight:
            return KindVerdict(None, 0.0, danger, ("Фото почти без слов: смотрит человек",))
        return _decide(scores, said, danger)

    def _score(self, words: Sequence[txt.Word]) -> tuple[dict[str, float], dict[str, list[str]]]:
        scores = dict.fromkeys(KINDS, 0.0)
        said: dict[str, list[str]] = {kind: [] for kind in KINDS}
        seen: set[str] = set()
        for hit in self._patterns.find(words):
            if hit.phrase in seen:
                continue
            seen.add(hit.phrase)
            scores[hit.key.kind] += hit.key.weight * _share(hit, len(words))
            said[hit.key.kind].append(" ".join(w.text for w in words[hit.start : hit.end]))
        return scores, said

    def _dangers(self, words: Sequence[txt.Word]) -> tuple[str, ...]:
        """Labels of the dangers named; one all of whose words lie within a calm phrase is none."""
        calm = [set(range(hit.start, hit.end)) for hit in self._calm.find(words)]
        hits = [hit for hit in self._danger.find(words) if not any(set(range(hit.start, hit.end)) & span for span in calm)]
        return tuple(dict.fromkeys(hit.key.label for hit in hits))


def _share(hit: Hit[Cue], length: int) -> float:
    """Return how much of a cue's weight holds where it stands: in a long text «как» joins clauses and «спасибо» is a farewell."""
    if length <= LONG:
        return 1.0
    if hit.key.kind == "gratitude" and hit.key.weight > 0:
        return 0.1 if hit.end >= length - 4 else 0.7
    if hit.key.kind == "question" and hit.start > 4:
        return 0.3
    return 0.3 if hit.key.kind in ("spam", "not_for_us") and length > 3 * LONG else 1.0


def _wordless(text: str, has_photo: bool) -> KindVerdict:
    if has_photo:
        return KindVerdict(None, 0.0, (), ("Фото без слов: смотрит человек",))
    if not text:
        return KindVerdict(None, 0.0, (), ("Пустое сообщение: смотрит человек",))
    return KindVerdict("not_for_us", 0.6, (), ("Нет ни одного слова: знак или смайлик, отвечать не на что",))


def _weigh(scores: dict[str, float], said: dict[str, list[str]], text: str, topic_weight: float, danger: bool) -> None:
    """Let the kinds speak against each other: a complaint inside thanks is a complaint, a link alone is not yet spam."""
    if _LINK.search(text) and scores["spam"]:
        _add("spam", 1.5, "ссылка", scores, said)
    if "?" in text:
        _add("question", 1.5, "?", scores, said)
    if danger:
        _add("problem", 4, "опасность", scores, said)
    if topic_weight and max(scores.values()) < 1:
        _add("problem", BARE_TOPIC, "названа тема", scores, said)
    if scores["problem"] >= 2:
        scores["gratitude"] *= 0.3 if scores["problem"] > 2 else 0.6
    if scores["problem"] > scores["review"]:
        scores["review"] *= 0.5
    if topic_weight:
        scores["not_for_us"] *= 0.3
    if scores["spam"] >= 3:
        for kind in ("problem", "question", "suggestion", "not_for_us"):
            scores[kind] *= 0.4


def _add(kind: str, weight: float, why: str, scores: dict[str, float], said: dict[str, list[str]]) -> None:
    scores[kind] += weight
    said[kind].append(why)


def _decide(scores: dict[str, float], said: dict[str, list[str]], danger: tuple[str, ...]) -> KindVerdict:
    ranked = sorted(KINDS, key=lambda kind: -scores[kind])
    best, second = ranked[0], ranked[1]
    confidence = scores[best] / (scores[best] + scores[second] + DOUBT)
    if scores[best] < 1:
        return KindVerdict(None, 0.0, danger, ("Слова не говорят, чего хочет житель: смотрит человек",))
    reasons = [f"Вид «{RUSSIAN[best]}»: {_quoted(said[best])}"]
    if scores[second] >= 0.6 * scores[best]:
        reasons.append(f"Есть и признаки вида «{RUSSIAN[second]}»: {_quoted(said[second])}")
    return KindVerdict(best, round(confidence, 3), danger, tuple(reasons))


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"«{w}»" for w in list(dict.fromkeys(words))[:4])
