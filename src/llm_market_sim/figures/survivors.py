"""How many general platforms are left, scenario by scenario, and whether the claim holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.figures.marks import area_mark, whisker_mark
from llm_market_sim.figures.page import Origin, named, new_page, words_of
from llm_market_sim.figures.rows import MARGIN, column, names, row_height, shares, verdict_look
from llm_market_sim.figures.style import BLACK, BLUE, GREY, PALE, SIZES, SKY, drawing
from llm_market_sim.figures.words import estimate, say
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.statistics import Proportion
from llm_market_sim.words import Language, date, points

_FEW = 8  # scenarios up to which every bar has its number


@dataclass(frozen=True)
class SurvivorRow:
    """One scenario: its name, the share of worlds (0 to 1) by number of platforms, the share in
    which the claim holds, and the verdict."""

    label: Label
    shares: Sequence[float]
    held: Proportion
    verdict: str


@drawing
def survivors(
    rows: Sequence[SurvivorRow],
    band: Sequence[bool],
    claim: str,
    said: str,
    week: float,
    origin: Origin,
    language: Language = "en",
) -> Figure:
    """Left: bars, one row a scenario. Right: in how many worlds the claim holds, against one half.

    band: whether 0, 1, 2 … platforms are what the claim says; as long as each row's shares. said:
    the same in signs, such as "3 <= n <= 5". week: at which platforms are counted.
    """
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
        0.25 + len(rows) * row_height(len(rows)),
        words_of("survivors", origin, language, values),
        key=[
            area_mark(say("survivors.bars", language), PALE),
            area_mark(say("claim.shaded", language), SKY, alpha=0.3),
            whisker_mark(language),
        ],
        below=0.85,
    )
    left, right = page.axes(MARGIN, 6.35), page.axes(6.65, 8.15)
    _counts(left, rows, band, len(rows) <= _FEW and len(band) <= 12, language)
    names(left, [row.label for row in rows], language)
    shares(right, [(r.held.share, r.held.low, r.held.high, r.verdict) for r in rows], language)
    looks = [str(verdict_look(row.verdict)["color"]) for row in rows]
    column(
        right,
        0.2,
        say("rows.holds_in", language),
        [_sign(r.held.estimate) for r in rows],
        weight="bold",
    )
    column(
        right,
        1.15,
        say("rows.interval", language),
        [r.held.interval.replace(" to ", "–") for r in rows],
    )
    verdicts = [say(f"verdict.{row.verdict}", language) for row in rows]
    column(right, 2.35, say("rows.verdict", language), verdicts, looks, "bold", 1.2)
    return page.figure


def _sign(estimate: str) -> str:
    return estimate.replace("below ", "<").replace("above ", ">")


def _counts(
    axes: Axes,
    rows: Sequence[SurvivorRow],
    band: Sequence[bool],
    percentages: bool,
    language: Language,
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
    axes.set_xlabel(say("survivors.axis", language), size=SIZES["ticks"])
    axes.tick_params(axis="x", color=GREY)
