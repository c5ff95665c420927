"""``sweep``: a parameter turned in the same worlds, told, kept and drawn in the order given."""

import numpy as np
import pytest

from llm_market_sim import simulate
from llm_market_sim.claims import load_claims
from llm_market_sim.claims.outcome import read_outcome
from llm_market_sim.cli.app import main
from llm_market_sim.cli.commands.sweep import value_at
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.sweep import points_of, read_turned
from llm_market_sim.scenario import load
from llm_market_sim.support.files import read_csv

SMALL = ["population.stealth_firms=4", "population.pool_firms=6", "horizon_weeks=16"]
SETS = [part for one in SMALL for part in ("--set", one)]
PATH = "compute.price_usd_per_gpu_hour"
ASK = ["--claim", "fifty_by_june", "-n", "6", "--seed", "3", "-j", "1", *SETS]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The folder of a sweep of three values, none of which is the baseline's."""
    out = tmp_path_factory.mktemp("sweep") / "out"
    words = ["sweep", f"{PATH}=12,1.5,3", "--of", "revenue", *ASK, "--out", str(out)]
    assert main(words) == 0
    return out


class TestPoints:
    def test_values_stand_in_the_order_given_after_the_scenario_as_it_is(self, swept):
        usual = load("baseline").compute.price_usd_per_gpu_hour
        found = read_csv(swept / "sweep.csv")
        assert [float(row[PATH]) for row in found] == [usual, 12.0, 1.5, 3.0]
        assert [row["usual"] for row in found] == ["True", "False", "False", "False"]

    def test_a_value_that_is_the_scenarios_own_is_not_run_twice(self):
        usual = load("baseline").compute.price_usd_per_gpu_hour
        points = points_of("baseline", [], read_turned([f"{PATH}=12,{usual:g},3"]))
        assert [one.usual for one in points] == [False, True, False]

    def test_two_parameters_make_a_grid_the_first_changing_slowest(self):
        turned = read_turned([f"{PATH}=2,8", "regulation.review_required=false,true"])
        points = points_of("baseline", [], turned)
        values = [(2, False), (2, True), (8, False), (8, True)]
        assert [one.values for one in points] == [(), *values]
        after = points[1].scenario
        assert (after.compute.price_usd_per_gpu_hour, after.regulation.review_required) == (
            2,
            False,
        )

    def test_texts_and_entries_can_be_values(self):
        [turned] = read_turned(["players.zhipu.route=foundation,fine_tune"])
        assert turned.values == ("foundation", "fine_tune")
        [turned] = read_turned(["users.inertia.consumer=1,2.5"])
        points = points_of("baseline", [], [turned])
        assert [one.scenario.users.inertia["consumer"] for one in points] == [1.0, 2.5]

    def test_the_scenarios_own_value_of_a_fact_and_of_an_entry_for_all(self):
        found = {
            path: value_at(load("baseline"), path)
            for path in (
                "players.minimax.route",
                "players.minimax.affinity.consumer",
                "compute.cluster_speed.baidu",
                "timeline.filing_opens.set.regulation.review_delay_weeks",  # it sets none
            )
        }
        assert list(found.values()) == ["foundation", 0.7, 1.0, None]

    @pytest.mark.parametrize(
        ("texts", "says"),
        [
            ([f"{PATH}=3"], "must be a parameter and two or more values"),
            ([f"{PATH}"], "must be a parameter and two or more values"),
            ([f"{PATH}=3,,4"], "must be a parameter and two or more values"),
            ([f"{PATH}=3,3"], "given twice"),
            (["horizon_weeks=3,4"], "cannot be swept"),
            ([f"{PATH}=3,4", f"{PATH}=5,6"], "is turned twice"),
            ([f"{PATH}=3,4", "a.b=1,2", "c.d=1,2"], "one parameter or two, not 3"),
        ],
    )
    def test_what_cannot_be_swept_is_refused(self, texts, says):
        with pytest.raises(InputError, match=says):
            read_turned(texts)

    def test_all_wrong_values_are_told_at_once(self, capsys):
        assert main(["sweep", "regulation.review_delay_weeks=6,-1,soon", *ASK]) == 2
        err = capsys.readouterr().err
        assert "-1 must be at least 0 (weeks)" in err and '"soon" must be a number' in err

    def test_a_claim_beyond_the_end_is_refused(self, capsys):
        words = ["sweep", f"{PATH}=3,5", "-n", "4", "--set", "horizon_weeks=10"]
        assert main(words) == 2
        assert "add --set horizon_weeks=78" in capsys.readouterr().err


class TestNumbers:
    def test_they_are_those_of_the_same_worlds_run_by_hand(self, swept):
        found = {row[PATH]: row for row in read_csv(swept / "sweep.csv")}
        runs = {
            value: simulate(load("baseline", [*SMALL, f"{PATH}={value}"]), 6, 3, snapshots=[11])
            for value in ("4", "1.5")
        }
        before, after = (runs[one].series["revenue"][:, -1] for one in ("4", "1.5"))
        assert float(found["1.5"]["mean"]) == pytest.approx(after.mean(), rel=1e-6)
        assert float(found["1.5"]["change"]) == pytest.approx((after - before).mean(), rel=1e-6)
        assert int(found["1.5"]["fell"]) == int(np.sum(after < before))
        [claim] = load_claims(["fifty_by_june"])
        held = claim.test.holds(claim.measurement(runs["1.5"]))
        assert float(found["1.5"]["holds"]) == held.mean()

    def test_every_world_is_kept_with_its_difference(self, swept):
        found = read_csv(swept / "differences.csv")
        assert len(found) == 4 * 6
        gaps = [float(r["after"]) - float(r["before"]) - float(r["difference"]) for r in found]
        assert max(map(abs, gaps)) == 0.0
        assert {r["difference"] for r in found if r[PATH] == "4"} == {"0"}

    def test_the_folder_is_one_like_any_other(self, swept, capsys):
        assert main(["results", str(swept), "--check"]) == 0
        assert {"sweep.png", "sweep.svg"} <= {one.name for one in swept.iterdir()}

    def test_what_is_printed_marks_the_row_that_all_are_set_against(self, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "70")
        assert main(["sweep", f"{PATH}=12,4", "--of", "firm_share firm=baidu", *ASK]) == 0
        out = capsys.readouterr().out
        lines = [line.split() for line in out.splitlines() if line.strip()]
        assert [one[0] for one in lines if one[0] in ("12", "4*")] == ["12", "4*"] * 2
        assert "Seed 3, 6 worlds at each of 2 points" in out
        assert all(len(line) <= 70 for line in out.splitlines())


class TestOutcome:
    def test_a_series_before_a_metric_of_the_same_name(self):
        assert read_outcome("firms_alive").series == "firms_alive"
        assert read_outcome("revenue").unit == "million USD/year"

    def test_a_metric_with_its_choices(self):
        found = read_outcome("firm_share firm=baidu share=consumer")
        assert (found.params.firm, found.params.share, found.series) == ("baidu", "consumer", None)

    def test_a_claims_number_at_the_claims_week(self):
        found = read_outcome("fifty_by_june")
        assert found.measurement(99) == load_claims(["fifty_by_june"])[0].measurement.__class__(
            "fifty_by_june", found.metric, found.params, found.week
        )

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("revenu", 'did you mean "revenue"'),
            ("zzzz", "llm-market-sim list has all of them"),
            ("firm_share", "firm: is missing"),
            ("firm_share firm=baidu shre=1", 'did you mean "share"'),
        ],
    )
    def test_a_mistake_is_told(self, text, says):
        with pytest.raises(InputError, match=says):
            read_outcome(text)
