"""The first triage: what a message is, about what, where and how urgent; it explains itself and abstains when it is not sure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gospult.desk.kinds import Cue, Kinds, KindVerdict
from gospult.lib import text as txt
from gospult.lib.geo import Gazetteer, Place
from gospult.lib.patterns import Patterns
from gospult.lib.regions import Region, TopicRow

_BESIDE = frozenset(("возле", "около", "у", "рядом", "напротив", "мимо", "перед"))


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the versioned classifier; words and negative are (phrase of `lib.patterns`, weight > 0)."""

    code: str
    group: str
    name: str
    group_name: str = ""
    urgent: bool = False
    sphere: str = ""
    words: tuple[tuple[str, float], ...] = ()
    negative: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """How sure is sure enough; values come from the region's data.

    threshold   least confidence 0…1 of a group of topics that is not left to a person
    doubt       weight that stands for everything the list of words does not know
    beside      what is left of the weight of a landmark: «яма возле школы» is about the pit
    long_words  texts longer than this many words give their later words half weight
    """

    threshold: float = 0.6
    doubt: float = 1.5
    long_words: int = 80
    beside: float = 0.3

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Settings":
        """Read the settings from a mapping, ignoring what is not ours."""
        own = {k: type(getattr(cls(), k))(v) for k, v in values.items() if k in cls.__slots__}
        return cls(**own)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the triage thinks. kind, topic and group are None where a person must decide; confidences are 0…1; reasons are Russian sentences.

    path    territory codes for `routing.route`, the most specific first; empty when several places fit, so that no rule decides silently
    """

    kind: str | None
    kind_confidence: float
    topic: str | None
    topic_confidence: float
    group: str | None
    alternatives: tuple[tuple[str, float], ...] = ()
    place: Place | None = None
    path: tuple[str, ...] = ()
    urgent: bool = False
    danger: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class _Scores:
    topics: dict[str, float] = field(default_factory=dict)
    groups: dict[str, float] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)


class Classifier:
    """Compiled topics, cues and places; make one and keep it (0.2 s), it is safe to share between threads."""

    def __init__(
        self, topics: Iterable[Topic], gazetteer: Gazetteer | None = None, cues: Iterable[Cue] = (), settings: Settings | None = None
    ) -> None:
        self.topics = {t.code: t for t in topics}
        self.gazetteer = gazetteer or Gazetteer(())
        self.settings = settings or Settings()
        self._kinds = Kinds(cues)
        self._words = Patterns(_evidence(self.topics.values()), repairs=True)

    def classify(self, text: str | None, home: str | None = None, has_photo: bool = False) -> Verdict:
        """Return the verdict on a raw text (HTML allowed) written on a page of territory `home`."""
        txt.forget_lemmas()
        clean = txt.plain(text)
        words = txt.words(clean)
        found = self.gazetteer.find_in(clean, words, home)
        scores = self._score(_outside([p.span for p in found if p.street], words))
        kind = self._kinds.judge(clean, words, topic_weight=max(scores.groups.values(), default=0.0), has_photo=has_photo)
        place, where = self._place(clean, found, home)
        path = self.gazetteer.path(place.territory if place else home)
        if kind.kind is None or kind.kind in ("spam", "not_for_us"):
            urgent = bool(kind.danger)
            return Verdict(
                kind.kind, kind.confidence, None, 0.0, None, (), place, path, urgent, kind.danger, (*kind.reasons, *_dangers(kind), *where)
            )
        return self._verdict(kind, scores, place, path, where)

    def _verdict(self, kind: KindVerdict, scores: _Scores, place: Place | None, path: tuple[str, ...], where: Sequence[str]) -> Verdict:
        ranked = self._rank(scores)
        group, sure = self._best_group(scores)
        topic = next((code for code, _ in ranked if self.topics[code].group == group), None) if group else None
        chosen = self.topics.get(topic or "")
        urgent = bool(kind.danger) or bool(chosen and chosen.urgent and kind.kind == "problem")
        reasons = (*kind.reasons, *self._why(chosen, sure, scores, ranked), *_dangers(kind), *where)
        others = tuple((code, share) for code, share in ranked if code != topic)[:4]
        return Verdict(kind.kind, kind.confidence, topic, sure, group, others, place, path, urgent, kind.danger, reasons)

    def _score(self, words: Sequence[txt.Word]) -> _Scores:
        scores = _Scores()
        topic_hits: dict[tuple[str, str], float] = {}
        group_hits: dict[tuple[str, str], float] = {}
        for hit in self._words.find(words):
            code, weight = hit.key
            if hit.start >= self.settings.long_words:
                weight /= 2
            if hit.end - hit.start == 1 and hit.start and words[hit.start - 1].text in _BESIDE:
                weight *= self.settings.beside
            said = " ".join(w.text for w in words[hit.start : hit.end])
            group = self.topics[code].group
            topic_hits.setdefault((code, hit.phrase), weight)
            # One word stands once for its group however many topics of the group list it.
            held = group_hits.get((group, said), 0.0)
            group_hits[group, said] = weight if abs(weight) > abs(held) else held
            if weight > 0:
                scores.words.setdefault(code, []).append(said)
        for (code, _), weight in topic_hits.items():
            scores.topics[code] = scores.topics.get(code, 0.0) + weight
        for (group, _), weight in group_hits.items():
            scores.groups[group] = scores.groups.get(group, 0.0) + weight
        return scores

    def _rank(self, scores: _Scores) -> list[tuple[str, float]]:
        total = sum(v for v in scores.topics.values() if v > 0) + self.settings.doubt
        ranked = sorted(((v, code) for code, v in scores.topics.items() if v > 0), key=lambda p: (-p[0], p[1]))
        return [(code, round(v / total, 3)) for v, code in ranked]

    def _best_group(self, scores: _Scores) -> tuple[str | None, float]:
        """Return the winning group and how sure it is, or (None, how sure the best would have been)."""
        ranked = sorted(((v, g) for g, v in scores.groups.items() if v > 0), key=lambda p: (-p[0], p[1]))
        if not ranked:
            return None, 0.0
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        sure = round(ranked[0][0] / (ranked[0][0] + second + self.settings.doubt), 3)
        return (ranked[0][1] if sure >= self.settings.threshold else None), sure

    def _why(self, chosen: Topic | None, sure: float, scores: _Scores, ranked: Sequence[tuple[str, float]]) -> list[str]:
        if chosen is None and not ranked:
            return ["Тема не узнана: ни одного слова из классификатора"]
        if chosen is None:
            rivals = " или ".join(f"«{self.topics[code].name}»" for code, _ in ranked[:2])
            return [f"Тема не решена, уверенность {_percent(sure)}: {rivals} — выбирает человек"]
        said = ", ".join(f"«{w}»" for w in list(dict.fromkeys(scores.words.get(chosen.code, ())))[:5])
        return [f"Тема «{chosen.name}», уверенность {_percent(sure)}: {said}"]

    def _place(self, clean: str, found: Sequence[Place], home: str | None) -> tuple[Place | None, list[str]]:
        if found:
            best = found[0]
            name = self._name(best.territory) or "территория не ясна"
            address = ", ".join(p for p in (name, best.street, best.house) if p)
            return best, [f"Место: {address} — из слов «{clean[best.span[0] : best.span[1]]}», уверенность {_percent(best.confidence)}"]
        if home and len(self.gazetteer.path(home)) > 1:
            return Place(home, "", "", 0.6, (0, 0)), [f"Место не названо: {self._name(home)} — по странице, где написано"]
        return None, ["Место не названо"]

    def _name(self, code: str | None) -> str:
        return self.gazetteer.territories[code].name if code in self.gazetteer.territories else ""


def classifier_of(region: Region) -> Classifier:
    """Build the classifier straight from a region's files (the desk builds it from its rows instead)."""
    return Classifier(
        (topic_of(row) for row in region.topics),
        region.gazetteer(),
        (Cue(c.kind, c.phrase, c.weight, c.label) for c in region.cues),
        Settings.of(region.settings.get("triage", {})),
    )


def topic_of(row: TopicRow) -> Topic:
    """Turn a row of topics.csv into a topic."""
    return Topic(row.code, row.group, row.name, row.group_name, row.urgent, row.sphere, row.words, row.negative)


def _evidence(topics: Iterable[Topic]) -> list[tuple[str, tuple[str, float]]]:
    pairs = []
    for topic in topics:
        pairs += [(phrase, (topic.code, weight)) for phrase, weight in topic.words]
        pairs += [(phrase, (topic.code, -weight)) for phrase, weight in topic.negative]
    return pairs


def _outside(spans: Sequence[tuple[int, int]], words: Sequence[txt.Word]) -> Sequence[txt.Word]:
    """Return the words that are no address: Таганайская street says nothing about tourism."""
    return [w for w in words if not any(start <= w.start < end for start, end in spans)] if spans else words


def _dangers(kind: KindVerdict) -> list[str]:
    return [f"Опасность: {', '.join(kind.danger)}"] if kind.danger else []


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"
