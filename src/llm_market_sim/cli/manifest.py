"""What every manifest says: the command, the luck, the versions, and the scenarios in full."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from llm_market_sim import __version__
from llm_market_sim.claims import Claim
from llm_market_sim.scenario import Scenario

__all__ = ["facts"]

_PACKAGES = ("numpy", "scipy", "pydantic", "pyyaml", "matplotlib")


def facts(
    seed: int, worlds: int, scenarios: Sequence[Scenario], claims: Sequence[Claim] = ()
) -> dict[str, Any]:
    """Plain values that say what was run, and with what."""
    return {
        "command": ["llm-market-sim", *sys.argv[1:]],
        "seed": seed,
        "worlds": worlds,
        "version": __version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "claims": {claim.id: claim.model_dump(mode="json") for claim in claims},
        "scenarios": {
            one.name: {
                "digest": one.digest(),
                "extends": one.extends,
                "label": dict(one.label),
                "resolved": one.facts(),
            }
            for one in scenarios
        },
    }
