"""A claim by all its definitions: a sentence, a table for the terminal, and the heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from llm_market_sim.claims import Answer, Claim, Multiverse
from llm_market_sim.commands.experiment import listed
from llm_market_sim.commands.show import paragraph, print_table, value_text
from llm_market_sim.metrics import get_metric
from llm_market_sim.statistics import Proportion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from llm_market_sim.plots import Choice, DefinitionPanel, Language, Origin

__all__ = ["cell", "definitions_figure", "print_definitions", "span", "summary"]

_CELLS = 300  # of a figure
_WEEK = "week"


def cell(held: Proportion | None) -> str:
    """A share in per cent, as short as it goes: ``41``, ``<0.75``, ``>99``."""
    if held is None:
        return ""
    percent, edge = 100.0 * held.share, 300.0 / held.worlds
    if held.hits == 0:
        return f"<{edge:.2g}"
    if held.hits == held.worlds:
        return f">{int(100.0 - edge)}" if edge >= 1.0 else ">99"
    if percent > 99.0:
        return f"{min(percent, 99.9):.1f}"
    return f"{percent:.0f}" if percent >= 1.0 else f"{percent:.2g}"


def span(found: Multiverse) -> str:
    """``2 to 80 %``, the smallest and the largest share over definitions; "" without a choice."""
    if len(found.reached) < 2:
        return ""
    low, high = (cell(one) for one in found.ends)
    return f"{low} %" if low == high else f"{low} to {high} %"


def summary(found: Multiverse) -> str:
    """What all definitions say, in a sentence or two."""
    reached, more = len(found.reached), len(found.answers) - len(found.reached)
    if len(found.answers) == 1:
        return "It has one definition."
    told = ""
    if reached > 1:
        low, high = (f"{cell(one)} %".replace("<", "below ").replace(">", "above ")
                     for one in found.ends)  # fmt: skip
        runs = f"is {low}" if low == high else f"runs from {low} to {high}"
        count = found.wordings
        told = f"Over {reached} definitions the share {runs}; " + (
            "the model assumes it, so none of them is a test. "
            if found.claim.status == "input"
            else f"{count['holds']} hold, {count['fails']} fail, {count['undecided']} undecided. "
        )
    if more:
        weeks = [str(week) for week in found.weeks_not_reached]
        word = "week" if len(weeks) == 1 else "weeks"
        told += f"Not reached: {more} more, of {word} {listed(weeks)}."
    return told.strip()


@dataclass(frozen=True)
class _Layout:
    """Which choices go where, and which are left at the default."""

    panels: list[Any]  # weeks, or None for a single panel
    across: list[str]  # outer first
    down: list[str]
    values: dict[str, list[Any]]
    fixed: dict[str, Any]


def _layout(found: Multiverse) -> _Layout:
    """The choice with the longest words down, the next two across, and any others further out."""
    values = dict(found.axes)
    weeks = sorted({one.week for one in found.reached})
    default = found.answers[0]
    fixed: dict[str, Any] = {}
    while prod(len(one) for one in values.values()) * len(weeks) > _CELLS and len(values) > 1:
        name = list(values)[-1]
        del values[name]
        fixed[name] = default.choices[name]
    panels: list[Any] = [*weeks]
    if len(values) < 2:
        values[_WEEK], panels = weeks, [None]
    names = list(values)
    if len(names) == 1:
        return _Layout(panels, names, [], values, fixed)
    long = max(names, key=lambda name: _longest(values[name]))  # the first of equals
    names.remove(long)
    return _Layout(panels, names[1::-1], [*names[2:][::-1], long], values, fixed)


def _longest(values: Sequence[Any]) -> int:
    return max(len(_word(value)) for value in values)


def _find(found: Multiverse, chosen: dict[str, Any]) -> Answer | None:
    for one in found.reached:
        if all({**one.choices, _WEEK: one.week}.get(n) == v for n, v in chosen.items()):
            return one
    return None


def print_definitions(found: Multiverse) -> None:
    """All definitions as a table: the first choice across, all others in rows."""
    choices = found.axes
    weeks = sorted({one.week for one in found.reached})
    across = next(iter(choices), _WEEK)
    values = {**choices, _WEEK: weeks}
    rows_by = [name for name in (_WEEK, *choices) if name != across]
    rows = []
    for one in product(*(values[name] for name in rows_by)):
        chosen = dict(zip(rows_by, one, strict=True))
        answers = [_find(found, {**chosen, across: value}) for value in values[across]]
        rows.append((*map(_word, one), *(_marked(answer) for answer in answers)))
    heads = [_name(name) for name in rows_by]
    columns = [f"{_name(across)} {_word(value)}" for value in values[across]]
    click.echo()
    print_table((*heads, *columns), rows, right=columns)
    meanings = [f"{_name(n)}: {m}" for n in values if (m := _meaning(found.claim, n))]
    paragraph(
        "Share of worlds in which it holds, %. [ ] the default; ? undecided, the interval covers "
        f"one half. {'; '.join(meanings)}".strip()
    )


def _marked(one: Answer | None) -> str:
    if one is None:
        return ""
    text = cell(one.verdict.held) + ("?" if one.verdict.wording == "undecided" else " ")
    return f"[{text.strip()}]" if one.variant.default else text


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value_text(value).replace("_", " ")


def _name(name: str) -> str:
    return name.replace("_", " ")


def _meaning(claim: Claim, name: str) -> str:
    """What a choice is, in short: the first words of its description."""
    field = get_metric(claim.metric).params.model_fields.get(name)
    text = field.description if field is not None else None
    return (text or "").split(":")[0].split(";")[0]


def definitions_figure(
    found: Multiverse, origin: Origin, language: Language = "en"
) -> Figure | None:
    """The heat map; None where there is no choice. origin: its definition is filled in here."""
    from llm_market_sim.plots import definitions_map
    from llm_market_sim.plots.words import say

    if len(found.reached) < 2:
        return None
    layout, claim, count = _layout(found), found.claim, found.wordings
    low, high = (f"{cell(one)}{'%' if language == 'zh' else ' %'}" for one in found.ends)
    told = say(
        "definitions.assumed" if claim.status == "input" else "definitions.told", language,
        n=len(found.reached), low=low, high=high, holds=count["holds"], fails=count["fails"],
        undecided=count["undecided"],
    )  # fmt: skip
    remarks = [
        say("definitions.fixed", language, name=_shown("choice", name, language),
            value=_shown("value", value, language))
        for name, value in layout.fixed.items()
    ]  # fmt: skip
    more = len(found.answers) - len(found.reached)
    if more:
        weeks = "、" if language == "zh" else ", "
        weeks = weeks.join(map(str, found.weeks_not_reached))
        remarks.append(say("definitions.unreached", language, n=more, weeks=weeks))
    changes = "" if claim.intervention is None else "what an intervention changes in "
    counted = f"{claim.predicate}; x = {changes}{get_metric(claim.metric).meaning}"
    return definitions_map(
        [_panel(found, layout, week) for week in layout.panels],
        _choices(layout, layout.across, language), _choices(layout, layout.down, language),
        claim.text, told,
        replace(origin, definition=counted.replace("<=", "≤").replace(">=", "≥")), language,
        remarks,
    )  # fmt: skip


def _panel(found: Multiverse, layout: _Layout, week: int | None) -> DefinitionPanel:
    from llm_market_sim.plots import DefinitionPanel

    rows = list(product(*(layout.values[name] for name in layout.down)))
    columns = list(product(*(layout.values[name] for name in layout.across)))
    shares = np.full((len(rows), len(columns)), np.nan)
    undecided = np.zeros(shares.shape, dtype=bool)
    texts = [[""] * len(columns) for _ in rows]
    default = None
    for (i, row), (j, column) in product(enumerate(rows), enumerate(columns)):
        chosen = dict(zip((*layout.down, *layout.across), (*row, *column), strict=True))
        chosen |= layout.fixed | ({} if week is None else {_WEEK: week})
        one = _find(found, chosen)
        if one is not None and one.verdict.held is not None:
            shares[i, j] = one.verdict.held.share
            texts[i][j] = cell(one.verdict.held)
            undecided[i, j] = one.verdict.wording == "undecided"
            default = (i, j) if one.variant.default else default
    return DefinitionPanel(week, shares, texts, undecided, default)


def _choices(layout: _Layout, names: Sequence[str], language: Language) -> list[Choice]:
    from llm_market_sim.plots import Choice

    return [
        Choice(_shown("choice", name, language),
               [_shown("value", value, language) for value in layout.values[name]])
        for name in names
    ]  # fmt: skip


def _shown(kind: str, value: Any, language: Language) -> str:
    """A param ("choice") or a value of one as a figure says it; in the code's words if it is new,
    as those of a metric of one's own are."""
    from llm_market_sim.plots.words import say, texts

    word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    key = f"{kind}.{word}"
    return say(key, language) if key in texts() else _word(value)
