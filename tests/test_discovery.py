"""PRIM and CART find a box that was planted, no box where there is none, and say so."""

import re
from contextlib import nullcontext
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import binom

from llm_market_sim.batch import Account
from llm_market_sim.claims import MAIN
from llm_market_sim.cli import experiment
from llm_market_sim.cli.commands.discover import discover as command
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.experiments import discovery, load_spec, prim
from llm_market_sim.experiments.discovery import Discovery, analyse, search_box
from llm_market_sim.experiments.prim import inside, search
from llm_market_sim.support.files import read_csv

for needed in ("ema_workbench", "sklearn"):  # without its seconds of loading where tests are listed
    if find_spec(needed) is None:
        pytest.skip("needs the optional extra: analysis", allow_module_level=True)

FILES = sorted((Path(__file__).parents[1] / "experiments").glob("discover_*.yaml"))
SMALL = """\
about: Is a box found again?
claim: three_to_five_survive
points: 400
parameters:
  compute.price_usd_per_gpu_hour: [1.5, 12]
  regulation.review_delay_weeks: [0, 52]
  users.inertia: [0.5, 2]
  users.flywheel: [0, 0.3]
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """planted(share) -> an experiment, and what is found in it: share of worlds, luck on top."""

    def plant(share):
        monkeypatch.setattr(prim, "RESAMPLES", 8)
        (tmp_path / "small.yaml").write_text(SMALL)
        loaded = load_spec(tmp_path / "small.yaml", Discovery)
        return loaded, analyse(loaded, planted_in(loaded, share))

    return plant


def planted_in(loaded, share):
    values = loaded.space.at(loaded.space.latin(loaded.spec.points, loaded.spec.seed))
    chance = share(dict(zip(loaded.space.names, values.T, strict=True)))[:, None]
    luck = np.random.default_rng(5).random((len(values), loaded.spec.worlds))
    return np.where(luck < chance, 4.0, 9.0)


@pytest.fixture
def command_of(tmp_path, monkeypatch):
    """command_of(share, *options): what the command prints of planted numbers, without a market."""

    def call(share, *options):
        def given(results, points):
            return {MAIN: planted_in(load_spec(tmp_path / "small.yaml", Discovery), share)}

        monkeypatch.setattr(prim, "RESAMPLES", 8)
        monkeypatch.setattr(experiment, "numbers_at", given)
        monkeypatch.setattr(experiment, "worked", lambda plan, how: nullcontext((None, made)))
        (tmp_path / "small.yaml").write_text(SMALL)
        done = CliRunner().invoke(command, [str(tmp_path / "small.yaml"), *options])
        assert done.exit_code == 0, done.output
        return done.stdout

    made = Account(SimpleNamespace(worlds=20, seed=1, shard=None))
    return call


def in_a_box(values):
    """Above 4 USD (of 1.5 to 12, in logarithms) and below 30 weeks, more worlds than elsewhere."""
    box = (values["compute.price_usd_per_gpu_hour"] > 4.0) & (
        values["regulation.review_delay_weeks"] < 30.0
    )
    return np.where(box, 0.75, 0.25)


def nowhere(values):
    return np.full(len(values["users.inertia"]), 0.45)


def limits_of(loaded, found):
    ranges = loaded.space.ranges
    return {
        (ranges[one.parameter].path, one.side): float(ranges[one.parameter].at(np.array(one.at)))
        for one in found.box.limits
    }


def test_a_planted_box_is_found(planted):
    loaded, found = planted(in_a_box)
    limits = limits_of(loaded, found)
    assert limits == {
        ("compute.price_usd_per_gpu_hour", "above"): pytest.approx(4.0, rel=0.08),
        ("regulation.review_delay_weeks", "below"): pytest.approx(30.0, abs=2.5),
    }
    box = found.box
    assert box.density > 0.95 and box.coverage > 0.85
    assert box.points == found.in_box.sum() == pytest.approx(400 * box.coverage * found.base_rate,
                                                             rel=0.06)  # fmt: skip
    assert found.again.better == 1.0 and found.again.unseen > 0.9
    assert np.all(found.again.restricted[:2] == 1.0)
    assert np.all(found.again.restricted[2:] <= 0.25)
    assert max(box.quasi_p) < 1e-6


def test_the_tree_asks_for_the_same(planted):
    loaded, found = planted(in_a_box)
    best, *rest = found.leaves
    limits = {(one.parameter, one.side): one.at for one in best.limits}
    assert set(limits) == {(0, "above"), (1, "below")}
    price, delay = loaded.space.ranges[:2]
    assert price.at(np.array(limits[0, "above"])) == pytest.approx(4.0, rel=0.05)
    assert delay.at(np.array(limits[1, "below"])) == pytest.approx(30.0, abs=1.5)
    assert best.share == pytest.approx(0.75, abs=0.03)
    assert all(leaf.share == pytest.approx(0.25, abs=0.05) for leaf in rest)
    assert best.points + sum(leaf.points for leaf in rest) == 400


@pytest.mark.slow
def test_in_noise_there_is_no_box(monkeypatch):
    """In 4 spaces of noise, with a base rate of about one half."""
    monkeypatch.setattr(prim, "RESAMPLES", 20)
    boxes = leaves = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        found = search_box(rng.random((100, 3)), rng.random((100, 20)) < 0.48, 0.5, seed)
        assert 0.2 < found.base_rate < 0.8
        boxes += found.box is not None
        leaves += len(found.leaves) > 1
    assert boxes == 0 and leaves <= 1


def test_quasi_p_is_the_chance_of_so_many_without_the_limit(planted):
    _, found = planted(in_a_box)
    for limit, chance in zip(found.box.limits, found.box.quasi_p, strict=True):
        others = [one for one in found.box.limits if one != limit]
        rate = found.yes[inside(found.unit, others)].mean()
        hits = found.yes[found.in_box].sum()
        assert chance == pytest.approx(
            binom.sf(hits - 1, found.box.points, rate), rel=1e-6, abs=0.0
        )


def test_limits_that_could_be_chance_are_dropped():
    dropped = set()
    for seed in range(4):
        rng = np.random.default_rng(seed)
        unit = rng.random((300, 8))
        found = search(unit, rng.random(300) < 0.8 * unit[:, 0])
        assert 0 in found.chosen.parameters
        for parameter in found.chosen.parameters:
            pairs = zip(found.chosen.limits, found.chosen.quasi_p, strict=True)
            assert min(chance for one, chance in pairs if one.parameter == parameter) < 0.05
        dropped |= {parameter for parameter, _ in found.dropped}
    assert dropped and 0 not in dropped


def test_a_box_must_do_better_in_95_of_100_halves(planted):
    _, found = planted(in_a_box)
    for better, told in [(0.96, True), (0.94, False)]:
        again = replace(found.again, better=better)
        assert (replace(found, again=again).box is not None) == told


@pytest.mark.parametrize("holds", [True, False])
def test_where_all_points_agree_there_is_no_box(holds):
    unit = np.random.default_rng(1).random((40, 2))
    found = search_box(unit, np.full((40, 20), holds), 0.5, 1)
    assert found.box is None and found.base_rate == float(holds) and not found.in_box.any()


# The command


def test_the_command_tells_and_keeps(command_of, tmp_path):
    out = tmp_path / "kept"
    told = " ".join(command_of(in_a_box, "--out", str(out)).split())
    assert "compute.price_usd_per_gpu_hour (what an hour costs a lessor" in told
    assert "(the base rate)" in told and "(density)" in told and "(coverage)" in told
    assert re.search(r"and in 7\d % of worlds there, against 4\d % of all;", told)
    assert "of what the box restricts, that is compute.price_usd_per_gpu_hour and" in told
    points = read_csv(out / "points.csv")
    assert len(points) == 400
    boxes = read_csv(out / "boxes.csv")
    reported = {row["parameter"]: row for row in boxes if row["box"] == "reported"}
    price = reported["compute.price_usd_per_gpu_hour"]
    low = float(price["limit"])
    high = float(reported["regulation.review_delay_weeks"]["limit"])
    mine = [
        row for row in points
        if float(row["compute.price_usd_per_gpu_hour"]) >= low
        and float(row["regulation.review_delay_weeks"]) <= high
    ]  # fmt: skip
    assert [row["in_box"] for row in mine] == ["1"] * int(price["points"])
    assert sum(row["in_box"] == "1" for row in points) == len(mine)
    held = [row for row in mine if float(row["share"]) >= 0.5]
    assert float(price["density"]) == pytest.approx(len(held) / len(mine))


def test_the_command_says_that_there_is_no_box(command_of):
    told = " ".join(command_of(nowhere).split())
    assert "No box beats it reliably" in told and "finds no split" in told


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_runs(file, tmp_path, monkeypatch):
    monkeypatch.setattr(prim, "RESAMPLES", 2)
    copy = tmp_path / file.name
    small = "settings: [population.stealth_firms=4, population.pool_firms=4]\n"
    copy.write_text(file.read_text() + small)
    arguments = [str(copy), "--points", "10", "-j", "1", "--out", str(tmp_path / "kept")]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert "points (the base rate)" in done.stdout or "no box to find" in done.stdout


def test_one_world_a_point_is_refused(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL + "worlds: 1\n")
    with pytest.raises(InputError, match=r"small.yaml:9:\d+: worlds"):
        load_spec(tmp_path / "small.yaml", Discovery)


def test_without_the_extra_it_says_what_to_install(planted, monkeypatch):
    monkeypatch.setattr(discovery, "find_spec", lambda name: None)
    with pytest.raises(MarketSimError, match=r"pip install 'llm-market-sim\[analysis\]'"):
        discovery.plan(planted(nowhere)[0])
