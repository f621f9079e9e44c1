import base64
import gzip
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.urls import reverse

from gospult.accounts.models import Journal, Role
from gospult.directory.models import Remark
from gospult.directory.testing import make_directory
from gospult.registry.models import Page
from gospult.registry.testing import make_page, make_person

pytestmark = pytest.mark.django_db
LIGHT = 30 * 1024


@pytest.fixture
def region(db):
    return make_directory()


def test_the_catalogue_finds_without_login_or_cookie_and_is_light(client, region):
    response = client.get(reverse("directory:catalogue"), {"q": "школа 12 белореченск"})

    assert region["school12"].name.split()[0] in response.content.decode()
    assert not response.cookies
    assert len(gzip.compress(response.content)) < LIGHT


def test_nothing_found_is_told_with_what_is_near(client, region):
    text = client.get(reverse("directory:catalogue"), {"q": "школа 99 белореченск"}).content.decode()
    assert "Ничего не нашлось" in text
    assert "Похожее" in text


def test_the_catalogue_is_browsed_by_place_sphere_and_network(client, region):
    place = region["school12"].territory
    text = client.get(reverse("directory:catalogue"), {"territory": place.code, "network": "vk"}).content.decode()
    assert "ШКОЛА № 12" in text
    assert "Тамбовского района" not in text
    assert client.get(reverse("directory:catalogue"), {"territory": "nowhere", "page": "x"}).status_code == 200


def test_the_card_shows_pages_in_the_order_of_law(client, region):
    make_page(body=region["school12"], network="telegram", handle="school12tg", external_id=None, name="Телеграм школы")
    make_page(body=region["school12"], network="ok", handle="school12ok", external_id=None, name="ОК школы")

    text = client.get(reverse("directory:card", args=[region["school12"].pk])).content.decode()
    order = [text.index(word) for word in ("ВКонтакте</strong>", "Одноклассники</strong>", "Telegram</strong>")]
    assert order == sorted(order)
    assert "обязательная по закону" in text


def test_the_card_of_a_body_that_is_not_there_is_404(client, region):
    assert client.get(reverse("directory:card", args=[999_999_999])).status_code == 404


def test_the_card_is_told_to_search_engines(client, region):
    told = json.loads(client.get(reverse("directory:structured", args=[region["school12"].pk])).content)
    assert (told["@type"], told["identifier"]) == ("GovernmentOrganization", "1022800512921")


def test_the_poster_is_a_pdf_also_without_pages(client, region):
    for name in ("school12", "music"):
        assert client.get(reverse("directory:poster", args=[region[name].pk])).content.startswith(b"%PDF")


def test_the_check_answers_on_a_screen_and_as_json(client, region):
    text = client.get(reverse("directory:official"), {"link": "m.vk.com/school12_bel?x=1"}).content.decode()
    assert "Да, официальная" in text
    told = client.get(reverse("directory:official_json"), {"link": "vk.com/schoo1l2_bel"}).json()
    assert (told["official"], told["pages"][0]["url"]) == ("no", Page.objects.get(handle="school12_bel").address)


def test_nothing_of_who_asked_what_is_written(client, region):
    before = Journal.objects.count()
    client.get(reverse("directory:official"), {"link": "vk.com/school12_bel"})
    client.get(reverse("directory:catalogue"), {"q": "школа"})
    assert Journal.objects.count() == before


def test_hostile_words_are_shown_as_words(client, region):
    text = client.get(reverse("directory:catalogue"), {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in text


def test_a_remark_waits_for_a_person_who_closes_it(client, region, operator):
    address = reverse("directory:remark", args=[region["school12"].pk])
    assert client.post(address, {"kind": "page", "text": "Не\x00 открывается <b>"}).status_code == 302
    assert client.post(address, {"kind": "page", "text": "Не открывается <b>"}).status_code == 302
    row = Remark.objects.get()

    client.force_login(operator)
    assert "Не открывается" in client.get(reverse("directory:remarks")).content.decode()
    client.post(reverse("directory:remarks"), {"remark": row.pk})
    row.refresh_from_db()
    assert row.closed_by == operator


def test_a_remark_that_says_nothing_or_comes_from_a_program_is_not_kept(client, region):
    address = reverse("directory:remark", args=[region["school12"].pk])
    assert client.post(address, {"kind": "other", "text": ""}).status_code == 422
    assert client.post(address, {"kind": "page", "text": "x", "site": "http://spam"}).status_code == 302
    assert not Remark.objects.exists()


def test_a_stranger_gets_404_for_the_remarks(client, stranger):
    client.force_login(stranger)
    assert client.get(reverse("directory:remarks")).status_code == 404
    client.force_login(make_person(role=Role.EDITOR))
    assert client.get(reverse("directory:remarks")).status_code == 200


def test_a_flood_of_remarks_waits(client, region):
    address = reverse("directory:remark", args=[region["school12"].pk])
    codes = [client.post(address, {"kind": "page", "text": str(n)}).status_code for n in range(5)]
    assert codes == [302, 302, 302, 429, 429]


def test_open_data_hold_the_same_pages_in_each_form_and_the_signature_is_true(client, region):
    lines = b"".join(client.get(reverse("directory:open_csv")).streaming_content).decode("utf-8-sig").splitlines()
    rows = json.loads(b"".join(client.get(reverse("directory:open_json")).streaming_content))
    told = client.get(reverse("directory:open_signed")).json()

    Ed25519PublicKey.from_public_bytes(base64.b64decode(told["public_key"])).verify(base64.b64decode(told["signature"]), told["payload"].encode())
    assert json.loads(told["payload"])["pages"] == rows
    assert len(lines) - 1 == len(rows) == client.get(reverse("directory:passport")).json()["rows"] == 3


def test_the_sitemap_names_the_cards_and_robots_name_the_sitemap(client, region):
    assert reverse("directory:card", args=[region["school12"].pk]) in client.get("/sitemap.xml").content.decode()
    assert "/sitemap.xml" in client.get("/robots.txt").content.decode()
    assert client.get("/sitemap.xml?part=x").status_code == 200


@pytest.mark.parametrize("name", ["catalogue", "places", "official", "opendata"])
def test_every_public_screen_is_light(client, region, name):
    response = client.get(reverse(f"directory:{name}"))
    assert response.status_code == 200
    assert len(gzip.compress(response.content)) < LIGHT


@pytest.mark.parametrize(("asked", "said"), [({"q": "ж" * 201}, "не больше 200 знаков"), ({"territory": "nowhere"}, "без этого условия")])
def test_a_question_that_cannot_be_asked_is_told_and_not_dropped_in_silence(client, asked, said):
    assert said in client.get(reverse("directory:catalogue"), asked).content.decode()
    assert said not in client.get(reverse("directory:catalogue")).content.decode()
