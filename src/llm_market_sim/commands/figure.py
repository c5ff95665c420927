"""From verdicts to the survivors' figure: the numbers and the words that it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from llm_market_sim.claims import Verdict
from llm_market_sim.plots import Origin, SurvivorRow, save, survivors
from llm_market_sim.store import Manifest

__all__ = ["survivors_figures"]

_METRIC = "n_general_platforms"


def survivors_figures(
    path: Callable[[str], Path], batch: Manifest, verdicts: Sequence[Verdict]
) -> None:
    """Draw every claim about the number of platforms; the first one is survivors.png.

    path: where to write a file of that name.
    """
    claims = {v.claim.id: v.claim for v in verdicts if v.claim.metric == _METRIC}
    for place, claim in enumerate(claims.values()):
        mine = [v for v in verdicts if v.claim.id == claim.id and v.counts is not None]
        if mine:
            numbers = [n for n in claim.test.operands if n is not None]
            size = max(*(len(v.counts or ()) for v in mine), int(max(numbers)) + 2)
            figure = survivors(
                [_row(batch, verdict, size) for verdict in _ordered(batch, mine)],
                claim.test.holds(np.arange(size)).tolist(),
                claim.text, claim.predicate.replace("x", "n"), claim.horizon_week,
                Origin(
                    max(v.held.worlds for v in mine if v.held), batch.seed,
                    definition=claim.measurement.params.words(),
                ),
            )  # fmt: skip
            stem = "survivors" if place == 0 else f"survivors_{claim.id}"
            save(figure, path(f"{stem}.png"), path(f"{stem}.svg"))


def _ordered(batch: Manifest, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The one that extends no other (or was given first) on top, the others by their shares."""
    roots = [v for v in verdicts if batch.scenarios[v.scenario]["extends"] is None]
    first = [*roots, *verdicts][0]
    rest = [v for v in verdicts if v is not first]
    return [first, *sorted(rest, key=lambda v: -v.held.share if v.held else 0.0)]


def _row(batch: Manifest, verdict: Verdict, size: int) -> SurvivorRow:
    assert verdict.counts is not None and verdict.held is not None
    counts = [*verdict.counts, *[0] * (size - len(verdict.counts))]
    return SurvivorRow(
        label=batch.scenarios[verdict.scenario]["label"],
        shares=[count / verdict.held.worlds for count in counts],
        held=verdict.held,
        verdict=verdict.wording,
    )
