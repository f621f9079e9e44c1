from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from gospult.desk.actions import set_days
from gospult.desk.models import Answer, Template
from gospult.desk.testing import make_case
from gospult.exchange.models import Posting, Wall
from gospult.exchange.testing import make_connection
from gospult.informing.models import WallPost
from gospult.monitoring.models import Post
from gospult.office import queries
from gospult.registry.models import Sphere
from gospult.registry.testing import make_page, make_sphere

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(page):
    make_connection(page, tokens={"community": "t", "user": "u"})
    return page


@pytest.fixture
def phone(client, steward):
    client.force_login(steward)
    return client


def jpeg():
    out = BytesIO()
    Image.new("RGB", (60, 40), "green").save(out, "JPEG")
    return SimpleUploadedFile("двор.jpg", out.getvalue(), "image/jpeg")


def written(client, page, **more):
    told = {"key": str(uuid4()), "text": "В субботу уберём двор.", "pages": [page.pk], "when": "now", **more}
    return client.post(reverse("office:post_new"), told)


def test_a_steward_writes_looks_and_publishes(phone, own):
    form = phone.get(reverse("office:post_new")).content.decode()
    assert own.name in form
    assert "до 15\u00a0000 знаков" in form
    answer = written(phone, own, photo=jpeg())
    post = WallPost.objects.get()
    assert answer.url == reverse("office:post", args=[post.pk])
    look = phone.get(answer.url).content.decode()
    assert "Опубликовать" in look
    assert reverse("office:post_photo", args=[post.photos.get().pk]) in look
    assert not Posting.objects.exists()
    phone.post(reverse("office:post_publish", args=[post.pk]))
    assert Posting.objects.get().text == "В субботу уберём двор."
    assert "уходит" in phone.get(answer.url).content.decode()
    Posting.objects.update(state="sent", external_id="5", url="https://vk.com/wall-1_5")
    shown = phone.get(answer.url).content.decode()
    assert 'href="https://vk.com/wall-1_5"' in shown
    assert "Изменить" not in shown


def test_a_planned_post_is_meant_in_the_bodys_zone_and_can_be_changed_and_withdrawn(phone, own, settings):
    day = timezone.localdate() + timedelta(days=2)
    written(phone, own, when="later", at=f"{day}T15:30")
    post = WallPost.objects.get()
    assert timezone.localtime(post.scheduled_at).strftime("%Y-%m-%d %H:%M") == f"{day} 15:30"
    phone.post(reverse("office:post_publish", args=[post.pk]))
    edit = reverse("office:post_edit", args=[post.pk])
    assert f'value="{day}T15:30"' in phone.get(edit).content.decode()
    phone.post(edit, {"text": "В воскресенье.", "pages": [own.pk], "when": "later", "at": f"{day}T16:00"})
    assert (Posting.objects.get().text, timezone.localtime(Posting.objects.get().not_before).hour) == ("В воскресенье.", 16)
    assert "Отозвать" in phone.get(reverse("office:post", args=[post.pk])).content.decode()
    phone.post(reverse("office:post_withdraw", args=[post.pk]))
    assert (WallPost.objects.get().state, Posting.objects.get().state) == ("withdrawn", "withdrawn")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": ""}, "Напишите текст или приложите фото"),
        ({"text": "Я" * 15_001}, "ВКонтакте: не больше 15\u00a0000 знаков"),
        ({"text": "Я" * 16_001}, "16 000"),
        ({"pages": []}, "хотя бы одну"),
        ({"pages": ["999999"]}, "не можете"),
        ({"pages": ["9" * 30, "x", "-1"]}, "хотя бы одну"),
        ({"when": "later"}, "день и час"),
        ({"when": "later", "at": "2026-02-31T10:00"}, "24.11.2026 15:30"),
        ({"when": "later", "at": "2020-01-01T10:00"}, "уже прошло"),
        ({"when": "завтра"}, "Сейчас"),
        ({"key": "не ключ"}, "устарела"),
        ({"photo": SimpleUploadedFile("a.jpg", b"<svg/>", "image/jpeg")}, "не фото"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_typed_is_lost(phone, own, more, words):
    answer = written(phone, own, **more)
    shown = answer.content.decode()
    assert (answer.status_code, words in shown) == (422, True)
    assert more.get("text", "В субботу уберём двор.")[:100] in shown
    assert not WallPost.objects.exists()


def test_two_taps_on_one_button_are_one_post(phone, own):
    key = str(uuid4())
    assert written(phone, own, key=key).url == written(phone, own, key=key).url
    for _ in range(2):
        phone.post(reverse("office:post_publish", args=[WallPost.objects.get().pk]))
    assert Posting.objects.count() == 1


def test_a_page_without_a_key_is_shown_with_the_reason(phone, page):
    shown = phone.get(reverse("office:post_new")).content.decode()
    assert "публиковать отсюда нельзя" in shown
    assert "disabled" in shown


def settled(client, post, **told):
    return client.post(reverse("office:post_settle", args=[post.pk, post.publications.get().pk]), told)


def test_an_unknown_outcome_asks_a_person_and_takes_his_word_with_a_proof(phone, own):
    written(phone, own)
    post = WallPost.objects.get()
    phone.post(reverse("office:post_publish", args=[post.pk]))
    Posting.objects.update(state="unknown", needs_person=True)
    assert "Она вышла" in phone.get(reverse("office:post", args=[post.pk])).content.decode()
    assert "ждёт вас" in phone.get(reverse("office:my")).content.decode()
    settled(phone, post, there="1", address="вышла")
    assert Posting.objects.get().state == "unknown"
    settled(phone, post, there="1", address="https://vk.com/wall-1_9")
    assert (Posting.objects.get().state, Posting.objects.get().external_id) == ("sent", "9")


def test_what_is_not_there_is_published_again(phone, own):
    written(phone, own)
    post = WallPost.objects.get()
    phone.post(reverse("office:post_publish", args=[post.pk]))
    Posting.objects.update(state="failed", needs_person=True)
    settled(phone, post)
    assert Posting.objects.get().state == "ready"


def test_stranger_gets_404_and_nothing_happens(client, phone, stranger, operator, own):
    written(phone, own, photo=jpeg())
    post = WallPost.objects.get()
    phone.post(reverse("office:post_publish", args=[post.pk]))
    Posting.objects.update(needs_person=True, state="unknown")
    numbers = [post.pk]
    places = [("posts", []), ("post_new", []), ("post", numbers), ("post_edit", numbers), ("post_photo", [post.photos.get().pk]), ("week", [own.pk])]
    presses = [("post_new", []), ("post_edit", numbers), ("post_publish", numbers), ("post_withdraw", numbers),
               ("post_settle", [post.pk, post.publications.get().pk])]  # fmt: skip
    client.force_login(stranger)
    assert {client.get(reverse(f"office:{name}", args=args)).status_code for name, args in places} == {404}
    assert {client.post(reverse(f"office:{name}", args=args)).status_code for name, args in presses} == {404}
    assert (Posting.objects.get().state, WallPost.objects.get().state) == ("unknown", "planned")
    client.force_login(operator)
    assert {client.get(reverse(f"office:{name}", args=args)).status_code for name, args in places} == {200}


def test_another_steward_sees_neither_the_post_nor_its_photo(client, phone, own, body):
    from gospult.registry.testing import make_person

    written(phone, own, photo=jpeg())
    post = WallPost.objects.get()
    client.force_login(make_person(page=make_page()))
    for name, number in (("post", post.pk), ("post_photo", post.photos.get().pk), ("week", own.pk)):
        assert client.get(reverse(f"office:{name}", args=[number])).status_code == 404


def seen(page, count=0, **fields):
    now = timezone.now()
    Wall.objects.update_or_create(page=page, defaults={"read_at": now, "tried_at": now})
    begins = queries.weeks_of([page])[0]
    for number in range(count):
        Post.objects.create(page=page, external_id=f"n{number}", published_at=now, **fields)
    return begins


def test_the_norm_of_the_week_stands_on_top_and_opens_its_posts(phone, own):
    seen(own, 2)
    shown = phone.get(reverse("office:my")).content.decode()
    assert "2 из 3" in shown
    assert reverse("office:week", args=[own.pk]) in shown
    assert phone.get(reverse("office:week", args=[own.pk])).content.decode().count("<tr><td") == 2


def test_what_cannot_be_seen_is_no_zero(phone, own):
    assert "не видно; через Госпульт 0 из 3" in phone.get(reverse("office:my")).content.decode()


def test_school_holidays_of_the_settings_lower_the_norm_of_a_school(own, body, operator):
    education = Sphere.objects.filter(code="education").first() or make_sphere(code="education", name="Образование")
    body.bodysphere_set.create(sphere=education, position=1) if hasattr(body, "bodysphere_set") else body.spheres.add(
        education, through_defaults={"position": 1}
    )
    week = queries.weeks_of([own])[0]
    today = timezone.localdate()
    start = today - timedelta(days=today.weekday())
    set_days(
        code="school-holidays", title="Школьные каникулы",
        spans=[{"from": start.isoformat(), "to": (start + timedelta(days=6)).isoformat(), "note": "осенние"}], by=operator,
    )  # fmt: skip
    lowered = queries.weeks_of([own])[0]
    assert (week.norm.posts, lowered.norm.posts) == (3, 1)
    assert "каникулы: норма 1" in lowered.text


def test_a_ready_answer_fills_the_text_without_scripts_and_keeps_what_was_typed(phone, own, body, operator):
    case = make_case(own, "Когда откроют кружок?", body=body, by=operator)
    ready = Template.objects.create(code="own-1", title="Кружки", text="Запись открыта до {день записи}.")
    shown = phone.get(reverse("office:my_case", args=[case.number])).content.decode()
    assert "Готовые ответы" in shown
    answer = phone.post(reverse("office:my_answer", args=[case.number]), {"text": "Здравствуйте!", "ready": ready.pk}, follow=True)
    page = answer.content.decode()
    assert "Здравствуйте!\n\nЗапись открыта до {день записи}." in page
    assert "впишите" in page
    phone.post(reverse("office:my_answer", args=[case.number]), {"text": Answer.objects.get().text})
    assert Answer.objects.get().state == "draft"
    assert phone.post(reverse("office:my_answer", args=[case.number]), {"text": "Да", "ready": "x"}).status_code == 422


def test_the_card_of_a_page_leads_to_writing_for_who_may(client, operator, executor, own):
    for person, offered in ((operator, True), (executor, False)):
        client.force_login(person)
        card = client.get(reverse("registry:page", args=[own.pk])).content.decode()
        assert (f"{reverse('office:post_new')}?page={own.pk}" in card) is offered
    client.force_login(operator)
    assert f'value="{own.pk}" checked' in client.get(f"{reverse('office:post_new')}?page={own.pk}").content.decode()


def test_the_opened_post_is_no_news_any_more(phone, own, steward):
    from gospult.alerts.models import Alert
    from gospult.informing.actions import tell_troubled

    written(phone, own)
    post = WallPost.objects.get()
    phone.post(reverse("office:post_publish", args=[post.pk]))
    Posting.objects.update(state="failed", needs_person=True)
    tell_troubled()
    assert Alert.objects.filter(person=steward, read_at=None, kind="task").exists()
    phone.get(reverse("office:post", args=[post.pk]))
    assert not Alert.objects.filter(person=steward, read_at=None, kind="task").exists()
