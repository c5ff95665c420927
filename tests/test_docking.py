"""Another market: its data, its bands, and that a verdict can go either way."""

import datetime as dt
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from llm_market_sim.experiments.docking import BANDS, FILE, Band, dock, observed, verdict, week_of
from llm_market_sim.figures import Origin, alt_text, docking_chart
from llm_market_sim.scenario import data_folder, load, scenarios

ROOT = Path(__file__).parents[1]


def test_one_counter_is_used_and_its_shares_lie_in_the_bands():
    seen = observed()
    assert [one.sites for one in seen] == [5058, 3626, 2200, 213, 176]
    assert [one.week for one in seen] == [78, 104, 117, 200, 226]
    assert all(one.grade in "ABC" for one in seen)
    by_week = {band.week: band for band in BANDS if band.name.startswith("survivors")}
    for one in seen[1:]:
        band = by_week[one.week]
        assert band.low <= one.sites / seen[0].sites <= band.high


def test_entry_in_the_scenario_is_what_was_launched():
    """Sites launched between two counts, in firms of thirty, over the weeks between them."""
    scenario = load(data_folder() / FILE)
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


def test_it_is_found_by_its_path_only():
    assert "group_buying" not in scenarios() and "players" not in scenarios()
    assert load(data_folder() / FILE).players == {}


def test_a_verdict_is_that_of_the_median_world():
    band = Band("x", "a number", 1, 0.2, 0.4)
    assert verdict(band, np.array([0.0, 0.3, 0.9])) == "holds"
    assert verdict(band, np.array([0.3, 0.5, 0.9])) == "fails"


def test_a_drought_leaves_fewer_and_money_decides():
    """Minimal pairs on the same luck."""
    usual, wet = dock(8, 1), dock(8, 1, ["timeline.drought=null"])
    poor = dock(8, 1, ["population.seed_cash_musd.startup=0.8"])
    last = BANDS[3].name
    assert np.mean(usual.numbers[last]) < np.mean(wet.numbers[last])
    assert np.mean(poor.numbers[last]) < np.mean(usual.numbers[last])
    assert np.all(usual.survivors <= 1.0) and np.all(usual.peak > 30.0 * 120)
    assert np.all(usual.numbers["leader"] <= usual.numbers["first_five"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_counts_the_bands_that_are_met(language):
    alive = np.linspace([1.0, 1.0], [0.05, 0.07], 227, axis=1)
    asked = [(104, 0.5, 0.6), (226, 0.02, 0.08), (200, 0.5, 0.6)]
    figure = docking_chart(
        alive, [(78, 1.0), (226, 0.03)], asked, [(44, 2011)], Origin(2, 1), language
    )
    text = alt_text(figure)
    assert "6" in text and "3 %" in text.replace("3%", "3 %") and "2" in text


@pytest.mark.slow
def test_the_command_writes_what_the_page_is_made_of(tmp_path):
    file = ROOT / "experiments" / "group_buying.py"
    done = subprocess.run(
        [sys.executable, file, "--worlds", "2", "--out", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "bands are met" in done.stdout
    names = {row.split(",")[0] for row in (ROOT / "docs/group_buying.csv").read_text().split("\n")}
    assert names == {
        row.split(",")[0] for row in (tmp_path / "group_buying.csv").read_text().split("\n")
    }
