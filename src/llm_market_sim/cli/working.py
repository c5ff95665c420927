"""What commands that run worlds share: work a plan off, show how far it is, say what was done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import click

from llm_market_sim.batch import Account, Plan, results_of
from llm_market_sim.batch.run import Told
from llm_market_sim.cli.options import How
from llm_market_sim.cli.progress import progress, tell_cost
from llm_market_sim.cli.tell import reason, tell
from llm_market_sim.errors import MarketSimError, mistake
from llm_market_sim.results import Manifest, Results, open_results


@contextmanager
def worked(plan: Plan, how: How, folder: Path | None = None) -> Iterator[tuple[Results, Account]]:
    """Work a plan off, and read it; without ``--out`` the results are gone afterwards.

    folder: where to, in the place of ``--out``.
    """
    order = how.order if how.out is not None else replace(how.order, fail="fast")

    def watch(asked: Manifest, found: int, left: Mapping[str, int]) -> AbstractContextManager[Told]:
        if plan.seed is None:
            told = "Seed {seed}, that of the folder" if found else "Seed {seed}, drawn"
            click.echo(tell(told, seed=asked.seed), err=True)
        if found:
            told, rest = "{found} worlds are there already, {rest} to go", sum(left.values())
            click.echo(tell(told, found=f"{found:,}", rest=f"{rest:,}"), err=True)
        if how.order.cluster is None:
            tell_cost(_weeks(plan, left), how.order.jobs)
        return progress(left)

    try:
        with results_of(plan, folder or how.out, order, watch) as (results, outcome):
            for why in outcome.mended:
                click.echo(tell("Computed again: {why}", why=reason(why)), err=True)
            yield results, outcome
    except KeyboardInterrupt:
        if how.out is not None:
            text = "What is done is kept in {folder}; the same command goes on from there."
            click.echo(tell(text, folder=how.out), err=True)
        raise


def _weeks(plan: Plan, left: Mapping[str, int]) -> float:
    """Weeks of all worlds to be run, also those in which something is changed."""
    changed = [
        (getattr(one, "intervention", None), int(one.week))
        for one in plan.measures
        if getattr(one, "intervention", None) is not None
    ]
    does = {repr(act): week for act, week in sorted(changed, key=lambda one: one[1])}
    return sum(
        left[one.name] * (one.horizon_weeks + sum(min(w, one.horizon_weeks) for w in does.values()))
        for one in plan.scenarios
    )


def close(outcome: Account, how: How, what: str) -> None:
    """The last lines. what: how many worlds. MarketSimError where some of them have failed."""
    made = outcome.manifest
    part = tell(", shard {shard}", shard=made.shard) if made.shard else ""
    now = tell(", {made} of them computed now", made=f"{outcome.made:,}") if how.out else ""
    told = "Seed {seed}, {what}, {seconds} s."
    seconds = f"{time.perf_counter() - how.begun:.1f}"
    click.echo(tell(told, seed=made.seed, what=f"{what}{part}{now}", seconds=seconds))
    if how.out is not None:
        click.echo(tell("Written to {folder}", folder=how.out))
    if outcome.failed:
        raise MarketSimError(_failures(outcome))


def _failures(outcome: Account) -> str:
    """Say why the first few worlds failed; what is to be said in the end."""
    for name, start, stop, failed in outcome.failed[:5]:
        told = tell(
            "Failed: {scenario}, worlds {first} to {last}, {stage}: {reason}",
            scenario=name,
            first=start,
            last=stop - 1,
            stage=tell(failed.stage),
            reason=reason(failed.reason),
        )
        click.echo(told, err=True)
    worlds = sum(stop - start for _, start, stop, _ in outcome.failed)
    return (
        f"{worlds:,} worlds failed, and all that is said above leaves them out; llm-market-sim "
        "results lists them; the same command tries them again"
    )


def open_told(folder: Path, thorough: bool = False) -> Results:
    """Open a result folder, and say on stderr what must be known of an older version's."""
    results = open_results(folder, thorough)
    for note in results.manifest.notes:
        what = "{folder} was written by another version; {note}"
        click.echo(tell(what, folder=folder, note=reason(note)), err=True)
    return results


def open_batch(folder: Path) -> Results:
    """The same of a batch at the defaults, with all tables; InputError of something else."""
    results = open_told(folder)
    if results.manifest.drawn:
        text = "its parameters differ from world to world; this needs a batch at the defaults"
        raise mistake(folder, text)
    lost = [
        name
        for name in ("worlds", "series", "firms", "events", "claims")
        if name not in results.tables
    ]
    if lost:
        raise mistake(folder, f"it keeps no table {', '.join(lost)}; batch --out keeps all of them")
    return results
