"""Interventions: what they change, that they change nothing else, and what they refuse."""

import numpy as np
import pytest

from llm_market_sim.batch import executor, run_batch
from llm_market_sim.claims import Measurement, load_claims
from llm_market_sim.errors import InputError
from llm_market_sim.experiments import run_design
from llm_market_sim.market.state import COLUMNS, NEVER, Route, Segment, Status
from llm_market_sim.metrics import SeriesAt, get_metric
from llm_market_sim.scenario import load
from llm_market_sim.scenario.interventions import HeadStart, Remove, Reroute, Set
from llm_market_sim.simulation import Worlds, measuring, simulate_block
from llm_market_sim.simulation.measuring import measured

LATER = Set(kind="set", about="a long review", values={"regulation.review_delay_weeks": 52.0})


def begun(scenario, worlds=3):
    begun = Worlds(scenario, range(worlds), 1)
    return begun.state(), begun.firms


LATE = {"date": "2023-06-01", "about": "a", "source": "b", "set": {"entry.intensity_per_week": 1.0}}


def users(week=20, does=None, name="users"):
    return Measurement(name, "series", SeriesAt(name="users_consumer"), week, does)


@pytest.mark.parametrize(
    "nothing",
    [
        Set(kind="set", about="nothing", values={"funding.patience_weeks": 52.0}),
        Set(kind="set", about="nothing", values={"horizon_weeks": 90}),
        Reroute(kind="route", firms=["mobvoi", "baidu"], to="foundation"),
    ],
    ids=["same value", "longer", "same route"],
)
def test_what_changes_nothing_makes_a_difference_of_exactly_zero(short, nothing):
    run = simulate_block(short("horizon_weeks=40"), range(4), 1, snapshots=[30.0], events=False)
    asked = [
        Measurement(f"{c.id} {week}", c.metric, c.measurement.params, week, nothing)
        for c in load_claims()
        for week in (30, 40)
    ]
    plain = {one.name: one(run) for one in asked}
    for name, difference in measured(run, asked).items():
        expected = np.where(np.isfinite(plain[name]), 0.0, np.nan)
        np.testing.assert_array_equal(difference, expected, err_msg=name)


@pytest.mark.parametrize("firm", ["baidu", "mobvoi", "meituan"])  # shown, at work, in the pool
def test_who_is_removed_takes_nothing_from_the_others(firm):
    base = load("baseline")
    (with_it, firms), (without, same) = begun(base), begun(Remove(kind="remove", firm=firm)
                                                           .apply(base))  # fmt: skip
    assert same.ids == firms.ids
    gone = firms.slot(firm)
    others = [k for k in range(len(firms.ids)) if k != gone]
    for name, column in COLUMNS.items():
        if column.shape in ("firm", "use"):
            np.testing.assert_array_equal(
                getattr(without, name)[..., others], getattr(with_it, name)[..., others], name
            )
    assert np.all(without.status[:, gone] == Status.WAITING)
    assert np.all(without.entry_threshold[:, gone] == NEVER)


def test_who_is_removed_never_comes_though_a_timeline_calls_it():
    giants = load("late_giants", ["horizon_weeks=30"])
    called = simulate_block(giants, range(2), 1, events=False).final
    scenario = Remove(kind="remove", firm="meituan").apply(giants)
    run = simulate_block(scenario, range(2), 1, events=False)
    slot = run.firms.slot("meituan")
    assert np.all(called.entered_at[:, slot] < NEVER)
    assert np.all(run.final.entered_at[:, slot] == NEVER)
    assert not np.any(run.final.users[..., slot]) and not np.any(run.final.revenue_total[:, slot])


def test_a_firm_that_would_not_have_come_is_not_missed(short):
    """To the last bit: its place stays, so that even sums are the same."""
    scenario = short("horizon_weeks=30", "entry.intensity_per_week=0.1")
    base = simulate_block(scenario, range(4), 1, events=False)
    last = [f for f, p in scenario.players.items() if p.presence == "pool"][-1]
    assert np.all(base.final.entered_at[:, base.firms.slot(last)] == NEVER)
    without = simulate_block(Remove(kind="remove", firm=last).apply(scenario), range(4), 1)
    for name in COLUMNS:
        if name != "entry_threshold":
            np.testing.assert_array_equal(
                getattr(without.final, name), getattr(base.final, name), name
            )


def test_a_removed_backer_stands_behind_nobody():
    base = load("baseline", ["players.mobvoi.backer=baidu"])
    assert Remove(kind="remove", firm="baidu").apply(base).players["mobvoi"].backer == ""


@pytest.mark.parametrize(("weeks", "shown"), [(4, 8.0), (8, 4.0), (11, 1.0)])
def test_a_head_start_makes_ready_so_much_earlier(short, weeks, shown):
    scenario = short("horizon_weeks=16")
    then = HeadStart(kind="head_start", firm="tencent", weeks=weeks).apply(scenario)
    one, other = (simulate_block(s, range(3), 1, events=False) for s in (scenario, then))
    slot = one.firms.slot("tencent")
    assert one.final.launched_at[:, slot].tolist() == [12.0] * 3
    assert other.final.launched_at[:, slot].tolist() == [shown] * 3
    last = HeadStart(kind="head_start", firm="tencent", weeks=100).apply(scenario)
    assert last.players["tencent"].weeks_to_ready.value == 0.0


def test_another_route_at_the_same_luck():
    base = load("baseline", ["products.preparation_weeks.vertical=20"])
    (before, firms), (after, _) = (
        begun(base),
        begun(Reroute(kind="route", firms=["lightyear", "sensetime"], to="vertical").apply(base)),
    )
    one, two = firms.slot("lightyear"), firms.slot("sensetime")
    assert np.all(after.route[:, [one, two]] == Route.VERTICAL)
    fits = {s: f for s, f in base.players["sensetime"].affinity.value.items() if s != "consumer"}
    best = Segment[max(fits, key=fits.get).upper()]
    assert np.all(after.niche[:, two] == best) and np.all(before.niche[:, two] == -1)
    assert np.all(after.preparation[:, one] == 2 * before.preparation[:, one])  # 10 to 20 weeks
    assert np.all(after.burn[:, one] == before.burn[:, one] * 0.6)
    np.testing.assert_array_equal(after.skill, before.skill)
    np.testing.assert_array_equal(after.clock_round, before.clock_round)


def test_who_turns_vertical_serves_its_best_segment_consumers_apart():
    fits = "players.jd.affinity={consumer: 0.9, developer: 0.2, enterprise: 0.1, public: 0.6}"
    to = Reroute(kind="route", firms=["jd"], to="vertical").apply(load("baseline", [fits]))
    assert to.players["jd"].niche.value == "public"


def test_values_are_set_as_after_the_option_and_whole_events_come_in():
    base = load("baseline")
    event = {"date": "2023-05-01", "until": "2023-10-30", "about": "a", "source": "assumption",
             "set": {"training.paused": True}}  # fmt: skip
    does = Set(kind="set", about="a pause", values={
        "timeline.pause": event, "compute.cluster_speed.tencent": 2.75, "players.jd.cash_musd": 7,
    })  # fmt: skip
    here = does.apply(base)
    assert here.at(10).training.paused and not here.at(30).training.paused
    assert here.compute.cluster_speed == {"all": 1.0, "tencent": 2.75}
    assert here.players["jd"].cash_musd.value == 7
    said = ["compute.cluster_speed.tencent=2.75", "players.jd.cash_musd=7"]
    same = here.model_copy(update={"timeline": base.timeline})
    assert same.digest() == load("baseline", said).digest() != base.digest()


def test_one_difference_is_a_run_with_less_a_run_without(short):
    base = short("horizon_weeks=30")
    run = simulate_block(base, range(5), 1, snapshots=[20.0], events=False)
    other = simulate_block(LATER.apply(base), range(5), 1, snapshots=[20.0], events=False)
    found = measured(run, [users(), users(does=LATER, name="a"), users(30, LATER, "b")])
    np.testing.assert_array_equal(found["users"], users()(run))
    np.testing.assert_array_equal(found["a"], users()(other) - users()(run))
    np.testing.assert_array_equal(found["b"], users(30)(other) - users(30)(run))
    assert np.any(found["b"] != 0.0)


def test_each_intervention_is_run_once_and_no_longer_than_asked(short, monkeypatch):
    run = simulate_block(short("horizon_weeks=30"), range(2), 1, snapshots=[5.0, 9.0])
    weeks = []
    simulate = measuring.simulate_block

    def counted(scenario, *rest, **options):
        weeks.append(scenario.horizon_weeks)
        return simulate(scenario, *rest, **options)

    monkeypatch.setattr(measuring, "simulate_block", counted)
    again = Set(**LATER.model_dump())
    early = HeadStart(kind="head_start", firm="jd", weeks=2)
    measured(run, [users(5, LATER, "a"), users(9, again, "b"), users(5, early, "c"), users(9)])
    assert weeks == [9, 5]


def test_never_less_never_is_no_number(short):
    class Late:
        name, week, intervention = "late", 5, LATER

        def __call__(self, run):
            return np.array([np.inf, 3.0])

    run = simulate_block(short("horizon_weeks=5"), range(2), 1)
    np.testing.assert_array_equal(measured(run, [Late()])["late"], [np.nan, 0.0])


def test_batches_and_designs_take_the_same_differences(monkeypatch):
    monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
    scenario = load("baseline", ["horizon_weeks=12"])
    asked = [users(12, LATER, "later")]
    early = Set(kind="set", about="no rule", values={"regulation.review_required": False})
    asked += [users(12, early, "free")]
    one = run_batch([scenario], 40, 3, measures=asked)["baseline"].measures
    two = run_batch([scenario], 40, 3, measures=asked, jobs=2)["baseline"].measures
    path = "users.imitation_per_year.consumer"
    points = run_design(scenario, [path], np.array([[0.6], [3.0]]), 40, 3, asked)
    faster = load("baseline", ["horizon_weeks=12", f"{path}=3"])
    three = run_batch([faster], 40, 3, measures=asked)["baseline"].measures
    for name in ("later", "free"):
        np.testing.assert_array_equal(one[name], two[name])
        np.testing.assert_array_equal(points[name], [one[name], three[name]])
    assert np.any(one["free"] != three["free"])


def test_what_an_intervention_sets_cannot_vary():
    scenario = load("baseline", ["horizon_weeks=12"])
    does = Set(kind="set", about="fast", values={"compute.cluster_speed.tencent": 2.0})
    for name in ("compute.cluster_speed", "compute.cluster_speed.tencent"):
        with pytest.raises(InputError, match="set by the intervention of later, so it cannot vary"):
            run_design(scenario, [name], np.ones((1, 1)), 2, 3, [users(12, does, "later")])


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (HeadStart(kind="head_start", firm="tencnt", weeks=3), 'did you mean "tencent"'),
        (HeadStart(kind="head_start", firm="baidu", weeks=3), "baidu is ready on week 0"),
        (Remove(kind="remove", firm="nobody-at-all"), "allowed: "),
        (Reroute(kind="route", firms=["jd", "kunlum"], to="wrapper"), 'did you mean "kunlun"'),
        (Set(kind="set", about="a", values={"funding.patience": 3}), '"patience_weeks"'),
        (Set(kind="set", about="a", values={"funding.patience_weeks": -3}), "at least 0"),
        (Set(kind="set", about="a", values={"extends": "x"}), "cannot be set"),
        (Set(kind="set", about="a", values={"timeline.x": {"about": "b"}}), "must be given"),
        (Set(kind="set", about="a", values={"timeline.x": LATE}), "is in week 6 and the run ends"),
    ],
)
def test_what_a_scenario_does_not_have_is_refused_before_any_run(does, why):
    scenario = load("baseline")
    with pytest.raises(InputError) as caught:
        run_batch([scenario], 5, 1, measures=[users(5, does, "mine")])
    assert why in str(caught.value) and str(caught.value).startswith("mine: intervention.")


def test_a_definition_of_a_firm_that_a_scenario_lacks_is_refused():
    scenario = load("baseline", ["players.tencent=null", "horizon_weeks=3"])
    params = get_metric("firm_share").params(firm="tencent")
    with pytest.raises(InputError, match='no firm "tencent"'):
        run_batch([scenario], 2, 1, measures=[Measurement("a", "firm_share", params, 3)])
