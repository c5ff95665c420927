"""What `sensitivity` found, as a table and in words."""

from __future__ import annotations

from collections.abc import Callable

import click

from llm_market_sim.cli.experiment import meaning, span, tested
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.cli.tell import amount, counted, joined, named, spoken, tell
from llm_market_sim.cli.tell import span as shown_span
from llm_market_sim.experiments import Loaded
from llm_market_sim.experiments.morris import Screening
from llm_market_sim.experiments.sensitivity import LUCK, Drivers, Sensitivity, table
from llm_market_sim.experiments.sobol import Indices
from llm_market_sim.metrics import get_metric
from llm_market_sim.words import listed, percent, points


def print_drivers(loaded: Loaded[Sensitivity], found: Drivers) -> None:
    """A table, the most important factor first, and what it says in a sentence."""
    claim, result = loaded.claim, found.result
    heading(claim.sentence(spoken()))
    paragraph(tested(claim))
    told = "Scenario {scenario}; over all points x is {mean} on average."
    mean = amount(found.mean)
    if loaded.spec.outcome == "share":
        told = "Scenario {scenario}; over all points it holds in {mean} of worlds."
        mean = percent(found.mean, spoken())
    paragraph(tell(told, scenario=loaded.scenario.name, mean=mean))
    click.echo()
    if isinstance(result, Screening):
        _print_screening(loaded, found, result)
    else:
        _print_indices(loaded, found, result)
    click.echo()


def _print_screening(loaded: Loaded[Sensitivity], found: Drivers, result: Screening) -> None:
    unit, shown = _measure(loaded)
    names = [
        tell("parameter"),
        tell("range"),
        tell("mu*, {unit}", unit=unit),
        *map(tell, ("95 %", "mu", "sigma", "luck", "beyond luck")),
    ]
    spans = _spans(loaded)
    rows = []
    for factor, *numbers, apart in table(found)[1]:
        size, low, high, mean, spread, luck = map(shown, numbers)
        note = tell("yes" if apart else "no")
        ends = shown_span(f"{low} to {high}")
        rows.append((factor, spans[factor], size, ends, mean, spread, luck, note))
    print_table(names, rows, right=names[2:-1], styles={tell("no"): "yellow"})
    click.echo()
    paragraph(_screening_said(loaded, found, result))
    click.echo()
    paragraph(
        tell(
            "mu* is by how much a parameter moves the answer across its range, up or down, on "
            "average over settings of the others, with a 95 % interval by bootstrap over {count} "
            "trajectories. mu is the same with its sign. sigma is how much the effect differs "
            "between settings: interactions, bends, and luck. luck is the value that mu* "
            "would stay below, in 95 of 100 cases, if the parameter did no more than shuffle luck "
            "among worlds. All of it is conditional on the ranges.",
            count=loaded.spec.trajectories,
        )
    )


def _screening_said(loaded: Loaded[Sensitivity], found: Drivers, result: Screening) -> str:
    unit, shown = _measure(loaded)
    names = found.factors
    told = [k for k in found.order if result.told_apart[k]]
    rest = [k for k in found.order if not result.told_apart[k]]
    if not told:
        return tell("None of {n} assumptions can be told apart from luck.", n=len(names))
    top = told[0]
    size, mean = float(result.mu_star[top]), float(result.mu[top])
    way = "up or down" if abs(mean) < 0.5 * size else "mostly up" if mean > 0.0 else "mostly down"
    said = [
        tell(
            "Of {n} assumptions, {name} ({meaning}) moves the answer most: by {size} {unit} on "
            "average across its range, {way} as it rises.",
            n=len(names),
            name=names[top],
            meaning=meaning(names[top]),
            size=shown(size),
            unit=unit,
            way=tell(way),
        )
    ]
    if len(told) > 1:
        others = listed([names[k] for k in told[1:]], spoken())
        said.append(tell("Then come {names}.", names=others))
    if rest:
        others = listed([names[k] for k in rest], spoken())
        text = "Not told apart from luck by {worlds} worlds a point: {names}."
        said.append(tell(text, worlds=loaded.spec.worlds, names=others))
    return joined(said)


def _print_indices(loaded: Loaded[Sensitivity], found: Drivers, result: Indices) -> None:
    heads = ("factor", "range", "first order, %", "95 %", "total, %", "95 %")
    names = [tell(one) for one in heads]
    spans = {**_spans(loaded), LUCK: tell("{n} worlds", n=f"{loaded.spec.worlds:,}")}
    rows = [
        (
            tell(factor),
            spans[factor],
            points(first),
            shown_span(f"{points(a)} to {points(b)}"),
            points(total),
            shown_span(f"{points(c)} to {points(d)}"),
        )
        for factor, first, a, b, total, c, d in table(found)[1]
    ]
    print_table(names, rows, right=names[2:])
    click.echo()
    paragraph(_indices_said(found, result))
    click.echo()
    paragraph(
        tell(
            "In per cent of the variance of a single world's answer. first order: how much would "
            "go if this factor alone were known. total: how much would be left if it alone were "
            "unknown; a parameter's total counts also where it does no more than shuffle luck "
            "among worlds. Totals overlap, so they add up to more than 100. 95 % "
            "intervals by bootstrap over {samples} samples; an estimate may fall below 0. All of "
            "it is conditional on the ranges.",
            samples=f"{loaded.spec.samples:,}",
        )
    )


def _indices_said(found: Drivers, result: Indices) -> str:
    if not result.total.any():
        return tell("The answer is the same in all worlds, so nothing decides it.")
    parameters = found.factors[:-1]
    left = _clipped(result.total[-1], result.total_margin[-1])
    own = _clipped(result.first[-1], result.first_margin[-1])
    said = tell(
        "If all {n} assumptions were known, luck would still leave open {left} of what varies; if "
        "none were known, knowing the luck alone would settle {own}. ",
        n=len(parameters),
        left=left,
        own=own,
    )
    beyond = [k for k in found.order if k < len(parameters) and _clear(result, k)]
    if not beyond:
        none = "No assumption's own share can be told apart from 0 by so few samples."
        return said + tell(none)
    top = max(beyond, key=lambda k: float(result.first[k]))
    others = [found.factors[k] for k in beyond if k != top]
    said += tell(
        "Of the assumptions, {name} ({meaning}) settles most on its own: {share}",
        name=found.factors[top],
        meaning=meaning(found.factors[top]),
        share=percent(result.first[top], spoken()),
    )
    if not others:
        return said + tell(".")
    less = ("; {names} settles less.", "; {names} settle less.")
    return said + counted(len(others), *less, names=listed(others, spoken()))


def _clear(result: Indices, k: int) -> bool:
    """Whether a factor's first order is told apart from 0."""
    return bool(result.first[k] > result.first_margin[k])


def _spans(loaded: Loaded[Sensitivity]) -> dict[str, str]:
    return {one.path: span(one) for one in loaded.space.ranges}


def _measure(loaded: Loaded[Sensitivity]) -> tuple[str, Callable[[float], str]]:
    """The unit of what moves, and how a number of it is written."""
    if loaded.spec.outcome == "share":
        return tell("points"), points
    return named(get_metric(loaded.claim.metric).unit), lambda value: f"{value:.2f}"


def _clipped(share: float, margin: float) -> str:
    """``79 % (67 to 91)``, within 0 to 100."""
    middle, low, high = (
        points(min(max(one, 0.0), 1.0)) for one in (share, share - margin, share + margin)
    )
    return shown_span(f"{middle} % ({low} to {high})")
