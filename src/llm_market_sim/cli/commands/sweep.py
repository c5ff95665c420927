"""``sweep``: turn one parameter or two, on the same luck."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import named, span, spoken, tell
from llm_market_sim.words import date, number, p_value, signed

if TYPE_CHECKING:
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments.sweep import Row, Sweep
    from llm_market_sim.words import Language

PLACE = 75  # in the list of commands


@click.command(
    short_help="Turn a parameter, or two, through some values.",
    epilog="""\b
Examples:
  llm-market-sim sweep compute.price_usd_per_gpu_hour=1.5,3,4,6,12
  llm-market-sim sweep regulation.review_delay_weeks=0,6,26 --of startup_share
  llm-market-sim sweep hype.spread=0.1,0.4 --of "firm_share firm=baidu"
  llm-market-sim sweep regulation.review_required=true,false \\
    --scenario price_war
  llm-market-sim sweep regulation.review_delay_weeks=6,26 \\
    compute.price_usd_per_gpu_hour=2,4,8 --out sweep

World k has the same luck at every value, so each value is set against the
scenario as it is, world by world. With two parameters all combinations are run.

\b
The folder of --out holds the tables worlds, series and claims, sweep.csv (one
row a point), differences.csv (one row a world and point), and the figure
sweep.png and .svg. The same command goes on from it.""",
)
@click.argument("turned", nargs=-1, required=True, metavar="PATH=V1,V2,...")
@click.option(
    "--scenario",
    default="baseline",
    show_default=True,
    metavar="NAME",
    help="Where to turn it: a shipped scenario or a .yaml file.",
)
@click.option(
    "--of",
    "outcome",
    default="platforms",
    show_default=True,
    metavar="NAME",
    help="The outcome to show: a series, a metric or a claim, as in `list`; a metric with its "
    'choices, such as "firm_share firm=baidu".',
)
@click.option("--claim", metavar="NAME", help="The claim to judge.  [default: the main one]")
@options.order(200, least=2, of="Worlds at each value.")
@options.language
@options.projector
@options.settings
@options.plugins
def sweep(
    turned: tuple[str, ...],
    scenario: str,
    outcome: str,
    claim: str | None,
    how: How,
    language: Language,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Set a parameter to V1, V2, ... in the same worlds, and say what each value changes."""
    from llm_market_sim.batch import load_plugins
    from llm_market_sim.claims import MAIN, load_claims
    from llm_market_sim.claims.outcome import read_outcome
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.experiments.sweep import plan_sweep, points_of, read_turned, sweep_of

    load_plugins(plugins)
    through = read_turned(turned)
    asked = read_outcome(outcome)
    [judged] = load_claims([claim or MAIN])
    points = points_of(scenario, settings, through)
    how = how.start(len(points), plugins)
    plan = plan_sweep(points, judged, asked, how.worlds or 0, how.seed)
    with worked(plan, how) as (results, account):
        if how.order.shard is None:
            found = sweep_of(results, through, points, judged, asked)
            if how.out is not None:
                _write(how.out, found, account.manifest.seed, language)
            _print(found)
        told = "{n} worlds at each of {points} points"
        close(account, how, tell(told, n=account.manifest.worlds, points=len(points)))


def _print(found: Sweep) -> None:
    from llm_market_sim.cli.show import heading, paragraph, print_table

    here = found.usual.point
    before = here.scenario.extends if here.values else here.scenario.name
    what = " + ".join(f"{one.path}{_unit(one.unit)}" for one in found.turned)
    heading(tell("{what}, in {scenario}", what=what, scenario=before))
    for one in found.turned:
        paragraph(f"{one.path}: {named(one.meaning)}")
    told = "The same {worlds} worlds at each value; week {week}, {date}."
    day = date(found.week, spoken())
    paragraph(tell(told, worlds=found.worlds, week=found.week, date=day))
    names = [one.path.partition(".")[2] for one in found.turned]
    heading(f"{found.outcome.label[spoken()]}{_unit(found.outcome.unit)}")
    more = ("mean", "change", "half of worlds", "fell/same/rose", "p, Holm")
    columns = (*names, *map(tell, more))
    rows = [(*values_of(found, row), *_numbers(row)) for row in found.rows]
    print_table(columns, rows, right=columns)
    heading(found.claim.sentence(spoken()))
    more = ("holds in", "change, points", "95 % interval", "became true/false", "p, Holm")
    columns = (*names, *map(tell, more))
    rows = [(*values_of(found, row), *_held(row)) for row in found.rows]
    print_table(columns, rows, right=columns)
    click.echo()
    paragraph(
        tell(
            "Change: against the row marked *, in the same worlds, with its 95 % interval. Half of "
            "worlds: the middle half. p, Holm: allows for all rows of the table. Conditional on "
            "all other parameters: the model says, not the world."
        )
    )
    click.echo()


def values_of(found: Sweep, row: Row) -> tuple[str, ...]:
    """The values of a row as text, with a star where they are the scenario's own."""
    from llm_market_sim.cli.show import value_text

    values = [value_text(one) for one in row.point.values]
    if not values:
        values = [value_text(value_at(row.point.scenario, one.path)) for one in found.turned]
    return (*values[:-1], values[-1] + ("*" if row.point.usual else ""))


def value_at(scenario: Any, path: str) -> Any:
    """The value that a scenario has at a path, without the source of a fact."""
    from llm_market_sim.market.roster import Cell

    here = scenario
    for key in path.split("."):
        if isinstance(here, dict):
            here = here.get(key, here.get("all"))
        else:
            here = getattr(here, key, None)
        here = here.value if isinstance(here, Cell) else here
    return here


def _numbers(row: Row) -> Iterator[str]:
    import numpy as np

    x = row.x[np.isfinite(row.x)]
    if not len(x):
        yield from (tell("none"), "", "", "", "")
        return
    low, high = np.quantile(x, (0.25, 0.75))
    yield number(float(np.mean(x)), 3)
    change = row.change
    if change is None:
        yield from ("", span(f"{number(low, 3)} to {number(high, 3)}"), "", "")
        return
    yield span(f"{signed(change.mean)} ({signed(change.low)} to {signed(change.high)})")
    yield span(f"{number(low, 3)} to {number(high, 3)}")
    yield f"{change.fell}/{change.same}/{change.rose}"
    yield p_value(row.p_value)


def _held(row: Row) -> Iterator[str]:
    yield span(row.held.estimate)
    moved = row.moved
    if moved is None:
        yield from ("", span(row.held.interval), "", "")
        return
    ends = f"{100 * moved.low:+.1f} to {100 * moved.high:+.1f}"
    yield span(f"{100 * moved.difference:+.1f} ({ends})")
    yield span(row.held.interval)
    yield f"{moved.became_true}/{moved.became_false}"
    yield p_value(row.p_moved)


def _unit(unit: str) -> str:
    return f" ({named(unit)})" if unit not in ("", "1", "its own") else ""


_COLUMNS = (
    "worlds mean q05 q25 q50 q75 q95 change low high fell same rose p_holm "
    "holds holds_low holds_high holds_change holds_change_low holds_change_high "
    "became_true became_false holds_p_holm usual"
).split()


def _write(out: Path, found: Sweep, seed: int, language: Language) -> None:
    """A row a point, a row a world and point, and the figure."""
    from llm_market_sim.figures import Origin, save, sweep_chart
    from llm_market_sim.support.files import whole_files, write_csv

    names = [one.path for one in found.turned]
    values = [values_of(found, row) for row in found.rows]
    plain = [tuple(one.removesuffix("*") for one in row) for row in values]
    before = found.usual.x.tolist()
    with whole_files(out) as place:
        lines = [(*one, *_line(row)) for one, row in zip(plain, found.rows, strict=True)]
        write_csv(place / "sweep.csv", (*names, *_COLUMNS), lines)
        worlds = [
            (k, *one, before[k], x, x - before[k])
            for one, row in zip(plain, found.rows, strict=True)
            for k, x in enumerate(row.x.tolist())
        ]
        columns = ("place", *names, "before", "after", "difference")
        write_csv(place / "differences.csv", columns, worlds)
        figure = sweep_chart(found, plain, Origin(found.worlds, seed), language)
        save(figure, place / "sweep.png", place / "sweep.svg")


def _line(row: Row) -> Iterator[Any]:
    import numpy as np

    from llm_market_sim.summary.statistics import spread

    x = row.x[np.isfinite(row.x)]
    yield len(row.x)
    yield from (spread(x).tolist() if len(x) else [""] * 6)
    c, m, held = row.change, row.moved, row.held
    yield from (c.mean, c.low, c.high, c.fell, c.same, c.rose) if c else [""] * 6
    yield row.p_value if c else ""
    yield from (held.share, held.low, held.high)
    yield from (m.difference, m.low, m.high, m.became_true, m.became_false) if m else [""] * 5
    yield row.p_moved if m else ""
    yield row.point.usual
