"""How many general platforms are left, scenario by scenario, and whether the claim holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.marks import KeyEntry, area_mark, dot_mark, whisker, whisker_mark
from llm_market_sim.figures.page import Origin, Page, named, new_page, words_of
from llm_market_sim.figures.rows import (
    MARGIN,
    SEEN_MARGIN,
    column,
    names,
    row_height,
    shares,
    verdicts,
)
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
    SIZES,
    SKY,
    drawing,
    few,
    projected,
)
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import between, estimate, say
from llm_market_sim.summary.statistics import Proportion
from llm_market_sim.words import Language, date, points

_TALL = 1.6  # inches of a row that is to be read from afar
_BELOW = 0.28  # rows between the readings of one
_SECOND: Any = {"ls": "none", "marker": "D", "ms": 6.5, "mfc": "white", "mec": BLACK, "mew": 1.6}
_FEW = 8  # scenarios up to which every bar has its number


@dataclass(frozen=True)
class SurvivorRow:
    """One scenario: its name, the share of worlds (0 to 1) by number of platforms, the share in
    which the claim holds, and the verdict.

    second: the share by the second reading. bands: over the posterior sample, for each reading the
    ends of its share (0 to 1). over: the share over that sample, in words, where no second is.
    """

    label: Label
    shares: Sequence[float]
    held: Proportion
    verdict: str
    second: Proportion | None = None
    bands: Sequence[tuple[float, float]] = ()
    over: str = ""


@drawing
def survivors(
    rows: Sequence[SurvivorRow],
    band: Sequence[bool],
    claim: str,
    said: str,
    week: float,
    origin: Origin,
    language: Language = "en",
    words: str = "survivors",
    more: Mapping[str, str] | None = None,
) -> Figure:
    """Left: bars, one row a scenario. Right: in how many worlds the claim holds, against one half.

    band: whether 0, 1, 2 … platforms are what the claim says; as long as each row's shares. said:
    the same in signs, such as "3 <= n <= 5". week: at which platforms are counted. words, more:
    another set of texts, and what it asks for.
    """
    rows = few(rows)
    first = rows[0]
    values = {
        "date": date(week, language),
        "said": said.replace("<=", "≤").replace(">=", "≥"),
        "claim": claim,
        "first": named(first.label, language),
        "rows": len(rows),
        "share": estimate(first.held, language),
        "holds": sum(row.verdict == "holds" for row in rows),
    }
    page = new_page(
        0.25 + len(rows) * (row_height(len(rows)) if words == "survivors" else _TALL),
        words_of(words, origin, language, values | dict(more or {})),
        key=[
            area_mark(say("survivors.bars", language), PALE),
            area_mark(say("claim.shaded", language), SKY, alpha=0.3),
            *(() if projected() else _marks(rows, language)),
        ],
        **({"above": 0.12, "below": 0.95} if projected() else {"below": 0.85}),
    )
    if projected():
        _projected(page, rows, band, f"{words}.axis", language)
        return page.figure
    left, right = page.axes(MARGIN, 6.35), page.axes(6.65, 8.15)
    _counts(left, rows, band, len(rows) <= _FEW and len(band) <= 12)
    left.set_xlabel(say(f"{words}.axis", language), size=SIZES["ticks"])
    names(left, [row.label for row in rows], language)
    _readings(right, rows, language)
    head, other, told = _columns(rows, language)
    wide = other == "rows.interval"
    estimates = [estimate(row.held, language) for row in rows]
    column(right, 0.2, say(head, language), estimates, weight="bold")
    column(right, 1.15 if wide else 0.95, say(other, language), told)
    at, room = (2.35, 1.2) if wide else (1.95, 1.6)
    judged = [row.verdict for row in rows]
    verdicts(right, at, say("rows.verdict", language), judged, room, language)
    return page.figure


def _projected(
    page: Page, rows: Sequence[SurvivorRow], band: Sequence[bool], axis: str, language: Language
) -> None:
    """Bars, the share and the verdict, and nothing else."""
    axes = page.axes(SEEN_MARGIN, 7.6)
    _counts(axes, rows, band, False)
    axes.set_xlabel(wrap(say(axis, language), 5.0, SIZES["ticks"], most=1), size=SIZES["ticks"])
    names(axes, [row.label for row in rows], language)
    column(axes, 0.15, "", [estimate(row.held, language) for row in rows], weight="bold")
    verdicts(axes, 1.25, "", [row.verdict for row in rows], 4.3, language)


def _marks(rows: Sequence[SurvivorRow], language: Language) -> list[KeyEntry]:
    """The key of what is right: one reading with its whisker, or both, and their bands."""
    marks = [whisker_mark(language)]
    if any(row.second for row in rows):
        marks = [
            dot_mark(say("survivors.by_size", language), ls="none", marker="o", ms=8, color=BLACK),
            dot_mark(say("survivors.by_use", language), **_SECOND),
        ]
    if any(row.bands for row in rows):
        marks.append(area_mark(say("survivors.open", language), ORANGE, alpha=0.55))
    return marks


def _readings(axes: Axes, rows: Sequence[SurvivorRow], language: Language) -> None:
    """Both readings of every row against one half, and the bands behind them."""
    shares(axes, [(r.held.share, r.held.low, r.held.high, r.verdict) for r in rows], language)
    for y, row in enumerate(rows):
        if row.second is not None:
            whisker(axes, row.second.low, row.second.high, y + _BELOW, GREY)
            axes.plot(row.second.share, y + _BELOW, zorder=6, clip_on=False, **_SECOND)
        for k, (low, high) in enumerate(row.bands):
            axes.barh(
                y + k * _BELOW, high - low, left=low, height=0.2, color=ORANGE, alpha=0.55, zorder=1
            )


def _columns(rows: Sequence[SurvivorRow], language: Language) -> tuple[str, str, list[str]]:
    """Heads of the two columns of numbers, and what stands in the second."""
    if any(row.second for row in rows):
        second = [estimate(row.second, language) if row.second else "" for row in rows]
        return "survivors.first", "survivors.second", second
    if any(row.over for row in rows):
        over = [between(row.over, language) for row in rows]
        return "survivors.usual", "survivors.open_head", over
    intervals = [between(row.held.interval, language) for row in rows]
    return "rows.holds_in", "rows.interval", intervals


def _counts(
    axes: Axes, rows: Sequence[SurvivorRow], band: Sequence[bool], percentages: bool
) -> None:
    for n, inside in enumerate(band):
        if inside:
            axes.axvspan(n - 0.5, n + 0.5, color=SKY, alpha=0.3, lw=0, zorder=0)
    tallest = max(max(row.shares) for row in rows)
    room = 0.66 if percentages else 0.82
    for y, row in enumerate(rows):
        axes.axhline(y + 0.4, color="#cccccc", lw=0.6, zorder=1)
        heights = [-room * share / tallest for share in row.shares]
        colours = [BLUE if inside else PALE for inside in band]
        axes.bar(range(len(band)), heights, bottom=y + 0.4, width=0.82, color=colours, zorder=2)
        for n, (share, rise) in enumerate(zip(row.shares, heights, strict=True)):
            if percentages and share > 0.0:
                text = points(share)
                axes.text(n, y + 0.36 + rise, text, ha="center", va="bottom", size=11, color=BLACK)
    axes.set_xlim(-0.6, len(band) - 0.4)
    axes.set_xticks(range(0, len(band), 1 if len(band) <= 14 else 5))
    axes.tick_params(axis="x", color=GREY)
