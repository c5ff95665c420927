"""What two versions of the program differ in, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llm_market_sim.experiments.versions import KINDS, Kind, Moved, Versions
from llm_market_sim.pages.words import render
from llm_market_sim.words import listed, number, p_value, percent, signed

HEADS: dict[Kind, str] = {"claim": "Claims", "band": "Series", "firm": "Firms"}

_WITHIN_CHANCE = "Some worlds differ, but no number by more than chance."


@dataclass(frozen=True)
class Line:
    """Something that differs in one scenario or more: in how many, and where most.

    turned: scenarios by the verdict that was and the one that is.
    """

    most: Moved
    scenarios: int
    clear: int
    turned: dict[tuple[str, str], list[str]]


def versions_page(found: Versions, old: str, new: str) -> str:
    """The page (HTML), in English. old, new: what the versions are called."""
    groups = [
        (HEADS[kind], what, lines(found.moved, kind))
        for kind, what in KINDS.items()
        if any(one.kind == kind for one in found.moved)
    ]
    return render(
        "versions.html.j2",
        "en",
        title=f"{old} and {new}",
        found=found,
        sentences=list(sentences(found)),
        groups=groups,
        value=value,
        change=change,
        p_value=p_value,
        listed=listed,
    )


def sentences(found: Versions) -> Iterator[str]:
    """What is to be known first."""
    yield (
        f"The same {found.worlds:,} worlds of {len(found.scenarios)} scenarios, seed {found.seed}; "
        f"{found.rules[0]} and {found.rules[1]}."
    )
    if not found.moved:
        yield "Every number is the same in every world and week."
    else:
        clear = [one for one in found.moved if one.clear]
        parts = [
            f"{len({one.name for one in clear if one.kind == kind})} {words}"
            for kind, words in (("claim", "claims"), ("band", "series"), ("firm", "firms"))
        ]
        yield f"By more than chance differ {listed(parts)}." if clear else _WITHIN_CHANCE
        if found.same:
            yield f"In {len(found.same)} of the scenarios nothing differs at all."
        turned = [one for one in found.moved if one.turned]
        yield f"Verdicts that changed: {len(turned)}."
        if found.rules[0] == found.rules[1]:
            yield "Their rules are the same, so what differs comes from scenarios or claims."
    for names, what in ((found.changed, "parameters or firms"), (found.redefined, "definitions")):
        if names:
            all_of_them = len(names) == len(found.scenarios) and names is found.changed
            yield f"Other {what}: {'all scenarios' if all_of_them else listed(names)}."
    for side, names in zip(("the old", "the new"), found.only, strict=True):
        if names:
            yield f"Only {side} one has: {', '.join(sorted(names))}."


def strongest(moved: Sequence[Moved]) -> list[Moved]:
    """Verdicts that turned first, then by how little chance explains, then by size."""
    return sorted(moved, key=lambda one: (not one.turned, one.adjusted, -_size(one)))


def lines(moved: Sequence[Moved], kind: Kind) -> list[Line]:
    """One line for each claim, series or firm that differs, the strongest first."""
    found: dict[str, list[Moved]] = {}
    for one in strongest([one for one in moved if one.kind == kind]):
        found.setdefault(one.name, []).append(one)
    return [
        Line(ones[0], len(ones), sum(one.clear for one in ones), _turned(ones))
        for ones in found.values()
    ]


def _turned(ones: Sequence[Moved]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for one in ones:
        if one.verdicts is not None and one.turned:
            found.setdefault(one.verdicts, []).append(one.scenario)
    return found


def value(one: Moved, x: float) -> str:
    """A share in per cent, a mean with its unit left out."""
    return number(x) if one.kind == "band" else percent(x)


def change(one: Moved) -> str:
    """The difference with its interval."""
    if one.kind == "band":
        return f"{signed(one.after - one.before)} ({signed(one.low)} to {signed(one.high)})"
    points = 100 * (one.after - one.before)
    return f"{points:+.1f} points ({100 * one.low:+.1f} to {100 * one.high:+.1f})"


def _size(one: Moved) -> float:
    """Of shares the difference; of means against the width of the band."""
    if one.bands is None:
        return abs(one.after - one.before)
    width = max(high - low for low, high in one.bands)
    return abs(one.after - one.before) / width if width else 0.0
