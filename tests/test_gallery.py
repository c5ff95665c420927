"""Figures of a stored batch: of its numbers, in both languages, and of worlds that are its own."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from drawn import by_turns, faults, words
from ran import live

from llm_market_sim import load, open_results, simulate
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.lives import life_table
from llm_market_sim.figures import alt_text, gallery, style
from llm_market_sim.figures.gallery import (
    of_claims,
    of_definitions,
    of_distribution,
    of_pairs,
    of_rerun,
    of_weeks,
)
from llm_market_sim.figures.gallery import rerun as module
from llm_market_sim.figures.gallery.entry import Asked
from llm_market_sim.figures.gallery.rerun import rerun
from llm_market_sim.market.observation import SERIES, composite_shares
from llm_market_sim.metrics import METRICS
from llm_market_sim.metrics.firms import FirmShare
from llm_market_sim.results.manifest import about
from llm_market_sim.scenario import scenarios
from llm_market_sim.scenario.facts import completed, from_facts
from llm_market_sim.summary.statistics import QUANTILES

SETS = ["population.stealth_firms=3", "population.pool_firms=4", "funding.patience_weeks=30"]
NAMES = ["baseline", "strict_review", "price_war"]
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def batch(out, names, worlds, *more):
    sets = [word for one in SETS for word in ("--set", one)]
    given = ["batch", *names, "-n", str(worlds), "--seed", "3", "-j", "1", "--out", str(out)]
    assert main([*given, *sets, *more]) == 0
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """12 worlds of three scenarios, each with a parameter of its own."""
    return batch(tmp_path_factory.mktemp("gallery") / "kept", NAMES, 12)


@pytest.fixture(scope="module")
def results(folder):
    return open_results(folder)


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """One world of one scenario that ends before the claim."""
    out = tmp_path_factory.mktemp("gallery") / "short"
    return batch(out, ["baseline"], 1, "--set", "horizon_weeks=9")


@by_turns("name", gallery.FIGURES, "zh")  # those of a projector begin in English
def test_every_figure_can_be_drawn_and_read(results, name, language):
    figure = gallery.draw(results, name, language=language)
    assert faults(figure) == []
    said = " ".join(words(figure))
    assert re.search("seed 3|随机种子3", said) and "{" not in said + alt_text(figure)
    for text in (alt_text(figure), gallery.FIGURES[name].title[language]):
        assert bool(re.search("[一-鿿]", text)) == (language == "zh")


def test_what_is_available_is_what_the_folder_holds_enough_for(results, short):
    assert gallery.available(results) == list(gallery.FIGURES)
    alone = gallery.available(open_results(short))
    assert "fan" in alone and "survivors" not in alone
    with pytest.raises(gallery.NotEnough, match="no claim about the number of platforms"):
        gallery.check(open_results(short), "survivors")


# The numbers are those of the tables


def drawn(monkeypatch, place, name):
    """What a figure is given, by spying on the function that draws it."""
    seen = []
    real = getattr(place, name)
    monkeypatch.setattr(place, name, lambda *given: seen.append(given) or real(*given))
    return seen


@pytest.mark.parametrize("outcome", ["revenue", "three_to_five_survive", "firm_share firm=baidu"])
def test_a_distribution_shows_the_number_in_every_world(results, outcome, monkeypatch):
    seen = drawn(monkeypatch, of_distribution, "distribution_chart")
    gallery.draw(results, "distribution", outcome=outcome)
    [(rows, *_)] = seen
    assert [row.label["en"] for row in rows] == [load(name).label["en"] for name in NAMES]
    for name, row in zip(NAMES, rows, strict=True):
        if outcome == "revenue":
            again = results.column("worlds", "revenue", name)
        elif outcome == "three_to_five_survive":
            again = results.numbers(name)[outcome]
        else:
            run = simulate(load(name, SETS), worlds=12, seed=3)
            again = METRICS["firm_share"].rule(run, 78.0, FirmShare(firm="baidu"))
        assert np.array_equal(row.values, again)
    both = [row.values for row in rows[:2]]
    assert rows[0].change is None and rows[1].change.mean == pytest.approx(
        (both[1] - both[0]).mean()
    )


def test_rows_are_the_scenarios_that_were_named_in_that_order(results, folder, monkeypatch, capsys):
    seen = drawn(monkeypatch, of_distribution, "distribution_chart")
    gallery.draw(results, "distribution", only=["price_war", "baseline"])
    assert [row.label["en"] for row in seen[0][0]] == ["Price war", "The article's baseline"]
    say = ["plot", str(folder), "headline"]
    assert main([*say, "--scenario", "baseline"]) == 2
    assert "changes nothing of headline" in capsys.readouterr().err
    assert main([*say, "--of", "revenue"]) == 2
    assert main(["plot", str(folder), "distribution", "--of", "revenu"]) == 2
    assert 'did you mean "revenue"' in capsys.readouterr().err


def test_a_fan_shows_the_quantiles_of_the_series(results, monkeypatch):
    seen = drawn(monkeypatch, of_weeks, "fan_chart")
    gallery.draw(results, "fan", scenario="price_war", series="users_consumer")
    [[shown, origin, _]] = seen
    lists = ", ".join(f"quantile_cont(users_consumer::DOUBLE, {q})" for q in QUANTILES)
    asked = f"SELECT {lists} FROM series WHERE scenario = 'price_war' GROUP BY week ORDER BY week"
    np.testing.assert_allclose(shown.quantiles.T, results.sql(asked).fetchall(), rtol=1e-12)
    ends = results.column("worlds", "users_consumer", "price_war")
    counted = np.histogram(ends, shown.edges)[0] / len(ends)
    assert shown.heights.tolist() == counted.tolist() and origin.worlds == 12
    outermost = [ends.min(), ends.max()]  # in double precision, as `worlds` has them
    np.testing.assert_allclose(shown.edges[[0, -1]], outermost, rtol=1e-8)
    assert origin.scenario["en"] == load("price_war").label["en"]


def test_weekly_figures_show_the_numbers_of_a_run(results, monkeypatch):
    """Entry, exit and the race, from single precision."""
    run = simulate(load("baseline", SETS), 12, 3)
    seen = drawn(monkeypatch, of_weeks, "lives_chart")
    gallery.draw(results, "entry_exit")
    found = seen[0][0]
    assert found.exits[0, -1] == np.mean(run.series["acquired"][:, -1])
    assert found.alive[2].tolist() == np.median(run.series["general_developers"], axis=0).tolist()
    seen = drawn(monkeypatch, of_weeks, "race_chart")
    gallery.draw(results, "race")
    best = np.quantile(run.series["best_capability"], QUANTILES, axis=0)
    np.testing.assert_allclose(seen[0][0].best, best, rtol=1e-6)


def test_survivors_and_claims_show_the_verdicts_of_the_batch(results, folder, monkeypatch):
    seen = drawn(monkeypatch, of_claims, "survivors")
    gallery.draw(results, "survivors")
    rows = {row.label["en"]: row.held.share for row in seen[0][0]}
    asked = """SELECT scenario, avg((x BETWEEN 3 AND 5)::INT) FROM claims
               WHERE claim = 'three_to_five_survive' GROUP BY scenario"""
    shares = dict(results.sql(asked).fetchall())
    assert rows == {load(name).label["en"]: shares[name] for name in NAMES}
    assert len(set(shares.values())) > 1
    for row in seen[0][0]:
        assert (sum(row.shares), sum(row.shares[3:6])) == pytest.approx((1.0, row.held.share))
    seen = drawn(monkeypatch, of_claims, "claim_matrix")
    gallery.draw(results, "claims")
    lines = (folder / "verdicts.csv").read_text().splitlines()[1:]
    assert len(seen[0][0]) == len(lines) > 20
    assert list(seen[0][1]) == NAMES


# Worlds that are run again


@pytest.mark.parametrize("name", NAMES)
def test_worlds_that_are_run_again_are_the_stored_ones(results, name):
    """All series at the end, and every firm, bit for bit as the tables have them."""
    found = rerun(results, name)
    assert found.same and found.warning is None and len(found.run.worlds) == 12
    stored = results.columns("firms", ["share", "cash"], name)
    for column, ours in (("share", composite_shares(found.run.final)),
                         ("cash", found.run.final.cash)):  # fmt: skip
        assert stored[column].tobytes() == ours.astype(np.float32).tobytes()


def test_worlds_that_are_not_the_stored_ones_are_told(results, monkeypatch, capsys, tmp_path):
    real = module.simulate_block
    monkeypatch.setattr(module, "simulate_block", lambda scenario, worlds, seed, **more: real(
        scenario, worlds, seed + 1, **more))  # fmt: skip
    rerun.cache_clear()
    try:
        figure = gallery.draw(results, "shares")
        assert "CAUTION" in " ".join(words(figure))
        told = gallery.doubts(results, "shares")
        assert "NOT the stored ones" in told
        assert main(["plot", str(results.folder), "money", "shares", "--format", "png",
                     "--out", str(tmp_path)]) == 0  # fmt: skip
        assert capsys.readouterr().err.count("Warning: ") == 1
    finally:
        rerun.cache_clear()


def test_a_folder_of_other_rules_is_not_run_again(results, monkeypatch):
    monkeypatch.setattr(module, "code_version", lambda *given: "another")
    again = {"definitions", "shares", "concentration", "money"}
    assert set(gallery.available(results)) == set(gallery.FIGURES) - again
    with pytest.raises(gallery.NotEnough, match=r"money: .*other rules wrote the folder \("):
        gallery.draw(results, "money")


def test_a_part_of_the_worlds_says_so(results, monkeypatch):
    monkeypatch.setattr(of_rerun, "rerun", lambda *given: rerun(*given, 5))
    figure = gallery.draw(results, "shares")
    assert "the first 5 of 12 worlds, run again" in " ".join(words(figure))
    assert rerun(results, "baseline", 5).same


@pytest.mark.parametrize("name", scenarios())
def test_a_scenario_is_made_again_from_its_manifest(name):
    """As of a person's own file: nothing of that name is shipped."""
    scenario = load(name, [*SETS, "horizon_weeks=20"])
    [facts] = json.loads(json.dumps(about([scenario]))).values()
    assert completed(facts["resolved"]) == (facts["resolved"], [])
    made = from_facts("mine", facts)
    assert made.digest() == scenario.digest() and made.label == scenario.label
    assert {f: p.name for f, p in made.players.items()} == {
        f: p.name for f, p in scenario.players.items()
    }
    assert made.about == scenario.about


def test_a_scenario_that_cannot_be_made_again_is_refused(results, monkeypatch):
    facts = results.manifest.scenarios["price_war"]
    monkeypatch.setattr(results, "_scenarios", {})
    monkeypatch.setitem(facts, "resolved", facts["resolved"] | {"horizon_weeks": 12})
    with pytest.raises(gallery.NotEnough, match="not what its digest says"):
        gallery.draw(results, "money", scenario="price_war")


# The command


def test_the_files_are_of_their_kinds_and_the_same_every_time(folder, tmp_path, capsys):
    for out in ("one", "two"):
        assert main(["plot", str(folder), "timeline", "--language", "zh",
                     "--scenario", "price_war", "--out", str(tmp_path / out)]) == 0  # fmt: skip
    files = sorted((tmp_path / "one").iterdir())
    stem = "timeline_general_developers_price_war_zh"
    assert [file.name for file in files] == [f"{stem}.{e}" for e in ("pdf", "png", "svg")]
    pdf, png, svg = (file.read_bytes() for file in files)
    assert pdf.startswith(b"%PDF") and pdf.rstrip().endswith(b"%%EOF") and b"Date" not in pdf
    assert png.startswith(b"\x89PNG") and "通用大模型厂商".encode() in png
    assert ElementTree.fromstring(svg).tag.endswith("svg") and "通用大模型厂商".encode() in svg
    for file in files:
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    told = capsys.readouterr()
    assert "1/1：" in told.err and "里有1张图" in told.out


@pytest.mark.slow
def test_all_of_them_for_several_scenarios(folder, tmp_path):
    given = ["plot", str(folder), "--all", "--format", "svg", "--out", str(tmp_path)]
    assert main([*given, *(word for one in NAMES for word in ("--scenario", one))]) == 0
    single = [name for name, entry in gallery.FIGURES.items() if entry.of == "one"]
    several = [name for name in gallery.FIGURES if name not in single]
    names = {file.stem for file in tmp_path.iterdir()}
    assert {*several, "distribution_platforms"} - {"distribution"} < names
    assert len(names) == len(several) + 3 * len(single) - 1  # nothing is paired with itself


def test_one_world_is_enough_for_what_it_can_show(short, tmp_path, capsys):
    assert main(["plot", str(short), "--all", "--format", "png", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().err
    assert "Left out: no figure survivors: " in told
    assert len(list(tmp_path.iterdir())) == len(gallery.available(open_results(short)))


@pytest.mark.slow
def test_all_shipped_scenarios_at_once(tmp_path, capsys):
    kept = open_results(batch(tmp_path / "kept", ["--all"], 1))
    assert main(["plot", str(tmp_path / "kept"), "--all", "--format", "png"]) == 0
    files = list((tmp_path / "kept" / "figures").iterdir())
    assert len(files) == len(gallery.available(kept)) == len(gallery.FIGURES) - 1
    assert "must have at least two worlds in common" in capsys.readouterr().err
    for name in ("survivors", "claims"):
        assert faults(gallery.draw(kept, name)) == []


def test_without_a_name_it_lists_them(short, capsys):
    assert main(["plot", str(short)]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in gallery.FIGURES) and "not here: the batch judged" in told


@pytest.mark.parametrize("given, said", [
    (["survivers"], 'no figure "survivers"; did you mean "survivors"?'),
    (["fan", "--series", "hhj"], 'no series "hhj"; did you mean "hhi"?'),
    (["fan", "--scenario", "basline"], 'no worlds of "basline"; did you mean "baseline"?'),
    (["--all", "--scenario", "basline"], 'no worlds of "basline"; did you mean "baseline"?'),
    (["fan", "--format", "png,sgv"], 'no format "sgv"; did you mean "svg"?'),
    (["fan", "nothing"], 'no figure "nothing"'),
])  # fmt: skip
def test_a_mistake_is_named_before_anything_is_drawn(folder, tmp_path, capsys, given, said):
    out = tmp_path / "out"
    assert main(["plot", str(folder), *given, "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told
    assert not out.exists()


def test_a_file_is_there_whole_or_not_at_all(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "survivors.png").write_bytes(b"old")
    real = style.Figure.savefig

    def full(figure, file, **more):
        if more["format"] == "svg":
            raise OSError(28, "No space left on device", str(file))
        real(figure, file, **more)

    monkeypatch.setattr(style.Figure, "savefig", full)
    assert main(["plot", str(folder), "survivors", "--out", str(tmp_path)]) == 1
    assert "No space left" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["survivors.png"]
    assert (tmp_path / "survivors.png").read_bytes() == b"old"


def test_an_empty_folder_says_so(results, monkeypatch):
    nothing = Asked(results)
    monkeypatch.setitem(nothing.__dict__, "worlds", {})
    assert nothing.scenarios == []
    monkeypatch.setattr(results, "blocks", [])
    assert gallery.available(results) == []
    with pytest.raises(InputError, match="holds no worlds yet"):
        gallery.draw(results, "fan")


def test_the_figure_of_a_batch_may_be_chinese(tmp_path):
    batch(tmp_path / "kept", ["baseline"], 2, "--language", "zh")
    assert "通用大模型平台数" in (tmp_path / "kept" / "survivors.svg").read_text("utf-8")
    batch(tmp_path / "kept", ["baseline"], 2)
    assert "general platforms" in (tmp_path / "kept" / "survivors.svg").read_text("utf-8")


def test_a_series_is_read_one_at_a_time(results):
    weekly = results.weekly("baseline")
    assert list(weekly) == list(SERIES) and weekly["hhi"].shape == (12, 79)
    assert replace(weekly, scenario="price_war").weeks[-1] == 78


# Two scenarios, lives of firms, and definitions


def test_survival_counts_the_lives_that_a_run_has(results):
    """All counts and all replicates, from the table of firms as from the runs themselves."""
    stored = life_table(results, ["price_war"])
    run = live([load("price_war", SETS)], 12, 3, by="kind")
    assert np.array_equal(stored.exits, run.exits) and stored.exits[0].sum() > 10
    assert np.array_equal(stored.withdrawn, run.withdrawn)


def test_paired_differences_are_those_of_the_table_of_worlds(results):
    found = of_pairs.comparison(results, "baseline", "price_war")
    asked = """SELECT avg(b.hhi - a.hhi), count(*) FILTER (b.hhi > a.hhi) FROM worlds a
               JOIN worlds b USING (replication)
               WHERE a.scenario = 'baseline' AND b.scenario = 'price_war'"""
    [(mean, higher)] = results.sql(asked).fetchall()
    [hhi] = [one for one in found.outcomes if one.name == "hhi"]
    assert hhi.pairs.mean == pytest.approx(mean, rel=1e-9) and hhi.pairs.rose == higher
    assert "frontier" in found.untouched and "hhi" not in found.untouched
    usual = gallery.check(results, "paired")
    assert usual.scenario == "strict_review"


def test_scenarios_that_cannot_be_paired_say_why(results, short, monkeypatch, capsys):
    assert main(["plot", str(short), "paired"]) == 2
    told = capsys.readouterr().err
    assert "no figure paired: it takes two scenarios, and only baseline is there\n" in told
    with pytest.raises(gallery.NotEnough, match="is what the others are set against"):
        gallery.draw(results, "paired", scenario="baseline")
    monkeypatch.setitem(results.manifest.scenarios["price_war"], "horizon_weeks", 52)
    with pytest.raises(gallery.NotEnough, match="baseline ends in week 78, price_war in week 52"):
        gallery.draw(results, "paired", scenario="price_war")


def test_definitions_hold_in_the_worlds_in_which_the_batch_says_so(results):
    found = of_definitions.answers(results, "strict_review", "three_to_five_survive")
    [default] = [one for one in found.answers if one.variant.default]
    stored = results.column("claims", "x", "strict_review", "claim = 'three_to_five_survive'")
    assert default.verdict.held.hits == np.sum((stored >= 3) & (stored <= 5))
    assert len(found.reached) > 20


def test_what_cannot_be_drawn_does_not_stop_the_rest(short, tmp_path, capsys):
    given = ["plot", str(short), "survivors", "fan", "paired", "--format", "png"]
    assert main([*given, "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert [file.name for file in tmp_path.iterdir()] == ["fan_general_developers_baseline.png"]
    assert "1 figure in" in told.out and "2 mistakes" in told.err
    for name in ("survivors", "paired"):
        assert told.err.count(f"no figure {name}: ") == 1


def test_an_option_that_changes_nothing_is_refused(short, tmp_path, capsys):
    faults = {
        "headline --scenario baseline": "changes nothing of headline",
        "--scenario baseline": "changes nothing of the list of figures",
        "survivors --of revenue": "--of is for the figure distribution",
        "race --series hhi": "--series is for fan and timeline",
        "--series hhi": "--series is for fan and timeline",
    }
    for words_given, said in faults.items():
        given = ["plot", str(short), *words_given.split(), "--out", str(tmp_path / "out")]
        assert main(given) == 2 and said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
