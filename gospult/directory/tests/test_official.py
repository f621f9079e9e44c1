import pytest
from django.utils import timezone

from gospult.directory import actions, queries
from gospult.directory.links import read, skeleton
from gospult.directory.testing import make_directory
from gospult.registry import actions as registry
from gospult.registry.models import Page
from gospult.registry.testing import make_page


@pytest.mark.parametrize(
    "link",
    ["https://vk.com/school12_bel", "vk.com/school12_bel", "m.vk.com/School12_Bel", "http://www.vk.ru/school12_bel/", "@school12_bel", "school12_bel",
     "https://vk.com/school12_bel?utm_source=x&w=wall-1_2", "vk.com/@school12_bel-otkrytie", "vkvideo.ru/@school12_bel", "https://vk.me/school12_bel",
     "vkontakte.ru/school12_bel#top", " vk.com/school12_bel . "],
)  # fmt: skip
def test_a_handle_is_read_from_every_shape(link):
    assert read(link).handle == "school12_bel"


@pytest.mark.parametrize(
    ("link", "number"),
    [("vk.com/club123", "123"), ("vk.com/public123", "123"), ("https://vk.com/wall-123_45", "123"), ("vk.com/video-123_4", "123"),
     ("ok.ru/group/5321", "5321"),
     ("https://m.ok.ru/group5321", "5321"), ("ok.ru/group/5321/topic/7", "5321"), ("club123", "123"), ("vk.com/?w=wall-123_4", "123")],
)  # fmt: skip
def test_an_id_is_read_also_from_a_post(link, number):
    assert read(link).external_id == number


@pytest.mark.parametrize(
    ("link", "network"),
    [("t.me/s/amur", "telegram"), ("https://telegram.me/amur", "telegram"), ("amur.t.me", "telegram"), ("tg://resolve?domain=amur", "telegram"),
     ("max.ru/amur", "max"),
     ("web.max.ru/amur", "max"), ("ok.ru/amur", "ok")],
)  # fmt: skip
def test_each_network_has_its_ways_to_write_a_link(link, network):
    found = read(link)
    assert (found.networks, found.handle) == ((network,), "amur")


@pytest.mark.parametrize(
    ("link", "trouble"),
    [("", "empty"), ("vk.com/id1", "personal"), ("ok.ru/profile/12", "personal"), ("vk.com", "elsewhere"), ("t.me/+AbCd", "elsewhere"),
     ("vk.com/feed", "elsewhere"),
     ("https://example.com/x", "foreign"), ("vk-com.ru/school", "look_alike_host"), ("http://xn--v-ttb.com/school", "look_alike_host"),
     ("https://[bad", "unreadable")],
)  # fmt: skip
def test_what_is_no_page_is_told(link, trouble):
    assert read(link).trouble == trouble


def test_the_eye_takes_alike_letters_for_one():
    assert skeleton("school12_bel") == skeleton("schооl12-bel") == skeleton("schoo1l2.bel")


@pytest.fixture
def region(db):
    return make_directory()


@pytest.mark.django_db
def test_a_page_of_the_register_is_official_and_its_body_is_named(region):
    Page.objects.filter(handle="school12_bel").update(facts_date=timezone.localdate())

    found = queries.check("https://m.vk.com/School12_bel?utm_campaign=x")
    assert (found.answer, found.body_id, found.checked) == ("yes", region["school12"].pk, timezone.localdate())


@pytest.mark.django_db
def test_a_former_name_is_no_and_leads_to_the_real_page(region, operator):
    page = Page.objects.get(handle="school12_bel")
    registry.change_handle(page=page, handle="school12_new", by=operator)
    registry.change_handle(page=page, handle="school12_newest", by=operator)

    found = queries.check("vk.com/school12_new")
    assert (found.answer, [real.handle for real in found.real]) == ("no", ["school12_newest"])


@pytest.mark.django_db
def test_a_look_alike_is_no_and_leads_to_the_real_page(region):
    found = queries.check("vk.com/schoo1l2_bel")
    assert (found.answer, [real.handle for real in found.real]) == ("no", ["school12_bel"])
    assert queries.check("vk.com/school13_bel").answer == "unknown"  # another number is another school


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "answer"), [("published", "yes"), ("under_review", "unknown"), ("draft", "unknown"), ("archived", "no")])
def test_the_state_of_a_page_decides(region, state, answer):
    make_page(body=region["hall"], handle="hall_of_town", state=state)
    assert queries.check("@hall_of_town").answer == answer


@pytest.mark.django_db
def test_an_unknown_page_is_unknown_and_never_called_false(region):
    found = queries.check("vk.com/some_other_page")
    assert (found.answer, found.real) == ("unknown", [])


@pytest.mark.django_db
def test_the_check_writes_nothing(region, django_assert_max_num_queries):
    before = list(Page.objects.values())
    with django_assert_max_num_queries(8):
        queries.check("vk.com/schoo1l2_bel")
    assert list(Page.objects.values()) == before
    assert actions.catch_up() == 0
