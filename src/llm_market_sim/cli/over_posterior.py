"""``batch --uncertainty posterior``: scenarios over the posterior sample of assumptions."""

from __future__ import annotations

import click

from llm_market_sim.claims import Claim
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.cli.verdicts import STATUS, STYLES
from llm_market_sim.experiments.over_posterior import Finding, Study
from llm_market_sim.words import date, number, percent, percents

_STYLES = {**STYLES, "depends on the assumptions": "yellow"}


def print_study(study: Study) -> None:
    """Two tables a claim: its number with both bands, and the share of worlds that agree."""
    for claim in study.claims:
        mine = [one for one in study.findings if one.claim is claim]
        heading(claim.sentence())
        paragraph(claim.credit)
        paragraph(f"Over the posterior sample of 2023, not at the defaults: {study.how}.")
        click.echo()
        numbers = [(one.scenario.name, *_number(one)) for one in mine]
        names = ("x, mean", "spread by luck", "spread by assumptions")
        print_table(("scenario", *names), numbers, right=names)
        click.echo()
        shares = [(one.scenario.name, *_share(one), one.wording) for one in mine]
        names = ("holds in", "by assumptions", "draws for it")
        print_table(("scenario", *names, "verdict"), shares, right=names, styles=_STYLES)
        paragraph(_small_print(claim))
    for name, kept in study.kept.items():
        if kept:
            paragraph(f"{name} sets, and so keeps in all draws: {', '.join(kept)}.")
    click.echo()


def _number(one: Finding) -> tuple[str, ...]:
    x = one.number
    return (number(x.mean, 3), _span(x.worlds), _span(x.parameters)) if x else ("none", "", "")


def _share(one: Finding) -> tuple[str, ...]:
    if one.share is None:
        return ("", "", "")
    return (one.estimate, percents(*one.share.parameters), percent(one.most))


def _span(ends: tuple[float, float]) -> str:
    return f"{number(ends[0], 3)} to {number(ends[1], 3)}"


def _small_print(claim: Claim) -> str:
    return (
        f"Tested: {claim.definition} ({date(claim.horizon_week)}). Status: {claim.status}, "
        f"{STATUS[claim.status]}.\n\n"
        "Luck: were the right assumptions known, chance would still put x anywhere in this band in "
        "about nine worlds of ten. Assumptions: they are not known, and nine of ten sets of them "
        "that the facts of 2023 leave open give an average in this band, chance taken out. A band "
        "without width means that luck explains all differences seen. The two are different kinds "
        "of not knowing and are never added up. Draws for it: sets of assumptions with the claim "
        "true in more than half of their worlds.\n\n"
        "Holds if the share's whole band lies above one half, fails if below; undecided where "
        "chance may have put it there. More draws would make the ends of bands "
        "firmer; only more facts would narrow them. The model says, not the world."
    )
