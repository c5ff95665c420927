"""The survivors' figures that a batch leaves in its folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from llm_market_sim.claims import Verdict
from llm_market_sim.figures import Language, save
from llm_market_sim.figures.gallery.of_claims import PLATFORMS, survivors_figure
from llm_market_sim.results import Manifest

__all__ = ["survivors_figures"]


def survivors_figures(
    path: Callable[[str], Path], batch: Manifest, verdicts: Sequence[Verdict],
    language: Language = "en",
) -> None:  # fmt: skip
    """Draw every claim about the number of platforms; the first one is survivors.png.

    path: where to write a file of that name.
    """
    claims = {v.claim.id: v.claim for v in verdicts if v.claim.metric == PLATFORMS}
    for place, claim in enumerate(claims.values()):
        mine = [v for v in verdicts if v.claim.id == claim.id and v.counts is not None]
        if mine:
            figure = survivors_figure(batch, claim, mine, language)
            stem = "survivors" if place == 0 else f"survivors_{claim.id}"
            save(figure, path(f"{stem}.png"), path(f"{stem}.svg"))
