from hypothesis import given
from hypothesis import strategies as st

from gospult.networks.sandbox.vk.execute import compiled
from gospult.networks.vk.script import paired, written


def test_a_script_only_returns_a_list_of_calls():
    code, args = written([("groups.getById", {"group_ids": "1,2", "count": 5, "empty": "", "none": None}), ("wall.get", {"owner_id": "-7"})])
    assert code == 'return [API.groups.getById({"group_ids":"1,2","count":5}),API.wall.get({"owner_id":"-7"})];'
    assert args == {}


def test_long_values_and_words_travel_as_parameters_and_the_same_ones_once():
    ids, words = ",".join(map(str, range(400))), '"});API.wall.delete({"post_id":1'
    code, args = written([("a.b", {"x": ids, "y": words}), ("a.b", {"x": ids, "y": "ё"})])
    assert code == 'return [API.a.b({"x":Args.a0,"y":Args.a1}),API.a.b({"x":Args.a0,"y":Args.a2})];'
    assert args == {"a0": ids, "a1": words, "a2": "ё"}


def test_the_sandbox_reads_back_what_was_written():
    calls = [("a.b", {"x": "1,2", "n": 5, "words": 'п\n"}]'}), ("c.d", {})]
    code, args = written(calls)
    assert compiled(code, args) == [("a.b", {"x": "1,2", "n": "5", "words": 'п\n"}]'}), ("c.d", {})]


@given(values=st.lists(st.text(max_size=80) | st.integers(), max_size=5))
def test_nobodys_words_ever_become_code(values):
    params = {f"p{number}": value for number, value in enumerate(values)}
    code, args = written([("a.b", params), ("c.d", {"last": 1})])
    told = {key: str(value) for key, value in params.items() if value != ""}
    assert compiled(code, args) == [("a.b", told), ("c.d", {"last": "1"})]
    assert code.isascii()


def test_an_error_is_put_beside_the_call_that_it_belongs_to():
    calls = [("a.a", {}), ("b.b", {}), ("a.a", {}), ("a.a", {})]
    body = {"response": [False, 0, {"n": 1}, False], "execute_errors": [{"method": "a.a", "error_code": 1}, {"method": "a.a", "error_code": 2}]}
    assert paired(calls, body) == [
        (False, {"method": "a.a", "error_code": 1}),
        (0, None),
        ({"n": 1}, None),
        (False, {"method": "a.a", "error_code": 2}),
    ]


def test_a_refusal_without_its_error_is_still_a_refusal():
    assert paired([("a.a", {})], {"response": [False]}) == [(False, {})]


def test_an_answer_that_fits_no_calls_is_none():
    assert paired([("a.a", {})], {"response": []}) is None
    assert paired([("a.a", {})], {"response": {"items": []}}) is None
