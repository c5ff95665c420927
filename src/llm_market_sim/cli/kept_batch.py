"""``batch --out``: run what is missing, keep it, and say what the whole folder says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.batch import Order, Outcome, run_stored
from llm_market_sim.claims import Claim, Verdict
from llm_market_sim.cli.progress import Told, progress
from llm_market_sim.cli.verdicts import print_verdicts
from llm_market_sim.errors import MarketSimError
from llm_market_sim.results import Manifest, open_results
from llm_market_sim.scenario import Scenario

if TYPE_CHECKING:
    from llm_market_sim.figures import Language

__all__ = ["finish", "kept_batch"]


def kept_batch(
    out: Path, scenarios: Sequence[Scenario], claims: Sequence[Claim], worlds: int,
    seed: int | None, order: Order, say: Callable[[Sequence[Verdict]], None] = print_verdicts,
    language: Language = "en",
) -> None:  # fmt: skip
    """Run, keep and print; say: how verdicts are printed; language: of the figure.

    MarketSimError, at the end, where some worlds have failed.
    """
    begun = time.perf_counter()

    def watch(asked: Manifest, found: int, left: Mapping[str, int]) -> AbstractContextManager[Told]:
        if seed is None:
            click.echo(f"Seed {asked.seed}, {'that of the folder' if found else 'drawn'}", err=True)
        if found:
            click.echo(
                f"{found:,} worlds are there already, {sum(left.values()):,} to go", err=True
            )
        return progress(asked.worlds, len(scenarios), left)

    try:
        outcome = run_stored(
            out, scenarios, worlds, seed, [claim.measurement for claim in claims], order,
            claims={claim.id: claim.model_dump(mode="json") for claim in claims}, watch=watch,
        )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(f"What is done is kept in {out}; the same command goes on from there.", err=True)
        raise
    for why in outcome.mended:
        click.echo(f"Computed again: {why}", err=True)
    if order.shard is None:
        say(finish(out, claims, language))
    seconds = time.perf_counter() - begun
    asked = outcome.manifest
    part = f", shard {asked.shard}" if asked.shard else ""
    click.echo(
        f"Seed {asked.seed}, {asked.worlds} worlds a scenario{part}, {outcome.made:,} of them "
        f"computed now, {seconds:.1f} s."
    )
    click.echo(f"Kept in {out}")
    if outcome.failed:
        raise MarketSimError(_failures(outcome))


def finish(out: Path, claims: Sequence[Claim], language: Language = "en") -> list[Verdict]:
    """Write verdicts, bands and figure of all that a folder holds. Returns the verdicts."""
    from llm_market_sim.cli.keep import keep, verdicts_of  # draws: imported when all is run

    results = open_results(out)
    verdicts = verdicts_of(results, claims)
    keep(results, verdicts, language)
    return verdicts


def _failures(outcome: Outcome) -> str:
    worlds = sum(stop - start for _, start, stop, _ in outcome.failed)
    lines = [
        f"{name}, worlds {start} to {stop - 1}, {failed.stage}: {failed.reason}"
        for name, start, stop, failed in outcome.failed[:5]
    ]
    if len(outcome.failed) > 5:
        lines.append(f"… and {len(outcome.failed) - 5} more")
    return "\n".join([
        f"{worlds:,} worlds failed; all that is said above leaves them out.", *lines,
        "The command `llm-market-sim results` lists them; the same command tries them again.",
    ])  # fmt: skip
