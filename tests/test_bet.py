"""The bet of the article as arithmetic, against numbers worked out by hand."""

import pytest
from test_chinese import english

from llm_market_sim.claims.bet import BET, Bet, break_even
from llm_market_sim.claims.files import claims


def test_without_a_rate_it_is_the_loss_over_both():
    assert break_even(Bet()) == pytest.approx(10 / 1010)
    assert break_even(Bet(), 0.0, "year by year") == pytest.approx(10 / 1010)
    assert break_even(Bet(loss=1, gain=1)) == 0.5


@pytest.mark.parametrize(
    ("rate", "loss", "gain"),
    [
        (0.10, 7.5816, 148.644),  # 2 a year for five years; 1000 / 6.7275
        (0.15, 6.7043, 61.1003),  # 1000 / 16.3665
        (0.20, 5.9812, 26.0841),  # 1000 / 38.3376
    ],
)
def test_at_present_values(rate, loss, gain):
    assert break_even(Bet(), rate) == pytest.approx(loss / (loss + gain), rel=1e-4)


def test_money_that_comes_year_by_year_is_worth_more():
    gain = 50 * 8.51356  # 50 a year for twenty years at 10 %
    assert break_even(Bet(), 0.1, "year by year") == pytest.approx(
        7.5816 / (7.5816 + gain), rel=1e-4
    )


def test_one_year_by_hand():
    bet = Bet(loss=11, loss_years=1, gain=24.2, gain_years=2)
    assert break_even(bet, 0.1) == pytest.approx(10 / 30)


def test_it_says_that_it_is_no_simulation_and_belongs_to_a_claim():
    words = Bet().words()
    for part in ("not simulation", "0 %: 1.0 %", "10 %: 4.9 %", "15 %: 9.9 %", "20 %: 18.7 %"):
        assert part in words
    assert english(Bet().words("zh")) == set() and "亏100亿美元" in Bet().words("zh")
    assert BET in claims()
    with pytest.raises(ValueError, match="nothing to discount"):
        break_even(Bet(), -1.0)
