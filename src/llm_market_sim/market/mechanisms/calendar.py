"""The calendar: what the timeline of a scenario does to the state on its day."""

from __future__ import annotations

from llm_market_sim.market.codes import LISTED
from llm_market_sim.market.firm import Book, Day, Firms, P, W
from llm_market_sim.market.rule import phase


@phase("This week's events of the timeline happen.", "情景时间线上本周的事件发生。")
def shock(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Add this tick's shocks; money for the pool comes from its partners, shares follow hype."""
    if not day.shocked:
        return
    pool = max(w.vc_pool_musd + day.vc_pool_musd, 0.0)  # it cannot lose more than there is
    w.account_partners -= pool - w.vc_pool_musd
    w.vc_pool_musd = pool
    w.log_hype += day.log_hype
    w.open_weights += day.open_weights
    for f in firms:
        if f.kind == LISTED:
            f.log_stock += day.log_hype * p.hype.stock_hype_beta
