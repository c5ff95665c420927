"""A number over uncertain assumptions: what luck spreads and what assumptions spread, apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llm_market_sim.figures.lettering import drawable, wrap
from llm_market_sim.figures.marks import area_mark, centred, dot_mark, whisker, whisker_mark
from llm_market_sim.figures.page import Origin, named, new_page, words_of
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
    GREY,
    PALE,
    SIZES,
    SKY,
    drawing,
    few,
    points,
    projected,
)
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import between, number, say, spaced
from llm_market_sim.summary.statistics import Bands
from llm_market_sim.words import Language, date, percent

_MEAN: Any = {"ls": "none", "marker": "D", "ms": 7, "mfc": "white", "mec": BLACK, "mew": 1.8}


@dataclass(frozen=True)
class UncertainRow:
    """One scenario: its name, the number with its bands (None where some world has none), the
    share of worlds (0 to 1) in which the claim holds, with the band of parameters, both also in
    words, and the verdict."""

    label: Label
    number: Bands | None
    share: Bands
    estimate: str
    interval: str
    verdict: str


@drawing
def uncertainty(
    rows: Sequence[UncertainRow],
    claimed: Sequence[tuple[float, float]],
    quantity: str,
    claim: str,
    said: str,
    week: float,
    origin: Origin,
    language: Language = "en",
) -> Figure:
    """Left: the number, one row a scenario. Right: the share of worlds in which the claim holds.

    claimed: where the claim says that the number lies, (from, to), infinite where it has no end.
    quantity: what the number is. said: what the claim says of it in signs. week: it speaks of.
    """
    rows = few(rows)
    first = rows[0]
    values = {
        "date": date(week, language),
        "said": said.replace("<=", "≤").replace(">=", "≥"),
        "claim": claim,
        "quantity": quantity,
        "first": named(first.label, language),
        "share": percent(first.share.mean, language),
        "low": percent(first.share.parameters[0], language),
        "high": percent(first.share.parameters[1], language),
    }
    page = new_page(
        0.25 + len(rows) * row_height(len(rows)),
        words_of("bands", origin, language, values),
        key=[
            area_mark(say("bands.luck", language), PALE),
            whisker_mark(language, "bands.assumed"),
            dot_mark(say("bands.mean", language), **_MEAN),
            area_mark(say("claim.shaded", language), SKY, alpha=0.3),
        ],
        **({"above": 0.12, "below": 0.95} if projected() else {"below": 1.05}),
    )
    if projected():
        axes = page.axes(SEEN_MARGIN, 7.6)
        _numbers(axes, rows, claimed, quantity, language)
        names(axes, [row.label for row in rows], language)
        column(axes, 0.15, "", [row.estimate for row in rows], weight="bold")
        verdicts(axes, 1.25, "", [row.verdict for row in rows], 4.3, language)
        return page.figure
    left, right = page.axes(MARGIN, 5.95), page.axes(6.25, 7.65)
    _numbers(left, rows, claimed, quantity, language)
    names(left, [row.label for row in rows], language)
    shares(right, [(r.share.mean, *r.share.parameters, r.verdict) for r in rows], language)
    estimates = [spaced(row.estimate, language) for row in rows]
    intervals = [between(row.interval, language) for row in rows]
    column(right, 0.2, say("rows.holds_in", language), estimates, weight="bold")
    column(right, 1.15, say("rows.assumed", language), intervals)
    told = [row.verdict for row in rows]
    verdicts(right, 2.4, say("rows.verdict", language), told, 1.6, language)
    return page.figure


def _numbers(
    axes: Axes,
    rows: Sequence[UncertainRow],
    claimed: Sequence[tuple[float, float]],
    quantity: str,
    language: Language,
) -> None:
    numbers = [row.number for row in rows if row.number is not None]
    ends = [end for one in numbers for end in (*one.worlds, *one.parameters)]
    ends += [end for part in claimed for end in part if abs(end) != float("inf")]
    least, most = min(ends), max(ends)
    room = 0.06 * (most - least) or 1.0
    start = 0.0 if 0.0 <= least < 0.4 * most else least - room
    axes.set_xlim(start, most + room)
    for low, high in claimed:
        inside = max(low, start), min(high, most + room)
        axes.axvspan(*inside, facecolor=SKY, alpha=0.3, lw=0, zorder=0)
        for end in {low, high} - {start, most + room}:
            axes.axvline(end, color=SKY, lw=1.4, zorder=3)
    for y, row in enumerate(rows):
        if y:
            axes.axhline(y - 0.5, color="#dddddd", lw=0.6, zorder=1)
        if row.number is None:
            look: Any = {"size": points(11), "transform": axes.get_yaxis_transform()}
            centred(axes, 0.5, y, say("bands.none", language), color=GREY, **look)
            continue
        low, high = row.number.worlds
        axes.barh(y, high - low, left=low, height=0.62, color=PALE, lw=0, zorder=2)
        whisker(axes, *row.number.parameters, y, BLACK)
        axes.plot(row.number.mean, y, **_MEAN, zorder=6, clip_on=False)
    ticks = MaxNLocator(4 if projected() else 6, steps=[1, 2, 5, 10]).tick_values(
        start, most + room
    )
    inside_ticks = [float(tick) for tick in ticks if start <= tick <= most + room]
    axes.set_xticks(inside_ticks, [number(tick, language) for tick in inside_ticks])
    inches, most_lines = (4.8, 1) if projected() else (3.4, None)
    label = wrap(drawable(quantity), inches, SIZES["ticks"], most=most_lines)
    axes.set_xlabel(label, size=SIZES["ticks"])
