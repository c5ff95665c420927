"""Verdicts on a terminal: one table a claim, with the definition that was used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.claims import Claim, Verdict
from llm_market_sim.claims.bet import BET, Bet
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.words import date, points

if TYPE_CHECKING:
    from llm_market_sim.experiments.headline import Headline

STATUS = {
    "emergent": "nothing in the model fixes the answer",
    "calibrated": "the model was fitted to it, so it is no test",
    "input": "the model assumes it, so it is no test",
}
STYLES = {
    "holds": "bold green",
    "helps, as said": "bold green",
    "hurts, as said": "bold green",
    "fails": "bold red",
    "helps, not as said": "bold red",
    "hurts, not as said": "bold red",
    "undecided": "yellow",
    "no visible effect": "yellow",
}


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Verdicts claim by claim, scenario by scenario; what all share stands at the end."""
    defined: dict[str, str] = {}  # what x is: the claim of which it was said
    credit = ""
    for claim in {verdict.claim.id: verdict.claim for verdict in verdicts}.values():
        mine = [verdict for verdict in verdicts if verdict.claim.id == claim.id]
        heading(claim.sentence())
        if claim.credit != credit:
            paragraph(credit := claim.credit)
        click.echo()
        print_table(
            ("scenario", "worlds", "holds in", "95 % interval", "verdict", *_more(mine)),
            [(one.scenario, *_row(one)) for one in mine],
            right=("worlds", "holds in", "95 % interval"),
            styles=STYLES,
        )
        if all(one.held is None for one in mine):
            week = claim.horizon_week
            paragraph(f"Week {week} lies beyond the end: add --set horizon_weeks={week}.")
        paragraph(_tested(claim, defined))
        if claim.id == BET:
            paragraph(Bet().words())
    if verdicts:
        click.echo()
        paragraph(_rules([one.claim for one in verdicts]))
    click.echo()


def print_headline(found: Headline) -> None:
    """The main claim in full, of one scenario."""
    from llm_market_sim.pages.headline import sentences

    verdict, *more = sentences(found, "en")
    heading(f"{found.readings[0].claim.text} In {found.scenario}: {verdict}")
    for one in more:
        paragraph(one, indent=2, label="-")
    click.echo()


def print_shown(shown: Sequence[str], out: Path | None, verdicts: Sequence[Verdict]) -> None:
    """Verdicts on the claims to show; of the others, only where they are."""
    from llm_market_sim.claims import claims

    print_verdicts([verdict for verdict in verdicts if verdict.claim.id in shown])
    others = {verdict.claim.id for verdict in verdicts} - set(shown)
    if others:
        where = f"in {out}/verdicts.csv" if out else "in verdicts.csv with --out FOLDER"
        count = "1 more claim was" if len(others) == 1 else f"{len(others)} more claims were"
        paragraph(
            f"{count} judged in these worlds: {where}. All "
            f"{len(claims())} claims, those with an intervention too: "
            "llm-market-sim claims, or batch NAME --claim NAME for one."
        )


def _more(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    if any(one.effect for one in verdicts):
        return ("effect (95 % interval)",)
    return ("x: share of worlds, %",) if any(one.counts for one in verdicts) else ()


def _row(verdict: Verdict) -> tuple[str, ...]:
    held = verdict.held
    if held is None:
        return ("", "", "", verdict.wording, "")
    spread = verdict.size or " ".join(_spread(verdict.counts or ()))
    return (str(held.worlds), held.estimate, held.interval, verdict.wording, spread)


def _spread(counts: Sequence[int]) -> Iterator[str]:
    """``2:31``: two platforms in 31 % of worlds."""
    total = sum(counts)
    for value, count in enumerate(counts):
        if count:
            yield f"{value}:{points(count / total)}"


def _tested(claim: Claim, defined: dict[str, str]) -> str:
    """The predicate, what x is, or of which claim that was said, and the status."""
    predicate, _, x = claim.definition.partition("; x = ")
    told = f"x as for {defined[x]}" if x in defined else f"x = {x}"
    defined.setdefault(x, claim.id)
    status = f"{claim.status}, {STATUS[claim.status]}"
    return f"Tested: {predicate} ({date(claim.horizon_week)}); {told}. Status: {status}."


def _rules(claims: Sequence[Claim]) -> str:
    """How a verdict is reached, by the kinds of claims that are there."""
    plain = "Wilson interval; a claim holds if it lies above one half, and fails if below. "
    change = (
        "Of what a change does, worlds count in which x goes the way of the claim, a tie as half; "
        "where their interval lies on one side of one half, the change helps or hurts, else it has "
        "no visible effect. "
    )
    told = plain if any(one.intervention is None for one in claims) else ""
    told += change if any(one.intervention is not None for one in claims) else ""
    told += "Four times the worlds would halve an interval. "
    return told + "Conditional on the scenario's parameters: the model says, not the world."
