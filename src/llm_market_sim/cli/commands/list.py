"""``list``: all that a command can be given by name, a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import counted, named, spoken, tell, with_unit
from llm_market_sim.errors import mistake, nearest

if TYPE_CHECKING:
    from llm_market_sim.summary.bands import Label

PLACE = 15  # in the list of commands

Row = tuple[str, str, str]  # name; unit, value or kind; what it is


def _scenarios() -> Iterator[Row]:
    from llm_market_sim.scenario import load, scenarios

    for name in scenarios():
        one = load(name)
        parent = tell("from {name}", name=one.extends) if one.extends else ""
        yield name, parent, _label(one.label)


def _claims() -> Iterator[Row]:
    from llm_market_sim.claims import load_claims

    for one in load_claims():
        yield one.id, tell(one.status), one.sentence(spoken())


def _metrics() -> Iterator[Row]:
    from llm_market_sim.claims import chinese
    from llm_market_sim.metrics import METRICS

    for name, one in METRICS.items():
        what = one.meaning if spoken() == "en" else chinese.meaning(name)
        if choices := ", ".join(one.params.model_fields):
            what = tell("{what} (choices: {choices})", what=what, choices=choices)
        yield name, _unit(one.unit), what


def _series() -> Iterator[Row]:
    from llm_market_sim.market.observation import SERIES

    for name, one in SERIES.items():
        yield name, _unit(one.unit), one.meaning if spoken() == "en" else one.label["zh"]


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
            told = value if unit == "0/1" else with_unit(value, named(unit))
            yield path, told, named(field.description or "")


def _firms() -> Iterator[Row]:
    from llm_market_sim.scenario import load

    for firm, one in load("baseline").players.items():
        name = _label(one.name)
        known = one.presence == "active"
        yield firm, named(one.kind), name if known else tell("{name}, may come", name=name)


def _figures() -> Iterator[Row]:
    from llm_market_sim.figures.gallery import FIGURES

    for name, entry in FIGURES.items():
        of = tell("a scenario" if entry.of == "one" else "all scenarios")
        yield name, of, entry.about if spoken() == "en" else entry.title["zh"]


def _levers() -> Iterator[Row]:
    from llm_market_sim.experiments.levers import load_levers

    for name, one in load_levers().items():
        start = "" if one.scenario == "baseline" else one.scenario
        about, label = one.about[spoken()], _label(one.name)
        yield name, start, tell("{about} ({label})", about=about, label=label)


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
@options.language
@options.plugins
def list(words: tuple[str, ...], language: str, plugins: tuple[str, ...]) -> None:
    """List what commands take by name, with units; with WORDs, the lines that have all of them.

    Capital letters make no difference.
    """
    from llm_market_sim.batch import load_plugins

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
        raise mistake("", f'no line has "{" ".join(sought)}"; {close}', "list")
    for name, rows in found.items():
        if rows:
            _print(name, rows)


def _kinds() -> None:
    from llm_market_sim.cli.show import print_table

    rows = []
    for name, (_, use, one) in KINDS.items():
        what = name if spoken() == "en" else f"{name} {tell(name)}"
        rows.append((what, str(sum(1 for _ in one())), _use(use)))
    columns = [tell(one) for one in ("kind", "how many", "where a name of it is used")]
    print_table(columns, rows, right=columns[1:2])
    click.echo(
        tell("List one kind: llm-market-sim list claims. Find a word: llm-market-sim list price.")
    )


def _print(kind: str, rows: Sequence[Row]) -> None:
    from llm_market_sim.cli.show import heading, print_table

    column, use, _ = KINDS[kind]
    one, many = f"{{n}} {kind.removesuffix('s')}: {{use}}", f"{{n}} {kind}: {{use}}"
    heading(counted(len(rows), one, many, use=_use(use)))
    print_table([tell(name) for name in ("name", column, "what it is")], rows)


def _use(text: str) -> str:
    from llm_market_sim.cli.help import in_words

    return text if spoken() == "en" else in_words(tell(text))


def _has(row: Row, sought: Sequence[str]) -> bool:
    line = " ".join(row).lower()
    return all(word in line for word in sought)


def _label(label: Label) -> str:
    """In English also the Chinese name, so that it is found."""
    if spoken() == "zh":
        return label["zh"]
    return " · ".join(dict.fromkeys((label["en"], label["zh"])))


def _unit(unit: str) -> str:
    return tell("ratio") if unit == "1" else tell(named(unit))
