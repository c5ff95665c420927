"""Concentration: bounds, and where they are met."""

from __future__ import annotations

import numpy as np
import pytest

from llm_market_sim.market.observation import COMPOSITE, SERIES, Week, composite_shares, shares


def read(name, market):
    return SERIES[name].read(Week(market.state, market.setting.firms))


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_equal_firms_are_least_concentrated(little, n):
    market = little(n, users=3.0)
    assert read("hhi", market)[0] == pytest.approx(1 / n, abs=1e-12)
    assert read("top_share", market)[0] == pytest.approx(1 / n, abs=1e-12)


def test_concentration_lies_between_one_over_n_and_one(little):
    users = np.random.default_rng(2).lognormal(0, 2, (50, 4, 12))
    market = little(12, worlds=50, users=users)
    hhi = read("hhi", market)
    assert np.all((hhi > 1 / 12) & (hhi <= 1))
    top = read("top_share", market)
    assert np.all((top * top <= hhi + 1e-12) & (hhi <= top + 1e-12))


def test_one_firm_has_it_all(little):
    market = little(3, users=np.array([0.0, 7.0, 0.0]))
    assert read("hhi", market)[0] == pytest.approx(1.0, abs=1e-12)
    assert read("top_share", market)[0] == pytest.approx(1.0, abs=1e-12)


def test_shares_add_up_or_are_nothing(little):
    assert sum(COMPOSITE) == pytest.approx(1.0, abs=1e-15)
    some = little(4, users=np.array([1.0, 2.0, 3.0, 4.0])).state
    np.testing.assert_allclose(np.sum(shares(some), -1), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.sum(composite_shares(some), -1), 1.0, atol=1e-12)
    assert np.all(shares(little(4).state) == 0.0)
