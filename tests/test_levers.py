"""Levers do what they say, move what the documentation says, and no parameter is dead."""

from pathlib import Path

import numpy as np
import pytest
from drawn import faults, words

from llm_market_sim.errors import InputError
from llm_market_sim.experiments import screen as screening
from llm_market_sim.experiments.levers import (
    OUTCOMES,
    WEEKS,
    effects,
    load_levers,
    read_grid,
    sizes_of,
)
from llm_market_sim.figures import Origin, alt_text, lever_map, levers_chart
from llm_market_sim.scenario import data_folder, load, scenarios
from llm_market_sim.support.files import read_csv

DOCS = Path(__file__).parents[1] / "docs"
LEVERS, SIZES = load_levers(), sizes_of(data_folder() / "levers.csv")
ORIGIN = Origin(256, 1, load("baseline").label)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def moved(lever):
    """Outcomes that it moves by half a deviation, by the documentation's numbers."""
    return {outcome for (outcome, _), size in SIZES[lever].items() if abs(size) >= 0.5}


def test_the_table_has_every_lever_and_every_shipped_scenario_is_one():
    assert list(SIZES) == list(LEVERS), "run: make levers"
    assert {"baseline"} | {one.scenario for one in LEVERS.values()} == set(scenarios())
    for sizes in SIZES.values():
        assert set(sizes) == {(outcome, week) for outcome in OUTCOMES for week in WEEKS}


def test_the_strong_levers_move_two_outcomes_and_the_page_says_why_others_do_not():
    strong = [name for name, lever in LEVERS.items() if lever.strong]
    assert len(strong) == 9
    assert {name: moved(name) for name in strong if len(moved(name)) < 2} == {}
    assert [name for name in LEVERS if len(moved(name)) < 2 and not LEVERS[name].why] == []
    assert [name for name in LEVERS if len(moved(name)) >= 2 and LEVERS[name].why] == []


def test_some_levers_turned_again_move_what_the_page_says():
    """64 worlds: the sign, and the size to two fifths and a third of a deviation."""
    some = ["no_venture_money", "parents_x01", "rent_x3", "review_34", "pause_at_home"]
    found = {(e.lever, e.outcome, e.week): e.size for e in effects(load_levers(some).values(), 64)}
    for (lever, outcome, week), size in found.items():
        told = SIZES[lever][outcome, week]
        assert abs(size - told) < 0.34 + 0.4 * abs(told), (lever, outcome, week, size, told)
        if abs(told) >= 0.8:
            assert np.sign(size) == np.sign(told), (lever, outcome, week, size, told)


def test_worlds_lie_as_far_apart_as_in_the_first_market_but_for_what_the_page_names():
    kept = {}
    first = {(row["outcome"], int(row["week"])): row for row in read_csv(DOCS / "first_market.csv")}
    for row in read_csv(data_folder() / "levers.csv"):
        key = row["outcome"], int(row["week"])
        kept[key] = float(row["spread"]) / float(first[key]["deviation"])
    assert {key for key, ratio in kept.items() if ratio < 0.8} == {("trainers", 78)}
    assert kept["trainers", 37] > 1.0 > 0.85 > kept["revenue", 78]


def test_a_lever_multiplies_cash_by_kind_and_values_by_path():
    before, after = load("baseline"), LEVERS["no_startup_money"].apply()
    for name, player in before.players.items():
        factor = 0.1 if player.kind == "startup" else 1.0
        assert after.players[name].cash_musd.value == pytest.approx(factor * player.cash_musd.value)
    assert after.funding.pool_start_musd == after.funding.inflow_musd_per_week == 0.0
    winter = LEVERS["funding_winter_october"].apply()
    assert [str(event.date) for name, event in winter.events if name == "winter"] == ["2023-10-16"]


def test_an_unknown_lever_is_answered_with_the_nearest():
    with pytest.raises(InputError, match='did you mean "rent_x3"'):
        load_levers(["rent_x4"])


@BOTH
def test_the_table_is_drawn_whole(language):
    labels = {name: lever.name for name, lever in LEVERS.items()}
    figure = levers_chart(labels, SIZES, list(OUTCOMES), WEEKS, ORIGIN, language)
    assert faults(figure) == []
    shown = " ".join(words(figure))
    assert all(label[language] in shown for label in labels.values())
    assert str(len(labels)) in alt_text(figure)


@BOTH
def test_the_map_is_drawn_whole(language):
    grid = read_grid(DOCS / "levers_map.csv")
    assert all(sizes[grid.usual] == 0.0 for sizes in grid.sizes.values())
    figure = lever_map(
        grid.rents,
        grid.reviews,
        grid.sizes,
        grid.usual,
        ["platforms", "revenue"],
        WEEKS,
        ORIGIN,
        language,
    )
    assert faults(figure) == []


def test_the_map_says_what_the_page_says():
    """Review acts on who is there, in 2023; rent on models, later; on consumers both."""
    grid = read_grid(DOCS / "levers_map.csv")
    i, j = grid.usual
    rent = {key: sizes[-1, j] for key, sizes in grid.sizes.items()}
    review = {key: sizes[i, -1] for key, sizes in grid.sizes.items()}
    both = {key: sizes[-1, -1] for key, sizes in grid.sizes.items()}
    assert review["platforms", 37] < -1.5 and review["g67", 37] > 1.5
    assert abs(review["platforms", 78]) < 0.5 * abs(review["platforms", 37])
    assert review["startup_share", 37] > 0.5 and review["users_consumer", 78] < -1.0
    assert max(abs(review[name, w]) for name in ("best_startup", "best_capability", "trainers")
               for w in WEEKS) < 0.2  # fmt: skip
    assert rent["best_startup", 78] < -1.0 and rent["trainers", 78] < -0.5
    assert rent["startup_share", 78] < -0.3 and abs(rent["startup_share", 37]) < 0.2
    assert max(abs(rent["platforms", w]) for w in WEEKS) < 0.5
    apart = {key: abs(both[key] - rent[key] - review[key]) for key in both}
    few_left = apart.pop(("users_consumer", 37))
    assert few_left > 0.5 > max(apart.values())


# ---- no dead parameter ----


def test_every_parameter_moves_something():
    """By a fifth of a deviation, in the baseline or in a scenario that is made for it."""
    rows = read_csv(DOCS / "screen.csv")
    named = [".".join(row["parameter"].split(".")[:2]) for row in rows]
    assert named == screening.parameters(), "run: make screen"
    dead = {row["parameter"]: row["size"] for row in rows if abs(float(row["size"])) < 0.2}
    assert not dead


def test_a_screen_measures_in_other_worlds_than_it_picks_in():
    """Luck alone: eight outcomes, of which one looks moved in the even worlds only."""
    names, worlds = list(OUTCOMES)[:8], 40
    rng = np.random.default_rng(2)
    usual = {(week, name): rng.normal(size=worlds) for week in WEEKS for name in names}
    other = {key: values.copy() for key, values in usual.items()}
    other[37, names[3]][0::2] += 3.0  # where it picks
    other[78, names[5]][1::2] += 2.0  # where it measures
    found = screening._largest("x.y", "baseline", [("a", usual), ("b", other)], usual, names)
    assert (found.outcome, found.week, found.of) == (names[3], 37, "mean")
    assert found.size == pytest.approx(0.0, abs=1e-12)


def test_a_spread_that_moves_is_found():
    usual = {(week, "hype"): np.linspace(-1, 1, 80) for week in WEEKS}
    other = {key: 3.0 * values for key, values in usual.items()}
    found = screening._largest("x.y", "baseline", [("a", usual), ("b", other)], usual, ["hype"])
    assert found.of == "spread" and found.size == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("frontier.paused", [True]),
        ("compute.cluster_speed_means", ["more_gpus"]),
        ("training.step_up", [4, 10]),
        ("funding.size_by_stage_musd", [[5, 20, 60, 150, 300], [20, 80, 240, 600, 1200]]),
        ("regulation.licence_needed", None),
        ("users.inertia", [0.5, 1.5]),
        ("users.inertia.public", [1.5, 4.5]),
    ],
)
def test_each_kind_of_parameter_has_values_to_try(path, values):
    found = screening.values_of(load("baseline"), path)
    if values is not None:
        assert found == values
    else:
        assert [set(one.values()) for one in found] == [{0.0}, {1.0}]


def test_a_screen_of_one_parameter_and_of_none():
    [one] = screening.screen(load("baseline", ["horizon_weeks=78"]), 8, paths=["cards.deliveries"])
    assert (one.path, one.scenario, one.low, one.high) == (
        "cards.deliveries",
        "baseline",
        "1",
        "0.5",
    )
    with pytest.raises(InputError, match=r"cards\.deliveries"):
        screening.known(["cards.delivery"])
