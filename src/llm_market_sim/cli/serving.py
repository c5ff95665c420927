"""What commands with a page in the browser share."""

from __future__ import annotations

import importlib.util

from llm_market_sim.errors import MarketSimError

__all__ = ["needs_class"]


def needs_class() -> None:
    """MarketSimError, with the way out, where the extra ``class`` is not installed."""
    for module in ("starlette", "uvicorn", "segno"):
        if importlib.util.find_spec(module) is None:
            text = f"{module} is missing: pip install 'llm-market-sim[class]'"
            raise MarketSimError(f"this page needs the optional extra class; {text}")
