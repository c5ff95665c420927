"""The other half of one claim, as arithmetic: what chance of winning makes a bet worth taking.

Somebody loses L over the first years, or wins G in the end. With chance p of winning the bet is
worth ``p V(G) - (1 - p) V(L)``, so that it breaks even at

    p* = V(L) / (V(L) + V(G)),

V being the present value at a yearly rate r. The loss is paid in equal parts at the ends of its
years: ``V(L) = L/n sum_{t=1..n} (1 + r)^-t``. The gain comes at the end of its last year,
``V(G) = G (1 + r)^-m``, or in equal parts as the loss does. No simulation is in it: a market of
twenty years is beyond the model. The gain is taken to be net of everything.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from llm_market_sim.support.chinese import chinese
from llm_market_sim.words import Language, percent

BET = "lose_10bn_win_1tn"  # the claim that it belongs to
RATES = (0.0, 0.10, 0.15, 0.20)  # a year
Paid = Literal["at the end", "year by year"]
_ENGLISH = {
    "bet": "Arithmetic, not simulation: to lose {loss:g} bn USD over {loss_years} years or to win "
    "{gain:g} bn over {gain_years} breaks even at this chance of winning, by the yearly rate at "
    "which money is discounted, if the gain comes at the end (in brackets: year by year): {rows}.",
    "bet_row": "{rate}: {chance} ({other})",
}


@dataclass(frozen=True)
class Bet:
    """What is lost or won, in billion USD, and over how many years; the article's by default."""

    loss: float = 10.0
    loss_years: int = 5
    gain: float = 1000.0
    gain_years: int = 20

    def words(self, language: Language = "en") -> str:
        """The arithmetic in words, to print beside what was simulated."""
        texts = chinese(__package__)["frame"] if language == "zh" else _ENGLISH
        rows = [
            texts["bet_row"].format(
                rate=percent(rate, language),
                chance=percent(break_even(self, rate), language, digits=1),
                other=percent(break_even(self, rate, "year by year"), language, digits=1),
            )
            for rate in RATES
        ]
        joined = ("; " if language == "en" else "；").join(rows)
        large = {"losses": f"{10 * self.loss:,g}", "gains": f"{10 * self.gain:,g}"}  # 100 million
        return str(texts["bet"].format(rows=joined, **large, **asdict(self)))


def break_even(bet: Bet, rate: float = 0.0, paid: Paid = "at the end") -> float:
    """Chance of winning at which a bet is worth nothing, 0 to 1.

    rate: discount a year, above -1. paid: when the gain comes. ValueError for a rate of -1 or less.
    """
    if rate <= -1.0:
        raise ValueError(f"a rate of {rate:g} a year leaves nothing to discount")
    loss = bet.loss * _annuity(rate, bet.loss_years)
    if paid == "year by year":
        gain = bet.gain * _annuity(rate, bet.gain_years)
    else:
        gain = bet.gain * (1.0 + rate) ** -bet.gain_years
    return loss / (loss + gain)


def _annuity(rate: float, years: int) -> float:
    """Present value of 1 paid in equal parts at the ends of so many years."""
    return sum((1.0 + rate) ** -year for year in range(1, years + 1)) / years
