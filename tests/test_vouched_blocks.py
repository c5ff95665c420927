"""Which blocks a log vouches for: the last word on each place, and nothing that was dropped."""

from pathlib import Path

from llm_market_sim.results.blocks import Block, vouched


def block(scenario, start, stop, key="k"):
    return Block(scenario, start, stop, key, {"worlds": (7, "sha")})


def line(one):
    return {"what": "block"} | one.facts


def test_a_dropped_block_is_not_vouched_for_and_a_later_one_takes_its_place():
    first, wider, other = block("a", 0, 10), block("a", 0, 20), block("b", 0, 10)
    dropped = {"what": "dropped", "scenario": "a", "start": 0}
    log = Path("log")
    assert vouched(log, [line(other), line(first)]) == [first, other]
    assert vouched(log, [line(first), line(wider)]) == [wider]
    assert vouched(log, [line(first), line(other), dropped]) == [other]
    assert vouched(log, [line(first), dropped, line(wider)]) == [wider]
    assert vouched(log, [{"what": "ended"}, dropped]) == []
