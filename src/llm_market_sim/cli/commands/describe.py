"""``describe``: a scenario with everything that it assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.show import heading, paragraph, print_table, value_text
from llm_market_sim.cli.tell import named, tell
from llm_market_sim.errors import InputError, Problem, nearest
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

    NAME is a shipped scenario or the path of a .yaml file.
    """
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
        _print_difference(name, scenario, language)
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
    ran = "It runs {weeks} weeks from Monday 17 April 2023, in steps a week: {steps}."
    steps = scenario.ticks_per_week
    click.echo("\n" + tell(ran, weeks=scenario.horizon_weeks, steps=steps))


def _print_difference(name: str, scenario: Scenario, language: Language) -> None:
    from llm_market_sim.scenario import difference, load_parent

    parent = load_parent(name)
    if parent is None:
        from llm_market_sim.scenario import load

        rows = difference(scenario, load(name))
        if rows:
            heading(tell("What --set changes"))
    else:
        rows = difference(scenario, parent)
        shown = parent.name if language == "en" else parent.label[language]
        heading(tell("What differs from its parent, {parent}", parent=shown))
        if not rows:
            click.echo(tell("Nothing that could change a run."))
    if rows:
        print_table(
            ("", *(tell(one) for one in ("there", "here", "unit"))),
            [(path, _fact(old), _fact(new), named(_unit(path))) for path, old, new in rows],
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
    heading(tell("Timeline"))
    for name, event in scenario.events:
        when = str(event.date)
        if event.until:
            when = tell("{date} to {until}", date=when, until=event.until)
        click.echo(f"{when}  {name}: {'; '.join(_acts(event))}")
        about = tell(
            "{about} (source: {source})", about=named(event.about), source=named(event.source)
        )
        paragraph(about, indent=4)


def _acts(event: Event) -> list[str]:
    acts = [f"{path} = {value_text(value)}" for path, value in event.set.items()]
    acts += [f"{path} × {value_text(factor)}" for path, factor in event.scale.items()]
    acts += [
        tell("{state} {amount} at once", state=state, amount=f"{amount:+g}")
        for state, amount in event.shock.items()
    ]
    if event.enter:
        acts.append(tell("{firms} enter", firms=", ".join(event.enter)))
    return acts


def _print_section(scenario: Scenario, section: str) -> None:
    values = getattr(scenario, section)
    heading(f"{section}: {named((type(values).__doc__ or '').strip())}")
    for name, field in type(values).model_fields.items():
        extra: Any = field.json_schema_extra
        unit = named(extra["unit"])
        unit = "" if extra["unit"] in ("1", "name", "yes/no") else f" {unit}"
        symbol = f"  ({extra['symbol']})" if extra.get("symbol") else ""
        label = click.style(name, bold=True)
        click.echo(f"{label} = {value_text(getattr(values, name))}{unit}{_bounds(field)}{symbol}")
        meaning = named(field.description or "")
        told = "{meaning}. Source: {source}."
        told = tell(told, meaning=meaning, source=named(extra["source"]))
        paragraph(told, indent=4)


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
    low = f"{given['ge']:g}" if "ge" in given else ""
    if "gt" in given:
        low = tell("above {bound}", bound=f"{given['gt']:g}")
    high = f"{given['le']:g}" if "le" in given else ""
    if low and high:
        return "  " + tell("[{low} to {high}]", low=low, high=high)
    return f"  [{low or tell('up to {bound}', bound=high)}]"


def _print_players(scenario: Scenario) -> None:
    """The roster, one firm a line, and the unnamed firms behind it."""
    heading(tell("Named firms on 17 April 2023 ({name})", name=scenario.name))
    rows = []
    for firm, one in scenario.players.items():
        own = one.capability_oom.value
        rows.append(
            (
                firm,
                one.name["en"],
                one.name["zh"],
                named(one.kind),
                named(one.presence),
                named(one.route.value),
                tell("shown") if one.launched.value else f"{one.weeks_to_ready.value:g}",
                f"{own:g}" if own > 20 else tell("none"),
                number(one.gpus.value),
                number(one.cash_musd.value),
                number(one.raised_musd.value),
                tell("yes") if one.star.value else "",
                one.backer,
                one.policy,
            )
        )
    columns = (
        "id, name, 中文, kind, presence, route, weeks to ready, capability, GPUs, cash, raised, "
        "star, backer, policy"
    ).split(", ")
    right = ("weeks to ready", "capability", "GPUs", "cash", "raised")
    print_table([tell(one) for one in columns], rows, right=[tell(one) for one in right])
    told = (
        "Capability: log10 of training FLOP at the algorithms of week 0. GPUs: H100 equivalents. "
        "Cash, raised: million USD. Behind them stand {stealth} unnamed firms already at work and "
        "{pool} potential entrants (--section population). The source and the confidence of every "
        "cell are in players.yaml."
    )
    unnamed = scenario.population
    said = tell(told, stealth=unnamed.stealth_firms, pool=unnamed.pool_firms)
    paragraph(said)
