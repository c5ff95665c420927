"""``list``: all that a command can be given by name, a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.summary.bands import Label

PLACE = 15  # in the list of commands

Row = tuple[str, str, str]  # name; unit, value or kind; what it is


def _scenarios() -> Iterator[Row]:
    from llm_market_sim.scenario import load, scenarios

    for name in scenarios():
        one = load(name)
        yield name, f"from {one.extends}" if one.extends else "", _both(one.label)


def _claims() -> Iterator[Row]:
    from llm_market_sim.claims import load_claims

    for one in load_claims():
        yield one.id, one.status, one.text


def _metrics() -> Iterator[Row]:
    from llm_market_sim.metrics import METRICS

    for name, one in METRICS.items():
        choices = ", ".join(one.params.model_fields)
        yield name, _unit(one.unit), one.meaning + (f" (choices: {choices})" if choices else "")


def _series() -> Iterator[Row]:
    from llm_market_sim.market.observation import SERIES

    for name, one in SERIES.items():
        yield name, _unit(one.unit), one.meaning


def _parameters() -> Iterator[Row]:
    from llm_market_sim.cli.show import value_text
    from llm_market_sim.market.roster import Population
    from llm_market_sim.scenario import SECTIONS, Scenario, load
    from llm_market_sim.scenario.explain import look, unit_of

    baseline = load("baseline")
    for section in (*SECTIONS, "population"):
        model = Population if section == "population" else SECTIONS[section]
        for name, field in model.model_fields.items():
            path = f"{section}.{name}"
            value = value_text(getattr(getattr(baseline, section), name))
            unit = unit_of(look(Scenario, (section, name))[1])
            yield path, f"{value} {unit}".strip(), field.description or ""


def _firms() -> Iterator[Row]:
    from llm_market_sim.scenario import load

    for firm, one in load("baseline").players.items():
        yield firm, one.kind, _both(one.name) + ("" if one.presence == "active" else ", may come")


def _figures() -> Iterator[Row]:
    from llm_market_sim.figures.gallery import FIGURES

    for name, entry in FIGURES.items():
        yield name, "a scenario" if entry.of == "one" else "all scenarios", entry.about


def _levers() -> Iterator[Row]:
    from llm_market_sim.experiments.levers import load_levers

    for name, one in load_levers().items():
        start = "" if one.scenario == "baseline" else one.scenario
        yield name, start, f"{one.about} ({_both(one.name)})"


KINDS: Mapping[str, tuple[str, str, Callable[[], Iterator[Row]]]] = {  # kind: column, use, rows
    "scenarios": ("changes", "llm-market-sim describe NAME", _scenarios),
    "claims": ("status", "llm-market-sim claims --claim NAME", _claims),
    "metrics": ("unit", "metric: NAME, in the file of a claim", _metrics),
    "series": ("unit", "llm-market-sim plot FOLDER fan --series NAME", _series),
    "parameters": ("baseline", "llm-market-sim batch baseline --set NAME=VALUE", _parameters),
    "firms": ("kind", 'llm-market-sim compare baseline --do "remove NAME"', _firms),
    "figures": ("of", "llm-market-sim plot FOLDER NAME", _figures),
    "levers": ("scenario", "llm-market-sim levers NAME", _levers),
}


@click.command(
    short_help="List scenarios, claims, parameters and all else that has a name.",
    epilog="""\b
Examples:
  llm-market-sim list                     the kinds of things, and how many
  llm-market-sim list claims
  llm-market-sim list parameters price    those whose line has the word
  llm-market-sim list licence             the word in everything
  llm-market-sim list series --with my_policy.py

KIND is scenarios, claims, metrics, series, parameters, firms, figures or
levers. Into a file or a pipe each thing is one line, so that grep finds it.""",
)
@click.argument("words", nargs=-1, metavar="[KIND] [WORD]...")
@options.plugins
def list(words: tuple[str, ...], plugins: tuple[str, ...]) -> None:
    """List what a command can be given by name, with units; those whose line has every WORD.

    Capital letters make no difference.
    """
    from llm_market_sim.batch import load_plugins
    from llm_market_sim.errors import InputError, Problem, nearest

    load_plugins(plugins)
    if not words:
        _kinds()
        return
    kind = words[0].lower()
    sought = [word.lower() for word in (words[1:] if kind in KINDS else words)]
    found = {
        name: [row for row in rows() if _has(row, sought)]
        for name, (_, _, rows) in KINDS.items()
        if kind not in KINDS or name == kind
    }
    if not any(found.values()):
        close = nearest(sought[0], KINDS)
        text = f'no line has "{" ".join(sought)}"; {close}'
        raise InputError([Problem("", "list", text)])
    for name, rows in found.items():
        if rows:
            _print(name, rows)


def _kinds() -> None:
    from llm_market_sim.cli.show import print_table

    rows = [(name, str(sum(1 for _ in one())), use) for name, (_, use, one) in KINDS.items()]
    print_table(("kind", "how many", "where a name of it is used"), rows, right=("how many",))
    click.echo("List one kind: llm-market-sim list claims. Find a word: llm-market-sim list price.")


def _print(kind: str, rows: Sequence[Row]) -> None:
    from llm_market_sim.cli.show import heading, print_table

    column, use, _ = KINDS[kind]
    heading(f"{len(rows)} {kind if len(rows) > 1 else kind.removesuffix('s')}: {use}")
    print_table(("name", column, "what it is"), rows)


def _has(row: Row, sought: Sequence[str]) -> bool:
    line = " ".join(row).lower()
    return all(word in line for word in sought)


def _both(label: Label) -> str:
    return " · ".join(dict.fromkeys((label["en"], label["zh"])))


def _unit(unit: str) -> str:
    return "ratio" if unit == "1" else unit
