"""The numbers of stylised facts on markets made by hand, whose answers one can count."""

from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
from market import market

from llm_market_sim.simulation import Run
from llm_market_sim.stylised_facts import STATISTICS, Runs

WEEKS = np.arange(261.0)
NEVER = np.inf


def runs_of(worlds=1, firms=4, series=None, states=None, kind="startup", named=0, ahead=None):
    """Runs in which only what is given happened; `states`: columns by week, 260 is the end."""
    base = market(firms, worlds, facts={"kind": kind}, licensed_at=NEVER, capability=20.0)
    columns = {float(week): {} for week in range(0, 261, 13)} | (states or {})
    kept = {week: base.set(week=week, **given).state for week, given in columns.items()}
    read = {k: np.broadcast_to(v, (worlds, len(WEEKS))) for k, v in (series or {}).items()}
    scenario = SimpleNamespace(players=dict.fromkeys(range(named)))
    run = Run(scenario, 1, base.run().firms, np.arange(worlds), WEEKS, read, kept.pop(260.0), kept)
    return Runs(run, ahead or {})


def number(name, runs):
    """The number of the only world."""
    [[value]] = STATISTICS[name].numbers(runs)
    return value


def combined(name, runs):
    one = STATISTICS[name]
    return float(one.combine(np.sum(one.numbers(runs), axis=0)))


def users(shares):
    """The same users (W, S, F) in all segments."""
    return np.broadcast_to(np.asarray(shares, dtype=float), (1, 4, len(shares)))


# ---- the market as a whole ----


def test_a_shakeout_is_a_rise_and_a_fall():
    path = np.interp(WEEKS, [0, 40, 200, 260], [40, 80, 20, 24])
    runs = runs_of(series={"general_developers": path})
    assert number("rise_to_peak", runs) == 2.0
    assert number("fall_from_peak", runs) == pytest.approx(0.7)
    steady = runs_of(series={"general_developers": 40.0 + WEEKS})
    assert number("fall_from_peak", steady) == 0.0


@pytest.mark.parametrize(("exits_at", "lead"), [(150, 93), (26, -31)])
def test_entry_dries_up_before_exits_peak(exits_at, lead):
    # two enter a week until week 50: 13 in the quarter to week 56.5, half of the peak
    gone = np.interp(WEEKS, [exits_at - 13, exits_at], [0, 30])
    series = {"bankrupt": gone, "acquired": 0 * WEEKS, "closed": 0 * WEEKS}
    stops = series | {"entered": np.interp(WEEKS, [0, 50], [0, 100])}
    assert number("entry_before_exit", runs_of(series=stops)) == lead
    never = series | {"entered": 2 * WEEKS}
    assert number("entry_before_exit", runs_of(series=never)) == exits_at - 260


GRID = (np.arange(1000) + 0.5) / 1000


@pytest.mark.parametrize(
    ("logs", "tail"),
    [([NormalDist().inv_cdf(u) for u in GRID], 0.0), (-np.log(1 - GRID), 0.18), (GRID, -0.18)],
    ids=["lognormal", "Pareto", "evenly spread"],
)
def test_sizes_of_survivors(logs, tail):
    logs = np.asarray(logs)
    runs = runs_of(firms=1001, states={156.0: {
        "users": users(np.append(np.exp(1.5 * logs), 1e6)), "status": [2] * 1000 + [6],
    }})  # fmt: skip
    assert number("upper_tail", runs) == pytest.approx(tail, abs=0.01)
    assert number("log_share_spread", runs) == pytest.approx(1.5 * np.std(logs))  # not the dead one


def test_the_largest_tenth():
    shares = [30.0, 25.0] + [45.0 / 18] * 18
    assert number("top_tenth_share", runs_of(firms=20, states={156.0: {"users": users(shares)}})) \
        == pytest.approx(0.55)  # fmt: skip
    few = runs_of(firms=4, states={156.0: {"users": users([1, 1, 1, 1])}})
    assert np.isnan(number("top_tenth_share", few))


def _logistic(middle, width):
    return 1.0 / (1.0 + np.exp(-(WEEKS - middle) / width))


@pytest.mark.parametrize(
    ("curve", "bends"),
    [
        (_logistic(80, 15), 1),
        (_logistic(80, 15) + 0.01 * (-1) ** (WEEKS // 26), 1),
        (_logistic(50, 8) + _logistic(180, 8), 3),
        (1 - np.exp(-WEEKS / 50), 0),
        (WEEKS**2, 0),
        ((WEEKS - 130) ** 3, 0),
    ],
    ids=["S", "S with noise", "two waves", "concave", "convex", "convex last"],
)
def test_an_s_curve_has_one_inflection(curve, bends):
    assert number("adoption_inflections", runs_of(series={"users_consumer": curve})) == bends


def test_adopters_are_users_of_all_consumers():
    of = {"users": users([10.0, 15.0]), "idle": 30.0, "unaware": 45.0}
    assert number("adopters_78", runs_of(firms=2, states={78.0: of})) == 0.25


def test_the_price_of_what_was_best_a_year_ago():
    prices = {26.0: [10.0, 60.0, 8.0, 50.0], 78.0: [1.0, 40.0, 12.0, 2.0]}
    served = {26.0: [23.0, 24.0, 23.5, 25.0], 78.0: [23.9, 24.5, 24.0, 25.0]}
    kind = ["startup", "bigtech", "startup", "foreign"]  # the frontier is not for sale
    runs = runs_of(kind=kind, states={
        week: {"served": served[week], "price": users(prices[week])} for week in prices
    })  # fmt: skip
    assert number("price_fall", runs) == 5.0  # 60 for 24.0, then 12; what costs 1 is worse


def test_concentration_as_a_number_of_firms():
    assert number("effective_firms", runs_of(series={"hhi": np.where(WEEKS == 156, 0.25, 1)})) == 4


@pytest.mark.parametrize(
    ("rates", "bend", "straight"),
    [
        ([1, 3, 3, 3, 3, 3], 3.0, 1.0),
        ([4, 2, 2, 2, 1, 0], 0.5, 0.25),
        ([4, 2, 0, 0, 0, 0], 0.5, 0.0),
    ],
)
def test_approvals(rates, bend, straight):
    edges = 20 + 13 * np.arange(7)
    so_far = np.interp(WEEKS, edges, np.cumsum([0, *rates]) * 13.0)
    runs = runs_of(series={"services": so_far})
    assert number("approvals_bend", runs) == pytest.approx(bend)
    assert number("approvals_straight", runs) == pytest.approx(straight)
    for name in ("approvals_bend", "approvals_straight"):
        assert np.isnan(number(name, runs_of(series={"services": 0 * WEEKS})))


@pytest.mark.parametrize(("later", "stays"), [([9, 5, 1], 1), ([4, 5, 9], 0)])
def test_the_leader_is_a_domestic_one(later, stays):
    shares = {26.0: [20, 10, 90], 78.0: [*later[:2], 90 + later[2]]}
    if not stays:
        shares[78.0] = [4, 5, 90]
    runs = runs_of(firms=3, kind=["startup", "bigtech", "foreign"],
                   states={week: {"users": users(of)} for week, of in shares.items()})  # fmt: skip
    assert number("leader_stays", runs) == stays


# ---- firms ----


def test_exits_and_years_by_age():
    # entered, closed: one of week 0 does not count; one dies at 13 weeks, one at 78, one at 156,
    # one lives on, one came so late that it is 52 weeks old in the end
    end = {"entered_at": [0.0, 10.0, 10.0, 10.0, 10.0, 208.0, NEVER],
           "closed_at": [50.0, 23.0, 88.0, 166.0, NEVER, NEVER, NEVER]}  # fmt: skip
    runs = runs_of(firms=7, states={260.0: end})
    [row] = STATISTICS["exits_middle_to_young"].numbers(runs)
    assert row == pytest.approx([1, (52 + 78 + 78 + 26) / 52, 1, (13 + 26 * 4) / 52])
    [row] = STATISTICS["exits_old_to_middle"].numbers(runs)
    assert row == pytest.approx([1, (52 + 104) / 52, 1, (52 + 78 + 78 + 26) / 52])


def test_a_planted_hazard_is_found():
    """Exits at .2 a year, then .6, then .1 by age: ratios 3 and 1/6, whoever is cut off."""
    rng = np.random.default_rng(1)
    entered = rng.uniform(0.1, 100, size=(40, 200))
    left = rng.exponential(size=entered.shape)
    age = np.interp(left, [0, 0.1, 1.0, 6.0], [0, 26, 104, 104 + 2600])
    closed = np.where(entered + age < 260, entered + age, NEVER)
    runs = runs_of(40, 200, states={260.0: {"entered_at": entered, "closed_at": closed}})
    assert combined("exits_middle_to_young", runs) == pytest.approx(3.0, rel=0.1)
    assert combined("exits_old_to_middle", runs) == pytest.approx(1 / 6, rel=0.1)


@pytest.mark.parametrize(
    ("column", "name"), [("best_share", "exits_small_to_large"), ("served", "exits_weak_to_strong")]
)
def test_exits_of_the_lower_half_over_the_upper(column, name):
    # of the lower half two of three die after half a year, of the upper one of three; the middle
    # one, one without a product and one that died before do not count
    then = {column: [1.0, 2, 3, 5, 7, 8, 9, 0, 0], "launched_at": [0.0] * 7 + [60.0, 0.0],
            "status": [3] * 8 + [6]}  # fmt: skip
    end = {"closed_at": [78.0, 78, NEVER, 60, 78, NEVER, 300, 60, 40]}
    runs = runs_of(firms=9, states={52.0: then, 260.0: end})
    [row] = STATISTICS[name].numbers(runs)
    assert row == pytest.approx([2, 2.0, 1, 2.5])


def test_a_head_start_helps_and_fades():
    def shares(*of):
        return {"users": users([*of, 1.0 - sum(of)])}

    base = runs_of(firms=3, states={w: shares(0.1, 0.1) for w in (52.0, 78.0, 156.0)})
    first = runs_of(firms=3, states={
        52.0: shares(0.3, 0.1), 78.0: shares(0.2, 0.1), 156.0: shares(0.15, 0.1)}).base  # fmt: skip
    second = runs_of(firms=3, states={w: shares(0.1, 0.1) for w in (52.0, 78.0, 156.0)}).base
    runs = Runs(base.base, {"firm-0": first, "firm-1": second})
    assert number("head_start_helps", runs) == 0.5  # one gains, one draws
    assert number("head_start_fades", runs) == pytest.approx((0.2 - 0.05) / 2)
    assert np.isnan(number("head_start_helps", base))


def test_survival_of_early_firms_is_compared_at_like_skill():
    """Early firms are the less skilled ones: together they die more, at like skill they last."""
    rows = [(0.0, 0.0, 4, 8), (0.0, 1.0, 1, 1), (9.0, 0.0, 1, 4), (9.0, 1.0, 8, 11)]
    firms = [(entered, skill, NEVER if k < lasting else entered + 50)
             for entered, skill, lasting, count in rows for k in range(count)]  # fmt: skip
    entered, skill, closed = np.array([(9.0, 0.0, NEVER), *firms]).T  # the first one is named
    runs = runs_of(firms=len(closed), named=1, states={
        260.0: {"entered_at": entered, "skill": skill, "closed_at": closed}})  # fmt: skip
    assert 5 / 9 < 9 / 15
    low, high = 8 * 4 / 12, 1 * 11 / 12
    expected = (low * (4 / 8 - 1 / 4) + high * (1 - 8 / 11)) / (low + high)
    assert number("early_survival", runs) == pytest.approx(expected)


# ---- money ----


@pytest.mark.parametrize(("sign", "correlation"), [(1, 1.0), (-1, -1.0)])
def test_money_and_mood(sign, correlation):
    quarters = np.repeat(np.sin(np.arange(20)), 13)
    raised = np.concatenate([[0.0], np.cumsum(2 + sign * quarters)])
    runs = runs_of(series={"hype": np.append(3 + quarters, 0.0), "raised": raised})
    assert number("money_follows_mood", runs) == pytest.approx(correlation)


def test_five_firms_raise_most_of_the_money_since_week_0():
    runs = runs_of(firms=8, states={
        0.0: {"raised": [500.0] + [0.0] * 7},
        78.0: {"raised": [510.0, 20, 20, 20, 20, 0, 10, 20]},
    })  # fmt: skip
    assert number("top_five_money", runs) == pytest.approx(100 / 120)


def test_sizes_of_first_and_later_rounds():
    # first rounds, a third, two in one quarter, a second
    before = {"stage": [0, 0, 2, 1, 1], "raised": [0.0, 0, 50, 0, 0]}
    after = {"stage": [1, 1, 3, 3, 2], "raised": [10.0, 20, 110, 500, 900]}
    states = {float(w): before if w < 117 else after for w in range(0, 261, 13)}
    assert number("later_rounds", runs_of(firms=5, states=states)) == 60 / 15


@pytest.mark.parametrize(("hot_die", "difference"), [(True, 0.5), (False, -0.5)])
def test_cohorts_of_hot_quarters(hot_die, difference):
    """Two firms are first funded in a hot quarter, two in a cool one; two do not count."""
    hype = np.where(WEEKS < 13, 2.0, 0.1)
    dies, lives = 90.0, 170.0  # within two years of the quarter, and later
    hot, cool = ((dies, dies), (dies, lives)) if hot_die else ((dies, lives), (dies, dies))
    states = {
        float(week): {"stage": [*[week > 0] * 2, *[week > 13] * 2, 1, week > 200]}
        for week in range(0, 260, 13)
    }
    states[260.0] = {"stage": [1] * 6, "closed_at": [*hot, *cool, 10, 210]}
    runs = runs_of(firms=6, series={"hype": hype}, states=states)
    assert number("hot_cohorts_die", runs) == difference


def test_whose_losses_deepen_first():
    weeks = np.arange(0.0, 261, 13)
    worst = {"startup": 26.0, "bigtech": 65.0}
    total = {kind: np.cumsum(np.where(weeks == at, -9.0, -1.0)) for kind, at in worst.items()}
    states = {
        week: {"profit_total": [total["startup"][k], total["bigtech"][k]]}
        for k, week in enumerate(weeks)
    }
    runs = runs_of(firms=2, kind=["startup", "bigtech"], states=states)
    assert number("others_lose_first", runs) == 39
