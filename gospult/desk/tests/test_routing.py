"""Rules of routing, without a database."""

from datetime import date

from gospult.desk.routing import Rule, route

TODAY = date(2026, 11, 22)
PATH = ("chebarkul", "m-chebarkul", "74")


def rule(id_, body, *, priority=10, topic="", group="", territory="", sphere="", from_date=None, to_date=None):
    return Rule(id_, priority, topic, group, territory, sphere, body, from_date, to_date)


def routed(*rules, **options):
    return route("roads.potholes", "roads", PATH, rules, TODAY, **options)


def test_no_rule_means_nobody():
    assert routed() is None
    assert routed(rule("R1", "a", group="health")) is None
    assert routed(rule("R1", "a", territory="m-miass")) is None


def test_priority_beats_everything():
    assert routed(rule("R1", "near", topic="roads.potholes", territory="chebarkul"), rule("R2", "high", priority=20)).body == "high"


def test_a_nearer_territory_beats_a_more_exact_topic():
    assert (
        routed(rule("R1", "far", topic="roads.potholes", territory="74"), rule("R2", "near", group="roads", territory="m-chebarkul")).body == "near"
    )


def test_a_topic_beats_a_group_and_a_group_beats_neither():
    group, topic, neither = (rule("R1", "group", group="roads"), rule("R2", "topic", topic="roads.potholes"), rule("R3", "neither"))
    assert routed(group, topic, neither).body == "topic"
    assert routed(group, neither).body == "group"


def test_a_rule_holds_only_between_its_dates_both_inclusive():
    assert routed(rule("R1", "a", to_date=date(2026, 11, 21))) is None
    assert routed(rule("R1", "a", from_date=date(2026, 11, 23))) is None
    assert routed(rule("R1", "a", from_date=TODAY, to_date=TODAY)).body == "a"


def test_a_tie_names_the_rules_and_no_body():
    match = routed(rule("R2", "b", group="roads"), rule("R1", "a", group="roads"))
    assert match.body is None
    assert [r.id for r in match.tied] == ["R1", "R2"]
    assert "решает оператор" in match.why


def test_two_equal_rules_for_one_body_are_no_tie():
    match = routed(rule("R2", "a", group="roads"), rule("R1", "a", group="roads"))
    assert (match.body, match.tied) == ("a", ())


def test_a_sphere_narrows_a_rule():
    rules = (rule("R1", "any", group="roads"), rule("R2", "schools", group="roads", sphere="education"))
    assert routed(*rules, sphere="education").body == "schools"
    assert routed(*rules).body == "any"


def test_a_message_without_a_topic_meets_only_rules_for_everything():
    rules = (rule("R1", "roads", group="roads"), rule("R2", "all", territory="74"))
    assert route(None, None, PATH, rules, TODAY).body == "all"


def test_an_unknown_place_meets_no_rule_of_a_territory():
    assert route("roads.potholes", "roads", (), (rule("R1", "a", territory="74"),), TODAY) is None


def test_the_explanation_speaks_with_the_given_names():
    match = routed(rule("R1", "a", group="roads", territory="74"), names={"roads": "Дороги", "74": "Область", "a": "Миндортранс"})
    assert match.why == "Правило R1: «Дороги», «Область» → Миндортранс"
