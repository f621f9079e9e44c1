from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.utils import timezone
from PIL import Image

from gospult.accounts.models import Journal, Role
from gospult.alerts.models import Alert
from gospult.exchange import actions as exchange
from gospult.exchange.models import Posting, Token
from gospult.exchange.testing import make_connection
from gospult.informing import actions, queries
from gospult.informing.fitting import misfit, room_in_words
from gospult.informing.models import PostPhoto, WallPost, pages_to_post
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_page, make_person, make_steward

pytestmark = pytest.mark.django_db
TOKENS = {"vk": {"community": "t", "user": "u"}, "ok": {"bot": "t", "user": "u"}, "telegram": {"bot": "1:t"}, "max": {"bot": "t"}}


def connected(body, network, **fields):
    page = make_page(body=body, network=network, external_id={"telegram": "-1001", "max": "-71"}.get(network, "71"), **fields)
    make_connection(page, tokens=TOKENS[network])
    return page


@pytest.fixture
def pages(body, steward):
    made = [connected(body, network, name=f"Школа в {network}") for network in ("vk", "telegram")]
    for page in made:
        make_steward(steward, page)
    return made


def picture(color="green", exif=True):
    out, image = BytesIO(), Image.new("RGB", (80, 60), color)
    data = Image.Exif()
    data[0x0132] = "2026:11:20 10:00:00"
    image.save(out, "JPEG", exif=data if exif else None)
    return out.getvalue()


def write(pages, by, text="В субботу уберём двор.", **more):
    told = {"key": uuid4(), "at": None, "photos": (), **more}
    return actions.write_post(text=text, pages=pages, by=by, **told)


def test_a_post_waits_once_for_every_page_and_its_state_is_the_exchanges(pages, steward):
    post = write(pages, steward)
    assert not Posting.objects.exists()
    actions.publish_post(post=post, by=steward)
    assert [(out.page, out.posting.state, out.posting.text) for out in queries.outs(post)] == [
        (page, "ready", "В субботу уберём двор.") for page in sorted(pages, key=lambda page: page.name)
    ]
    post.refresh_from_db()
    assert post.state == "planned"
    with pytest.raises(Refused, match="уже изменилась"):
        actions.publish_post(post=post, by=steward)
    assert Posting.objects.count() == 2
    assert Journal.objects.filter(verb="post_planned").count() == 1


def test_the_same_form_sent_twice_is_one_post(pages, steward):
    key = uuid4()
    assert write(pages, steward, key=key) == write(pages, steward, "другое", key=key)
    assert WallPost.objects.get().text == "В субботу уберём двор."


def test_photos_lose_everything_but_the_picture(pages, steward):
    post = write(pages, steward, photos=[picture(), picture("red"), picture()])
    kept = list(PostPhoto.objects.all())
    assert len(kept) == 2
    with storages["private"].open(kept[0].file.name) as file:
        assert not dict(Image.open(file).getexif())
    actions.publish_post(post=post, by=steward)
    assert [len(row.photos) for row in Posting.objects.all()] == [2, 2]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": "  "}, "Напишите текст"),
        ({"text": "Я" * 4097}, "Telegram: не больше 4\u00a0096 знаков, а здесь 4\u00a0097: сократите текст"),
        (
            {"text": "Я" * 1025, "photos": [b"photo"]},
            "с фото не больше 1\u00a0024 знаков, а здесь 1\u00a0025: сократите текст или уберите фото",
        ),
        ({"at": timezone.now() - timedelta(minutes=1)}, "уже прошло"),
        ({"at": timezone.now() + timedelta(days=400)}, "на год"),
        ({"photos": [b"not a photo"]}, "не фото"),
        ({"photos": [b"photo"] * 11}, "больше 10"),
    ],
)
def test_bad_input_is_refused_in_one_sentence_and_nothing_is_kept(pages, steward, more, words):
    more = {**more, "photos": [picture() if one == b"photo" else one for one in more.get("photos", ())]}
    with pytest.raises(Refused, match=words) as no:
        write(pages, steward, **more)
    assert str(no.value).count(". ") <= 1
    assert not WallPost.objects.exists()


def test_a_refused_post_leaves_no_file_behind(pages, steward, monkeypatch):
    saved = []
    monkeypatch.setattr(type(storages["private"]), "save", lambda *told, **more: saved.append(told))
    with pytest.raises(Refused):
        write(pages, steward, "Я" * 1025, photos=[picture()])
    assert saved == []


def test_no_page_and_a_page_without_a_key_are_told_apart(pages, steward, page):
    with pytest.raises(Refused, match="хотя бы одну"):
        write([], steward)
    with pytest.raises(Refused, match="публиковать отсюда нельзя"):
        write([page], steward)


def test_a_key_that_takes_no_photos_is_named_before_anything_leaves(pages, steward, monkeypatch):
    from gospult.informing import actions as module

    monkeypatch.setattr(module, "can_do", lambda page, feature: feature != "upload_post")
    with pytest.raises(Refused, match="не принимает фото"):
        write(pages, steward, photos=[picture()])


def test_only_who_keeps_the_page_or_runs_the_centre_may_post(pages, steward, stranger, operator, executor, curator, body):
    assert [pages_to_post(person).filter(pk__in=[p.pk for p in pages]).count() for person in (steward, operator)] == [2, 2]
    assert [pages_to_post(person).count() for person in (stranger, executor, curator)] == [0, 0, 0]
    within = make_person(role=Role.OPERATOR, body=body)
    assert pages_to_post(within).count() == 3
    assert pages_to_post(make_person(role=Role.OPERATOR, body=make_body())).count() == 0
    for person in (stranger, executor):
        with pytest.raises(Refused, match="вы публиковать не можете"):
            write(pages, person)


def test_a_steward_whose_term_is_over_publishes_nothing_any_more(pages, steward):
    post = write(pages, steward)
    steward.stewardships.update(since=timezone.localdate() - timedelta(days=9), until=timezone.localdate())
    with pytest.raises(Refused):
        actions.publish_post(post=post, by=steward)
    assert not Posting.objects.exists()


def test_who_keeps_one_of_the_pages_only_sees_the_post_and_leaves_it_alone(pages, steward):
    post = write(pages, steward)
    deputy = make_person()
    make_steward(deputy, pages[0], is_deputy=True)
    assert WallPost.objects.visible_to(deputy).get() == post
    with pytest.raises(Refused, match="ведёте не вы"):
        actions.publish_post(post=post, by=deputy)


def test_a_stranger_sees_no_posts(pages, steward, stranger):
    write(pages, steward)
    assert not WallPost.objects.visible_to(stranger).exists()


def planned(pages, steward, **more):
    post = write(pages, steward, at=timezone.now() + timedelta(days=1), **more)
    actions.publish_post(post=post, by=steward)
    return post


def rewrite(post, steward, text="Перенесли на воскресенье.", **more):
    told = {"pages": [], "at": post.scheduled_at, "photos": (), "drop": (), **more}
    actions.rewrite_post(post=post, text=text, by=steward, **told)


def test_a_planned_post_changes_everywhere_until_the_first_claim(pages, steward):
    post = planned(pages, steward, photos=[picture()])
    later = timezone.now() + timedelta(days=2)
    rewrite(post, steward, at=later, photos=[picture("blue")], drop=[post.photos.get().pk])
    assert {(row.text, row.not_before, row.photos[0]["file"]) for row in Posting.objects.all()} == {
        ("Перенесли на воскресенье.", later, post.photos.get().file.name)
    }
    Posting.objects.first().move_to("claimed", claimed_at=timezone.now(), first_claimed_at=timezone.now())
    with pytest.raises(Refused, match="уже уходит"):
        rewrite(post, steward, "Поздно")
    assert not Posting.objects.filter(text="Поздно").exists()


def test_a_claim_between_the_look_and_the_change_leaves_everything_as_it_was(pages, steward, monkeypatch):
    post = planned(pages, steward)
    monkeypatch.setattr(actions, "is_open", lambda post: True)
    Posting.objects.last().move_to("claimed", claimed_at=timezone.now(), first_claimed_at=timezone.now())
    with pytest.raises(Refused):
        rewrite(post, steward)
    assert {row.text for row in Posting.objects.all()} == {"В субботу уберём двор."}


def test_a_planned_post_is_withdrawn_whole_or_where_it_has_not_left(pages, steward):
    whole, half, gone = planned(pages, steward), planned(pages, steward, text="Вторая"), planned(pages, steward, text="Третья")
    assert actions.withdraw_post(post=whole, by=steward) == 0
    first = queries.outs(half)[0].posting
    first.move_to("claimed")
    first.move_to("sent", external_id="7")
    assert actions.withdraw_post(post=half, by=steward) == 1
    for out in queries.outs(gone):
        out.posting.move_to("claimed")
    with pytest.raises(Refused, match="нечего"):
        actions.withdraw_post(post=gone, by=steward)
    states = {post.pk: post.state for post in WallPost.objects.all()}
    assert [states[post.pk] for post in (whole, half, gone)] == ["withdrawn", "planned", "planned"]
    assert exchange.publish_due() == 0


def test_an_hour_that_passed_while_the_draft_lay_is_asked_for_again(pages, steward):
    post = write(pages, steward, at=timezone.now() + timedelta(minutes=1))
    WallPost.objects.update(scheduled_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(Refused, match="уже прошло"):
        actions.publish_post(post=WallPost.objects.get(pk=post.pk), by=steward)


def test_a_key_taken_away_after_the_draft_stops_it(pages, steward):
    post = write(pages, steward)
    Token.objects.filter(page=pages[0]).delete()
    with pytest.raises(Refused, match="нужен ключ"):
        actions.publish_post(post=post, by=steward)
    assert WallPost.objects.get().state == "draft"


def test_what_needs_a_look_is_shown_to_who_keeps_the_page(pages, steward, operator):
    post = planned(pages, steward)
    Posting.objects.update(state="unknown", needs_person=True)
    assert (queries.troubled(steward), queries.troubled(operator)) == ([post], [])


def test_drafts_are_thrown_away_after_a_month_with_their_photos(pages, steward, django_capture_on_commit_callbacks):
    old, kept = write(pages, steward, photos=[picture()]), planned(pages, steward)
    WallPost.objects.update(changed_at=timezone.now() - timedelta(days=31))
    name = old.photos.get().file.name
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.drop_drafts() == 1
    assert list(WallPost.objects.all()) == [kept]
    assert not storages["private"].exists(name)


def test_a_draft_that_is_rewritten_is_not_old(pages, steward):
    post = write(pages, steward)
    WallPost.objects.update(created_at=timezone.now() - timedelta(days=90), changed_at=timezone.now() - timedelta(days=90))
    actions.rewrite_post(post=post, text="Уберём двор в воскресенье.", pages=pages, at=None, photos=(), drop=(), by=steward)
    assert actions.drop_drafts() == 0


def test_photos_of_a_post_are_forgotten_by_their_term_once_it_is_out_everywhere(pages, steward, settings, django_capture_on_commit_callbacks):
    post = planned(pages, steward, photos=[picture()])
    name = post.photos.get().file.name
    old = timezone.now() - timedelta(days=settings.MEDIA_DAYS + 1)
    WallPost.objects.update(changed_at=old, scheduled_at=old)
    assert actions.forget_photos() == 0  # it waits on both pages
    for number, row in enumerate(Posting.objects.all()):
        Posting.objects.filter(pk=row.pk).update(state="sent", external_id=f"1_{number}")
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.forget_photos() == 1
    assert not storages["private"].exists(name)
    assert WallPost.objects.get() == post


def test_a_network_says_how_much_a_post_holds():
    assert room_in_words("telegram") == "до 4\u00a0096 знаков, с фото до 1\u00a0024"
    assert room_in_words("max") == "до 4\u00a0000 знаков"
    assert misfit("vk", "ВКонтакте", "Я" * 500, 11) == "ВКонтакте: не больше 10 фото, а здесь 11: уберите лишние."
    assert misfit("ok", "Одноклассники", "Я" * 9000, 0) == ""


def test_the_hour_is_that_of_the_first_pages_body(pages, body):
    from gospult.registry.testing import make_territory

    body.territory = make_territory(time_zone="Asia/Kamchatka")
    body.save()
    assert str(queries.zone_of(pages)) == "Asia/Kamchatka"


def test_the_author_is_told_once_that_a_person_must_look_and_again_after_another_try(pages, steward):
    planned(pages, steward)
    Posting.objects.filter(page=pages[0]).update(state="failed", needs_person=True, claimed_at=timezone.now())
    assert (actions.tell_troubled(), actions.tell_troubled()) == (1, 1)
    told = Alert.objects.get(person=steward)
    assert "не вышла" in told.text
    assert told.path == f"/my/posts/{WallPost.objects.get().pk}/"
    Posting.objects.filter(page=pages[0]).update(claimed_at=timezone.now() + timedelta(minutes=5))
    actions.tell_troubled()
    assert Alert.objects.filter(person=steward).count() == 2


def test_when_the_author_has_left_those_who_keep_the_page_are_told(pages, steward):
    planned(pages, steward)
    deputy = make_person()
    make_steward(deputy, pages[0], is_deputy=True)
    steward.stewardships.update(since=timezone.localdate() - timedelta(days=9), until=timezone.localdate())
    Posting.objects.filter(page=pages[0]).update(state="unknown", needs_person=True)
    actions.tell_troubled()
    assert [row.person for row in Alert.objects.filter(kind="task")] == [deputy]
