"""Learning by imitation: firms take over what works for the most successful of their kind."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.codes import FOREIGN, GUEST, NOBODY
from llm_market_sim.market.columns import Columns, column, event
from llm_market_sim.market.firm import Book, Day, Firms, P, W, here, tell
from llm_market_sim.market.luck import stream, uniform
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.rule import phase

__all__ = ["Params", "imitate"]

_QUARTER = 13.0  # weeks
IMITATED = event("imitated", "does as another firm does")
IMITATION = stream("imitation")


class Params(Section):
    """How readily firms copy."""

    # fmt: off
    chance_per_quarter: float = parameter(
        0.0, plausible=(0, 1), unit="1", ge=0, le=1,
        meaning="chance that a firm adopts the policy of the most successful firm of its kind",
        source="assumption: off; firms imitate those whom they hold to know more, or not to fall "
        "behind (Lieberman & Asaba 2006)",
    )
    # fmt: on


class Firm(Columns):
    """Whom a firm follows."""

    follows = column(
        "code", "policy taken over from another firm; -1: its own", start=NOBODY, dtype=np.int8
    )


@phase(
    "Every quarter some firms adopt the policy of the most successful firm of their kind.",
    "每季度，部分企业仿效同类中最成功者的策略。",
)
def imitate(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Success is the largest share of use in any segment, which everybody sees. All look at the
    same moment. Who is played by a person neither copies nor can be copied.
    """
    quarter = int(w.end / _QUARTER)
    if quarter == int(w.week / _QUARTER) or p.imitation.chance_per_quarter <= 0.0:
        return
    leader, most = np.full(FOREIGN, NOBODY), np.zeros(FOREIGN)
    for f in firms:
        if here(f) and f.policy != GUEST and f.best_share > most[f.kind]:
            leader[f.kind], most[f.kind] = f.slot, f.best_share
    taken = np.full(FOREIGN, NOBODY)
    for kind in range(FOREIGN):
        if leader[kind] != NOBODY:
            best = firms[leader[kind]]
            taken[kind] = best.follows if best.follows != NOBODY else best.policy
    for f in firms:
        if not here(f) or f.policy == GUEST or taken[f.kind] == NOBODY:
            continue
        now = f.follows if f.follows != NOBODY else f.policy
        if taken[f.kind] == now:
            continue
        if uniform(w, f.key, IMITATION, quarter) < p.imitation.chance_per_quarter:
            f.follows = taken[f.kind]
            tell(w, book, IMITATED, f, w.end, np.nan, leader[f.kind])
