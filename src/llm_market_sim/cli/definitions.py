"""A claim by all its definitions: a sentence, and a table for the terminal."""

from __future__ import annotations

from itertools import product
from typing import Any

import click

from llm_market_sim.claims import Answer, Claim, Multiverse
from llm_market_sim.claims.layout import WEEK, find, word
from llm_market_sim.cli.show import paragraph, print_table
from llm_market_sim.cli.tell import span as shown
from llm_market_sim.cli.tell import spoken, tell
from llm_market_sim.cli.verdicts import STATUS
from llm_market_sim.metrics import get_metric
from llm_market_sim.summary.said import say_or
from llm_market_sim.words import listed

SIDES = ("holds", "fails", "undecided")  # of which a claim may have none


def span(found: Multiverse) -> str:
    """``2 to 80 %``, the smallest and the largest share over definitions; "" without a choice."""
    if len(found.reached) < 2:
        return ""
    low, high = (one.short for one in found.ends)
    return shown(f"{low} %" if low == high else f"{low} to {high} %")


def summary(found: Multiverse) -> str:
    """What all definitions say, in a sentence or two."""
    reached, more = len(found.reached), len(found.answers) - len(found.reached)
    if len(found.answers) == 1:
        return tell("It has one definition.")
    told = ""
    if reached > 1:
        low, high = (
            f"{one.short} %".replace("<", "below ").replace(">", "above ") for one in found.ends
        )
        runs = "is {low}" if low == high else "runs from {low} to {high}"
        runs = tell(runs, low=shown(low), high=shown(high))
        sides = "{holds} hold, {fails} fail, {undecided} undecided. "
        judged = tell(sides, **{side: found.sides[side] for side in SIDES})
        if not found.claim.tested:
            judged = tell(STATUS[found.claim.status]) + tell(". ")
        told = tell("Over {n} definitions the share {runs}; ", n=reached, runs=runs) + judged
    if more:
        weeks = [str(week) for week in found.weeks_not_reached]
        word = "week" if len(weeks) == 1 else "weeks"
        late = f"Not reached: {{more}} more, of {word} {{weeks}}."
        told += tell(late, more=more, weeks=listed(weeks, spoken()))
    return told.strip()


def print_definitions(found: Multiverse) -> None:
    """All definitions as a table: the first choice across, all others in rows."""
    choices = found.axes
    weeks = sorted({one.week for one in found.reached})
    across = next(iter(choices), WEEK)
    values = {**choices, WEEK: weeks}
    rows_by = [name for name in (WEEK, *choices) if name != across]
    rows = []
    for one in product(*(values[name] for name in rows_by)):
        chosen = dict(zip(rows_by, one, strict=True))
        answers = [find(found, {**chosen, across: value}) for value in values[across]]
        rows.append((*map(_value, one), *(_marked(answer) for answer in answers)))
    heads = [_name(name) for name in rows_by]
    columns = [f"{_name(across)} {_value(value)}" for value in values[across]]
    click.echo()
    print_table((*heads, *columns), rows, right=columns)
    told = tell(
        "Share of worlds in which it holds, %. [ ] the default; ? undecided, the interval covers "
        "one half."
    )
    if spoken() == "en":
        meanings = [f"{_name(n)}: {m}" for n in values if (m := _meaning(found.claim, n))]
        told = f"{told} {'; '.join(meanings)}".strip()
    paragraph(told)


def _marked(one: Answer | None) -> str:
    if one is None or one.verdict.held is None:
        return ""
    text = one.verdict.held.short + ("?" if one.verdict.side == "undecided" else " ")
    return f"[{text.strip()}]" if one.variant.default else text


def _name(name: str) -> str:
    plain = name.replace("_", " ")
    return plain if spoken() == "en" else say_or(plain, f"choice.{name}", "zh")


def _value(value: Any) -> str:
    if spoken() == "en":
        return word(value)
    name = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return say_or(word(value), f"value.{name}", "zh")


def _meaning(claim: Claim, name: str) -> str:
    """What a choice is, in short: the first words of its description."""
    field = get_metric(claim.metric).params.model_fields.get(name)
    text = field.description if field is not None else None
    return (text or "").split(":")[0].split(";")[0]
