"""A survey of claims on a terminal: one table, a matrix, or one claim in full."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click
from rich.cells import cell_len

from llm_market_sim.claims import Survey, Together, Verdict, decided_by_more, half_width
from llm_market_sim.claims.sequential import FIRST, MOST, STEP
from llm_market_sim.cli.definitions import print_definitions, span, summary
from llm_market_sim.cli.show import console, heading, paragraph, print_table
from llm_market_sim.cli.tell import span as span_of
from llm_market_sim.cli.tell import spoken, tell
from llm_market_sim.cli.verdicts import STYLES, print_verdicts, said_of, styles
from llm_market_sim.words import listed

_WIDTH = 96  # columns of a terminal, less what a table's frame takes
_MORE = 4  # times the worlds, that is half the interval
_PAIRS = 6


def print_survey(found: Survey, precision: float | None, definitions: bool) -> None:
    """Everything that a survey says; every definition too, where asked."""
    if len(found.claims) == 1:
        print_verdicts([found.verdict(found.claims[0], s.name) for s in found.scenarios])
    elif len(found.scenarios) == 1:
        _print_one_scenario(found)
    else:
        _print_matrix(found)
    if definitions or len(found.claims) == 1:
        _print_definitions(found, definitions)
        _print_also(found)
    _print_together(found)
    heading(tell("Enough worlds?"))
    paragraph(enough(found, precision))
    click.echo()


def _print_one_scenario(found: Survey) -> None:
    """One row a claim, by its name, with the sentence under it."""
    one = found.scenarios[0]
    told = "{claims} claims in {worlds} worlds of {name}"
    worlds = f"{found.worlds:,}"
    heading(tell(told, claims=len(found.claims), worlds=worlds, name=one.name))
    told = "{label}, {weeks} weeks from 17 April 2023."
    paragraph(tell(told, label=one.label[spoken()], weeks=one.horizon_weeks))
    click.echo()
    if console().width < _WIDTH:
        _print_narrow(found)
    else:
        _print_wide(found)
    click.echo()
    told = (
        "Share of worlds in which it holds, with its 95 % interval (Wilson), by the default "
        "definition. It holds if the interval lies above one half, and fails if below; what the "
        "model assumes or was fitted to is not tested. By definition: the smallest and the largest "
        "share over all that could have been meant, in the weeks that the run reaches; of what an "
        "intervention does, only by the default one without --definitions. All of it is "
        "conditional on the scenario's parameters: the model says, not the world. One claim in "
        "full: --claim NAME."
    )
    paragraph(tell(told))


def _print_narrow(found: Survey) -> None:
    """The table alone, where a sentence has no room."""
    rows = []
    for claim in found.claims:
        verdict = found.verdict(claim, found.scenarios[0].name)
        over = span(found.multiverse(claim, found.scenarios[0].name))
        size = span_of(verdict.size or "")
        rows.append((claim.id, _share(verdict), said_of(verdict.wording), over, size))
    names = ("claim", "share of worlds", "verdict", "by definition", "effect")
    columns = [tell(one) for one in names]
    print_table(columns, rows, right=columns[1:2], styles=styles())
    click.echo(tell("The sentences: llm-market-sim list claims."))


def _print_wide(found: Survey) -> None:
    one = found.scenarios[0]
    wide = max(len(claim.id) for claim in found.claims)
    first, *more = map(tell, ("claim", "share of worlds", "verdict", "by definition"))
    click.secho(_columns(first, wide, *more), bold=True)
    for claim in found.claims:
        verdict = found.verdict(claim, one.name)
        over = span(found.multiverse(claim, one.name))
        word = click.style(said_of(verdict.wording), fg=_colour(verdict), bold=True)
        click.echo(_columns(claim.id, wide, _share(verdict), word, over))
        said = textwrap.shorten(claim.said[spoken()], _WIDTH - 2, placeholder=" …")
        click.secho(f"  {said}", dim=True)
        if verdict.size:
            click.secho("  " + tell("effect: {size}", size=span_of(verdict.size)), dim=True)


def _columns(name: str, wide: int, share: str, verdict: str, over: str) -> str:
    """A row; the verdict may have a colour, which takes no room."""
    room = " " * (19 - cell_len(click.unstyle(verdict)))
    name = name + " " * (wide - cell_len(name))
    share, over = (" " * (size - cell_len(x)) + x for x, size in ((share, 22), (over, 13)))
    return f"{name}  {share}  {verdict}{room}  {over}".rstrip()


def _colour(verdict: Verdict) -> str | None:
    return STYLES.get(verdict.wording, "").removeprefix("bold ") or None


def _share(verdict: Verdict) -> str:
    """``41 % (36 to 46)``; without an interval at no hit or in all worlds, which say it."""
    held = verdict.held
    if held is None:
        return ""
    if held.share in (0.0, 1.0):
        return span_of(held.estimate)
    return span_of(f"{held.estimate} ({held.interval.removesuffix(' %')})")


def _print_matrix(found: Survey) -> None:
    """One row a claim, one column a scenario; in several parts where it is too wide."""
    told = "{claims} claims in {scenarios} scenarios, {worlds} worlds of each"
    counts = {"claims": len(found.claims), "scenarios": len(found.scenarios)}
    heading(tell(told, **counts, worlds=f"{found.worlds:,}"))
    names = [one.name for one in found.scenarios]
    labels = [claim.id + ("" if claim.tested else "*") for claim in found.claims]
    room = _WIDTH - max(map(len, labels))
    heads = names
    if sum(max(len(name), 5) + 2 for name in names) > room:
        heads = [str(number) for number in range(1, len(names) + 1)]
    size = max(1, room // (max(5, *map(len, heads)) + 2))
    for start in range(0, len(names), size):
        part = slice(start, start + size)
        rows = [
            (label, *(_short(found.verdict(claim, name)) for name in names[part]))
            for label, claim in zip(labels, found.claims, strict=True)
        ]
        click.echo()
        print_table((tell("claim"), *heads[part]), rows, right=heads[part])
    click.echo()
    if heads is not names:
        numbered = ", ".join(f"{n} {one}" for n, one in enumerate(names, 1))
        paragraph(tell("Scenarios: {names}.", names=numbered))
        click.echo()
    told = (
        "Share of worlds in which a claim holds by its default definition, %; - where the run ends "
        "before. ? undecided: its 95 % interval (Wilson) covers one half; any other share above "
        "50 holds, below it fails. * the model assumes it or was fitted to it, so it is not a "
        "test. World k has the same luck in every scenario. All of it is conditional on the "
        "parameters: the model says, not the world."
    )
    paragraph(tell(told))


def _short(verdict: Verdict) -> str:
    if verdict.held is None:
        return "- "
    return verdict.held.short + ("?" if verdict.side == "undecided" else " ")


def _print_definitions(found: Survey, every: bool) -> None:
    """In a sentence a scenario or, where asked, one by one."""
    heading(tell("What else could have been meant"))
    for claim in found.claims:
        if len(found.claims) > 1:
            paragraph(f"\n\n{claim.id}: {claim.sentence(spoken())} {claim.predicate}")
        for one in found.scenarios:
            answers = found.multiverse(claim, one.name)
            if every and answers.reached:
                print_definitions(answers)
            name = f"{one.name}: " if len(found.scenarios) > 1 else ""
            paragraph(f"{name}{summary(answers)}")
        if every:
            click.echo()


def _print_also(found: Survey) -> None:
    """The same of other numbers, firms and changes, each with its verdict."""
    each = [
        (one, v) for c in found.claims for one in found.scenarios for v in found.also(c, one.name)
    ]
    if each:
        heading(tell("Also judged"))
    for one, verdict in each:
        name = f"{one.name}: " if len(found.scenarios) > 1 else ""
        comma, stop = ("，", "。") if spoken() == "zh" else (", ", ". ")
        share = span_of(verdict.held.estimate) if verdict.held else "–"
        numbers = [said_of(verdict.wording), *filter(None, [span_of(verdict.size)]), share]
        told = comma.join(numbers) + stop + verdict.claim.defined(spoken())
        paragraph(name + told, indent=2, label="-")


def _print_together(found: Survey) -> None:
    each = {one.name: found.together(one.name) for one in found.scenarios}
    several = {name: one for name, one in each.items() if one and len(one.claims) > 1}
    if not several:
        return
    heading(tell("How many hold in one world, and which together"))
    if len(found.scenarios) > 1:
        rows = [
            (name, str(len(one.claims)), f"{one.mean:.1f}", span_of(f"{one.low:g} to {one.high:g}"))
            for name, one in several.items()
        ]
        right = [tell(one) for one in ("claims", "hold on average", "in nine worlds of ten")]
        print_table((tell("scenario"), *right), rows, right=right)
        told = (
            "together.csv (--out) says which hold together; so does this command for a single "
            "scenario."
        )
        paragraph(tell(told))
    for one in several.values() if len(found.scenarios) == 1 else ():
        told = (
            "Of {n} claims, {mean} hold in a world on average, {low} to {high} in nine worlds of "
            "ten."
        )
        ends = {"low": f"{one.low:g}", "high": f"{one.high:g}"}
        paragraph(tell(told, n=len(one.claims), mean=f"{one.mean:.1f}", **ends))
        _print_pairs(one, found.worlds)
    left = [claim.id for claim in found.claims if not claim.tested]
    if left:
        names = ", ".join(left)
        told = "Left out, because the model assumes them or was fitted to them: {names}."
        paragraph(tell(told, names=names))


def _print_pairs(one: Together, worlds: int) -> None:
    for names, where in ((one.always, "all"), (one.never, "none")):
        if names:
            same = f"In {where} of the {{worlds}} worlds: {{names}}."
            paragraph(tell(same, worlds=f"{worlds:,}", names=", ".join(names)))
    told = [pair for pair in one.pairs if pair.phi is not None]
    if not told:
        paragraph(tell("No two of them vary enough for a correlation."))
        return
    apart = [pair for pair in told if pair.low is not None and pair.low * (pair.high or 0.0) > 0.0]
    if not apart:
        none = "None of {n} pairs goes together more, or less, than by chance."
        paragraph(tell(none, n=len(told)))
        return
    click.echo()
    rows = []
    for pair in apart[:_PAIRS]:
        ends = span_of(f"{pair.low:+.2f} to {pair.high:+.2f}")
        rows.append((pair.first, pair.second, f"{pair.phi:+.2f}", ends))
    columns = [tell(one) for one in ("claim", "with", "phi", "95 % interval")]
    print_table(columns, rows, right=columns[2:])
    first = ""
    if len(apart) > _PAIRS:
        first = tell(", the {most} strongest of {n}", most=_PAIRS, n=len(apart))
    said = (
        "Of {n} pairs those whose interval leaves out 0{first}. phi is the correlation of holding: "
        "+1 always together, -1 never; the interval is from resampled worlds. Of twenty pairs "
        "without any tie, one would stand here too; and some are tied by what they mean."
    )
    paragraph(tell(said, n=len(told), first=first))


def enough(found: Survey, precision: float | None) -> str:
    """How well the shares are known, how many worlds it took, and what more would buy."""
    verdicts = [
        verdict
        for claim in found.claims
        for one in found.scenarios
        if (verdict := found.verdict(claim, one.name)).held is not None
    ]
    if not verdicts:
        return tell("No run reaches the week of a claim.")
    text = _rule(found, precision) if precision is not None else ""
    widest = max(half_width(verdict.held) for verdict in verdicts if verdict.held)
    more = _MORE * found.worlds
    known = "the share is" if len(verdicts) == 1 else "shares are"
    text += tell(
        f"{{worlds}} worlds: {known} known within {{now}} points; {{more}} would make it "
        "{then}. ",
        worlds=f"{found.worlds:,}",
        now=_points(widest),
        more=f"{more:,}",
        then=_points(widest / 2),
    )
    undecided = [verdict for verdict in verdicts if verdict.side == "undecided"]
    decided = decided_by_more(undecided, _MORE)
    left = [verdict for verdict in undecided if verdict not in decided]
    for names, words in ((decided, "would probably decide"), (left, "would hardly decide")):
        if names:
            which = _which(names, len(found.scenarios) > 1)
            text += tell(f"{{more}} {words} {{which}}. ", more=f"{more:,}", which=which)
    return text.strip()


def _rule(found: Survey, precision: float) -> str:
    how = (
        "looked after {first} and then every {step}, until half of every 95 % interval (Wilson) "
        "was at most {points} points, and at most {most} worlds. "
    )
    numbers = {"first": FIRST, "step": STEP, "points": _points(precision), "most": f"{MOST:,}"}
    ended = "Stopped after {worlds} worlds by the rule that was asked for: {how}"
    if not found.reached:
        ended = "Ended at {worlds} worlds, short of the precision asked for: {how}"
    return tell(ended, worlds=f"{found.worlds:,}", how=tell(how, **numbers))


def _points(share: float) -> str:
    return f"{100 * share:.2g}" if share >= 0.001 else f"{100 * share:.1g}"


def _which(verdicts: Sequence[Verdict], several: bool) -> str:
    """The claims by name; where there are several scenarios, each with those it is about."""
    where: dict[str, list[str]] = {}
    for one in verdicts:
        where.setdefault(one.claim.id, []).append(one.scenario)
    if not several:
        return listed(list(where), spoken())
    few, many = 3, "{n} scenarios"
    return listed(
        [
            f"{name} ({', '.join(some) if len(some) <= few else tell(many, n=len(some))})"
            for name, some in where.items()
        ],
        spoken(),
    )
