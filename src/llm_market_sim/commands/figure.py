"""From verdicts to the survivors' figure: the numbers and the words that it shows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from llm_market_sim import __version__
from llm_market_sim.claims import Claim, Verdict
from llm_market_sim.commands.show import date_of
from llm_market_sim.plots import SurvivorRow, save, survivors
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
                f"“{claim.text}”", _subtitle(claim), _footnote(batch, claim, mine),
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
    held = verdict.held
    counts = [*verdict.counts, *[0] * (size - len(verdict.counts))]
    return SurvivorRow(
        name=verdict.scenario,
        label=batch.scenarios[verdict.scenario]["label"]["en"],
        shares=[count / held.worlds for count in counts],
        share=held.share,
        low=held.low,
        high=held.high,
        estimate=held.estimate.replace("below", "<").replace("above", ">"),
        interval=held.interval,
        verdict=verdict.wording,
    )


def _subtitle(claim: Claim) -> str:
    said = claim.predicate.replace("<=", "≤").replace(">=", "≥").replace("x", "n")
    return (
        f"General platforms (n) on {date_of(claim.horizon_week)}, world by world; "
        f"shaded: what the claim says, {said}"
    )


def _footnote(batch: Manifest, claim: Claim, verdicts: Sequence[Verdict]) -> str:
    numbers = sorted({verdict.held.worlds for verdict in verdicts if verdict.held})
    worlds = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
    what = (
        f"Counted: {claim.measurement.params.words()}. {worlds} worlds a scenario, seed "
        f"{batch.seed}, llm-market-sim {__version__}. The bars show how much worlds differ; the "
        "lines at the right are 95 % intervals (Wilson) of a share, which more worlds would "
        "narrow. The claim holds or fails where the whole interval lies above or below one half. "
        "Conditional on the defaults: most parameters are assumptions, and the model speaks, not "
        "the world."
    )
    return "\n".join(textwrap.wrap(what, 190))
