"""Luck: the published answers of its generator, identity, distributions, independence."""

from __future__ import annotations

import ast
from itertools import combinations
from pathlib import Path

import numpy as np
from draws import draw
from scipy import stats

import llm_market_sim
from llm_market_sim.market import luck
from llm_market_sim.market.luck import THE_WORLD, draw_seed, key_of, philox
from llm_market_sim.scenario import load
from llm_market_sim.simulation.initialisation import ids_of

FIRMS = np.array([key_of(f"firm-{i}") for i in range(200)], dtype=np.uint64)
LEAST = 1e-4  # p-value below which a test fails; seeds are fixed, so none fails by chance
KINDS = ("uniform", "exponential", "normal", "erlang4", "four_normals")


def test_known_answers_of_the_generator():
    """Philox4x32-10 gives what its authors publish (Random123, kat_vectors)."""
    for counter, key, answer in (
        ((0,) * 4, (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ):
        assert tuple(map(int, philox(*map(np.uint64, (*counter, *key))))) == answer


def test_a_draw_depends_on_its_name_only():
    """Not on how many worlds or firms there are, nor on their order."""
    for kind in KINDS:
        whole = draw(kind, "a", 3, seed=5, worlds=30, firms=FIRMS)
        fewer = draw(kind, "a", 3, seed=5, worlds=30, firms=FIRMS[:7])
        np.testing.assert_array_equal(fewer, whole[..., :7])
        alone = draw(kind, "a", 3, seed=5, worlds=[17], firms=FIRMS)
        np.testing.assert_array_equal(alone, whole[17:18])
        order = np.random.default_rng(1).permutation(200)
        moved = draw(kind, "a", 3, seed=5, worlds=np.arange(30)[::-1], firms=FIRMS[order])
        np.testing.assert_array_equal(moved, whole[::-1][..., order])


def test_every_part_of_the_name_counts():
    names = [
        ("a", 3, {}), ("a", 3, {"seed": 10}), ("a", 3, {"seed": 9 + 2**32}), ("b", 3, {}),
        ("a", 4, {}), ("a", 3, {"worlds": np.arange(50, 100)}), ("a", 3, {"firms": FIRMS[40:80]}),
    ]  # fmt: skip
    drawn = [draw("uniform", stream, k, **more) for stream, k, more in names]
    for one, other in combinations(drawn, 2):
        assert not np.any(one == other)


def test_the_world_has_luck_of_its_own():
    assert key_of("") != THE_WORLD
    assert draw("normal", "a", 2, firms=[THE_WORLD]).shape == (50, 1)


LAWS = {
    "uniform": stats.uniform, "exponential": stats.expon, "normal": stats.norm,
    "erlang4": stats.gamma(4, scale=0.25), "four_normals": stats.norm,
}  # fmt: skip


def test_distributions():
    """Across worlds and firms, and along k for one firm."""
    for kind, law in LAWS.items():
        wide = draw(kind, "a", 3, seed=21, worlds=250, firms=FIRMS).ravel()
        assert stats.kstest(wide, law.cdf).pvalue > LEAST, kind
        tail = np.mean(wide > law.ppf(0.999))
        assert abs(tail - 0.001) < 5 * np.sqrt(0.001 / len(wide)), kind
        ks = np.arange(2000.0)[:, None]
        along = draw(kind, "a", ks, seed=21, worlds=np.zeros(2000, int), firms=FIRMS[:1]).ravel()
        assert stats.kstest(along, law.cdf).pvalue > LEAST, kind


def test_uniforms_are_never_0_or_1():
    for word in map(np.uint64, (0, 0xFFFFFFFF)):
        for value in (luck.unit52(word, word), luck.unit32(word)):
            assert 0.0 < value < 1.0


def neighbours(seed):
    """Pairs of long sequences of uniforms whose names differ in one part by as little as can be."""

    def uniform(stream="round", k=0, seed=seed, first=0):
        worlds = np.arange(first, first + 101)
        return draw("uniform", stream, k, seed=seed, worlds=worlds, firms=FIRMS)

    base = uniform()
    yield "k", base, uniform(k=1)
    yield "world", base, uniform(first=1)
    yield "firm", base[:, :-1], base[:, 1:]
    yield "stream", base, uniform("round size")
    yield "seed", base, uniform(seed=seed + 1)
    words = draw("words", "round", seed=seed, worlds=101, firms=FIRMS)
    yield "words", words[:, 0] * 2.0**-32, words[:, 1] * 2.0**-32
    segments = stats.norm.cdf(draw("four_normals", "round", seed=seed, worlds=101, firms=FIRMS))
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
    words = draw("words", "bits", worlds=200, firms=FIRMS)
    for word in words.swapaxes(0, 1):
        ones = np.array([np.sum(word >> np.uint64(bit) & np.uint64(1)) for bit in range(32)])
        z = (ones - word.size / 2) / np.sqrt(word.size / 4)
        assert stats.chi2(32).sf(np.sum(z**2)) > LEAST
        assert np.all(word < 2**32)


def streams():
    """Every stream that the source names: given to `stream`, or to a `clock`."""
    found = set()
    for path in Path(llm_market_sim.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                first = node.args[0] if node.args else None
                if node.func.id in ("stream", "clock") and isinstance(first, ast.Constant):
                    found.add(first.value)
    return found


def test_no_two_names_share_a_key():
    named = sorted(streams())
    assert len(named) > 25
    assert len({key_of(name) for name in named}) == len(named)
    most = ["population.stealth_firms=400", "population.pool_firms=800"]
    keys = [key_of(firm) for firm in ids_of(load("baseline", most))]
    assert len(set(keys)) == len(keys)
    assert int(THE_WORLD) not in keys
    of_choices = {key ^ key_of(name) for key in keys for name in ("buyer", "backer")}
    assert not of_choices & {key_of(name) for name in named}


def test_seeds_that_are_drawn_differ():
    seeds = {draw_seed() for _ in range(50)}
    assert len(seeds) > 45
    assert all(0 <= seed < 2**64 for seed in seeds)


# choosing a partner


def chosen(market, cash):
    """Whom startups with rounds of 10 take for a backer, of three big techs with so much cash."""
    now = market(
        8,
        worlds=1500,
        seed=4,
        facts={"kind": ["bigtech", "startup"] * 3 + ["startup"] * 2},
        sets=["alliances.strategic_share=1"],
        cash=[cash[0], 0, cash[1], 0, cash[2], 0, 0, 0],
        round_ask=[0, 10, 0, 10, 0, 10, 0, 0],
        round_at=0.5,
    )
    return now.do("ally").state.backer[:, [1, 3, 5]]


def test_those_who_can_pay_are_chosen_alike_and_one_fall_moves_its_own_choosers_only():
    from market import market

    before, after = chosen(market, [150.0] * 3), chosen(market, [150.0, 15.0, 150.0])
    counts = [np.sum(before == slot) for slot in (0, 2, 4)]
    assert sum(counts) == before.size and stats.chisquare(counts).pvalue > LEAST
    np.testing.assert_array_equal(after[before != 2], before[before != 2])
    assert np.all(after != 2)
    assert np.all(chosen(market, [1.0, 2.0, 30.0]) == -1)
