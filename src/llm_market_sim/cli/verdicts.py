"""Verdicts on a terminal: one table a claim, with the definition that was used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.claims import Claim, Verdict
from llm_market_sim.claims.bet import BET, Bet
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.cli.tell import joined, span, spoken, tell
from llm_market_sim.words import date, points

if TYPE_CHECKING:
    from llm_market_sim.experiments.headline import Headline

STATUS = {
    "emergent": "nothing in the model fixes the answer",
    "calibrated": "the model was fitted to it, so it is not a test",
    "input": "the model assumes it, so it is not a test",
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
    told = ""
    for claim in {verdict.claim.id: verdict.claim for verdict in verdicts}.values():
        mine = [verdict for verdict in verdicts if verdict.claim.id == claim.id]
        heading(claim.sentence(spoken()))
        if claim.credit != told:
            told = claim.credit
            paragraph(credit(claim))
        click.echo()
        numbers = [tell(one) for one in ("worlds", "holds in", "95 % interval")]
        print_table(
            (tell("scenario"), *numbers, tell("verdict"), *map(tell, _more(mine))),
            [(one.scenario, *_row(one)) for one in mine],
            right=numbers,
            styles=styles(),
        )
        if all(one.held is None for one in mine):
            late = "Week {week} lies beyond the end: add --set horizon_weeks={week}."
            paragraph(tell(late, week=claim.horizon_week))
        paragraph(tested(claim, defined))
        if claim.id == BET:
            paragraph(Bet().words(spoken()))
    if verdicts:
        click.echo()
        paragraph(_rules([one.claim for one in verdicts]))
    click.echo()


def print_headline(found: Headline) -> None:
    """The main claim in full, of one scenario."""
    from llm_market_sim.pages.headline import sentences

    verdict, *more = sentences(found, spoken())
    said = found.readings[0].claim.sentence(spoken())
    heading(tell("{claim} In {name}: {verdict}", claim=said, name=found.scenario, verdict=verdict))
    for one in more:
        paragraph(one, indent=2, label="-")
    click.echo()


def print_shown(shown: Sequence[str], out: Path | None, verdicts: Sequence[Verdict]) -> None:
    """Verdicts on the claims to show; of the others, only where they are."""
    from llm_market_sim.claims import claims

    print_verdicts([verdict for verdict in verdicts if verdict.claim.id in shown])
    others = {verdict.claim.id for verdict in verdicts} - set(shown)
    if others:
        where = f"{out}/verdicts.csv" if out else tell("verdicts.csv with --out FOLDER")
        told = (
            "Claims also judged in these worlds: {count}, in {where}. All {all} claims, those with "
            "an intervention too: llm-market-sim claims, or batch NAME --claim NAME for one."
        )
        paragraph(tell(told, count=len(others), where=where, all=len(claims())))


def _more(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    if any(one.effect for one in verdicts):
        return ("effect (95 % interval)",)
    return ("x: share of worlds, %",) if any(one.counts for one in verdicts) else ()


def _row(verdict: Verdict) -> tuple[str, ...]:
    held = verdict.held
    if held is None:
        return ("", "", "", said_of(verdict.wording), "")
    spread = span(verdict.size) or " ".join(_spread(verdict.counts or ()))
    shares = (span(held.estimate), span(held.interval))
    return (str(held.worlds), *shares, said_of(verdict.wording), spread)


def _spread(counts: Sequence[int]) -> Iterator[str]:
    """``2:31``: two platforms in 31 % of worlds."""
    total = sum(counts)
    for value, count in enumerate(counts):
        if count:
            yield f"{value}:{points(count / total)}"


def tested(claim: Claim, defined: dict[str, str]) -> str:
    """The predicate, what x is, or of which claim that was said, and the status."""
    status = tell("Status: {status}, {why}.", status=claim.status, why=tell(STATUS[claim.status]))
    if spoken() == "zh":
        day = date(claim.horizon_week, "zh")
        return f"检验内容（{day}）：{claim.defined('zh')}。{status}"
    predicate, _, x = claim.definition.partition("; x = ")
    told = f"x as for {defined[x]}" if x in defined else f"x = {x}"
    defined.setdefault(x, claim.id)
    return f"Tested: {predicate} ({date(claim.horizon_week)}); {told}. {status}"


def credit(claim: Claim) -> str:
    """Who said it where; a sentence."""
    if spoken() == "en":
        return claim.credit
    form = tell("quoted" if claim.form == "quoted" else "paraphrased")
    return f"说话人：{claim.speaker['zh']}（{claim.place['zh']}，{form}）。"


def said_of(wording: str) -> str:
    """A verdict as it is stored, in the language of the command."""
    from llm_market_sim.summary.said import say_or

    return wording if spoken() == "en" else say_or(wording, f"verdict.{wording}", "zh")


def styles() -> dict[str, str]:
    """How verdicts look, in the language of the command."""
    return {said_of(wording): look for wording, look in STYLES.items()}


def _rules(claims: Sequence[Claim]) -> str:
    """How a verdict is reached, by the kinds of claims that are there."""
    plain = "Wilson interval; a claim holds if it lies above one half, and fails if below."
    change = (
        "Of a change: the share of worlds in which x moves as the claim says, a tie as half; where "
        "its interval lies on one side of one half, the change helps or hurts, else it has no "
        "visible effect."
    )
    told = [plain] if any(one.intervention is None for one in claims) else []
    told += [change] if any(one.intervention is not None for one in claims) else []
    told.append("Four times the worlds would halve an interval.")
    told.append("Conditional on the scenario's parameters: the model says, not the world.")
    return joined(map(tell, told))
