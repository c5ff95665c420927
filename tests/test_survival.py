"""Life tables: worked examples, the library's estimates, worlds as clusters, and the command."""

import os
import re

import numpy as np
import pytest
from drawn import words
from ran import live
from scipy.stats import CensoredData, ecdf, logrank

from llm_market_sim.batch import executor
from llm_market_sim.cli.app import main
from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.figures import LifeRow, Origin, endings, survival_curves
from llm_market_sim.market.state import Kind, Status
from llm_market_sim.simulation import simulate
from llm_market_sim.summary.survival import LifeTable, count_lives, log_rank, resampled
from llm_market_sim.support.files import read_csv

NEVER = np.inf


def lives_of(run, group, groups, firms="all"):
    """The lives of the domestic firms of a run, world by world, not by way of a folder."""
    final = run.final
    asked = run.firms.domestic & np.isfinite(final.entered_at)
    if firms != "all":
        asked = asked & ((final.entered_at > 0.0) == (firms == "entrants"))
    return count_lives(
        final.entered_at,
        final.closed_at,
        final.status - int(Status.ACQUIRED),
        np.where(asked, group, -1),
        run.scenario.horizon_weeks,
        groups,
        len(CAUSES),
    )


def table_of(weeks, gone, group=0, groups=1, cause=0, causes=1, horizon=None):
    """One world of firms that entered so that they leave, or are last seen, after whole weeks."""
    weeks, gone = np.asarray(weeks), np.asarray(gone, dtype=bool)
    horizon = int(weeks.max()) if horizon is None else horizon
    entry = np.where(gone, 0.0, horizon - weeks)
    exit = np.where(gone, weeks, NEVER)
    shape = weeks.shape
    return count_lives(
        *(np.broadcast_to(x, shape)[None] for x in (entry, exit, cause, group)),
        horizon,
        groups,
        causes,
    )


def some_lives(count, seed=1, rate=0.05, longest=40):
    """Whole weeks with ties, and whether the life ended then."""
    rng = np.random.default_rng(seed)
    ends = np.ceil(rng.exponential(1 / rate, count))
    seen = rng.integers(1, longest + 1, count)
    return np.minimum(ends, seen), ends <= seen


class TestKaplanMeier:
    def test_a_worked_example_with_ties_and_censoring(self):
        # 8 firms: two gone in week 2, one in 3, one in 5; last seen after 2, 3, 5, 6 weeks
        found = table_of([2, 2, 3, 5, 2, 3, 5, 6], [1, 1, 1, 1, 0, 0, 0, 0])
        # at risk in weeks 1 to 6; who is last seen after week 2 is at risk in it
        assert found.at_risk[0, 0].tolist() == [8, 8, 5, 3, 3, 1]
        by_hand = [1, 1, 6 / 8, 6 / 8 * 4 / 5, 3 / 5, 3 / 5 * 2 / 3, 2 / 5]
        assert found.survival[0, 0] == pytest.approx(by_hand)
        assert found.alive[0, 0].tolist() == [8, 8, 6, 4, 3, 2, 1]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_the_curve_is_the_librarys(self, seed):
        weeks, gone = some_lives(300, seed)
        found = table_of(weeks, gone).survival[0, 0]
        library = ecdf(CensoredData(uncensored=weeks[gone], right=weeks[~gone])).sf
        assert found == pytest.approx(library.evaluate(np.arange(len(found))))

    def test_a_week_counts_where_it_was_watched_to_its_end(self):
        """Entered in the middle of week 1 and watched to week 4: three whole weeks."""
        entry = np.full((1, 4), 0.5)
        exit = np.array([[0.6, 3.4, 3.8, NEVER]])  # in week 1, in week 3, unwatched, never
        zero = np.zeros((1, 4), dtype=int)
        found = count_lives(entry, exit, zero, zero, 4, 1, 1)
        assert found.exits[0, 0, 0].tolist() == [1, 0, 1, 0]
        assert found.withdrawn[0, 0].tolist() == [0, 0, 0, 2, 0]

    def test_lives_are_counted_without_bias(self):
        """With a constant rate and entries spread over the watch, the rate comes back."""
        rng = np.random.default_rng(1)
        entry = rng.uniform(0, 60, (1, 200_000))
        exit = entry + rng.exponential(40, entry.shape)
        zero = np.zeros(entry.shape, dtype=int)
        found = count_lives(entry, exit, zero, zero, 60, 1, 1).survival[0, 0]
        assert found[:53] == pytest.approx(np.exp(-np.arange(53) / 40), abs=0.01)

    def test_a_firm_that_left_as_it_came_lasted_one_week(self):
        found = count_lives(*(np.array([[x]]) for x in (3.0, 3.0, 0, 0)), 9, 1, 1)
        assert found.exits[0, 0, 0, 0] == 1


class TestCauses:
    def test_a_worked_example_of_competing_causes(self):
        # 5 firms: bought in 1, bankrupt in 2, last seen after 2, bought in 3, last seen after 4
        found = table_of([1, 2, 2, 3, 4], [1, 1, 0, 1, 0], cause=[0, 1, 0, 0, 0], causes=2)
        bought, bankrupt = found.incidence[0, 0]
        # survival 1, .8, .6, .3: 1 x 1/5, .8 x 1/4, .6 x 1/2
        assert bought == pytest.approx([0, 0.2, 0.2, 0.5, 0.5])
        assert bankrupt == pytest.approx([0, 0, 0.2, 0.2, 0.2])

    def test_causes_and_survival_add_up_to_one(self):
        weeks, gone = some_lives(500)
        cause = np.random.default_rng(2).integers(0, 3, 500)
        found = table_of(weeks, gone, cause=cause, causes=3)
        total = found.survival + found.incidence.sum(axis=2)
        assert np.max(np.abs(total - 1.0)) < 1e-14
        one = table_of(weeks, gone)
        assert one.incidence[0, 0, 0] == pytest.approx(1.0 - one.survival[0, 0], abs=1e-14)


def clustered(worlds, firms, shared, seed=1):
    """Lives (W, F) over 50 weeks whose rates differ by world (shared = 1) or not (0)."""
    rng = np.random.default_rng(seed)
    rate = 0.03 * np.exp(shared * rng.standard_normal((worlds, 1)))
    exit = rng.exponential(1.0, (worlds, firms)) / rate
    zero = np.zeros((worlds, firms), dtype=int)
    return zero, exit


def band_width(zero, exit):
    table = count_lives(zero, exit, zero, zero, 50, 1, 1)
    low, high = resampled(table, range(len(zero)), 1).band[:, 0, 25]
    library = ecdf(
        CensoredData(uncensored=exit[exit <= 50], right=np.full((exit > 50).sum(), 50.0))
    )
    naive = library.sf.confidence_interval()
    return (high - low) / (naive.high.evaluate(25.0) - naive.low.evaluate(25.0))


class TestWorldsAreClusters:
    def test_the_band_is_wider_than_the_naive_one_where_worlds_differ(self):
        assert band_width(*clustered(100, 50, shared=1.0)) > 3.0
        assert band_width(*clustered(100, 50, shared=0.0)) == pytest.approx(1.0, abs=0.25)

    def test_the_band_holds_the_truth_as_often_as_it_says(self):
        """Worlds with rates of their own; the truth is the mean over very many of them."""
        truth = np.mean(clustered(200_000, 1, shared=1.0, seed=0)[1] > 20)
        hits = 0
        for seed in range(1, 201):
            zero, exit = clustered(60, 20, shared=1.0, seed=seed)
            table = resampled(count_lives(zero, exit, zero, zero, 20, 1, 1), range(60), seed)
            low, high = table.band[:, 0, 20]
            hits += low <= truth <= high
        assert 0.89 <= hits / 200 <= 0.98

    def test_a_difference_within_worlds_is_surer_than_one_between_them(self):
        zero, exit = clustered(100, 40, shared=1.0)
        group = zero + np.arange(40) % 2  # both groups live in every world
        table = resampled(count_lives(zero, exit, zero, group, 50, 2, 1), range(100), 1)
        mean, low, high = table.difference(1, 0, 25)
        assert mean == table.survival[0, 1, 25] - table.survival[0, 0, 25]
        assert low < 0.0 < high
        assert high - low < 0.6 * np.sqrt(np.sum(np.diff(table.band[:, :, 25], axis=0) ** 2))
        assert table.difference(1, 1, 25) == (0.0, 0.0, 0.0)

    def test_sums_do_not_depend_on_blocks(self):
        weeks = np.random.default_rng(1).exponential(20, (30, 7))
        zero = np.zeros(weeks.shape, dtype=int)
        table = count_lives(zero, weeks, zero, zero, 40, 1, 1)
        whole = resampled(table, range(30), 5)
        parts = None
        for some in (range(0, 4), range(4, 19), range(19, 30)):
            cut = LifeTable(table.exits[some], table.withdrawn[some])
            part = resampled(cut, some, 5)
            parts = part if parts is None else parts + part
        assert np.array_equal(whole.exits, parts.exits)
        assert np.array_equal(whole.withdrawn, parts.withdrawn)
        assert np.array_equal(whole.exits[0], table.exits.sum(axis=0))

    def test_weights_of_worlds_are_poisson_and_each_worlds_own(self):
        one = np.ones((400, 1, 1, 1), dtype=np.int64)
        table = LifeTable(one, np.zeros((400, 1, 2), dtype=np.int64))
        weights = [
            resampled(LifeTable(one[:1], table.withdrawn[:1]), [world], 1).exits[1:, 0, 0, 0]
            for world in range(400)
        ]
        assert np.mean(weights) == pytest.approx(1.0, abs=0.01)
        assert np.var(weights) == pytest.approx(1.0, abs=0.02)
        assert abs(np.corrcoef(weights[0], weights[1])[0, 1]) < 0.15


class TestLogRank:
    def two_groups(self, seed=1, rates=(0.05, 0.08), count=200):
        a, b = (some_lives(count, seed + k, rate) for k, rate in enumerate(rates))
        return a, b, np.repeat([0, 1], count)

    def test_the_excess_is_the_librarys(self):
        (a, gone_a), (b, gone_b), group = self.two_groups()
        weeks, gone = np.concatenate([a, b]), np.concatenate([gone_a, gone_b])
        library = logrank(
            x=CensoredData(uncensored=a[gone_a], right=a[~gone_a]),
            y=CensoredData(uncensored=b[gone_b], right=b[~gone_b]),
        )
        variance = 0.0  # hypergeometric, week by week
        for week in np.unique(weeks[gone]):
            n, n_a = np.sum(weeks >= week), np.sum(a >= week)
            d = np.sum(gone & (weeks == week))
            variance += n_a * (n - n_a) * d * (n - d) / (n**2 * (n - 1)) if n > 1 else 0.0
        excess = np.sum(gone_a) - np.sum(
            [
                np.sum(gone & (weeks == week)) * np.sum(a >= week) / np.sum(weeks >= week)
                for week in np.unique(weeks[gone])
            ]
        )
        assert excess / np.sqrt(variance) == pytest.approx(library.statistic)
        found = log_rank(resampled(self.one_firm_a_world(weeks, gone, group), range(400), 1))
        assert found.excess == pytest.approx((excess, -excess))

    def one_firm_a_world(self, weeks, gone, group):
        entry = np.where(gone, 0.0, weeks.max() - weeks)[:, None]
        exit = np.where(gone, weeks, NEVER)[:, None]
        cause = np.zeros_like(group)[:, None]
        return count_lives(entry, exit, cause, group[:, None], int(weeks.max()), 2, 1)

    def test_with_one_firm_a_world_it_is_the_usual_test(self):
        for seed in (1, 20, 40):
            (a, gone_a), (b, gone_b), group = self.two_groups(seed, (0.05, 0.06))
            library = logrank(
                x=CensoredData(uncensored=a[gone_a], right=a[~gone_a]),
                y=CensoredData(uncensored=b[gone_b], right=b[~gone_b]),
            )
            weeks, gone = np.concatenate([a, b]), np.concatenate([gone_a, gone_b])
            found = log_rank(resampled(self.one_firm_a_world(weeks, gone, group), range(400), 1))
            assert found.p_value == pytest.approx(library.pvalue, abs=0.08)

    def test_luck_shared_by_a_worlds_firms_is_no_difference_of_groups(self):
        """Each world is of one group only; rates differ by world but not by group."""
        small = []
        for seed in range(60):
            zero, exit = clustered(40, 30, shared=1.0, seed=seed)
            group = zero + (np.arange(40) % 2)[:, None]
            table = count_lives(zero, exit, zero, group, 50, 2, 1)
            found = log_rank(resampled(table, range(40), seed))
            naive = logrank(
                *(
                    CensoredData(uncensored=x[x <= 50], right=np.full((x > 50).sum(), 50.0))
                    for x in (exit[::2].ravel(), exit[1::2].ravel())
                )
            )
            small.append((found.p_value < 0.05, naive.pvalue < 0.05))
        ours, theirs = np.mean(small, axis=0)
        assert ours <= 0.15 and theirs >= 0.4

    def test_groups_without_firms_are_left_out(self):
        weeks, gone = some_lives(300)
        group = np.repeat([0, 2], 150)
        entry = np.where(gone, 0.0, weeks.max() - weeks).reshape(30, 10)
        exit = np.where(gone, weeks, NEVER).reshape(30, 10)
        cause = np.zeros((30, 10), dtype=int)
        table = count_lives(entry, exit, cause, group.reshape(10, 30).T.copy(), 40, 3, 1)
        found = log_rank(resampled(table, range(30), 1))
        assert found is not None and found.excess[1] == 0.0
        only = count_lives(entry, exit, cause, cause, 40, 3, 1)
        assert log_rank(resampled(only, range(30), 1)) is None


class TestFirms:
    def test_lives_are_those_of_the_run(self, short):
        run = simulate(short("horizon_weeks=60"), worlds=8, seed=1)
        final, domestic = run.final, run.firms.domestic
        kind = np.broadcast_to(run.firms.kind, final.status.shape)
        table = lives_of(run, kind, 4)
        entered = domestic & (final.entered_at <= 60)
        for code in (Kind.BIGTECH, Kind.LISTED, Kind.STARTUP):
            mine = np.sum(entered & (kind == code), axis=-1)
            assert table.alive[:, code, 0].tolist() == mine.tolist()
        assert table.alive[:, Kind.FOREIGN].sum() == 0
        for place, status in enumerate(CAUSES.values()):
            counted = table.exits[:, :, place].sum()
            assert 0 <= np.sum(final.status == status) - counted <= 3  # of a last part of a week
        assert table.exits.sum() > 0
        parts = [lives_of(run, kind, 4, who).alive[..., 0] for who in ("entrants", "incumbents")]
        assert np.array_equal(sum(parts), table.alive[..., 0])
        assert parts[0].sum() > 0 and parts[1].sum() > 0

    def test_a_firm_keeps_the_route_of_its_entry(self, short):
        scenario = short("horizon_weeks=60")
        run = simulate(scenario, worlds=8, seed=1, snapshots=(0.0,))
        assert np.any(run.final.route != run.at(0.0).route)  # some turned
        table = live([scenario], 8, 1, by="route")
        entered = np.isfinite(run.final.entered_at) & run.firms.domestic
        for route in range(4):
            mine = entered & (run.at(0.0).route == route)
            assert table.alive[0, route, 0] == np.sum(mine)

    def test_any_number_of_jobs_and_any_blocks_give_the_same_bits(self, short, monkeypatch):
        both = [short("horizon_weeks=20", f"population.pool_firms={n}") for n in (10, 20)]
        both = [one.model_copy(update={"name": f"s{k}"}) for k, one in enumerate(both)]
        whole = live(both, 70, 1, by="scenario")
        monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
        split = live(both, 70, 1, by="scenario", jobs=2)
        assert np.array_equal(whole.exits, split.exits)
        assert np.array_equal(whole.withdrawn, split.withdrawn)
        monkeypatch.setattr("llm_market_sim.batch.run._UNKEPT_GRID", 14)
        blocks = live(both, 70, 1, by="scenario")
        assert np.array_equal(whole.exits, blocks.exits)

    def test_lives_from_the_table_are_those_of_the_run(self, short):
        """To the last bit, also where a week has seven ticks."""
        scenario = short("horizon_weeks=30", "ticks_per_week=7")
        run = simulate(scenario, 6, 1)
        kind = np.broadcast_to(run.firms.kind, run.final.status.shape)
        for who in ("all", "entrants", "incumbents"):
            ours = resampled(lives_of(run, kind, 4, who), range(6), 1)
            stored = live([scenario], 6, 1, firms=who)
            assert np.array_equal(stored.exits, ours.exits)
            assert np.array_equal(stored.withdrawn, ours.withdrawn)


class TestCommand:
    SMALL = ("--seed", "5", "-n", "12", "--weeks", "40", "--set", "population.stealth_firms=4",
             "--set", "population.pool_firms=10")  # fmt: skip

    def test_what_is_printed_and_kept(self, capsys, tmp_path, monkeypatch):
        monkeypatch.delenv("COLUMNS", raising=False)
        out = tmp_path / "out"
        assert main(["survival", "baseline", *self.SMALL, "--out", str(out)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert re.search(r"\d+ % of startups last 39 weeks; \d+ % bought, \d+ % bankrupt", text)
        for part in ("may be a success", "week 0 count from week 0", "Seed 5", "12 worlds",
                     "drawing other worlds"):  # fmt: skip
            assert part in text
        names = {"survival.csv", "exits.csv", "survival.png", "survival.svg", "exits.png",
                 "exits.svg", "firms"}  # fmt: skip
        assert names < set(os.listdir(out))
        rows = read_csv(out / "survival.csv")
        ends = read_csv(out / "exits.csv")
        for row in rows:
            gone = [float(one["share_gone"]) for one in ends if one["week_of_life"] ==
                    row["week_of_life"] and one["kind"] == row["kind"]]  # fmt: skip
            assert float(row["still_there"]) + sum(gone) == pytest.approx(1.0)
            assert float(row["low"]) <= float(row["still_there"]) <= float(row["high"])

    def test_several_scenarios_are_compared_on_the_same_luck(self, capsys):
        assert main(["survival", "baseline", "impatient_investors", *self.SMALL]) == 0
        text = " ".join(capsys.readouterr().out.split())
        said = r"impatient_investors less baseline, 39 weeks after entry: ([-+][\d.]+) points"
        shares = re.findall(r" 39 +[\d,]+ +([\d.]+) %", text)
        apart = float(shares[1]) - float(shares[0])
        assert float(re.search(said, text)[1]) == pytest.approx(apart, abs=0.11)

    def test_a_group_nobody_belongs_to_is_told(self, capsys, tmp_path):
        nobody = ("--firms", "entrants", "--set", "entry.intensity_per_week=0", *self.SMALL)
        out = tmp_path / "out"
        for more in (("baseline", "--out", str(out)), ("baseline", "no_review")):
            assert main(["survival", *more, *nobody]) == 0
            printed = " ".join(capsys.readouterr().out.split())
            assert "There was no such firm in any of these worlds" in printed
        assert not (out / "survival.png").exists()

    @pytest.mark.parametrize(
        ("more", "what"),
        [
            (("baseline", "no_review", "--by", "kind"), "one scenario at a time"),
            (("baseline", "baseline"), "given twice"),
            (("baseline", "-n", "9"), "9 must be 10 to"),
            (("basline",), 'did you mean "baseline"?'),
            ((), "SCENARIO"),
        ],
    )
    def test_a_mistake_is_told(self, capsys, more, what):
        assert main(["survival", *more]) == 2
        assert what in capsys.readouterr().err


def test_the_title_speaks_of_the_week_at_which_the_curve_ends():
    """Which may lie between two marks: who comes in week 1 of 104 is watched for 103."""
    left = np.linspace(1.0, 0.45, 105)
    alive = np.append(np.full(104, 9), 0)
    row = LifeRow({"en": "Newcomers", "zh": "新企业"}, left, left, left, alive,
                  np.stack([1.0 - left, 0.0 * left, 0.0 * left]))  # fmt: skip
    where = {"en": "A market", "zh": "市场"}
    for draw, share in ((survival_curves, left[103]), (endings, 1.0 - left[103])):
        said = words(draw([row], range(0, 105, 26), where, Origin(9, 1)))
        percent = f"{100 * share:.0f} %"
        [title] = [one for one in said if one.endswith("after 103 weeks")]
        assert percent in title and any(one.endswith(percent) for one in said if one != title)


def test_statuses_of_the_dead_are_the_causes():
    assert [int(status) for status in CAUSES.values()] == list(
        range(Status.ACQUIRED, max(Status) + 1)
    )
