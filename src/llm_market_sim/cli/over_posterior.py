"""``batch --uncertainty posterior``: scenarios over the posterior sample of assumptions."""

from __future__ import annotations

import click

from llm_market_sim.claims import Claim
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.cli.tell import span, spoken, tell
from llm_market_sim.cli.verdicts import STYLES, credit, said_of, tested
from llm_market_sim.experiments.over_posterior import Finding, Study
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW
from llm_market_sim.words import number, percent, percents

_STYLES = {**STYLES, "depends on the assumptions": "yellow"}


def print_study(study: Study) -> None:
    """Two tables a claim: its number with both bands, and the share of worlds that agree."""
    for claim in study.claims:
        mine = [one for one in study.findings if one.claim is claim]
        heading(claim.sentence(spoken()))
        paragraph(credit(claim))
        told = "Over the posterior sample of 2023, not at the defaults: {how}."
        paragraph(tell(told, how=_how(study)))
        click.echo()
        numbers = [(one.scenario.name, *_number(one)) for one in mine]
        names = [tell(one) for one in ("x, mean", "spread by luck", "spread by assumptions")]
        print_table((tell("scenario"), *names), numbers, right=names)
        click.echo()
        shares = [(one.scenario.name, *_share(one), said_of(one.wording)) for one in mine]
        names = [tell(one) for one in ("holds in", "by assumptions", "draws for it")]
        looks = {said_of(wording): look for wording, look in _STYLES.items()}
        head = (tell("scenario"), *names, tell("verdict"))
        print_table(head, shares, right=names, styles=looks)
        paragraph(_small_print(claim))
    for name, kept in study.kept.items():
        if kept:
            told = "Set by {name} itself, and so the same in all draws: {kept}."
            paragraph(tell(told, name=name, kept=", ".join(kept)))
    click.echo()


def _number(one: Finding) -> tuple[str, ...]:
    x = one.number
    if x is None:
        return (tell("none"), "", "")
    return (number(x.mean, 3), _span(x.worlds), _span(x.parameters))


def _share(one: Finding) -> tuple[str, ...]:
    if one.share is None:
        return ("", "", "")
    return (span(one.estimate), span(percents(*one.share.parameters)), span(percent(one.most)))


def _span(ends: tuple[float, float]) -> str:
    return span(f"{number(ends[0], 3)} to {number(ends[1], 3)}")


def _small_print(claim: Claim) -> str:
    luck = (
        "Luck: were the right assumptions known, chance would still put x anywhere in this band in "
        "about nine worlds of ten. Assumptions: they are not known, and nine of ten sets of them "
        "that the facts of 2023 leave open give an average in this band, chance taken out. A band "
        "without width means that luck explains all differences seen. The two are different kinds "
        "of not knowing and are never added up. Draws for it: sets of assumptions with the claim "
        "true in more than half of their worlds."
    )
    verdict = (
        "Holds if the share's whole band lies above one half, fails if below; undecided where "
        "chance may have put it there. More draws would make the ends of bands "
        "firmer; only more facts would narrow them. The model says, not the world."
    )
    return "\n\n".join((tested(claim, {}), tell(luck), tell(verdict)))


def _how(study: Study) -> str:
    """What was run, in words."""
    told = "{draws} draws of {names} parameters, {worlds} worlds each, seed {seed}"
    names = len(study.posterior.names)
    return tell(told, draws=study.draws, names=names, worlds=WORLDS_A_DRAW, seed=study.seed)
