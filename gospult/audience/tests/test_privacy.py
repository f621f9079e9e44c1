"""Nothing that remains can answer «does person X follow page Y»: not by reading it, and not by trying everybody.

Every test first shows that the attack works while the key lives, so that it cannot pass by being blind.
"""

import hashlib
import logging
import re

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.db import connection

from gospult.audience import door as door_module
from gospult.audience import jobs
from gospult.audience.door import Door, Shelf
from gospult.audience.models import Build, Sketch
from gospult.audience.sketches import PRECISION, fold, hashed, precision
from gospult.exchange.actions import keep_token
from gospult.networks.sandbox.world import Page as SandboxPage
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_body, make_page, make_sphere, make_territory

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = (2_300, 1_500, 1_200, 7_000, 900)  # the last is too small for a sketch
SPACE = range(1_000_000, 1_025_000)  # everybody whom the attacker knows of: followers and strangers


@pytest.fixture
def built(settings, tmp_path, monkeypatch, caplog):
    """A build over the sandbox, with all that it leaves, and the key as only this test may know it."""
    caplog.set_level(logging.DEBUG)
    keys = []
    monkeypatch.setattr(door_module, "new_key", lambda: keys.append(bytes(range(32))) or keys[-1])
    caplog.clear()
    settings.HOME = tmp_path
    top = make_territory(level="region")
    with Sandbox() as sandbox:
        settings.NETWORKS = {"vk": {"base_url": sandbox.api_url(), "ca_file": ""}}
        sandbox.settings(rate_limits=False)
        pages = []
        for number, members in enumerate(SIZES, start=1001):
            sandbox.add_page(number, members=members, tokens={"service": "one"})
            body = make_body(territory=make_territory(parent=top), spheres=[make_sphere()])
            pages.append(make_page(external_id=str(number), body=body))
        keep_token(network="vk", page=None, kind="service", token="one", label="ключ", by=None)
        before = numbers(b"\n".join(everything(caplog.text)))  # codes of topics look like ids too
        jobs.start()
        jobs.work()
    assert Build.objects.get().state == Build.State.DONE
    return pages, keys[0], caplog.text, before


def everything(log: str) -> list[bytes]:
    """All that remains: every row of every table as text, every file, the log."""
    remains = [log.encode()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            remains += [row[0].encode() for row in cursor.fetchall()]
    return remains + [path.read_bytes() for path in django_settings.HOME.rglob("*") if path.is_file()]


def numbers(text: bytes) -> set[int]:
    """Everything that could be the id of a follower; bytes are shown in hex, in which digits stand between letters."""
    return {int(number) for number in re.findall(rb"(?<![0-9a-f])[0-9]{7}(?![0-9a-f])", text)}


def people(page) -> set[int]:
    number = int(page.external_id)
    return set(SandboxPage("vk", number, "", "", {}, members=SIZES[number - 1001]).followers)


def keyed(key: bytes, who: int) -> bytes:
    return hashlib.blake2b(b"vk\0" + str(who).encode(), digest_size=8, key=key).digest()


def test_no_id_and_no_keyed_number_is_anywhere(built):
    pages, key, log, before = built
    remains = b"\n".join(everything(log))
    assert b"audience_build_done" in remains  # it does read what is there
    assert (numbers(remains) - before) & set.union(*map(people, pages)) == set()
    for who in sorted(people(pages[0]))[::50]:
        number = keyed(key, who)
        assert all(form not in remains for form in (number, number.hex().encode(), str(int.from_bytes(number, "little")).encode()))
    assert key not in remains
    assert key.hex().encode() not in remains


def advantage(key: bytes, page) -> float:
    """How much more often followers than strangers fit the page's sketch, when everybody is tried with this key; 0 is a coin."""
    registers = np.frombuffer(bytes(Sketch.objects.get(page=page).registers), np.uint8)
    who = np.fromiter(SPACE, np.int64)
    register, rank = placed(np.frombuffer(b"".join(keyed(key, one) for one in SPACE), "<u8"), len(registers))
    fits = registers[register] >= rank
    follows = np.isin(who, np.fromiter(people(page), np.int64))
    return float(fits[follows].mean() - fits[~follows].mean())


def placed(numbers: np.ndarray, registers: int) -> tuple[np.ndarray, np.ndarray]:
    """Register and rank of keyed people in a sketch of so many registers."""
    fine, rank = hashed(numbers)
    cut = PRECISION - (registers.bit_length() - 1)
    low = fine & ((1 << cut) - 1)
    return fine >> cut, np.where(low > 0, cut - np.frexp(low.astype(float))[1] + 1, rank + cut)


def test_trying_everybody_against_a_sketch_is_a_coin_without_the_key(built, settings):
    pages, key, *_ = built
    assert all(advantage(key, page) > 0.1 for page in pages[:4])  # with the key of that night it would be an answer
    known = [b"", settings.SECRET_KEY.encode()[:64], *(key.encode()[:64] for key in settings.TOKEN_KEYS), b"\0" * 32]
    for guess in known:
        assert all(abs(advantage(guess, page)) < 0.05 for page in pages[:4])


@pytest.mark.parametrize("subscribers", [1_200, 5_000, 20_000])
def test_who_knows_three_other_pages_of_a_person_learns_next_to_nothing(subscribers):
    """Without the key, by recognising the person's register: it is one that stands alike in all the pages that are known."""
    dice, bits = np.random.default_rng(subscribers), precision(subscribers)

    def learned(bits: int) -> float:
        right = [recognised(dice, subscribers, bits, follows=bool(turn % 2)) for turn in range(120)]
        follows, strangers = right[1::2], right[::2]
        return max(np.mean(np.array(follows) >= bar) - np.mean(np.array(strangers) >= bar) for bar in sorted(set(right)))

    assert learned(bits) < 0.35  # what the best of 120 thresholds finds in pure noise
    if subscribers == 1_200:
        assert learned(PRECISION) > 0.6  # with a sketch as fine as for large pages it would have worked


def recognised(dice, subscribers: int, bits: int, *, follows: bool) -> float:
    """The share of the registers alike in three pages of a person that are alike in a fourth one too."""
    crowd = dice.integers(0, 2**64, 60_000, np.uint64)
    pages = [np.append(dice.choice(crowd[1:], subscribers, replace=False), crowd[0]) for _ in range(4)]
    *known, asked = (fold(sketch_of(page if number < 3 or follows else page[:-1]), bits) for number, page in enumerate(pages))
    alike = (known[0] > 0) & (known[0] == known[1]) & (known[0] == known[2])
    return float((alike & (known[0] == asked)).sum() / max(1, alike.sum()))


def sketch_of(people_of: np.ndarray) -> np.ndarray:
    """At the highest precision."""
    found = np.zeros(1 << PRECISION, np.uint8)
    np.maximum.at(found, *hashed(people_of))
    return found


def test_every_build_has_a_key_of_its_own():
    assert len({bytes(Door().keyed("vk", ["1"]).tobytes()) for _ in range(50)}) == 50


def test_a_network_s_people_are_not_another_s():
    one = Door()
    assert one.keyed("vk", ["1"]) != one.keyed("ok", ["1"])
    assert one.keyed("vk", ["1", "1"]).tolist() == [one.keyed("vk", ["1"])[0]] * 2
    assert "key" not in repr(one)


def test_small_pages_have_no_sketch(built):
    assert set(Sketch.objects.values_list("page__external_id", flat=True)) == {"1001", "1002", "1003", "1004"}


def test_the_pairs_lie_in_a_file_that_no_other_process_can_open(tmp_path):
    with Shelf(tmp_path / "audience") as shelf:
        shelf.put(1, np.arange(3, dtype=np.uint64))
        assert list((tmp_path / "audience").iterdir()) == []
        assert (tmp_path / "audience").stat().st_mode & 0o777 == 0o700
        [(pages, who)] = list(shelf.chunks())
        assert (pages.tolist(), who.tolist()) == ([1, 1, 1], [0, 1, 2])


def test_what_a_crash_left_is_deleted_at_the_next_start(tmp_path):
    left = tmp_path / "audience" / "tmpabc"
    left.parent.mkdir()
    left.write_bytes(b"pairs")
    with Shelf(tmp_path / "audience"):
        assert not left.exists()
