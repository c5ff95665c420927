"""``stylised-facts``: nine patterns of young markets, and whether the model shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import counted, span, spoken, tell
from llm_market_sim.words import listed, number, percent, percents

if TYPE_CHECKING:
    from llm_market_sim.batch import Plan
    from llm_market_sim.cli.options import How
    from llm_market_sim.scenario import Scenario
    from llm_market_sim.stylised_facts import Book, FactResult, PartResult
    from llm_market_sim.words import Language

PLACE = 180  # in the list of commands

_STYLES = {"holds": "bold green", "fails": "bold red", "undecided": "yellow"}


@click.command(
    "stylised-facts",
    short_help="Measure nine known patterns of young markets.",
    epilog="""\b
Examples:
  llm-market-sim stylised-facts
  llm-market-sim stylised-facts closed_weights --worlds 400 --seed 1
  llm-market-sim stylised-facts --set entry.intensity_per_week=1.2
  llm-market-sim stylised-facts --uncertainty posterior

The patterns, their bands and where these come from stand in the file
scenarios/stylised_facts.yaml.

\b
The folder of --out holds facts.csv (one row a number that a fact speaks of)
and the table claims (these numbers in every world). The same command goes on
from it.""",
)
@click.argument("scenario", default="baseline")
@options.order(200, 2, of="Worlds.")
@options.uncertainty(
    "All worlds at the defaults, or each with parameters of its own, drawn from those that the "
    "facts of 2023 leave open."
)
@options.language
@options.settings
@options.plugins
def stylised_facts(
    scenario: str,
    how: How,
    uncertainty: str,
    language: Language,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Run a scenario for five years in many worlds and judge nine patterns in them.

    SCENARIO is a shipped scenario or the path of a .yaml file; baseline if left out.
    """
    from llm_market_sim.cli.show import heading, paragraph
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.scenario import load
    from llm_market_sim.stylised_facts import WEEKS, judge_stored, load_facts, stated

    how = how.start(1, plugins)
    book, loaded = load_facts(), load(scenario, settings)
    plan, sample = _planned(loaded, book, how, uncertainty == "posterior")
    with worked(plan, how) as (results, outcome):
        made = outcome.manifest
        if how.order.shard is None and not outcome.failed:
            found = judge_stored(results, book)
            if how.out is not None:
                _write(how.out, found)
            heading(tell("Stylised facts in {label}", label=loaded.label[language]))
            paragraph(
                tell(
                    "{worlds} worlds of {weeks} weeks, seed {seed}; 95 % intervals over worlds."
                    "{sample} * marks a band of our own judgement; the others are from the "
                    "literature.",
                    worlds=made.worlds,
                    weeks=WEEKS,
                    seed=made.seed,
                    sample=sample,
                )
            )
            click.echo()
            _print_table(found)
            for number, result in enumerate(found, 1):
                if result.verdict != "holds":
                    title = stated(result.fact.title, language)
                    told = "{number} {title}: {sentence}"
                    said = tell(told, number=number, title=title, sentence=_sentence(result))
                    paragraph(said)
            click.echo(_count(found))
        told = "{worlds} worlds of {weeks} weeks"
        close(outcome, how, tell(told, worlds=made.worlds, weeks=WEEKS))


def _planned(scenario: Scenario, book: Book, how: How, sampled: bool) -> tuple[Plan, str]:
    """The plan, and in words what was drawn; sampled: each world has parameters of its own."""
    from llm_market_sim.experiments.posterior import case_over, load_posterior
    from llm_market_sim.scenario import difference, load
    from llm_market_sim.stylised_facts import plan_facts

    worlds = how.worlds or 0
    if not sampled:
        return plan_facts(scenario, worlds, how.seed, book), ""
    every = load_posterior()
    mine = every.without([path for path, _, _ in difference(scenario, load("baseline"))])
    gap = " " if spoken() == "en" else ""
    words = gap + tell(
        "Each world has parameters of its own ({count}), drawn from what the facts of 2023 leave "
        "open, so that worlds differ by luck and by assumptions.",
        count=len(mine.names),
    )
    kept = [name for name in every.names if name not in mine.names]
    if kept:
        names = listed(kept, spoken())
        words += gap + tell("The scenario itself sets {names}.", names=names)
    plan = plan_facts(
        scenario,
        worlds,
        how.seed,
        book,
        design=every.facts,
        make=lambda longer, count: case_over(longer, mine, count, each=1),
    )
    return plan, words


def _write(out: Path, results: Sequence[FactResult]) -> None:
    """One row a part of a fact."""
    from llm_market_sim.support.files import whole_files, write_csv

    columns = (
        "fact statistic meaning worlds value low high typical should_be verdict status source"
    ).split()
    rows = [
        [
            result.id,
            part.statistic.name,
            part.statistic.meaning,
            part.worlds,
            part.value,
            part.low,
            part.high,
            part.typical,
            _asked(part, str.format),
            part.verdict,
            part.part.status,
            result.fact.source,
        ]
        for result in results
        for part in result.parts
    ]
    with whole_files(out) as place:
        write_csv(place / "facts.csv", columns, rows)


def _print_table(results: Sequence[FactResult]) -> None:
    from llm_market_sim.cli.show import print_table
    from llm_market_sim.stylised_facts import stated

    rows = [
        (
            f"{number} {stated(result.fact.title, spoken())}" if place == 0 else "",
            stated(part.statistic.meaning, spoken()),
            _value(part),
            _interval(part),
            _asked(part) + (" *" if part.part.status == "judgement" else ""),
            tell(part.verdict),
        )
        for number, result in enumerate(results, 1)
        for place, part in enumerate(result.parts)
    ]
    columns = ("fact", "number", "model", "interval", "should be", "verdict")
    styles = {tell(verdict): style for verdict, style in _STYLES.items()}
    print_table([tell(one) for one in columns], rows, styles=styles)


def _value(part: PartResult) -> str:
    if part.verdict == "not measured":
        return tell("none")
    if part.part.worlds is None:
        return number(part.value, 3)
    share = percent(part.value, spoken())
    if part.part.band == [1, 1]:
        return tell("{share} of worlds", share=share)
    told = "{share} of worlds, median {typical}"
    return tell(told, share=share, typical=number(part.typical, 3))


def _interval(part: PartResult) -> str:
    if part.verdict == "not measured":
        return ""
    if part.part.worlds is None:
        return span(f"{number(part.low, 3)} to {number(part.high, 3)}")
    return span(percents(part.low, part.high))


def _asked(part: PartResult, say: Callable[..., str] = tell) -> str:
    """The band in words: ``0.3 to 1 in at least 80 % of worlds``."""
    band = _band(part.part.band, say)
    if part.part.worlds is None:
        return band
    low, high = (None if share is None else 100 * share for share in part.part.worlds)
    share = _band([low, None if high == 100 and low is not None else high], say)
    return say("{band} in {share} % of worlds", band=band, share=share)


def _band(band: Sequence[float | None], say: Callable[..., str] = tell) -> str:
    """The bounds that there are."""
    low, high = band
    if low is None:
        return say("at most {high}", high=f"{high:g}")
    if high is None:
        return say("at least {low}", low=f"{low:g}")
    return f"{low:g}" if low == high else say("{low} to {high}", low=f"{low:g}", high=f"{high:g}")


def _sentence(result: FactResult) -> str:
    """What stands in the way, in words."""
    wrong = [part for part in result.parts if part.verdict == result.verdict]
    gap = "; " if spoken() == "en" else "；"
    told = gap.join(_told(part) for part in wrong)
    much = {
        "fails": "fails. {told}.",
        "undecided": "is undecided; more worlds would tell. {told}.",
        "not measured": "could not be measured. {told}.",
    }
    return tell(much[result.verdict], told=f"{told[0].upper()}{told[1:]}")


def _told(part: PartResult) -> str:
    from llm_market_sim.stylised_facts import stated

    meaning = stated(part.statistic.meaning, spoken())
    if part.verdict == "not measured":
        return tell("{meaning}: no world has this number", meaning=meaning)
    told, found = "{meaning}: {value} ({interval}); it should be {ought}", number(part.value, 3)
    if part.part.worlds is not None:
        told = "{meaning}: {band} in {value} of worlds ({interval}); it should be {ought}"
        found = percent(part.value, spoken())
    return tell(
        told,
        meaning=meaning,
        band=_band(part.part.band),
        value=found,
        interval=_interval(part),
        ought=_asked(part),
    )


def _count(results: Sequence[FactResult]) -> str:
    """``7 of 9 hold, 1 fails, 1 is undecided.``"""
    verdicts: list[str] = [result.verdict for result in results]
    words = {  # one, several
        "fails": ("{n} fails", "{n} fail"),
        "undecided": ("{n} is undecided", "{n} are undecided"),
        "not measured": ("{n} is not measured", "{n} are not measured"),
    }
    counts = {word: verdicts.count(word) for word in words}
    rest = [counted(n, *words[word]) for word, n in counts.items() if n]
    first = tell("{n} of {all} hold", n=verdicts.count("holds"), all=len(verdicts))
    gap, end = (", ", ".") if spoken() == "en" else ("，", "。")
    return gap.join([first, *rest]) + end
