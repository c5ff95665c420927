"""``discover``: under which assumptions a claim holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import amount, joined, spoken, tell, with_unit
from llm_market_sim.words import listed, p_value, percent, points

if TYPE_CHECKING:
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments import Loaded, Range, Space
    from llm_market_sim.experiments.discovery import Discovered, Discovery
    from llm_market_sim.experiments.prim import Limit
    from llm_market_sim.words import Language

PLACE = 160  # in the list of commands

_FORMS = {"full": "{name} ({meaning}) is {limit}", "name": "{name} {limit}", "limit": "{limit}"}
_LIMITS = {"above": "above {above}", "below": "below {below}", "above below": "{above} to {below}"}


@click.command(
    short_help="Say under which assumptions a claim holds.",
    epilog="""\b
Examples:
  llm-market-sim discover experiments/discover_survivors.yaml
  llm-market-sim discover experiments/discover_survivors.yaml --points 300
  llm-market-sim discover experiments/discover_survivors.yaml --out results

\b
The folder of --out holds points.csv (one row a point), boxes.csv (all boxes
that the search went through), and the tables claims (the number of every
world) and draws (the parameters). The same command goes on from it, also with
more --worlds.""",
)
@options.experiment
@options.language
@click.option("--points", type=int, help="Points of the space, in place of the file's.")
def discover(
    file: Path, points: int | None, how: How, language: Language, plugins: tuple[str, ...]
) -> None:
    """Find the part of a space of assumptions in which a claim holds.

    FILE is a YAML file that names a claim, and parameters with their ranges. Points of the space
    are searched for a box (PRIM), with a tree (CART) as a check.
    """
    from llm_market_sim.cli.experiment import answered
    from llm_market_sim.cli.working import close
    from llm_market_sim.experiments import discovery, load_spec
    from llm_market_sim.support.files import whole_files, write_csv

    how = how.start(1, plugins)
    given = {"points": points, "worlds": how.worlds, "seed": how.seed}
    loaded = load_spec(file, discovery.Discovery, given)
    with answered(discovery, loaded, how) as (loaded, found, outcome):
        if found is not None:
            if how.out is not None:
                with whole_files(how.out) as place:
                    write_csv(place / "points.csv", *_points(loaded.space, found))
                    write_csv(place / "boxes.csv", *_boxes(loaded, found))
            _print(loaded, found)
        spec = loaded.spec
        runs = spec.points * spec.worlds
        told = "{points} points, {worlds} worlds in all"
        close(outcome, how, tell(told, points=f"{spec.points:,}", worlds=f"{runs:,}"))


def _points(space: Space, found: Discovered) -> tuple[Sequence[str], list[list[object]]]:
    """Columns, and one row a point."""
    rows = [
        [*values, share, int(yes), int(inside)]
        for values, share, yes, inside in zip(
            space.at(found.unit).tolist(),
            found.shares.tolist(),
            found.yes.tolist(),
            found.in_box.tolist(),
            strict=True,
        )
    ]
    return (*space.names, "share", "holds", "in_box"), rows


def _boxes(
    loaded: Loaded[Discovery], found: Discovered
) -> tuple[Sequence[str], list[list[object]]]:
    """Columns, and one row a limit; the whole space has none. The box reported comes last."""
    rows: list[list[object]] = []
    last = () if found.box is None else (found.box,)
    for place, box in enumerate((*found.search.trajectory, *last)):
        name = "reported" if place == len(found.search.trajectory) else place
        facts = [name, box.points, box.coverage, box.density, len(box.parameters)]
        for limit, chance in zip(box.limits, box.quasi_p, strict=True):
            one = loaded.space.ranges[limit.parameter]
            rows.append([*facts, one.path, limit.side, _value(one, limit.at), chance])
        if not box.limits:
            rows.append([*facts, "", "", "", ""])
    names = ("box", "points", "coverage", "density", "restricted")
    return (*names, "parameter", "side", "limit", "quasi_p"), rows


def _print(loaded: Loaded[Discovery], found: Discovered) -> None:
    from llm_market_sim.cli.experiment import tested
    from llm_market_sim.cli.show import heading, paragraph

    claim, spec = loaded.claim, loaded.spec
    heading(claim.sentence(spoken()))
    paragraph(tested(claim))
    click.echo()
    _print_parameters(loaded, found)
    click.echo()
    paragraph(_said(loaded, found))
    click.echo()
    _print_tree(loaded.space, found)
    click.echo()
    paragraph(
        tell(
            "A point counts as one where the claim holds if it does so in at least {least} of its "
            "{worlds} worlds. Base rate: the share of such points. Coverage: the share of them "
            "that lies in the box; density: the share of them among the points in the box. "
            "quasi-p: how often so many would lie in the box by chance if this limit did nothing; "
            "the search has picked its limits, so it flatters. In halves: how often the same "
            "search, on half of the points, restricts the parameter. The box is the densest of "
            "those that PRIM went through that cover at least half of such points, or a simpler "
            "one within a standard error of it, without limits that could be chance; it is told "
            "only if in 95 of 100 halves such a box does better than the rest of the space on the "
            "points of the other half. All of it is conditional on the ranges.",
            least=percent(spec.holds_from, spoken()),
            worlds=spec.worlds,
        )
    )
    click.echo()


def _print_parameters(loaded: Loaded[Discovery], found: Discovered) -> None:
    from llm_market_sim.cli.experiment import span
    from llm_market_sim.cli.show import print_table

    box = found.box
    mine = {} if box is None else dict(zip(box.limits, box.quasi_p, strict=True))
    often = found.again.restricted
    order = sorted(
        range(len(often)), key=lambda k: (all(one.parameter != k for one in mine), -often[k])
    )
    rows = []
    for k in order:
        one = loaded.space.ranges[k]
        limits = [limit for limit in mine if limit.parameter == k]
        chances = ", ".join(p_value(mine[limit]) for limit in limits)
        where = _where(loaded.space, limits, "limit")
        rows.append((one.path, span(one), where, chances, points(often[k])))
    columns = [tell(one) for one in ("parameter", "range", "box", "quasi-p", "in halves, %")]
    print_table(columns, rows, right=columns[3:])


def _said(loaded: Loaded[Discovery], found: Discovered) -> str:
    """What was found, in a few sentences."""
    from llm_market_sim.experiments.discovery import SURE

    def share(x: float) -> str:
        return percent(x, spoken())

    rate, points, box = found.base_rate, len(found.shares), found.box
    if rate in (0.0, 1.0):
        told = "The claim holds at none of {points} points: no box to find."
        if rate:
            told = "The claim holds at all of {points} points: no box to find."
        return tell(told, points=f"{points:,}")
    told = "The claim holds at {share} of {points} points (the base rate)."
    said = [tell(told, share=share(rate), points=f"{points:,}")]
    again = found.again
    if box is None:
        most = int(again.restricted.argmax())
        none = tell(
            "No box beats it reliably: on half of the points the search ends in a box that does "
            "better than the rest of the space on the other half in {better} of cases, where "
            "{sure} are required. The parameter restricted most often is {name}, in {most}.",
            better=share(again.better),
            sure=share(SURE),
            name=loaded.space.names[most],
            most=share(again.restricted[most]),
        )
        return joined([*said, none])
    said.append(
        tell(
            "Where {where}, it holds at {density} (density), and in {there} of worlds there, "
            "against {everywhere} of all; {coverage} of all points where it holds lie there "
            "(coverage). This box restricts {some} of {all} parameters and has {points} points.",
            where=_where(loaded.space, box.limits),
            density=share(box.density),
            there=share(found.shares[found.in_box].mean()),
            everywhere=share(found.shares.mean()),
            coverage=share(box.coverage),
            some=len(box.parameters),
            all=len(loaded.space.names),
            points=f"{box.points:,}",
        )
    )
    chances = [f"{loaded.space.names[k]} ({p_value(chance)})" for k, chance in found.search.dropped]
    if chances:
        told = "Left out, as they could be chance (quasi-p): limits on {names}."
        said.append(tell(told, names=listed(chances, spoken())))
    fairer = (
        "Boxes found on half of the points have a density of {density} on the other half, which is "
        "the fairer number."
    )
    return joined([*said, tell(fairer, density=share(again.unseen))])


def _print_tree(space: Space, found: Discovered) -> None:
    from llm_market_sim.cli.show import paragraph, print_table

    asked = sorted({limit.parameter for leaf in found.leaves for limit in leaf.limits})
    if not asked:
        none = "A tree (CART) on the same points finds no split that tells them apart."
        paragraph(tell(none))
        return
    box = found.box.parameters if found.box is not None else frozenset()
    both = [space.names[k] for k in sorted(box & set(asked))]
    told = "A tree (CART) on the same points, grown without the box, splits on {names}."
    if box:
        told = (
            "A tree (CART) on the same points, grown without the box, splits on {names}; of what "
            "the box restricts, that is {both}."
        )
    names = listed([space.names[k] for k in asked], spoken())
    paragraph(tell(told, names=names, both=listed(both, spoken()) or tell("nothing")))
    click.echo()
    rows = [
        (_where(space, leaf.limits, "name"), f"{leaf.points:,}", points(leaf.share))
        for leaf in found.leaves
    ]
    columns = [tell(one) for one in ("where", "points here", "holds in % of worlds")]
    print_table(columns, rows, right=columns[1:])


def _where(space: Space, limits: Sequence[Limit], form: str = "full") -> str:
    """``a.b (what it is) is above 3 weeks and c.d (what it is) is 1 to 2 times``.

    form: with the name and its meaning (full), with the name, or the limit alone.
    """
    from llm_market_sim.cli.experiment import meaning, unit

    parts = []
    for k in dict.fromkeys(limit.parameter for limit in limits):
        one = space.ranges[k]
        ends = {
            limit.side: amount(_value(one, limit.at)) for limit in limits if limit.parameter == k
        }
        words = with_unit(tell(_LIMITS[" ".join(sorted(ends))], **ends), unit(one.path))
        parts.append(tell(_FORMS[form], name=one.path, meaning=meaning(one.path), limit=words))
    return listed(parts, spoken()) if parts else ""


def _value(one: Range, at: float) -> float:
    import numpy as np

    return float(one.at(np.array(at)))
