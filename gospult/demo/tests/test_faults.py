import pytest

from gospult.demo.chaos import HEADING as KILLS
from gospult.demo.chaos import keep_section
from gospult.demo.faults import HEADING, is_clean, report
from gospult.demo.flood import DEEDS, Flood
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Sandbox

CLEAN = {
    "network": "vk", "seed": 5, "pages": 8, "wanted_events": 200, "wanted_replies": 50, "events": 200, "utterances": 170, "replies": 50, "sent": 48,
    "withdrawn": 1, "met_unknown": 3, "read_back": 2, "repeated_safely": 1, "shown_to_person": 1, "lost": 0, "doubled": 0, "open": 0, "seconds": 14.0,
    "faults": {"event_twice": 7, "http_500_after": 2}, "deletions": 7, "deletions_heard": 3, "unfinished": {},
}  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS)
def test_every_deed_can_be_done_in_every_network(network):
    with Sandbox(network) as sandbox:
        flood = Flood(sandbox, pages=2, seed=1)
        for _ in range(150):
            flood.step()
        assert set(flood.done) == set(DEEDS)
        lines, utterances = sandbox.said(), sum(flood.done[deed] for deed in ("comment", "answer", "message", "attachment"))
        assert len(lines) == utterances
        assert sum(line["deleted"] for line in lines) == flood.done["delete"]
        assert [entry["by"] for entry in sandbox.ledger()] == ["native"] * flood.done["native"]


def test_the_same_seed_draws_the_same_deeds():
    with Sandbox() as one, Sandbox() as other:
        floods = [Flood(sandbox, pages=2, seed=seed) for sandbox, seed in ((one, 5), (other, 5))]
        for flood in floods:
            for _ in range(60):
                flood.step()
        assert floods[0].done == floods[1].done


BROKEN = {
    "something was lost": {"lost": 1},
    "something was said twice": {"doubled": 1},
    "an outcome stayed open": {"open": 1},
    "it was not finished": {"unfinished": {"outgoing": 3}},
    "it was shorter than asked for": {"events": 199},
    "replies did not leave": {"replies": 49},
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_run_is_not_called_clean(changes):
    assert is_clean(CLEAN)
    assert not is_clean(CLEAN | changes)


def test_a_section_of_the_page_takes_the_place_of_its_former_one(tmp_path):
    page = tmp_path / "chaos.md"
    keep_section(page, KILLS, f"{KILLS}\n\nof yesterday")
    keep_section(page, HEADING, report([CLEAN, CLEAN | {"network": "max"}], chaos=0.05))
    keep_section(page, KILLS, f"{KILLS}\n\nof today")
    text = page.read_text()
    assert "of yesterday" not in text
    assert text.index(KILLS) < text.index("of today") < text.index(HEADING) < text.index("| **lost** | 0 | 0 |")
    assert "| | ВКонтакте | MAX |" in text
