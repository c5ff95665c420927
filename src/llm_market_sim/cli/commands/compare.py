"""``compare``: two scenarios on the same luck, world by world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import named, span, spoken, tell
from llm_market_sim.words import date, number, p_value, signed

if TYPE_CHECKING:
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments.comparison import Comparison, Outcome
    from llm_market_sim.words import Language

PLACE = 70  # in the list of commands

_SENTENCES = 5  # the strongest effects, in words
_HELPED = 1.1  # a gain below is no help


@click.command(
    short_help="Compare two scenarios on the same luck.",
    epilog="""\b
Examples:
  llm-market-sim compare baseline strict_review
  llm-market-sim compare baseline pause_at_home --worlds 1000 --seed 1
  llm-market-sim compare baseline no_review --out results
  llm-market-sim compare baseline --do "head_start tencent 8"
  llm-market-sim compare baseline --do "remove baidu"

World k has the same luck in both scenarios, so each world is its own control:
where it comes out differently, the change is the reason. An outcome that no
world changes is listed apart.

\b
The folder of --out holds the tables worlds, series and claims,
differences.csv (one row a world and outcome or claim), summary.csv, and the
figure differences.png and .svg. The same command goes on from it.""",
)
@click.argument("scenario")
@click.argument("other", required=False)
@click.option(
    "--do",
    metavar="CHANGE",
    help="In the place of OTHER, one change of SCENARIO, such "
    'as "head_start tencent 8", "remove baidu", "route zhipu fine_tune" or "set '
    'funding.patience_weeks=104".',
)
@options.order(least=2)
@options.language
@options.projector
@options.claims(
    "A claim to judge, by name or path; without it, all shipped ones that do not intervene."
)
@options.settings
@options.plugins
def compare(
    scenario: str,
    other: str | None,
    do: str | None,
    how: How,
    language: Language,
    chosen: tuple[str, ...],
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Run SCENARIO and OTHER (or a change of it) in the same worlds, and say what differs.

    Both are shipped scenarios or paths of .yaml files.
    """
    from llm_market_sim.claims import load_claims, plan_claims
    from llm_market_sim.cli.doing import changed
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.experiments import comparison
    from llm_market_sim.scenario import load, load_all

    if (other is None) == (do is None):
        raise click.UsageError("name a second scenario, or one change with --do.")
    how = how.start(2, plugins)
    pair = (
        load_all([scenario, other], settings)
        if other is not None
        else [load(scenario, settings), changed(scenario, settings, do or "")]
    )
    before, after = comparison.same_horizon(*pair)
    claims = load_claims(chosen or None)
    if not chosen:  # what an intervention does is a comparison of its own
        claims = [one for one in claims if one.intervention is None]
    tables = ("worlds", "series", "claims")
    plan = plan_claims([before, after], claims, how.worlds or 0, how.seed, tables)
    with worked(plan, how) as (results, outcome):
        if how.order.shard is None:
            found = comparison.compare_stored(results, before.name, after.name, claims)
            if how.out is not None:
                from llm_market_sim.cli.write_comparison import write_comparison

                write_comparison(how.out, found, outcome.manifest.seed, language)
            _print(found)
        close(outcome, how, tell("{n} worlds of each scenario", n=outcome.manifest.worlds))


def _print(found: Comparison) -> None:
    from llm_market_sim.cli.show import heading, paragraph

    before, after = found.before, found.after
    names = [f"{one.label[spoken()]} ({one.name})" for one in (before, after)]
    heading(tell("{before} and {after}", before=names[0], after=names[1]))
    told = "The same {worlds} worlds of both, in week {week} ({date})."
    day = date(found.week, spoken())
    paragraph(tell(told, worlds=found.worlds, week=found.week, date=day))
    click.echo()
    for sentence in _strongest(found):
        paragraph(sentence, indent=2, label="-")
    if any(one.differs for one in found.outcomes):
        _outcomes(found)
    if found.answers:
        _answers(found)
    for note in _notes(found):
        click.echo()
        paragraph(note)
    click.echo()


def _strongest(found: Comparison) -> Iterator[str]:
    """The outcomes that moved one way in most worlds, in sentences."""
    clear = [one for one in found.outcomes if one.differs and one.adjusted < 0.05]
    clear.sort(key=lambda one: -abs(one.pairs.rose - one.pairs.fell))
    for one in clear[:_SENTENCES]:
        yield sentence(found, one)
    if not clear and any(one.differs for one in found.outcomes):
        yield tell(
            "No outcome moved by more than luck would explain (all adjusted p-values above 0.05)."
        )


def sentence(found: Comparison, one: Outcome) -> str:
    """``In 83 of 100 worlds the share of startups is lower in … than in ….``"""
    from llm_market_sim.experiments.comparison import OUTCOMES
    from llm_market_sim.market.observation import SERIES

    pairs = one.pairs
    (fewer, other), (many, word) = sorted([(pairs.fell, "lower"), (pairs.rose, "higher")])
    told = (
        "In {many} of {worlds} worlds {outcome} is {word} in {after} than in {before}, and {other} "
        "in {fewer}."
    )
    english = spoken() == "en"
    return tell(
        told,
        many=many,
        worlds=pairs.worlds,
        outcome=OUTCOMES[one.name] if english else SERIES[one.name].label["zh"],
        word=tell(word),
        after=found.after.name if english else found.after.label["zh"],
        before=found.before.name if english else found.before.label["zh"],
        other=tell(other),
        fewer=fewer or ("none" if english else 0),
    )


def _outcomes(found: Comparison) -> None:
    from llm_market_sim.cli.show import print_table
    from llm_market_sim.market.observation import SERIES

    click.echo()
    rows = []
    for one in (one for one in found.outcomes if one.differs):
        pairs, (size, unit) = one.pairs, scale(one)
        before, after = number(pairs.before / size, 3), number(pairs.after / size, 3)
        mean, low, high = (signed(x / size) for x in (pairs.mean, pairs.low, pairs.high))
        counts = f"{pairs.fell}/{pairs.same}/{pairs.rose}"
        tests = (p_value(one.adjusted), times(pairs.gain))
        change = f"{mean} ({span(f'{low} to {high}')})"
        name = one.name if spoken() == "en" else SERIES[one.name].label["zh"]
        rows.append((f"{name} ({unit})", before, after, change, counts, *tests))
    more = ("change (95 % interval)", "fell/same/rose", "p, Holm", "pairing")
    columns = (tell("mean of"), *_names(found), *map(tell, more))
    print_table(columns, rows, right=columns[1:])


def _names(found: Comparison) -> tuple[str, ...]:
    """Both scenarios, as columns are called."""
    both = (found.before, found.after)
    if spoken() == "zh":
        return tuple(one.label["zh"] for one in both)
    return tuple(one.name.replace("_", " ") for one in both)


def _answers(found: Comparison) -> None:
    from llm_market_sim.cli.show import heading, paragraph, print_table

    heading(tell("Claims"))
    clear = [one for one in found.answers if one.tested and one.adjusted < 0.05]
    for one in sorted(clear, key=lambda a: a.pairs.p_value)[:_SENTENCES]:
        pairs = one.pairs
        told = "{claim} Of {worlds} worlds it became true in {true} and false in {false}."
        said = tell(
            told,
            claim=one.claim.sentence(spoken()),
            worlds=pairs.worlds,
            true=pairs.became_true,
            false=pairs.became_false,
        )
        paragraph(said, indent=2, label="-")
    if not clear:
        none = "No claim's share moved by more than luck would explain (adjusted p-values)."
        paragraph(tell(none))
    click.echo()
    rows = []
    for one in found.answers:
        pairs = one.pairs
        shares = (
            one.claim.id + ("" if one.claim.tested else "*"),
            span(pairs.before.estimate),
            span(pairs.after.estimate),
        )
        ends = span(f"({100 * pairs.low:+.1f} to {100 * pairs.high:+.1f})")
        counts = f"{pairs.became_true}/{pairs.became_false}"
        tests = (p_value(pairs.p_value), p_value(one.adjusted)) if one.tested else ("", "")
        rows.append((*shares, f"{100 * pairs.difference:+.1f} {ends}", counts, *tests))
    more = ("points (95 % interval)", "became true/false", "p", "p, Holm")
    columns = (tell("true in"), *_names(found), *map(tell, more))
    print_table(columns, rows, right=columns[1:])
    if not all(one.claim.tested for one in found.answers):
        paragraph(tell("* the model assumes it or was fitted to it, so it is not a test."))


def scale(one: Outcome) -> tuple[float, str]:
    """What to divide an outcome by to show it, and the unit that it then has."""
    from llm_market_sim.market.observation import SERIES

    unit = SERIES[one.name].unit
    large = max(abs(one.pairs.before), abs(one.pairs.after)) >= 1e6
    if large:
        return 1e6, tell("million {unit}", unit=named(unit))
    return 1.0, tell("index 0 to 1") if unit == "1" else named(unit)


def times(gain: float | None) -> str:
    """``5.2 x``: how many times as many worlds would have been needed without pairing."""
    if gain is None:
        return ""
    return f"{gain:.1f} x" if gain < 100 else ">100 x"


def _notes(found: Comparison) -> Iterator[str]:
    if found.same:
        yield tell(
            "All weekly numbers are identical in all {worlds} worlds and all weeks: as far as "
            "these worlds go, the two scenarios are the same.",
            worlds=found.worlds,
        )
    elif found.untouched:
        yield tell(
            "Identical in all {worlds} worlds and all weeks: {names}. What these scenarios change "
            "cannot reach them, it seems, or only later; that is not a finding about a market.",
            worlds=found.worlds,
            names=_series(found.untouched),
        )
    again = [one.name for one in found.outcomes if one.ever and not one.differs]
    if again:
        told = "Identical in all worlds in the last week, but not before: {names}."
        yield tell(told, names=_series(again))
    fixed = [one.claim.id for one in found.answers if not one.ever]
    if fixed:
        told = "The number that a claim is about is identical in all worlds: {names}."
        yield tell(told, names=", ".join(fixed))
    weak = [o.name for o in found.outcomes if o.pairs.gain is not None and o.pairs.gain < _HELPED]
    if weak:
        yield tell(
            "Pairing did not help for {names}: there a world's luck says little of what it does in "
            "the other scenario, and independent worlds would have done as well.",
            names=_series(weak),
        )
    if found.unreached:
        names = ", ".join(claim.id for claim in found.unreached)
        yield tell("Not reached by week {week}: {names}.", week=found.week, names=names)
    if found.made:
        before, after = _names(found)
        yield tell(
            "{made} comparisons were made. Of so many, about one in twenty has a p-value below "
            "0.05 where nothing differs; the p-value after Holm allows for all of them. "
            "Differences are {after} less {before}; intervals of means by Student's t over worlds, "
            "of shares after Newcombe (method 10), each for one comparison; p-values by the paired "
            "t test and McNemar's exact test. pairing: how many times as many worlds would have "
            "been needed without the same luck. All of it is conditional on the scenarios' "
            "parameters: the model says, not the world.",
            made=found.made,
            after=after,
            before=before,
        )


def _series(names: Sequence[str]) -> str:
    """Series in a sentence."""
    if spoken() == "en":
        return ", ".join(names)
    from llm_market_sim.market.observation import SERIES

    return "、".join(SERIES[name].label["zh"] for name in names)
