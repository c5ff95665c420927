"""Other markets: their data, their bands, and that a verdict can go either way."""

import csv
import datetime as dt
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.experiments import docking
from llm_market_sim.experiments.docking import (
    BIG_TOO_FAST,
    CASES,
    GROUP_BUYING,
    PEAK_WEEK,
    SHAKEOUT,
    SPEEDS,
    YEARS,
    Band,
    industries,
    observed,
    week_of,
)
from llm_market_sim.figures import Origin, alt_text, docking_chart
from llm_market_sim.scenario import load, scenarios

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "experiments" / "get_big_fast.py"


def test_one_counter_is_used_and_its_shares_lie_in_the_bands():
    seen = observed()
    assert [one.firms for one in seen] == [5058, 3626, 2200, 213, 176]
    assert [one.week for one in seen] == [78, 104, 117, 200, 226]
    assert all(one.grade in "ABC" for one in seen)
    by_week = {band.week: band for band in GROUP_BUYING.bands if band.week is not None}
    for one in seen[1:]:
        band = by_week[one.week]
        assert band.low <= one.of_peak <= band.high


def test_the_four_industries_lie_in_their_band_and_within_the_horizon():
    lows, band = industries(), SHAKEOUT.bands[0]
    assert {name: one.firms for name, one in lows.items()} == {
        "cars": 7,
        "tyres": 23,
        "televisions": 3,
        "penicillin": 5,
    }
    assert all(band.low < one.of_peak <= band.high for one in lows.values())
    scenario = load(SHAKEOUT.file)
    assert all(PEAK_WEEK < one.week <= scenario.horizon_weeks for one in lows.values())
    assert len(set(industries("zh")) - set(lows)) == 4


def test_entry_into_the_shakeout_ends_as_it_was_counted():
    data, events = SHAKEOUT.data(), dict(load(SHAKEOUT.file).events)
    least, most = map(float, data["S05"]["value"].split(";"))
    build_up = PEAK_WEEK * YEARS / 52
    assert build_up == pytest.approx((least + most) / 2, abs=0.1)
    begins = {name: (one.date - dt.date(2023, 4, 17)).days / 7 for name, one in events.items()}
    assert begins["after_the_peak"] == PEAK_WEEK
    years = (begins["closed"] - PEAK_WEEK) * YEARS / 52
    assert years == pytest.approx(float(data["S06"]["value"]), abs=0.1)


def test_what_big_too_fast_takes_from_elsewhere():
    """Speeds from the data and the baseline; learning worth a cost 30 % lower a doubling; a rent at
    which owning just pays."""
    data, p, usual = BIG_TOO_FAST.data(), load(BIG_TOO_FAST.file), load("baseline")
    own, mean = map(float, data["B02"]["value"].split(";"))
    assert SPEEDS["slow"] == (own, mean)
    assert SPEEDS["fast"] == (own, float(data["B03"]["value"].split(";")[1]))
    u = usual.users
    assert SPEEDS["as_here"] == (
        u.innovation_per_year["consumer"],
        u.imitation_per_year["consumer"],
    )
    doublings = math.log2(10.0)
    worth = u.price_weight["consumer"] * -math.log(0.7) * doublings / u.quality_weight["consumer"]
    assert p.users.flywheel == pytest.approx(worth, rel=0.01)
    hours = 8760 * p.compute.usable_share
    owning = 0.4 * p.cards.price_usd / hours + p.compute.own_cost_usd
    assert p.compute.price_usd_per_gpu_hour == pytest.approx(owning, rel=0.01)


def test_entry_in_the_scenario_is_what_was_launched():
    """Sites launched between two counts, in firms of thirty, over the weeks between them."""
    scenario = load(GROUP_BUYING.file)
    rates = [scenario.entry.intensity_per_week] + [
        event.set["entry.intensity_per_week"]
        for _, event in scenario.events
        if "entry.intensity_per_week" in event.set
    ]
    counts = [
        (dt.date(2010, 3, 1), 0),
        (dt.date(2010, 7, 23), 1000),
        (dt.date(2011, 1, 3), 2000),
        (dt.date(2011, 9, 12), 5700),
        (dt.date(2013, 6, 30), 6218),
    ]
    for rate, ((a, few), (b, many)) in zip(rates, pairwise(counts), strict=True):
        assert rate == pytest.approx((many - few) / 30.0 / ((b - a).days / 7.0), rel=0.03)
    ends = [week_of(day) for day, _ in counts[1:-1]]
    starts = [
        (event.date - dt.date(2023, 4, 17)).days // 7
        for name, event in scenario.events
        if name != "drought"
    ]
    assert np.abs(np.subtract(starts, ends)).max() <= 1


def test_they_are_found_by_their_paths_only():
    assert not {"players", *(case.name for case in CASES)} & set(scenarios())
    assert [len(load(case.file).players) for case in CASES] == [0, 0, 2]


def test_a_verdict_is_that_of_the_median_world_or_of_the_mean_with_its_interval():
    band = Band("x", "a number", 0.2, 0.4)
    for x, said in (([0.0, 0.3, 0.9], "holds"), ([0.3, 0.5, 0.9], "fails")):
        assert SHAKEOUT.verdict(band, *SHAKEOUT.spread(np.array(x))) == said
    above = Band("x", "a gain", 0.0, np.inf)
    for x, said in (([1, 2, 3, 2], "holds"), ([-9, 9, -8, 9], "undecided"), ([-1, -2], "fails")):
        assert BIG_TOO_FAST.verdict(above, *BIG_TOO_FAST.spread(np.array(x))) == said
    assert SHAKEOUT.verdict(above, 0.0, 0.0, 0.0) == "fails"


def test_a_drought_leaves_fewer_and_money_decides():
    """Minimal pairs on the same luck."""
    usual, wet = (GROUP_BUYING.dock(8, 1, one) for one in ([], ["timeline.drought=null"]))
    poor = GROUP_BUYING.dock(8, 1, ["population.seed_cash_musd.startup=0.8"])
    last = GROUP_BUYING.bands[3].name
    assert np.mean(usual.numbers[last]) < np.mean(wet.numbers[last])
    assert np.mean(poor.numbers[last]) < np.mean(usual.numbers[last])
    assert np.all(usual.survivors <= 1.0) and np.all(usual.peak > 120)
    assert np.all(usual.numbers["leader"] <= usual.numbers["first_five"])


def test_the_numbers_of_a_shakeout_by_hand(monkeypatch):
    """Two worlds of six firms, which enter in the order 0 1 3 2 4 5: in one both late ones leave
    first, then one in between, then an early one; in the other a late one is all that leaves."""
    never, nobody = np.inf, [0.0] * 7
    closed = [[5.5, never, 4.5, never, 3.4, 3.5, never], [never] * 4 + [3.4, never, never]]
    state = SimpleNamespace(
        entered_at=np.array([[0.0, 0.1, 1.3, 1.2, 1.4, 1.5, never]] * 2),
        closed_at=np.array(closed),
        users=np.array([[[0, 6, 0, 2, 0, 0, 0], nobody]] * 2),
        price=np.array([[[0, 5, 0, 5, 0, 0, 0], nobody]] * 2),
    )
    series = {
        "firms_alive": np.array([[0, 3, 6, 6, 4, 3, 2], [0, 3, 6, 6, 5, 5, 5]]),
        "entered": np.array([[0, 2, 6, 6, 6, 6, 6]] * 2),
        "users_consumer": np.zeros((2, 7)),
        "users_enterprise": np.array([[0, 2, 4, 5, 6, 7, 8.0]] * 2),
        "revenue": np.array([[0, 9, 40, 9, 9, 9, 40.0]] * 2),
    }
    run = SimpleNamespace(series=series, weeks=np.arange(7.0), final=state)
    monkeypatch.setattr(docking, "simulate", lambda *_, **__: run)
    found = {name: x.tolist() for name, x in SHAKEOUT.dock(2, 1).numbers.items()}
    assert found == {
        "low": [2 / 6, 5 / 6],
        "late_die_first": [1.0, 0.5],
        "late_die_more": [0.5, 0.5],
        "early_lead": [0.75, 0.75],
        "price": [0.5, 0.5],
        "output": [2.0, 2.0],
    }


def test_who_came_early_goes_first_unless_money_and_users_hold():
    rich = SHAKEOUT.variants["the same, and four times the money"]
    usual, held = (SHAKEOUT.dock(6, 1, one).numbers for one in ([], rich))
    assert np.all(usual["late_die_first"] < 0.0)
    assert np.all(usual["late_die_first"] < held["late_die_first"])
    assert np.all(usual["low"] < held["low"])


def test_capacity_is_ordered_for_the_target_share_of_what_is_expected():
    load_plugins([POLICIES])
    decide = sys.modules["get_big_fast"].plan(0.8, "at_cost")
    market = SimpleNamespace(users={"a": 600.0, "b": 400.0})
    firm = SimpleNamespace(
        market=market,
        users=600.0,
        use=600.0,
        use_so_far=31200.0,
        unit_hours=10.08,
        cards=40.0,
        cards_ordered=20.0,
    )
    wish = decide(firm)  # a fifty-second a week: twice as much in a year
    assert wish["cards_musd"] == pytest.approx((0.8 * 2000 * 0.1 - 60) * 0.03 * 4)
    assert wish["price"] == "at_cost"
    firm.users, firm.cards = 801.0, 500.0
    assert decide(firm)["price"] == "by_rule" and decide(firm)["cards_musd"] == 0.0


def test_who_gets_big_in_vain_gains_nothing():
    """The usual strategy called aggression changes no world; a price at cost with capacity does."""
    load_plugins([POLICIES])
    alike = BIG_TOO_FAST.variants["nobody prefers either, nobody stays"]
    same = BIG_TOO_FAST.dock(2, 1, ["players.challenger.policy=accommodate"])
    assert all(np.all(x == 0.0) for x in same.numbers.values())
    found = {name: x[0] for name, x in BIG_TOO_FAST.dock(2, 1, alike).numbers.items()}
    assert found["as_here"] < found["fast"] < 0.0 < found["slow"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figures_say_what_is_left(language):
    alive = np.linspace([1.0, 1.0], [0.05, 0.07], 227, axis=1)
    asked = [(104, 0.5, 0.6), (226, 0.02, 0.08), (200, 0.5, 0.6)]
    counted = [(78, 1.0, ""), (226, 0.03, "")]
    figure = docking_chart(alive, counted, asked, [(44, 2011)], Origin(2, 1), language)
    text = alt_text(figure)
    assert "6" in text and "3 %" in text.replace("3%", "3 %") and "2" in text
    lows = [(200, 0.17, "x"), (210, 0.03, "y")]
    figure = docking_chart(alive, lows, asked, [(44, 1)], Origin(2, 1), language, words="shakeout")
    assert all(share in alt_text(figure) for share in ("3", "6", "17"))


def test_what_the_page_says_beside_its_tables():
    """Of other assumptions, in docs/docking.csv: four times the money is enough for a shakeout; the
    signs of getting big fast turn with learning, luck and habit, and not with chips for hire."""
    rows = {(row["case"], row["variant"], row["number"]): row for row in table(ROOT / "docs")}

    def middle(case, variant, number):
        return float(rows[case.name, variant, number]["middle"])

    enough = "the same, and four times the money"
    for band in SHAKEOUT.bands:
        assert band.low < middle(SHAKEOUT, enough, band.name) <= band.high
    slow, fast, here = (
        {name: middle(BIG_TOO_FAST, name, speed) for name in BIG_TOO_FAST.variants}
        for speed in SPEEDS
    )
    assert 0.0 < slow["as it is"] < fast["as it is"] < here["as it is"]
    less, alike, hire = list(slow)[3:]
    assert 0.0 > slow[less] > fast[less] > here[less]
    assert slow[alike] > 0.0 > fast[alike] > here[alike]
    assert all(one[hire] == pytest.approx(one[alike], rel=0.01) for one in (slow, fast, here))
    most = [one["the capacity alone"] / one["as it is"] for one in (slow, fast, here)]
    assert min(most[:2]) > 0.95 > most[2]
    assert here["the price alone"] > 10 * max(slow["the price alone"], fast["the price alone"], 0)


def table(folder):
    with (folder / "docking.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_the_command_writes_what_the_page_is_made_of(tmp_path):
    file = ROOT / "experiments" / "docking.py"
    done = subprocess.run(
        [sys.executable, file, "--worlds", "3", "--out", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("bands are met") == len(CASES)
    assert {one.name for one in tmp_path.iterdir()} == {
        "docking.csv",
        "group_buying.png",
        "shakeout.png",
    }

    asked = [
        [(row["case"], row["variant"], row["number"]) for row in table(folder)]
        for folder in (ROOT / "docs", tmp_path)
    ]
    assert asked[0] == asked[1]
