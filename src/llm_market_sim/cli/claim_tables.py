"""A survey of claims on a terminal: one table, a matrix, or one claim in full."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click

from llm_market_sim.claims import Survey, Together, Verdict, decided_by_more, half_width
from llm_market_sim.claims.sequential import FIRST, MOST, STEP
from llm_market_sim.cli.definitions import print_definitions, span, summary
from llm_market_sim.cli.show import console, heading, paragraph, print_table
from llm_market_sim.cli.verdicts import STYLES, print_verdicts
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
    _print_together(found)
    heading("Enough worlds?")
    paragraph(enough(found, precision))
    click.echo()


def _print_one_scenario(found: Survey) -> None:
    """One row a claim, by its name, with the sentence under it."""
    one = found.scenarios[0]
    heading(f"{len(found.claims)} claims in {found.worlds:,} worlds of {one.name}")
    paragraph(f"{one.label['en']}, {one.horizon_weeks} weeks from 17 April 2023.")
    click.echo()
    if console().width < _WIDTH:
        _print_narrow(found)
    else:
        _print_wide(found)
    click.echo()
    paragraph(
        "Share of worlds in which it holds, with its 95 % interval (Wilson), by the default "
        "definition. It holds if the interval lies above one half, and fails if below; what the "
        "model assumes or was fitted to is not tested. By definition: the smallest and the largest "
        "share over all that could have been meant, in the weeks that the run reaches; of what an "
        "intervention does, only by the default one without --definitions. All of it is "
        "conditional on the scenario's parameters: the model says, not the world. One claim in "
        "full: --claim NAME."
    )


def _print_narrow(found: Survey) -> None:
    """The table alone, where a sentence has no room."""
    rows = []
    for claim in found.claims:
        verdict = found.verdict(claim, found.scenarios[0].name)
        over = span(found.multiverse(claim, found.scenarios[0].name))
        rows.append((claim.id, _share(verdict), verdict.wording, over, verdict.size or ""))
    columns = ("claim", "share of worlds", "verdict", "by definition", "effect")
    print_table(columns, rows, right=("share of worlds",), styles=STYLES)
    click.echo("The sentences: llm-market-sim list claims.")


def _print_wide(found: Survey) -> None:
    one = found.scenarios[0]
    wide = max(len(claim.id) for claim in found.claims)
    click.secho(_columns("claim", wide, "share of worlds", "verdict", "by definition"), bold=True)
    for claim in found.claims:
        verdict = found.verdict(claim, one.name)
        over = span(found.multiverse(claim, one.name))
        word = click.style(verdict.wording, fg=_colour(verdict), bold=True)
        click.echo(_columns(claim.id, wide, _share(verdict), word, over))
        click.secho(f"  {textwrap.shorten(claim.text, _WIDTH - 2, placeholder=' …')}", dim=True)
        if verdict.size:
            click.secho(f"  effect: {verdict.size}", dim=True)


def _columns(name: str, wide: int, share: str, verdict: str, over: str) -> str:
    """A row; the verdict may have a colour, which takes no room."""
    room = 19 - len(click.unstyle(verdict))
    return f"{name:<{wide}}  {share:>22}  {verdict}{' ' * room}  {over:>13}".rstrip()


def _colour(verdict: Verdict) -> str | None:
    return STYLES.get(verdict.wording, "").removeprefix("bold ") or None


def _share(verdict: Verdict) -> str:
    """``41 % (36 to 46)``; without an interval at no hit or in all worlds, which say it."""
    held = verdict.held
    if held is None:
        return ""
    if held.share in (0.0, 1.0):
        return held.estimate
    return f"{held.estimate} ({held.interval.removesuffix(' %')})"


def _print_matrix(found: Survey) -> None:
    """One row a claim, one column a scenario; in several parts where it is too wide."""
    heading(
        f"{len(found.claims)} claims in {len(found.scenarios)} scenarios, "
        f"{found.worlds:,} worlds of each"
    )
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
        print_table(("claim", *heads[part]), rows, right=heads[part])
    click.echo()
    if heads is not names:
        paragraph("Scenarios: " + ", ".join(f"{n} {one}" for n, one in enumerate(names, 1)) + ".")
        click.echo()
    paragraph(
        "Share of worlds in which a claim holds by its default definition, %; - where the run ends "
        "before. ? undecided: its 95 % interval (Wilson) covers one half; any other share above "
        "50 holds, below it fails. * the model assumes it or was fitted to it, so it is no test. "
        "World k has the same luck in every scenario. All of it is conditional on the parameters: "
        "the model says, not the world."
    )


def _short(verdict: Verdict) -> str:
    if verdict.held is None:
        return "- "
    return verdict.held.short + ("?" if verdict.side == "undecided" else " ")


def _print_definitions(found: Survey, every: bool) -> None:
    """In a sentence a scenario or, where asked, one by one."""
    heading("What else could have been meant")
    for claim in found.claims:
        if len(found.claims) > 1:
            paragraph(f"\n\n{claim.id}: {claim.sentence()} {claim.predicate}")
        for one in found.scenarios:
            answers = found.multiverse(claim, one.name)
            if every and answers.reached:
                print_definitions(answers)
            name = f"{one.name}: " if len(found.scenarios) > 1 else ""
            paragraph(f"{name}{summary(answers)}")
        if every:
            click.echo()


def _print_together(found: Survey) -> None:
    each = {one.name: found.together(one.name) for one in found.scenarios}
    several = {name: one for name, one in each.items() if one and len(one.claims) > 1}
    if not several:
        return
    heading("How many hold in one world, and which together")
    if len(found.scenarios) > 1:
        rows = [
            (name, str(len(one.claims)), f"{one.mean:.1f}", f"{one.low:g} to {one.high:g}")
            for name, one in several.items()
        ]
        right = ("claims", "hold on average", "in nine worlds of ten")
        print_table(("scenario", *right), rows, right=right)
        paragraph("Which hold together is in together.csv (--out), or asked of one scenario.")
    for one in several.values() if len(found.scenarios) == 1 else ():
        paragraph(
            f"Of {len(one.claims)} claims, {one.mean:.1f} hold in a world on average, "
            f"{one.low:g} to {one.high:g} in nine worlds of ten."
        )
        _print_pairs(one, found.worlds)
    left = [claim.id for claim in found.claims if not claim.tested]
    if left:
        names = ", ".join(left)
        paragraph(f"Left out, because the model assumes them or was fitted to them: {names}.")


def _print_pairs(one: Together, worlds: int) -> None:
    for names, where in ((one.always, "all"), (one.never, "none")):
        if names:
            paragraph(f"In {where} of the {worlds:,} worlds: {', '.join(names)}.")
    told = [pair for pair in one.pairs if pair.phi is not None]
    if not told:
        paragraph("No two of them vary enough for a correlation.")
        return
    apart = [pair for pair in told if pair.low is not None and pair.low * (pair.high or 0.0) > 0.0]
    if not apart:
        paragraph(f"None of {len(told)} pairs goes together more, or less, than by chance.")
        return
    click.echo()
    rows = [
        (pair.first, pair.second, f"{pair.phi:+.2f}", f"{pair.low:+.2f} to {pair.high:+.2f}")
        for pair in apart[:_PAIRS]
    ]
    columns = ("claim", "with", "phi", "95 % interval")
    print_table(columns, rows, right=columns[2:])
    first = f", the {_PAIRS} strongest of {len(apart)}" if len(apart) > _PAIRS else ""
    paragraph(
        f"Of {len(told)} pairs those whose interval leaves out 0{first}. phi is the correlation of "
        "holding: +1 always together, -1 never; the interval is from resampled worlds. Of twenty "
        "pairs without any tie, one would stand here too; and some are tied by what they mean."
    )


def enough(found: Survey, precision: float | None = None) -> str:
    """How well the shares are known, how many worlds it took, and what more would buy."""
    verdicts = [
        verdict
        for claim in found.claims
        for one in found.scenarios
        if (verdict := found.verdict(claim, one.name)).held is not None
    ]
    if not verdicts:
        return "No run reaches the week of a claim."
    text = _rule(found, precision) if precision is not None else ""
    widest = max(half_width(verdict.held) for verdict in verdicts if verdict.held)
    more = _MORE * found.worlds
    text += (
        f"{found.worlds:,} worlds: {'the share is' if len(verdicts) == 1 else 'shares are'} known "
        f"within {_points(widest)} points; {more:,} would make it {_points(widest / 2)}. "
    )
    undecided = [verdict for verdict in verdicts if verdict.side == "undecided"]
    decided = decided_by_more(undecided, _MORE)
    left = [verdict for verdict in undecided if verdict not in decided]
    for names, words in ((decided, "would probably decide"), (left, "would hardly decide")):
        if names:
            text += f"{more:,} {words} {_which(names, len(found.scenarios) > 1)}. "
    return text.strip()


def _rule(found: Survey, precision: float) -> str:
    how = (
        f"looked after {FIRST} and then every {STEP}, until half of every 95 % interval (Wilson) "
        f"was at most {_points(precision)} points, and at most {MOST:,} worlds. "
    )
    if not found.reached:
        return f"Ended at {found.worlds:,} worlds, short of the precision asked for: {how}"
    return f"Stopped after {found.worlds:,} worlds by the rule that was asked for: {how}"


def _points(share: float) -> str:
    return f"{100 * share:.2g}" if share >= 0.001 else f"{100 * share:.1g}"


def _which(verdicts: Sequence[Verdict], several: bool) -> str:
    """The claims by name; where there are several scenarios, each with those it is about."""
    where: dict[str, list[str]] = {}
    for one in verdicts:
        where.setdefault(one.claim.id, []).append(one.scenario)
    if not several:
        return listed(list(where))
    few = 3
    return listed(
        [
            f"{name} ({', '.join(some) if len(some) <= few else f'{len(some)} scenarios'})"
            for name, some in where.items()
        ]
    )
