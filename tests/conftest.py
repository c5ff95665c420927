"""What many tests share: a baseline small enough to run often."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llm_market_sim.scenario import Scenario, load


@pytest.fixture(scope="session")
def short() -> Callable[..., Scenario]:
    """short("a.b=1", ...): the baseline with a smaller population and these parameters."""

    def make(*sets: str, stealth: int = 6, pool: int = 20) -> Scenario:
        return load(
            "baseline",
            [f"population.stealth_firms={stealth}", f"population.pool_firms={pool}", *sets],
        )

    return make
