"""What two versions of the program differ in, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llm_market_sim.experiments.versions import KINDS, Kind, Moved, Versions
from llm_market_sim.market.observation import SERIES
from llm_market_sim.pages.words import render, sayer
from llm_market_sim.scenario.texts import declared
from llm_market_sim.summary import said
from llm_market_sim.words import Language, listed, number, p_value, percent, signed


@dataclass(frozen=True)
class Line:
    """Something that differs in one scenario or more: in how many, and where most.

    turned: scenarios by the verdict that was and the one that is.
    """

    most: Moved
    scenarios: int
    clear: int
    turned: dict[tuple[str, str], list[str]]


def versions_page(found: Versions, old: str, new: str, language: Language = "en") -> str:
    """The page (HTML). old, new: what the versions are called."""
    return render(
        "versions.html.j2",
        language,
        title=sayer(language)("versions.title", old=old, new=new),
        found=found,
        sentences=list(sentences(found, language)),
        groups=[(kind, there) for kind in KINDS if (there := lines(found.moved, kind))],
        named=lambda one: named(one, language),
        unit=lambda one: declared(one.unit, language),
        value=lambda one, x: value(one, x, language),
        change=lambda one: change(one, language),
        p_value=p_value,
        listed=lambda names: listed(names, language),
    )


def sentences(found: Versions, language: Language = "en") -> Iterator[str]:
    """What is to be known first."""
    say = sayer(language)
    yield say(
        "versions.same_worlds",
        worlds=f"{found.worlds:,}",
        scenarios=len(found.scenarios),
        seed=found.seed,
        old=found.rules[0],
        new=found.rules[1],
    )
    if not found.moved:
        yield say("versions.nothing")
    else:
        clear = [one for one in found.moved if one.clear]
        parts = [
            say(f"versions.clear_{kind}", n=len({one.name for one in clear if one.kind == kind}))
            for kind in KINDS
        ]
        if clear:
            yield say("versions.clear", parts=listed(parts, language))
        else:
            yield say("versions.within_chance")
        if found.same:
            yield say("versions.same_scenarios", n=len(found.same))
        yield say("versions.turned", n=sum(one.turned for one in found.moved))
        if found.rules[0] == found.rules[1]:
            yield say("versions.same_rules")
    if found.changed:
        every = len(found.changed) == len(found.scenarios)
        names = say("versions.all") if every else listed(found.changed, language)
        yield say("versions.changed", names=names)
    if found.redefined:
        yield say("versions.redefined", names=listed(found.redefined, language))
    for side, names_of_side in zip(("old", "new"), found.only, strict=True):
        if names_of_side:
            yield say(f"versions.only_{side}", names=listed(sorted(names_of_side), language))


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


def named(one: Moved, language: Language = "en") -> str:
    """A claim, series or firm, as it is called."""
    known = language == "zh" and one.kind == "band" and one.name in SERIES
    return SERIES[one.name].label["zh"] if known else one.name


def value(one: Moved, x: float, language: Language = "en") -> str:
    """A share in per cent, a mean with its unit left out."""
    if one.kind != "band":
        return percent(x, language)
    large = language == "zh" and abs(x) >= 1e6
    return said.number(x, language) if large else number(x)


def change(one: Moved, language: Language = "en") -> str:
    """The difference with its interval."""
    size, low, high = one.after - one.before, one.low, one.high
    if one.kind == "band":
        ends = [signed(x) for x in (size, low, high)]
        if language == "zh" and max(map(abs, (size, low, high))) >= 1e6:
            ends = [said.number(x, language) for x in (size, low, high)]
    else:
        ends = [f"{100 * x:+.1f}" for x in (size, low, high)]
    key = "versions.change" if one.kind == "band" else "versions.change_points"
    return sayer(language)(key, size=ends[0], low=ends[1], high=ends[2])


def _size(one: Moved) -> float:
    """Of shares the difference; of means against the width of the band."""
    if one.bands is None:
        return abs(one.after - one.before)
    width = max(high - low for low, high in one.bands)
    return abs(one.after - one.before) / width if width else 0.0
