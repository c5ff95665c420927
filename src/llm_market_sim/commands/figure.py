"""From verdicts to the survivors' figure: the numbers and the words that it shows."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from llm_market_sim import __version__
from llm_market_sim.batch import BatchResult, ResultFolder
from llm_market_sim.claims import Claim, Verdict
from llm_market_sim.commands.show import date_of
from llm_market_sim.plots import SurvivorRow, save, survivors

__all__ = ["survivors_figures"]

_METRIC = "n_general_platforms"


def survivors_figures(
    folder: ResultFolder, result: BatchResult, verdicts: Sequence[Verdict]
) -> None:
    """Draw every claim about the number of platforms; the first one is survivors.png."""
    claims = {v.claim.id: v.claim for v in verdicts if v.claim.metric == _METRIC}
    for place, claim in enumerate(claims.values()):
        mine = [v for v in verdicts if v.claim.id == claim.id and v.counts is not None]
        if mine:
            numbers = [n for n in claim.test.operands if n is not None]
            size = max(*(len(v.counts or ()) for v in mine), int(max(numbers)) + 2)
            figure = survivors(
                [_row(result, verdict, size) for verdict in _ordered(result, mine)],
                claim.test.holds(np.arange(size)).tolist(),
                f"“{claim.text}”", _subtitle(claim), _footnote(result, claim),
            )  # fmt: skip
            stem = "survivors" if place == 0 else f"survivors_{claim.id}"
            save(figure, folder.path(f"{stem}.png"), folder.path(f"{stem}.svg"))


def _ordered(result: BatchResult, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The one that extends no other (or was given first) on top, the others by their shares."""
    roots = [v for v in verdicts if result[v.scenario].scenario.extends is None]
    first = [*roots, *verdicts][0]
    rest = [v for v in verdicts if v is not first]
    return [first, *sorted(rest, key=lambda v: -v.held.share if v.held else 0.0)]


def _row(result: BatchResult, verdict: Verdict, size: int) -> SurvivorRow:
    assert verdict.counts is not None and verdict.held is not None
    held = verdict.held
    counts = [*verdict.counts, *[0] * (size - len(verdict.counts))]
    return SurvivorRow(
        name=verdict.scenario,
        label=result[verdict.scenario].scenario.label["en"],
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


def _footnote(result: BatchResult, claim: Claim) -> str:
    what = (
        f"Counted: {claim.measurement.params.words()}. {result.worlds} worlds a scenario, seed "
        f"{result.seed}, llm-market-sim {__version__}. The bars show how much worlds differ; the "
        "lines at the right are 95 % intervals (Wilson) of a share, which more worlds would "
        "narrow. The claim holds or fails where the whole interval lies above or below one half. "
        "Conditional on the defaults: most parameters are assumptions, and the model speaks, not "
        "the world."
    )
    return "\n".join(textwrap.wrap(what, 190))
