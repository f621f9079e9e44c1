"""Simulated operators and executors: they do through the desk's actions what people do through its screens."""

import io
import random
from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import F, QuerySet
from django.db.models.functions import Mod
from django.utils import timezone
from PIL import Image, ImageDraw

from gospult.accounts.models import Person
from gospult.desk import actions
from gospult.desk.models import WITHOUT_CLOCK, Answer, Case, Kind
from gospult.desk.queries import recipients, similar
from gospult.lib.errors import Refused

IN_WORK = ("draft", "checked", "approved", "failed")
PHONE = "телефон 8 351 000-00-00"
DONE = (
    "Здравствуйте! Бригада выезжала {day}, работы выполнили. Если заметите что-то ещё, напишите здесь. Ответственный: дежурный мастер, {phone}.",
    "Добрый день! Заявку приняли, {day} всё исправили. Отвечает отдел благоустройства, {phone}.",
    "Здравствуйте! Проверили на месте: {day} убрали и привели в порядок. Контакт для вопросов: диспетчер, {phone}.",
)
PLANNED = (
    "Здравствуйте! Спасибо, что написали. Работы проведём до {day}. Отвечает участковый мастер, {phone}.",
    "Добрый день! Включили в план, сделаем до {day}. Ответственный: инженер участка, {phone}.",
)
TOLD = (
    "Здравствуйте! Ответить можно только с точным адресом: напишите его здесь, проверим до {day}. Дежурный, {phone}.",
    "Добрый день! Подробности расскажут по телефону: {phone}, отдел работы с жителями, звоните до {day}.",
)
# Whoever is in danger gets no ready answer: each of these is put together for its case.
AT_ONCE = (
    "Дежурная смена выехала сразу, место оградили лентой и поставили человека до приезда мастеров.",
    "Передали спасателям и диспетчеру, опасное место закрыли щитами, рядом дежурит наряд.",
    "Позвонили аварийной бригаде, она уже работает; подход к месту перекрыли с двух сторон.",
    "Сообщили в единую дежурную службу, на месте инженер участка, проход пока закрыт.",
    "Мастер и электрик были там через полчаса, участок обесточили и огородили.",
    "Вызвали ремонтную машину, до неё место стерегут дворник и сотрудник управляющей компании.",
)
MEANWHILE = (
    "Пожалуйста, обходите это место и не подпускайте детей.",
    "Если увидите, что ограждение сдвинули, звоните 112 в любое время.",
    "Предупредите соседей и школу, мы развесили объявления в подъездах.",
    "О вашем сигнале знает глава района, итог проверим вечером.",
    "Причину выясняем, по итогам напишем здесь же отдельно.",
)
INTERIM = "Здравствуйте! Заявку приняли, причину выясняем. Окончательно ответим до {day}. Отвечает дежурный инженер, {phone}."


class Staff:
    """Everybody who works at the desk; the same seed decides the same things about the same cases."""

    def __init__(self, *, seed: int = 1, tenths: int = 10, batch: int = 25) -> None:
        self.operator = Person.objects.get(username="robot-operator")
        self.executor = Person.objects.get(username="robot-executor")
        self.seed = seed
        self.batch = batch  # cases of one kind of work in one step
        self._looked_at: set[int] = set()  # cases that were compared with older ones
        self.today: Callable[[], date] = timezone.localdate
        self.tenths = tenths  # how many of ten cases they take; the rest waits for people

    def step(self) -> int:
        """One round over the desk; returns how many things were done."""
        return sum(work() for work in (self.notice, self.sort, self.merge, self.approve, self.write, self.finish))

    def notice(self) -> int:
        """The operator reads what speaks of danger before anything else."""
        return self._each(Case.objects.filter(alarms__seen_at=None, alarms__isnull=False), self.notice_one)

    def notice_one(self, case: Case) -> bool:
        """«Принял», where a case rings."""
        if not case.alarms.filter(seen_at=None).exists():
            return False
        actions.acknowledge(case=case, by=self.operator)
        return True

    def sort(self) -> int:
        """The operator decides about what the rules left to him."""
        return self._each(Case.objects.filter(state=Case.State.NEW), self.sort_one)

    def merge(self) -> int:
        """Messages about one accident become one case."""
        fresh = Case.objects.filter(state__in=[Case.State.NEW, Case.State.ROUTED], answers=None).exclude(place="").exclude(topic=None)
        return self._each(fresh.exclude(pk__in=self._looked_at), self._merge)

    def write(self) -> int:
        """Executors answer what they have; some promise first."""
        return self._each(Case.objects.filter(state=Case.State.ROUTED).exclude(answers__state__in=IN_WORK), self._write)

    def approve(self) -> int:
        """The operator reads what waits for approval; a few answers go back once."""
        return self._each(Case.objects.filter(answers__state=Answer.State.CHECKED), self._approve)

    def finish(self) -> int:
        """Executors keep what they promised."""
        promised = Case.objects.filter(state=Case.State.PROMISED).exclude(answers__state__in=IN_WORK)
        return self._each(promised, self._finish)

    def close_answered(self) -> int:
        """Control: what was answered and not disputed is closed."""
        return self._each(Case.objects.filter(state=Case.State.ANSWERED), self._close)

    def _each(self, cases: QuerySet[Case], work: Callable[[Case], bool]) -> int:
        done = 0
        ours = cases.annotate(lot=Mod(F("pk") * 7 + self.seed, 10)).filter(lot__lt=self.tenths)
        for case in list(ours.select_related("suggested_body", "body", "topic").order_by("pk").distinct()[: self.batch]):
            try:
                done += bool(work(case))
            except Refused:
                continue  # somebody, or the page itself, was quicker
        return done

    def _dice(self, case: Case, what: str) -> random.Random:
        return random.Random(f"{self.seed}/{case.pk}/{what}/{case.reopened}")

    def sort_one(self, case: Case) -> bool:
        """What the rules left open is decided: put away, or given to the body of the page."""
        self.notice_one(case)
        if case.kind in WITHOUT_CLOCK:
            actions.set_kind(case=case, kind=case.kind, by=self.operator)
            return True
        if not case.kind:
            actions.set_kind(case=case, kind=Kind.QUESTION, by=self.operator)
        if case.state != Case.State.NEW or case.suggested_body is None:
            return False
        actions.route(case=case, body=case.suggested_body, by=self.operator, why="страница этого органа")
        return True

    def _merge(self, case: Case) -> bool:
        if case.pk in self._looked_at:
            return False
        self._looked_at.add(case.pk)
        older = [other for other in similar(case) if other.pk < case.pk and other.place == case.place]
        if not older:
            return False
        actions.merge(case=case, into=older[0], by=self.operator)
        return True

    def _write(self, case: Case) -> bool:
        dice = self._dice(case, "write")
        if not case.reopened and dice.random() < 0.12 and not case.answers.filter(kind=Answer.Kind.INTERIM).exists():
            return self.promise(case)
        return self.answer(case)

    def promise(self, case: Case) -> bool:
        """An interim answer with a date goes to approval."""
        return self._draft(case, INTERIM, days=2, kind=Answer.Kind.INTERIM)

    def answer(self, case: Case) -> bool:
        """A final answer goes to approval."""
        dice = self._dice(case, "answer")
        if case.kind in (Kind.QUESTION, Kind.SUGGESTION, Kind.REVIEW) or case.wordless:
            return self._draft(case, dice.choice(TOLD), days=5)
        if dice.random() < 0.6:
            return self._draft(case, dice.choice(DONE), days=0, photo=dice.random() < 0.5)
        return self._draft(case, dice.choice(PLANNED), days=4)

    def _finish(self, case: Case) -> bool:
        return self._draft(case, self._dice(case, "finish").choice(DONE), days=0, photo=True)

    def _draft(self, case: Case, template: str, *, days: int, kind: str = Answer.Kind.FINAL, photo: bool = False) -> bool:
        day = self.today() + timedelta(days=days)
        text = template.format(day=f"{day:%d.%m.%Y}", phone=PHONE)
        if case.danger:
            dice = self._dice(case, "danger")
            hello, _, rest = text.partition(" ")
            text = f"{hello} По сигналу {case.number}: {dice.choice(AT_ONCE)} {dice.choice(MEANWHILE)} {rest}"
        promised = day if kind == Answer.Kind.INTERIM else None
        answer = actions.save_draft(case=case, text=text, kind=kind, promised_date=promised, by=self.executor)
        if photo:
            actions.attach_photo(answer=answer, content=photo_of_work(case.pk), by=self.executor)
        actions.submit(answer=answer, by=self.executor)
        return True

    def _approve(self, case: Case) -> bool:
        answer = case.answers.filter(state=Answer.State.CHECKED).first()
        if answer is None:
            return False  # the page itself answered a moment ago
        if not recipients(case):
            self.notice_one(case)
            actions.close(case=case, closed_as="deleted", by=self.operator)
            return True
        if self._dice(case, "return").random() < 0.05 and not case.events.filter(kind="answer_returned").exists():
            actions.return_draft(answer=answer, why="Добавьте, кто ответит на звонок.", by=self.operator)
            actions.save_draft(
                case=case, text=f"{answer.text} Звонить с 9 до 18.", kind=answer.kind, promised_date=answer.promised_date, by=self.executor
            )
            answer.refresh_from_db()
            actions.submit(answer=answer, by=self.executor)
        actions.approve(answer=answer, by=self.operator)
        return True

    def _close(self, case: Case) -> bool:
        self.notice_one(case)
        actions.close(case=case, by=self.operator)
        return True


def photo_of_work(number: int) -> bytes:
    """A drawn picture of a cleared yard, another one for each number: the same photo may not prove two works."""
    dice = random.Random(number)
    picture = Image.new("RGB", (320, 240), (150, 170, 185))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 150, 320, 240), fill=(96, 98, 100))
    for _ in range(14):
        left, top = dice.randrange(300), dice.randrange(220)
        draw.rectangle(
            (left, top, left + dice.randrange(20, 90), top + dice.randrange(20, 90)), fill=tuple(dice.randrange(40, 220) for _ in range(3))
        )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
