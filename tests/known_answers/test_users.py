"""Choice, inertia and adoption against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from llm_market_sim.market.mechanisms.users import adopt, learned_capability
from llm_market_sim.market.parameters import SEGMENTS

CONSUMER = 0


def every_segment(name: str, value: float) -> str:
    return f"users.{name}={{{', '.join(f'{segment}: {value}' for segment in SEGMENTS)}}}"


def plain(scale=0.5, outside=0.0, inertia=0.0, again=365.0, innovation=0.0, imitation=0.0):
    """Parameters under which only choice matters: no reach to gain, no data, no price."""
    return [
        every_segment("nest_scale", scale), every_segment("outside_utility", outside),
        every_segment("inertia", inertia), every_segment("reconsider_per_year", again),
        every_segment("innovation_per_year", innovation),
        every_segment("imitation_per_year", imitation), every_segment("quality_weight", 0.0),
        every_segment("word_of_mouth_per_year", 0.0), "users.flywheel=0.0",
        "users.affinity_weight=0.0",
        "users.marketing_per_year={bigtech: 0, listed: 0, startup: 0, foreign: 0}",
    ]  # fmt: skip


def shares(state):
    return state.users / np.sum(state.users, axis=-1, keepdims=True)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_products_share_equally(little, n):
    market = little(n, sets=plain(outside=-50.0))
    after = market.do(adopt).state
    np.testing.assert_allclose(shares(after), 1.0 / n, rtol=1e-9)
    chose = market.state.idle - after.idle
    np.testing.assert_allclose(chose, market.state.idle * (1 - np.exp(-365 / 52)), rtol=1e-9)


@pytest.mark.parametrize("scale", [0.3, 0.6, 1.0])
def test_the_share_inside_follows_the_nest(little, scale):
    n, value, outside = 5, 0.8, 1.5
    market = little(n, sets=plain(scale, outside), taste=value)
    after = market.do(adopt).state
    chosen = np.sum(after.users, axis=-1) / (market.state.idle[..., 0] * (1 - np.exp(-365 / 52)))
    inside = n**scale / (n**scale + np.exp(outside - value))
    np.testing.assert_allclose(chosen, inside, rtol=1e-9)


def random_market(little, inertia, outside=0.0, scale=0.6, n=6):
    rng = np.random.default_rng(5)
    users = rng.uniform(0, 100, (3, 4, n))
    return little(
        n, worlds=3, sets=plain(scale, outside, inertia, again=20.0),
        taste=rng.normal(0, 1, (3, 4, n)), reach=rng.uniform(0.1, 1, (3, 4, n)), users=users,
        idle=rng.uniform(0, 100, (3, 4, 1)), unaware=0.0,
    )  # fmt: skip


def test_flows_equal_the_full_transition_matrix(little):
    """The flows in O(firms) are those of P(j | i), written out firm by firm."""
    kappa, scale, outside = 1.1, 0.6, 0.4
    market = random_market(little, kappa, outside, scale)
    state = market.state
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
    np.testing.assert_allclose(market.do(adopt).state.users, expected, rtol=1e-9)


def test_inertia_has_the_reversible_stationary_shares(little):
    """Stationary share proportional to w (S + (e^(kappa/lambda) - 1) v)."""
    kappa, scale = 1.5, 0.6
    market = random_market(little, kappa, outside=-60.0, scale=scale)
    for _ in range(3000):
        market = market.do(adopt)
    v = np.exp(market.state.taste / scale)
    w = market.state.reach * v
    pi = w * (np.sum(w, -1, keepdims=True) + (np.exp(kappa / scale) - 1) * v)
    expected = pi / np.sum(pi, -1, keepdims=True)
    np.testing.assert_allclose(shares(market.state), expected, rtol=1e-9)


def test_no_inertia_is_plain_logit_and_much_inertia_freezes(little):
    free = random_market(little, 0.0, outside=-60.0)
    for _ in range(200):
        free = free.do(adopt)
    w = free.state.reach * np.exp(free.state.taste / 0.6)
    np.testing.assert_allclose(shares(free.state), w / w.sum(-1, keepdims=True), rtol=1e-9)
    stuck = random_market(little, 15.0, outside=-60.0)
    after = stuck.do(adopt, idle=0.0).state
    np.testing.assert_allclose(after.users, stuck.state.users, rtol=1e-6)


def test_narrow_nest_gives_all_to_the_best(little):
    after = little(3, sets=plain(0.05, -5.0), taste=np.array([0.0, 0.5, 1.0])).do(adopt).state
    assert np.all(shares(after)[..., 2] > 0.9999)


def test_plain_logit_keeps_ratios_when_a_product_goes(little):
    taste = np.array([0.0, 0.5, 1.0])
    three = little(3, sets=plain(1.0, 0.3), taste=taste).do(adopt).state.users
    two = little(2, sets=plain(1.0, 0.3), taste=taste[:2]).do(adopt).state.users
    np.testing.assert_allclose(three[..., 0] / three[..., 1], two[..., 0] / two[..., 1], rtol=1e-12)


def test_nobody_uses_what_is_worse_than_nothing(little):
    after = little(3, sets=plain(0.5, 1000.0)).do(adopt).state
    assert np.all(after.users < 1e-30)
    np.testing.assert_allclose(after.idle, little(3).state.idle, rtol=1e-15)


def adoption(little, dt, years):
    """Adopted share after `years`, and by tick: innovators and imitators only."""
    market = little(
        1, sets=plain(0.5, -50.0, 0.0, 0.0, 0.08, 3.0), dt=dt, idle=0.0,
        unaware=little(1).p.users.population,
    )  # fmt: skip
    total = market.state.unaware[0, CONSUMER, 0]
    path = [0.0]
    for _ in range(round(52 * years / dt)):
        market = market.do(adopt)
        path.append(market.state.users[0, CONSUMER, 0] / total)
    return np.array(path)


@pytest.mark.parametrize("dt", [1.0, 0.5, 1 / 7])
def test_adoption_is_the_bass_curve_whatever_the_tick(little, dt):
    p, q, years = 0.08, 3.0, 1.5
    exact = (1 - np.exp(-(p + q) * years)) / (1 + q / p * np.exp(-(p + q) * years))
    assert exact == pytest.approx(0.723, abs=5e-4)
    assert adoption(little, dt, years)[-1] == pytest.approx(exact, rel=1e-10)


def test_adoption_peaks_when_bass_says(little):
    path = adoption(little, 0.25, 2.5)
    peak = np.argmax(np.diff(path)) * 0.25 / 52
    assert peak == pytest.approx(np.log(3.0 / 0.08) / 3.08, abs=0.03)


def test_reach_grows_to_everybody_at_the_rate_of_marketing_and_use(little):
    sets = [
        *plain(0.5, 1000.0, 0.0, 0.0),
        "users.marketing_per_year={bigtech: 1, listed: 1, startup: 1.3, foreign: 1}",
    ]
    for dt in (1.0, 0.25):
        market = little(2, sets=sets, dt=dt, reach=0.1)
        for _ in range(round(26 / dt)):
            market = market.do(adopt)
        np.testing.assert_allclose(market.state.reach, 1 - 0.9 * np.exp(-1.3 / 2), rtol=1e-9)


def test_ten_times_the_use_adds_the_flywheel(little):
    sets = [every_segment("quality_weight", 2.0), "users.flywheel=0.05", "users.flywheel_start=1e6"]
    market = little(2, sets=sets, data=np.array([9e6, 99e6]))
    learned = learned_capability(market.state, market.p)
    np.testing.assert_allclose(learned[:, 1] - learned[:, 0], 0.05, rtol=1e-9)


def test_without_a_flywheel_its_start_does_not_matter(little):
    paths = []
    for start in (1e3, 1e9):
        sets = ["users.flywheel=0.0", f"users.flywheel_start={start}"]
        paths.append(little(2, sets=sets, data=1e7).do(adopt).state.users)
    np.testing.assert_array_equal(*paths)


def test_taste_keeps_its_spread_and_forgets_at_its_rate(little):
    sets = ["users.taste_spread=0.7", "users.taste_memory_weeks=52"]
    market = little(50, worlds=40, sets=sets)
    first = 0.7 * market.setting.luck.segment_normals("taste")
    market = market.do(adopt, taste=first)
    for _ in range(51):
        market = market.tick().do(adopt)
    last = market.state.taste
    assert np.std(last) == pytest.approx(0.7, rel=0.03)
    assert np.corrcoef(first.ravel(), last.ravel())[0, 1] == pytest.approx(np.exp(-1), abs=0.03)
