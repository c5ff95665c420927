"""Scenarios by claims: in what share of worlds each claim holds, how sure that is, the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from llm_market_sim.claims import UNTESTED, Verdict
from llm_market_sim.figures.lettering import balanced, widest, width, wrap
from llm_market_sim.figures.marks import centred, whisker, whisker_mark
from llm_market_sim.figures.page import Origin, Words, named, new_page, words_of
from llm_market_sim.figures.rows import verdict_look, verdict_marks
from llm_market_sim.figures.style import BLACK, GREY, SIZES, drawing, few, projected
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import estimate, say
from llm_market_sim.words import Language, listed

_MARGIN = 2.5  # inches for the names of scenarios
_ROW = 0.46
_HEAD = 13  # points
_SEEN = 5  # claims for a projector, where a sentence has up to three lines
_UPRIGHT = 2.6  # inches of a head that stands upright


@drawing
def claim_matrix(
    verdicts: Sequence[Verdict],
    scenarios: Mapping[str, Label],
    claims: Mapping[str, Label],
    origin: Origin,
    language: Language = "en",
) -> Figure:
    """A row a scenario, a column a claim, in the order of the two mappings from id to name.

    A cell shows a share on a scale from 0 to 100 %, with its interval; verdicts that are missing
    stay empty.
    """
    found = {(one.scenario, one.claim.id): one for one in verdicts}
    rows, columns = list(scenarios), list(claims)
    wide = (11.7 - _MARGIN) / len(columns)
    heads, tall, angle = _heads([named(one, language) for one in claims.values()], wide)
    counts = Counter(one.side for one in verdicts)
    untested = sum(one.wording in UNTESTED.values() for one in verdicts)
    values: dict[str, object] = {
        "holds": counts["holds"],
        "fails": counts["fails"],
        "rest": len(verdicts) - counts["holds"] - counts["fails"] - untested,
        "untested": say("matrix.untested", language, n=untested) if untested else "",
        "scenarios": len(rows),
        "claims": len(columns),
        "worlds": f"{origin.worlds:,}",
    }
    values |= _first(found, scenarios, claims, language)
    if projected():
        told = words_of("matrix", origin, language, values)
        name = named(scenarios[rows[0]], language)
        seen = [found[rows[0], one] for one in columns if (rows[0], one) in found]
        return _projected(few(seen), claims, replace(told, title=name), language)
    page = new_page(
        len(rows) * _ROW + tall,
        words_of("matrix", origin, language, values),
        [*verdict_marks(language, untested > 0), whisker_mark(language)],
        above=0.1,
        below=0.15,
    )
    axes = page.axes(0.3, 11.7)
    axes.set_xlim(0.0, 11.4)
    axes.set_ylim(len(rows) * _ROW, -tall)
    axes.set_axis_off()
    for c, head in enumerate(heads):
        middle = _MARGIN + wide * (c + 0.5) - 0.3
        look: Any = {"size": _HEAD, "va": "bottom", "weight": "bold", "rotation": angle}
        centred(axes, middle, -0.08, head, **look)
    for r, name in enumerate(rows):
        y = (r + 0.5) * _ROW
        words = wrap(named(scenarios[name], language), _MARGIN - 0.45, SIZES["ticks"], most=2)
        axes.text(_MARGIN - 0.45, y, words, ha="right", va="center", size=SIZES["ticks"])
        for c, claim in enumerate(columns):
            if (name, claim) in found:
                left = _MARGIN - 0.3 + wide * c
                _cell(axes, found[name, claim], left, y, wide, language)
    return page.figure


def _projected(
    verdicts: Sequence[Verdict], claims: Mapping[str, Label], words: Words, language: Language
) -> Figure:
    """Of the first scenario: the claims, the share of worlds and the verdict of each."""
    verdicts = verdicts[:_SEEN]
    page = new_page(0.0, words, [], 0.1, 0.0)
    axes = page.axes(0.3, 13.1)
    axes.set_xlim(0.0, 12.8)
    axes.set_ylim(len(verdicts) - 0.5, -0.5)
    axes.set_axis_off()
    for y, one in enumerate(verdicts):
        if y % 2 == 0:
            axes.axhspan(y - 0.5, y + 0.5, color="#F4F4F4", lw=0)
        text = wrap(named(claims[one.claim.id], language), 9.2, SIZES["text"], most=3)
        look: Any = {"size": SIZES["text"], "va": "center", "linespacing": 1.0}
        axes.text(0.1, y, text, **look)
        word = say(f"verdict.{one.wording}", language)
        colour = verdict_look(one.wording)["color"]
        if one.held is not None:
            axes.text(9.5, y, estimate(one.held, language), weight="bold", color=colour, **look)
        told = wrap(word, 2.0, SIZES["text"], "bold", most=3)
        axes.text(10.8, y, told, weight="bold", color=colour, **look)
    return page.figure


def _heads(claims: list[str], wide: float) -> tuple[list[str], float, float]:
    """The columns' heads in lines, the inches that they need, and their angle: upright where a
    word is wider than its column."""
    line, room = _HEAD * 1.2 / 72, wide - 0.15
    if max(widest(claim, _HEAD, "bold") for claim in claims) <= room:
        heads = [balanced(claim, room, _HEAD, most=7) for claim in claims]
        return heads, 0.15 + line * (1 + max(head.count("\n") for head in heads)), 0.0
    heads = [balanced(claim, _UPRIGHT, _HEAD, most=max(1, int(room / line))) for claim in claims]
    longest = max(width(part, _HEAD, "bold") for head in heads for part in head.split("\n"))
    return heads, longest + 0.2, 90.0


def _cell(
    axes: Axes, verdict: Verdict, left: float, y: float, wide: float, language: Language
) -> None:
    """The share in figures and as the darkness of the ground; below it on a scale, with whisker."""
    held = verdict.held
    ground = "#F4F4F4" if held is None else colormaps["Greys"](0.03 + 0.30 * held.share)
    axes.add_patch(
        Rectangle(
            (left + 0.02, y - _ROW / 2 + 0.02), wide - 0.04, _ROW - 0.04, facecolor=ground, lw=0
        )
    )
    if held is None:
        words = say("verdict.not reached", language)
        if width(words, SIZES["ticks"]) > wide - 0.1:
            words = "–"
        centred(axes, left + wide / 2, y, words, color=GREY)
        return
    look = verdict_look(verdict.wording)
    words = estimate(held, language)
    if wide < 0.7:
        words = words.rstrip(" %")
    size = SIZES["ticks"]
    beside = wide > 1.3
    middle = left + 0.12 + width("<99 %", size, "bold") / 2 if beside else left + wide / 2
    height = y if beside else y - 0.07
    centred(axes, middle, height, words, weight="bold", color=look["color"])
    start = left + (0.3 + width("<99 %", size, "bold") if beside else 0.12)
    room, floor = left + wide - 0.12 - start, y if beside else y + 0.12
    axes.plot([start, start + room], [floor, floor], color="#999999", lw=0.7)
    axes.plot([start + room / 2] * 2, [floor - 0.07, floor + 0.07], color=BLACK, lw=1.2)
    whisker(axes, start + room * held.low, start + room * held.high, floor, look["color"])
    axes.plot(start + room * held.share, floor, ms=7, mec="white", mew=0.8, zorder=6, **look)


def _first(
    found: Mapping[tuple[str, str], Verdict],
    scenarios: Mapping[str, Label],
    claims: Mapping[str, Label],
    language: Language,
) -> dict[str, str]:
    """The name of the first scenario, and its shares in words."""
    first = next(iter(scenarios))
    parts = []
    for claim, label in claims.items():
        verdict = found.get((first, claim))
        if verdict and verdict.held:
            parts.append(f"{named(label, language)} {estimate(verdict.held, language)}")
    return {"first": named(scenarios[first], language), "shares": listed(parts, language)}
