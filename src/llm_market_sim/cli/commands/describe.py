"""``describe``: a scenario with everything that it assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.show import heading, paragraph, print_table, value_text
from llm_market_sim.words import Language, number

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from llm_market_sim.scenario import Event, Scenario

PLACE = 20  # in the list of commands

_TITLES = {
    "about": {"en": "What it is about", "zh": "背景"},
    "how": {"en": "How it works", "zh": "怎么设定"},
    "notice": {"en": "What to notice", "zh": "看什么"},
    "try": {"en": "What to try", "zh": "怎么试"},
    "extend": {"en": "Where to take it", "zh": "延伸探究"},
}


@click.command(
    short_help="Print a scenario and all that it assumes.",
    epilog="""\b
Examples:
  llm-market-sim describe baseline
  llm-market-sim describe baseline --section regulation
  llm-market-sim describe baseline --players
  llm-market-sim describe strict_review --language zh
  llm-market-sim describe baseline --set hype.memory_weeks=10""",
)
@click.argument("name", metavar="NAME")
@click.option(
    "--section",
    "sections",
    multiple=True,
    metavar="NAME",
    help="Only the parameters of this mechanism; may be repeated.",
)
@click.option("--players", is_flag=True, help="Only the firms, as a table.")
@options.settings
@options.language
def describe(
    name: str,
    sections: tuple[str, ...],
    players: bool,
    settings: tuple[str, ...],
    language: Language,
) -> None:
    """Print a scenario: its texts, how it differs from its parent, and each parameter with value,
    unit, bounds, source and meaning.

    NAME is a shipped scenario or the path of a .yaml file. --language is that of the texts.
    """
    from llm_market_sim.errors import InputError, Problem, nearest
    from llm_market_sim.scenario import SECTIONS, load

    known = [*SECTIONS, "population"]
    wrong = [
        Problem("--section", "", f'no section "{one}"; {nearest(one, known)}')
        for one in sections
        if one not in known
    ]
    if wrong:
        raise InputError(wrong)
    scenario = load(name, settings)
    if players:
        _print_players(scenario)
        return
    if not sections:
        _print_texts(scenario, language)
        _print_difference(name, scenario)
        _print_timeline(scenario)
    for section in sections or known:
        _print_section(scenario, section)


def _print_texts(scenario: Scenario, language: Language) -> None:
    from llm_market_sim.scenario.texts import passage

    heading(f"{scenario.label['en']} · {scenario.label['zh']} ({scenario.name})")
    for name, title in _TITLES.items():
        click.echo(f"\n{title[language]}")
        words = scenario.try_ if name == "try" else getattr(scenario, name)
        told = passage(words, scenario.name, language)
        paragraph(told.text, indent=2, language=told.language)
    weeks = f"{scenario.horizon_weeks} weeks from Monday 17 April 2023"
    steps = scenario.ticks_per_week
    click.echo(f"\nIt runs {weeks}, in {'one step' if steps == 1 else f'{steps} steps'} a week.")


def _print_difference(name: str, scenario: Scenario) -> None:
    from llm_market_sim.scenario import difference, load_parent

    parent = load_parent(name)
    if parent is None:
        from llm_market_sim.scenario import load

        rows = difference(scenario, load(name))
        if rows:
            heading("What --set changes")
    else:
        rows = difference(scenario, parent)
        heading(f"What differs from its parent, {parent.name}")
        if not rows:
            click.echo("Nothing that could change a run.")
    if rows:
        print_table(
            ("", "there", "here", "unit"),
            [(path, _fact(old), _fact(new), _unit(path)) for path, old, new in rows],
        )


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        value = {key: below for key, below in value.items() if below not in (None, {}, [], "")}
    return value_text(value) if value is not None else "-"


def _unit(path: str) -> str:
    from llm_market_sim.scenario import Scenario
    from llm_market_sim.scenario.explain import look, unit_of

    return unit_of(look(Scenario, tuple(path.split(".")))[1])


def _print_timeline(scenario: Scenario) -> None:
    if not scenario.events:
        return
    heading("Timeline")
    for name, event in scenario.events:
        until = f" to {event.until}" if event.until else ""
        click.echo(f"{event.date}{until}  {name}: {'; '.join(_acts(event))}")
        paragraph(f"{event.about} (source: {event.source})", indent=4)


def _acts(event: Event) -> list[str]:
    acts = [f"{path} = {value_text(value)}" for path, value in event.set.items()]
    acts += [f"{path} times {value_text(factor)}" for path, factor in event.scale.items()]
    acts += [f"{state} {amount:+g} at once" for state, amount in event.shock.items()]
    return acts + ([f"{', '.join(event.enter)} enter"] if event.enter else [])


def _print_section(scenario: Scenario, section: str) -> None:
    values = getattr(scenario, section)
    heading(f"{section}: {(type(values).__doc__ or '').strip()}")
    for name, field in type(values).model_fields.items():
        extra: Any = field.json_schema_extra
        unit = "" if extra["unit"] in ("1", "name", "yes/no") else f" {extra['unit']}"
        symbol = f"  ({extra['symbol']})" if extra.get("symbol") else ""
        label = click.style(name, bold=True)
        click.echo(f"{label} = {value_text(getattr(values, name))}{unit}{_bounds(field)}{symbol}")
        paragraph(f"{field.description}. Source: {extra['source']}.", indent=4)


def _bounds(field: FieldInfo) -> str:
    """What is allowed, in brackets; empty for switches."""
    from typing import Literal, get_args, get_origin

    if get_origin(field.annotation) is Literal:
        return f"  [{' | '.join(map(str, get_args(field.annotation)))}]"
    given: dict[str, float] = {}
    for one in field.metadata:
        given |= {key: getattr(one, key) for key in ("ge", "gt", "le") if hasattr(one, key)}
    extra: Any = field.json_schema_extra
    names = {"minimum": "ge", "exclusiveMinimum": "gt", "maximum": "le"}
    each = extra.get("additionalProperties", {})
    given |= {short: each[long] for long, short in names.items() if long in each}
    if not given:
        return ""
    low = f"above {given['gt']:g}" if "gt" in given else f"{given['ge']:g}" if "ge" in given else ""
    high = f"{given['le']:g}" if "le" in given else ""
    return f"  [{low} to {high}]" if low and high else f"  [{low or 'up to ' + high}]"


def _print_players(scenario: Scenario) -> None:
    """The roster, one firm a line, and the unnamed firms behind it."""
    heading(f"Named firms on 17 April 2023 ({scenario.name})")
    rows = []
    for firm, one in scenario.players.items():
        own = one.capability_oom.value
        rows.append(
            (
                firm,
                one.name["en"],
                one.name["zh"],
                one.kind,
                one.presence,
                one.route.value,
                "shown" if one.launched.value else f"{one.weeks_to_ready.value:g}",
                f"{own:g}" if own > 20 else "none",
                number(one.gpus.value),
                number(one.cash_musd.value),
                number(one.raised_musd.value),
                "yes" if one.star.value else "",
                one.backer,
                one.policy,
            )
        )
    columns = (
        "id, name, 中文, kind, presence, route, weeks to ready, capability, GPUs, cash, raised, "
        "star, backer, policy"
    ).split(", ")
    print_table(columns, rows, right=("weeks to ready", "capability", "GPUs", "cash", "raised"))
    paragraph(
        "Capability: log10 of training FLOP at the algorithms of week 0. GPUs: H100 equivalents. "
        "Cash, raised: million USD. Behind them stand "
        f"{scenario.population.stealth_firms} unnamed firms already at work and "
        f"{scenario.population.pool_firms} potential entrants (--section population). The source "
        "and the confidence of every cell are in players.yaml."
    )
