"""Choice, inertia and adoption against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from market import NO_MODEL, SEGMENTS, market

from llm_market_sim.market.state import Route, Status

CONSUMER = 0


def every_segment(name: str, value: float) -> str:
    return f"users.{name}={{{', '.join(f'{segment}: {value}' for segment in SEGMENTS)}}}"


def plain(scale=0.5, outside=0.0, inertia=0.0, again=365.0, innovation=0.0, imitation=0.0):
    """Only choice matters: no reach to gain but through users, no data, no price."""
    return [
        every_segment("nest_scale", scale), every_segment("outside_utility", outside),
        every_segment("inertia", inertia), every_segment("reconsider_per_year", again),
        every_segment("innovation_per_year", innovation),
        every_segment("imitation_per_year", imitation), every_segment("quality_weight", 0.0),
        every_segment("price_weight", 2.0),
        every_segment("price_scale", 10.0), "users.flywheel=0.0", "users.affinity_weight=0.0",
        "users.channel_per_year={bigtech: 0, listed: 0, startup: 0, foreign: 0}",
    ]  # fmt: skip


def shares(state):
    return state.users / np.sum(state.users, axis=-1, keepdims=True)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_products_share_equally(n):
    now = market(n, sets=plain(outside=-50.0))
    after = now.do("adopt").state
    np.testing.assert_allclose(shares(after), 1.0 / n, rtol=1e-9)
    chose = now.state.idle - after.idle
    np.testing.assert_allclose(chose, now.state.idle * (1 - np.exp(-365 / 52)), rtol=1e-9)


@pytest.mark.parametrize("scale", [0.3, 0.6, 1.0])
def test_the_share_inside_follows_the_nest(scale):
    n, value, outside = 5, 0.8, 1.5
    now = market(n, sets=plain(scale, outside), taste=value)
    after = now.do("adopt").state
    chosen = np.sum(after.users, axis=-1) / (now.state.idle[..., 0] * (1 - np.exp(-365 / 52)))
    inside = n**scale / (n**scale + np.exp(outside - value))
    np.testing.assert_allclose(chosen, inside, rtol=1e-9)


def random_market(inertia, outside=0.0, scale=0.6, n=6):
    rng = np.random.default_rng(5)
    users = rng.uniform(0, 100, (3, 4, n))
    return market(
        n,
        worlds=3,
        sets=plain(scale, outside, inertia, again=20.0),
        taste=rng.normal(0, 1, (3, 4, n)),
        reach=rng.uniform(0.1, 1, (3, 4, n)),
        users=users,
        idle=rng.uniform(0, 100, (3, 4, 1)),
        unaware=0.0,
    )


def test_flows_equal_the_full_transition_matrix():
    """The flows in O(firms) are those of P(j | i), written out firm by firm."""
    kappa, scale, outside = 1.1, 0.6, 0.4
    now = random_market(kappa, outside, scale)
    state = now.state
    v = np.exp((state.taste - outside) / scale)
    w = state.reach * v
    total = w.sum(-1, keepdims=True)
    stay = np.exp(kappa / scale) - 1
    den = total + stay * v
    inside = den**scale / (1 + den**scale)
    n = v.shape[-1]
    p = w[..., None, :] + np.eye(n) * (stay * v)[..., None, :]
    p = p / den[..., :, None] * inside[..., :, None]
    out = (1 - inside)[..., None]
    np.testing.assert_allclose(np.sum(p, -1, keepdims=True) + out, 1.0, rtol=1e-12)
    again = 1 - np.exp(-20 / 52)
    new = total**scale / (1 + total**scale)
    expected = (
        state.users * (1 - again)
        + again * np.sum(state.users[..., :, None] * p, axis=-2)
        + again * state.idle * new * w / total
    )
    np.testing.assert_allclose(now.do("adopt").state.users, expected, rtol=1e-9)


def test_inertia_has_the_reversible_stationary_shares():
    """Stationary share proportional to w (S + (e^(kappa/lambda) - 1) v)."""
    kappa, scale = 1.5, 0.6
    now = random_market(kappa, outside=-60.0, scale=scale)
    v = np.exp(now.state.taste / scale)
    w = now.state.reach * v
    pi = w * (np.sum(w, -1, keepdims=True) + (np.exp(kappa / scale) - 1) * v)
    expected = pi / np.sum(pi, -1, keepdims=True)
    after = now.set(users=100.0 * expected, idle=0.0).do("adopt").state
    np.testing.assert_allclose(shares(after), expected, rtol=1e-9)
    moved = now.set(users=100.0, idle=0.0).do("adopt").state  # from elsewhere, towards it
    off = [np.sum(np.abs(one - expected), -1) for one in (shares(moved), 1 / 6)]
    assert np.all(off[0] < off[1])


def test_no_inertia_is_plain_logit_and_much_inertia_freezes():
    free = random_market(0.0, outside=-60.0)
    reach = free.state.reach
    for _ in range(200):
        free = free.do("adopt").set(reach=reach)
    w = free.state.reach * np.exp(free.state.taste / 0.6)
    np.testing.assert_allclose(shares(free.state), w / w.sum(-1, keepdims=True), rtol=1e-9)
    stuck = random_market(15.0, outside=-60.0)
    after = stuck.set(idle=0.0).do("adopt").state
    np.testing.assert_allclose(after.users, stuck.state.users, rtol=1e-6)


def test_narrow_nest_gives_all_to_the_best():
    after = market(3, sets=plain(0.05, -5.0), taste=np.array([0.0, 0.5, 1.0])).do("adopt").state
    assert np.all(shares(after)[..., 2] > 0.9999)


def test_plain_logit_keeps_ratios_when_a_product_goes():
    taste = np.array([0.0, 0.5, 1.0])
    three = market(3, sets=plain(1.0, 0.3), taste=taste).do("adopt").state.users
    two = market(2, sets=plain(1.0, 0.3), taste=taste[:2]).do("adopt").state.users
    np.testing.assert_allclose(three[..., 0] / three[..., 1], two[..., 0] / two[..., 1], rtol=1e-12)


def test_nobody_uses_what_is_worse_than_nothing():
    after = market(3, sets=plain(0.5, 1000.0)).do("adopt").state
    assert np.all(after.users < 1e-30)
    np.testing.assert_allclose(after.idle, market(3).state.idle, rtol=1e-15)


def adoption(ticks, years):
    """Adopted share after `years`, and by tick: innovators and imitators only."""
    size = np.array(list(market(1).scenario.users.population.values()))[:, None]
    now = market(
        1, sets=plain(0.5, -50.0, 0.0, 0.0, 0.08, 3.0), ticks=ticks, idle=0.0, unaware=size
    )
    path = [0.0]
    for _ in range(round(52 * years) * ticks):
        now = now.do("adopt")
        path.append(now.state.users[0, CONSUMER, 0] / size[CONSUMER, 0])
    return np.array(path)


@pytest.mark.parametrize("ticks", [1, 2, 7])
def test_adoption_is_the_bass_curve_whatever_the_tick(ticks):
    p, q, years = 0.08, 3.0, 1.5
    exact = (1 - np.exp(-(p + q) * years)) / (1 + q / p * np.exp(-(p + q) * years))
    assert exact == pytest.approx(0.723, abs=5e-4)
    assert adoption(ticks, years)[-1] == pytest.approx(exact, rel=1e-10)


def test_adoption_peaks_when_bass_says():
    path = adoption(4, 2.5)
    peak = np.argmax(np.diff(path)) * 0.25 / 52
    assert peak == pytest.approx(np.log(3.0 / 0.08) / 3.08, abs=0.03)


@pytest.mark.parametrize(("hype", "often"), [(np.log(2), 2.0), (-1.0, np.exp(-1))])
def test_those_who_try_of_their_own_accord_follow_the_mood(hype, often):
    """And those who imitate do not: a tenth have tried, and innovate at .08 times hype a year."""
    size = np.array(list(market(1).scenario.users.population.values()))[:, None]
    after = market(1, sets=plain(0.5, -50.0, 0.0, 0.0, 0.08, 3.0), log_hype=hype, ticks=1,
                   idle=0.1 * size, unaware=0.9 * size).do("adopt").state  # fmt: skip
    p, q, tried = 0.08 * often, 3.0, 0.1
    left = (1 - tried) / (p + q * tried) * np.exp(-(p + q) / 52)  # of Bass's equation
    np.testing.assert_allclose(after.unaware[0] / size, 1 - (1 - p * left) / (1 + q * left))


@pytest.mark.parametrize("ticks", [1, 4])
def test_reach_grows_to_everybody_by_channels_and_by_what_is_spent(ticks):
    """30 M USD a year reach people at a rate of 1 a year; twice as much at 2^.6; the foreign do
    not advertise."""
    sets = [
        *plain(0.5, 1000.0, 0.0, 0.0),
        "users.marketing_musd=30",
        "users.marketing_exponent=0.6",
        "users.channel_per_year={bigtech: 0.5, listed: 0, startup: 0.1, foreign: 0}",
    ]
    now = market(4, sets=sets, ticks=ticks, reach=0.1, wish_marketing_musd=[0, 30.0, 60.0, 60.0],
                 facts={"kind": ["bigtech", "startup", "listed", "foreign"]})  # fmt: skip
    for _ in range(26 * ticks):
        now = now.do("adopt").pass_time()
    rate = np.array([0.5, 1.1, 2**0.6, 0.0])
    np.testing.assert_allclose(now.state.reach[0], [1 - 0.9 * np.exp(-rate / 2)] * 4, rtol=1e-9)
    assert now.state.marketing[0].tolist() == [0, 30, 60, 0]


def test_who_has_opened_a_model_is_heard_of_among_developers():
    sets = plain(0.5, 1000.0, 0.0, 0.0)
    after = market(2, sets=sets, reach=0.1, opened=[23.3, NO_MODEL]).do("adopt").state
    expected = np.full((4, 2), 0.1)
    expected[1, 0] = 1 - 0.9 * np.exp(-0.6 / 52)
    np.testing.assert_allclose(after.reach[0], expected, rtol=1e-12)


def test_word_of_mouth_spreads_with_the_share_of_users():
    """A quarter of all consumers tell others at a rate of 2 a year; nobody else does."""
    sets = plain(again=0.0)
    now = market(2, sets=sets, reach=0.1)
    users = np.zeros((4, 2))
    users[CONSUMER, 0] = now.scenario.users.population["consumer"] / 4
    after = now.set(users=users, idle=0.0).do("adopt").state.reach[0]
    expected = np.full((4, 2), 0.1)
    expected[CONSUMER, 0] = 1 - 0.9 * np.exp(-2.0 / 4 / 52)
    np.testing.assert_allclose(after, expected, rtol=1e-9)


def test_nobody_is_told_of_what_was_not_shown():
    sets = ["users.channel_per_year={bigtech: 1, listed: 1, startup: 1, foreign: 1}"]
    after = (
        market(
            3,
            sets=sets,
            reach=0.1,
            week=4.0,
            launched_at=[4.0, 6.0, 0.0],
            status=[Status.OPEN, Status.BUILDING, Status.CLOSED],
        )
        .do("adopt")
        .state
    )
    assert np.all(after.reach[0, :, 0] > 0.1)
    np.testing.assert_allclose(after.reach[0, :, 1:], 0.1, rtol=1e-12)


def test_ten_times_the_use_adds_the_flywheel():
    """The odds of two products whose data differ tenfold: phi of capability, over the nest."""
    sets = [*plain(0.5), every_segment("quality_weight", 2.0), "users.flywheel=0.05"]
    after = market(2, sets=sets, use_so_far=[9e7, 99e7]).do("adopt").state
    odds = after.users[..., 1] / after.users[..., 0]
    np.testing.assert_allclose(odds, np.exp(2.0 * 0.05 / 0.5), rtol=1e-9)


def test_what_draws_users_to_one_product_more_than_to_another():
    """Quality, price, origin, a niche: each as its weight over the nest's scale says."""
    cases = [
        ("quality_weight", 1.4, {"served": [24.5, 24.0]}, 0.5 * 1.4),
        ("price_weight", 1.3, {"price": [10.0, 50.0]}, 1.3 * np.log(6 / 2)),  # 1 + p/w, w is 10
    ]
    for name, weight, columns, gain in cases:
        after = market(2, sets=[*plain(0.5), every_segment(name, weight)], **columns).do("adopt")
        odds = after.state.users[..., 0] / after.state.users[..., 1]
        np.testing.assert_allclose(odds, np.exp(gain / 0.5), rtol=1e-9, err_msg=name)
    fits = [{"consumer": 0.9, "developer": 0.2, "enterprise": 0.2, "public": 0.2}, 0.2]
    after = market(2, sets=[*plain(0.5), "users.affinity_weight=1.5"], facts={"affinity": fits})
    odds = after.do("adopt").state.users[0, :, 0] / after.do("adopt").state.users[0, :, 1]
    np.testing.assert_allclose(odds, [np.exp(0.7 * 1.5 / 0.5), 1, 1, 1], rtol=1e-9)
    niche = market(2, sets=[*plain(0.5), "users.vertical_bonus=0.8"], niche=[2, -1],
                   route=[Route.VERTICAL, Route.FOUNDATION]).do("adopt").state.users[0]  # fmt: skip
    np.testing.assert_allclose(niche[2, 0] / niche[2, 1], np.exp(0.8 / 0.5), rtol=1e-9)
    assert np.all(niche[[0, 1, 3], 0] == 0.0)


@pytest.mark.parametrize("required", [True, False])
def test_a_public_product_that_must_be_safe_is_worse_by_the_alignment(required):
    """Against one from abroad, in the two segments where a licence is needed, while it is."""
    sets = [
        *plain(0.5), every_segment("quality_weight", 2.0), "regulation.alignment_oom=0.3",
        "regulation.licence_needed={consumer: 1, developer: 1, enterprise: 0, public: 0}",
        f"regulation.review_required={required}", "users.foreign_access=1",
    ]  # fmt: skip
    after = market(2, sets=sets, facts={"kind": ["startup", "foreign"]}).do("adopt").state
    odds = after.users[0, :, 0] / after.users[0, :, 1]
    lost = 0.3 * 2.0 / 0.5 * required
    np.testing.assert_allclose(odds, np.exp([-lost, -lost, 0, 0]), rtol=1e-9)


def test_only_what_is_open_or_in_beta_is_chosen_and_abroad_where_it_can_be_had():
    kinds = ["startup"] * 4 + ["foreign"]
    status = [Status.OPEN, Status.BETA, Status.SUSPENDED, Status.BUILDING, Status.OPEN]
    beta = ["regulation.beta_cap={consumer: 1e12, developer: 1e12, enterprise: 1e12, public: 1e12}"]
    for access in (0.0, 0.25):
        sets = [*plain(0.5), *beta, f"users.foreign_access={access}"]
        users = market(5, sets=sets, status=status, facts={"kind": kinds}).do("adopt").state.users
        np.testing.assert_allclose(
            users[0, :, :] / users[0, :, :1], [[1.0, 1.0, 0.0, 0.0, access]] * 4, rtol=1e-9
        )


def test_a_closed_beta_holds_its_cap_and_turns_the_rest_away():
    sets = ["regulation.beta_cap={consumer: 1000, developer: 100, enterprise: 1e9, public: 1e9}",
            every_segment("outside_utility", -29)]  # fmt: skip
    now = market(2, sets=sets, status=[Status.BETA, Status.OPEN])
    after = now.do("adopt").state
    np.testing.assert_array_equal(after.users[0, :2, 0], [1000.0, 100.0])
    assert np.all(after.users[0, :, 1] > 0.0)
    assert np.all(after.users[0, 2:, 0] > 0.0)
    total = np.sum(after.users, -1) + after.idle[..., 0]
    np.testing.assert_allclose(total, now.state.idle[..., 0], rtol=1e-12)


def test_what_is_counted_of_the_users():
    """Use, payments, data, the best share, and its mean of about a quarter, worked out by hand."""
    units = "pricing.units_per_account={consumer: 1, developer: 10, enterprise: 100, public: 1000}"
    size = "users.population={consumer: 1000, developer: 1000, enterprise: 1000, public: 1e5}"
    users = [[30.0, 10.0], [0.0, 0.0], [5.0, 15.0], [8.0, 2.0]]
    price = [[1.0, 2.0], [9.0, 9.0], [3.0, 4.0], [5.0, 6.0]]
    after = (
        market(
            2,
            sets=[units, size, *plain(again=0.0)],
            idle=0.0,
            users=users,
            price=price,
            use_so_far=7.0,
            share_trend=0.2,
        )
        .do("adopt")
        .state
    )
    np.testing.assert_allclose(after.use[0], [30 + 500 + 8000, 10 + 1500 + 2000])
    np.testing.assert_allclose(after.spending[0], [30 + 15 + 40, 20 + 60 + 12])
    np.testing.assert_allclose(after.use_so_far[0], [8537, 3517])
    # of 100 public bodies only ten use anything: a thin market, where eight are but 8 %
    np.testing.assert_allclose(after.best_share[0], [0.75, 0.75])
    kept = np.exp(-1 / 13)
    np.testing.assert_allclose(after.share_trend[0], 0.75 + (0.2 - 0.75) * kept)
    public = np.zeros((4, 2))
    public[3] = [8.0, 2.0]
    thin = market(2, sets=[size, *plain(again=0.0)], idle=0.0, users=public).do("adopt").state
    np.testing.assert_allclose(thin.best_share[0], [0.08, 0.02])


def test_taste_keeps_its_spread_and_forgets_at_its_rate():
    now = market(50, 40, ["users.taste_spread=0.7"], drawn=["taste"])
    first = now.state.taste
    assert np.std(first) == pytest.approx(0.7, rel=0.03)
    for week in range(1, 53):
        before, now = now.state.taste, now.do("adopt").pass_time()
        assert np.array_equal(before, now.state.taste) == (week % 4 != 0)  # every four weeks
    last = now.state.taste
    assert np.std(last) == pytest.approx(0.7, rel=0.03)
    assert np.corrcoef(first.ravel(), last.ravel())[0, 1] == pytest.approx(np.exp(-1), abs=0.03)
