"""The mood and share prices: where they return to, how they spread, and what moves them."""

import numpy as np
import pytest
from market import NEVER, market

QUIET = ["hype.spread=0.0", "hype.memory_weeks=1000"]


def stirred(now, weeks):
    """The market after weeks in which only hype was stirred."""
    for _ in range(weeks * now.scenario.ticks_per_week):
        now = now.do("stir hype").pass_time()
    return now.state


def test_share_prices_wander_as_gibrat_says():
    """Nothing but independent growth: the variance of log size is sigma^2 t."""
    sets = ["hype.stock_hype_beta=0.0", "hype.stock_news_beta=0.0"]
    for ticks in (1, 2):
        after = stirred(market(60, 60, sets, ticks, facts={"kind": "listed"}), 20)
        spread = after.log_stock.var() / (0.06**2 * 20)
        assert abs(spread - 1) < 4 * np.sqrt(2 / 3600)


@pytest.mark.parametrize("ticks", [1, 2, 7])
def test_hype_returns_to_its_level_with_its_spread(ticks):
    sets = ["hype.level_log=-1.2", "hype.memory_weeks=10.0", "hype.spread=0.3"]
    after = stirred(market(1, 3000, sets, ticks, launched_at=NEVER), 40)
    expected = -1.2 + 1.2 * np.exp(-4.0)
    assert abs(after.log_hype.mean() - expected) < 4 * 0.3 / np.sqrt(3000)
    assert after.log_hype.std() == pytest.approx(0.3, rel=0.05)


def test_launches_move_hype_less_and_less():
    sets = [*QUIET, "hype.level_log=-1.2", "hype.launch_jump=0.03"]
    for before, jump in ((0, 0.03), (20, 0.015), (60, 0.0075)):
        launched = [0.0] * before + [5.5] + [NEVER] * (79 - before)
        now = market(80, sets=sets, launched_at=launched, week=5.0, log_hype=-1.2)
        after = now.do("stir hype").state.log_hype
        assert after[0, 0] + 1.2 == pytest.approx(jump, abs=1e-12)


def test_products_of_before_week_0_are_no_news_of_the_first_week():
    now = market(8, sets=[*QUIET, "hype.level_log=-1.2"], launched_at=0.0, log_hype=-1.2)
    assert now.do("stir hype").state.log_hype[0, 0] == pytest.approx(-1.2, abs=1e-12)


@pytest.mark.parametrize(("ticks", "known"), [(1, [0, 1, 1, 3, 3, 5]), (2, [0, 1, 2, 3, 4, 5])])
def test_every_launch_is_news_once(ticks, known):
    """Also one at the very end of a tick; each is worth less by those of earlier ticks."""
    sets = [*QUIET, "hype.level_log=-1.2", "hype.launch_jump=0.03"]
    now = market(6, sets=sets, ticks=ticks, launched_at=[1.0, 1.5, 2.0, 2.2, 3.0, 7.9])
    quiet = -1.2 + 1.2 * np.exp(-10 / 1000)
    news = 0.03 * np.sum(1 / (1 + np.array(known) / 20))
    assert stirred(now, 10).log_hype[0, 0] - quiet == pytest.approx(news, rel=0.01)


def test_money_and_incidents_are_news_and_shares_follow():
    """One incident this week and one before; 200 raised; listed shares move 0.5 of hype, and by
    their own news as far as hype is high."""
    sets = [
        *QUIET, "hype.level_log=0.0", "hype.incident_jump=-0.1", "hype.launch_jump=0.0",
        "hype.round_jump_per_musd=0.001", "hype.stock_hype_beta=0.5", "hype.stock_news_beta=0.25",
    ]  # fmt: skip
    after = (
        market(
            4,
            sets=sets,
            week=9.0,
            facts={"kind": ["listed", "listed", "startup", "startup"]},
            incident_at=[NEVER, NEVER, 9.5, 9.0],
            round_musd=[0.0, 0.0, 150.0, 50.0],
            launched_at=[9.5, 0.0, 9.5, 0.0],
        )
        .do("stir hype")
        .state
    )
    assert after.log_hype[0, 0] == pytest.approx(0.2 - 0.1)
    np.testing.assert_allclose(after.log_stock[0], [0.05 + 0.25 * np.exp(0.1), 0.05, 0.0, 0.0])


def test_a_timeline_s_shock_moves_mood_shares_pool_and_open_weights():
    """Money comes from the partners; more than the pool holds cannot be taken."""
    event = (
        "timeline={boom: {date: 2023-05-01, about: a, source: assumption, "
        "shock: {log_hype: 0.5, vc_pool_musd: MONEY, open_weights: 0.4}}}"
    )
    for money, left in ((30.0, 80.0), (-80.0, 0.0)):
        sets = [event.replace("MONEY", str(money)), "hype.stock_hype_beta=2.0"]
        now = market(2, sets=sets, facts={"kind": ["listed", "startup"]}, vc_pool_musd=50.0)
        assert np.all(now.set(week=1).do("shock").state.log_hype == 0.0)
        after = now.set(week=2).do("shock").state
        assert after.log_hype[0, 0] == 0.5
        assert after.log_stock[0].tolist() == [1.0, 0.0]
        assert after.vc_pool_musd[0, 0] == left
        assert after.account_partners[0, 0] == 50.0 - left
        assert after.open_weights[0, 0] == pytest.approx(24.1)


def test_two_shocks_of_a_week_add_up():
    one = "{date: 2023-05-01, about: a, source: assumption, shock: {log_hype: 0.5}}"
    other = "{date: 2023-04-27, about: a, source: assumption, shock: {log_hype: -0.2}}"
    now = market(1, sets=[f"timeline={{one: {one}, other: {other}}}"], week=2)
    assert now.do("shock").state.log_hype[0, 0] == pytest.approx(0.3)
