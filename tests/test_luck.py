"""Luck: the published answers of its generator, identity, distributions, independence."""

from __future__ import annotations

import ast
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import llm_market_sim
from llm_market_sim.market.luck import THE_WORLD, Luck, _unit32, _unit52, draw_seed, key_of, philox
from llm_market_sim.scenario import load
from llm_market_sim.simulation.initialisation import firms_of

FIRMS = np.array([key_of(f"firm-{i}") for i in range(200)], dtype=np.uint64)
LEAST = 1e-4  # p-value below which a test fails; seeds are fixed, so none fails by chance


def luck(worlds=50, firms=40, seed=9):
    return Luck(seed, np.arange(worlds), FIRMS[:firms])


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0,) * 4, (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)  # fmt: skip
def test_known_answers_of_the_generator(counter, key, answer):
    """Philox4x32-10 gives what its authors publish (Random123, kat_vectors)."""
    words = philox(np.array([[word] for word in counter], dtype=np.uint64), key)
    assert tuple(int(word[0]) for word in words) == answer


DRAWS = {
    "uniform": lambda one, k=3: one.uniform("a", k),
    "exponential": lambda one, k=3: one.exponential("a", k),
    "normal": lambda one, k=3: one.normal("a", k),
    "erlang4": lambda one, k=3: one.erlang4("a", k),
    "segment_normals": lambda one, k=3: one.segment_normals("a", k),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_depends_on_its_name_only(draw):
    """Not on how many worlds or firms there are, nor on their order (30 x 200 is over a chunk)."""
    whole = draw(Luck(5, np.arange(30), FIRMS))
    np.testing.assert_array_equal(draw(Luck(5, np.arange(30), FIRMS[:7])), whole[..., :7])
    np.testing.assert_array_equal(draw(Luck(5, np.array([17]), FIRMS)), whole[17:18])
    order = np.random.default_rng(1).permutation(200)
    np.testing.assert_array_equal(draw(Luck(5, np.arange(30), FIRMS[order])), whole[..., order])
    back = np.arange(30)[::-1]
    np.testing.assert_array_equal(draw(Luck(5, back, FIRMS)), whole[::-1])


@pytest.mark.parametrize("draw", ["uniform", "exponential", "normal", "erlang4"])
def test_where_spares_draws_and_changes_none(draw):
    one = luck()
    where = np.random.default_rng(2).random((50, 40)) < 0.3
    k = np.random.default_rng(3).integers(0, 9, (50, 40))
    some, every = getattr(one, draw)("a", k, where=where), getattr(one, draw)("a", k)
    np.testing.assert_array_equal(some, np.where(where, every, 0.0))
    for number in range(9):
        same = getattr(one, draw)("a", number)
        np.testing.assert_array_equal(every[k == number], same[k == number])
    np.testing.assert_array_equal(getattr(one, draw)("a", 1.0 * k), every)
    assert np.all(getattr(one, draw)("a", where=np.zeros((50, 40), dtype=bool)) == 0.0)


def test_every_part_of_the_name_counts():
    base = luck().uniform("a", 3)
    others = [
        luck(seed=10).uniform("a", 3), luck(seed=9 + 2**32).uniform("a", 3),
        luck().uniform("b", 3), luck().uniform("a", 4),
        Luck(9, np.arange(50, 100), FIRMS[:40]).uniform("a", 3),
        Luck(9, np.arange(50), FIRMS[40:80]).uniform("a", 3),
    ]  # fmt: skip
    for one, other in combinations([base, *others], 2):
        assert not np.any(one == other)


def test_the_world_has_luck_of_its_own():
    one = luck()
    assert one.normal("a", 2, world=True).shape == (50, 1)
    as_firm = Luck(9, np.arange(50), np.array([THE_WORLD], dtype=np.uint64)).normal("a", 2)
    np.testing.assert_array_equal(one.normal("a", 2, world=True), as_firm)
    assert key_of("") != THE_WORLD


LAWS = {
    "uniform": (DRAWS["uniform"], stats.uniform),
    "exponential": (DRAWS["exponential"], stats.expon),
    "normal": (DRAWS["normal"], stats.norm),
    "erlang4": (DRAWS["erlang4"], stats.gamma(4, scale=0.25)),
    "segment_normals": (DRAWS["segment_normals"], stats.norm),
}


@pytest.mark.parametrize(("draw", "law"), LAWS.values(), ids=LAWS)
def test_distributions(draw, law):
    """Across worlds and firms, and along k for one firm."""
    wide = draw(Luck(21, np.arange(250), FIRMS)).ravel()
    assert stats.kstest(wide, law.cdf).pvalue > LEAST
    tail = np.mean(wide > law.ppf(0.999))
    assert abs(tail - 0.001) < 5 * np.sqrt(0.001 / len(wide))
    one = Luck(21, np.arange(1), FIRMS[:1])
    along = np.concatenate([draw(one, k).ravel() for k in range(2000)])
    assert stats.kstest(along, law.cdf).pvalue > LEAST


def test_uniforms_are_never_0_or_1():
    words = np.array([[0], [0xFFFFFFFF]], dtype=np.uint64)
    for value in (_unit52(words, words), _unit32(words)):
        assert 0.0 < value.min() < value.max() < 1.0


def neighbours(seed):
    """Pairs of long sequences of uniforms whose names differ in one part by as little as can be."""
    one = Luck(seed, np.arange(101), FIRMS)
    base, later = one.uniform("round", 0), one.uniform("round", 1)
    follow = Luck(seed, np.arange(1, 102), FIRMS).uniform("round", 0)
    yield "k", base, later
    yield "world", base, follow
    yield "firm", base[:, :-1], base[:, 1:]
    yield "stream", base, one.uniform("round size", 0)
    yield "seed", base, Luck(seed + 1, np.arange(101), FIRMS).uniform("round", 0)
    words, _, _ = one._words("round", 0, None, False)
    yield "words", words[0] * 2.0**-32, words[1] * 2.0**-32
    segments = stats.norm.cdf(one.segment_normals("round", 0))
    yield "segments of one angle", segments[:, 0], segments[:, 1]
    yield "segments", segments[:, 1], segments[:, 2]


def test_neighbouring_names_are_independent():
    """Correlation, and chi squared on a grid of 16 x 16; p-values combined over seeds."""
    found: dict[str, list[float]] = {}
    for seed in range(8):
        for name, a, b in neighbours(seed):
            a, b = a.ravel(), b.ravel()
            cells = np.histogram2d(a, b, bins=16, range=[[0, 1], [0, 1]])[0]
            found.setdefault(f"{name}, grid", []).append(stats.chisquare(cells.ravel()).pvalue)
            r = np.corrcoef(a, b)[0, 1] * np.sqrt(len(a))
            found.setdefault(f"{name}, correlation", []).append(2 * stats.norm.sf(abs(r)))
    for name, values in found.items():
        assert stats.combine_pvalues(values).pvalue > LEAST, name
        assert stats.combine_pvalues(1 - np.array(values)).pvalue > LEAST, name  # nor too even
    every = np.concatenate(list(found.values()))
    assert stats.kstest(every, "uniform").pvalue > LEAST


def test_every_bit_of_every_word_is_fair():
    words, _, _ = luck(200, 200)._words("bits", 0, None, False)
    for word in words:
        ones = np.array([np.sum(word >> np.uint64(bit) & np.uint64(1)) for bit in range(32)])
        z = (ones - word.size / 2) / np.sqrt(word.size / 4)
        assert stats.chi2(32).sf(np.sum(z**2)) > LEAST
        assert np.all(word < 2**32)


def streams():
    """Every stream that the source names: strings given to luck, to a clock, or kept in a table."""
    found = set()
    for path in Path(llm_market_sim.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                name = node.func.id if isinstance(node.func, ast.Name) else name
                if name in (*DRAWS, "choose", "flows", "tick_clock"):
                    found |= {
                        argument.value
                        for argument in node.args
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                    }
    return found


def test_no_two_names_share_a_key():
    named = sorted(streams())
    assert len(named) > 20
    assert len({key_of(name) for name in named}) == len(named)
    most = ["population.stealth_firms=400", "population.pool_firms=800"]
    firms = firms_of(load("baseline", most))
    assert len(set(firms.keys.tolist())) == len(firms.keys)
    assert THE_WORLD not in firms.keys.tolist()
    of_choices = {int(key) ^ key_of(name) for key in firms.keys for name in ("buyer", "backer")}
    assert not of_choices & {key_of(name) for name in named}


def test_seeds_that_are_drawn_differ():
    seeds = {draw_seed() for _ in range(50)}
    assert len(seeds) > 45
    assert all(0 <= seed < 2**64 for seed in seeds)


# choosing a partner


def chosen(wealth, worlds=3000, candidates=(0, 2, 3), seed=4):
    one = luck(worlds, 5, seed)
    purse = np.broadcast_to(np.asarray(wealth, dtype=float), (worlds, len(candidates)))
    where = np.ones((worlds, 5), dtype=bool)
    return one.choose("buyer", 1, where, candidates, purse, np.full((worlds, 5), 10.0))


def test_those_who_can_pay_are_chosen_alike():
    slots = chosen([50.0, 50.0, 50.0])
    counts = [np.sum(slots == slot) for slot in (0, 2, 3)]
    assert sum(counts) == slots.size
    assert stats.chisquare(counts).pvalue > LEAST


def test_one_candidates_fall_moves_its_own_choosers_only():
    before, after = chosen([50.0, 50.0, 50.0]), chosen([50.0, 5.0, 50.0])
    np.testing.assert_array_equal(after[before != 2], before[before != 2])
    assert np.all(after != 2)
    assert np.all(chosen([1.0, 2.0, 10.0]) == -1)


def test_nobody_is_chosen_where_nobody_asks():
    one = luck(4, 5)
    none = np.zeros((4, 5), dtype=bool)
    assert np.all(one.choose("buyer", 0, none, (0, 1), np.ones((4, 2)), np.zeros((4, 5))) == -1)


# moving users one by one


def flows(worlds=400, tick=0):
    one = Luck(8, np.arange(worlds), FIRMS[:3])
    users = np.tile([120.0, 40.5, 0.0], (worlds, 1))
    unaware, idle = np.full((worlds, 1), 200.0), np.full((worlds, 1), 30.25)
    again, first = np.full((worlds, 1), 0.3), np.full((worlds, 1), 0.1)
    keeps = np.tile([0.5, 0.2, 0.0], (worlds, 1))
    inside = np.tile([0.8, 0.7, 0.6], (worlds, 1))
    inside_new, parts = np.full((worlds, 1), 0.6), np.tile([0.5, 0.3, 0.2], (worlds, 1))
    given = (users, unaware, idle)
    return given, one.flows(
        "flows", tick, *given, again, first, keeps, inside, inside_new, parts
    )  # fmt: skip


def test_sampled_flows_lose_nobody_and_move_whole_users():
    given, drawn = flows()
    total = [np.sum(part, -1) for part in given], [np.sum(part, -1) for part in drawn]
    np.testing.assert_allclose(sum(total[0]), sum(total[1]), rtol=1e-13)
    for old, new in zip(given, drawn, strict=True):
        assert np.all(new >= 0.0)
        np.testing.assert_allclose((new - old) % 1.0, 0.0, atol=1e-12)


def test_sampled_flows_have_the_expected_mean():
    (users, _, _), drawn = flows(worlds=4000)
    chooses = np.array([120.0, 40.0, 0.0]) * 0.3
    inside, keeps = np.array([0.8, 0.7, 0.6]), np.array([0.5, 0.2, 0.0])
    enters = (0.1 * 200 + 0.3 * 30) * 0.6
    moves = np.sum(chooses * (inside - keeps)) + enters
    expected = users[0] - chooses * (1 - keeps) + moves * np.array([0.5, 0.3, 0.2])
    error = drawn[0].std(axis=0) / np.sqrt(4000)
    assert np.all(np.abs(drawn[0].mean(axis=0) - expected) < 4 * error)
    assert abs(drawn[1].mean() - 180.0) < 4 * drawn[1].std() / np.sqrt(4000)


def test_sampled_flows_belong_to_world_and_tick():
    _, all_worlds = flows(5)
    _, fewer = flows(2)
    _, later = flows(5, tick=1)
    for whole, part, other in zip(all_worlds, fewer, later, strict=True):
        np.testing.assert_array_equal(part, whole[:2])
        assert not np.array_equal(other, whole)
