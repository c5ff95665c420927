"""``batch``: many scenarios, many worlds, and what they say of the claims."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.batch import Shard
    from llm_market_sim.claims import Claim, Verdict
    from llm_market_sim.figures import Language
    from llm_market_sim.scenario import Scenario

__all__ = ["batch", "on_the_way"]

PLACE = 50  # in the list of commands


def _shard(context: Any, option: Any, text: str | None) -> Shard | None:
    """``3/16``: the third of sixteen."""
    if text is None:
        return None
    place, slash, of = text.partition("/")
    if not slash or not (place + of).isdecimal() or not 1 <= int(place) <= int(of):
        raise click.BadParameter(f"{text} must be such as 3/16: the third of sixteen parts")
    from llm_market_sim.batch import Shard

    return Shard(int(place), int(of))


@click.command(
    short_help="Run many worlds, and judge claims in them.",
    epilog="""\b
Examples:
  llm-market-sim batch baseline
  llm-market-sim batch baseline strict_review --worlds 1000 --seed 1
  llm-market-sim batch --all --out results
  llm-market-sim batch baseline --set entry.intensity_per_week=1.7
  llm-market-sim batch baseline --claim open_source_levels_start
  llm-market-sim batch baseline --claim my/claim.yaml
  llm-market-sim batch baseline --uncertainty posterior --worlds 2000

World k has the same luck in every scenario, so scenarios can be compared world
by world. 400 worlds give a share within 5 points, 100 within 10.

\b
The folder of --out holds the tables worlds, series (weekly), firms, events
and claims as Parquet files, with manifest.json (what was run, and how) and
log.jsonl; beside them verdicts.csv, bands.csv (weekly mean and quantiles) and
the figure survivors.png and .svg. Stopped at any moment, the same command
goes on from what is there; with more --worlds it adds to it. See the commands
results, export and merge.
With --uncertainty posterior it holds worlds.csv, draws.csv (the parameters),
verdicts.csv and uncertainty.png, and is written at the end.""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="All shipped scenarios.")
@click.option("-n", "--worlds", type=int, callback=options.bounded(1, 2**32), default=400,
              show_default=True, help="Worlds of each scenario.")  # fmt: skip
@options.seed
@options.jobs
@click.option("--out", type=options.PATH, metavar="FOLDER",
              help="Keep tables and a figure in this folder, or go on with it.")  # fmt: skip
@click.option("--force", is_flag=True, help="Drop what --out holds of another batch.")
@click.option("--fail", type=click.Choice(["slow", "fast"]), default="slow", show_default=True,
              help="When some worlds fail: note it and go on, or stop (with --out).")  # fmt: skip
@click.option("--shard", metavar="K/N", callback=_shard,
              help="Only the K-th of N parts, for merge (with --out and --seed).")  # fmt: skip
@click.option("--cluster", metavar="ADDRESS",
              help="A Dask cluster: its address, or its scheduler file (with --out).")  # fmt: skip
@click.option("--claim", "chosen", multiple=True, metavar="NAME",
              help="A claim to judge and show, by name or path; may be repeated. Without it, "
              "three_to_five_survive is shown, and every shipped claim that is read off the same "
              "runs (no intervention, a horizon that is reached) is judged for --out.")  # fmt: skip
@click.option("--uncertainty", type=click.Choice(["defaults", "posterior"]), default="defaults",
              show_default=True, help="Judge at the defaults, or over all parameters that the "
              "facts of 2023 leave open: ten worlds at each draw of them, so 400 worlds are 40 "
              "draws; 2000 give a better band.")  # fmt: skip
@options.language
@options.settings
@options.guests
def batch(
    names: tuple[str, ...], every: bool, worlds: int, seed: int | None, jobs: int | None,
    out: Path | None, force: bool, fail: Literal["slow", "fast"], shard: Shard | None,
    cluster: str | None, chosen: tuple[str, ...], uncertainty: str,
    language: Language, settings: tuple[str, ...], guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Run many worlds of one or more scenarios, and judge the claims in each.

    NAME is a shipped scenario or the path of a .yaml file.
    """
    from llm_market_sim.batch import Order, all_cores, load_guests, warm_up
    from llm_market_sim.claims import MAIN, OWN, load_claims
    from llm_market_sim.scenario import load_all, scenarios

    if not names and not every:
        known = ", ".join(scenarios())
        raise click.UsageError(f"name a scenario, or add --all. There are: {known}.")
    _check(out, uncertainty, {"--shard": shard, "--cluster": cluster})
    begun = time.perf_counter()
    wanted = [*names, *(one for one in scenarios() if every and one not in names)]
    jobs = all_cores() if jobs is None else jobs
    if cluster is None:
        warm_up(len(wanted), worlds, jobs, store=out is not None)
    load_guests(guests)
    loaded = load_all(wanted, settings)
    claims = load_claims(chosen or (None if uncertainty == "defaults" else [MAIN]))
    if not chosen:
        claims = on_the_way(claims, loaded)
    shown = [claim.id for claim in claims] if chosen else [MAIN, *OWN]
    if out is not None and uncertainty == "defaults":
        from llm_market_sim.cli.kept_batch import kept_batch
        from llm_market_sim.cli.verdicts import print_shown

        order = Order(jobs, force, fail, shard, cluster, guests)
        say = partial(print_shown, shown, out)
        kept_batch(out, loaded, claims, worlds, seed, order, say, language)
        return
    seed, worlds = _not_kept(
        loaded, claims, shown, worlds, seed, out, force, jobs, uncertainty, language, guests
    )
    seconds = time.perf_counter() - begun
    click.echo(f"Seed {seed}, {worlds} worlds a scenario, {seconds:.1f} s.")
    if out is not None:
        click.echo(f"Written to {out}")


def _check(out: Path | None, uncertainty: str, options: dict[str, object]) -> None:
    """Options that only mean something where a batch is kept block by block."""
    for option, value in options.items():
        if value is not None and (out is None or uncertainty != "defaults"):
            raise click.UsageError(f"{option} needs --out, and --uncertainty defaults.")


def _not_kept(
    scenarios: Sequence[Scenario], claims: Sequence[Claim], shown: Sequence[str], worlds: int,
    seed: int | None, out: Path | None, force: bool, jobs: int, uncertainty: str,
    language: Language, guests: Sequence[str],
) -> tuple[int, int]:  # fmt: skip
    """A batch that is held in memory, and written at the end if at all. Returns seed and worlds."""
    from llm_market_sim.batch import ResultFolder
    from llm_market_sim.cli.verdicts import print_shown

    folder: AbstractContextManager[ResultFolder | None] = (
        nullcontext() if out is None else ResultFolder(out, force)
    )
    seed = options.drawn(seed)
    if uncertainty == "posterior":
        from llm_market_sim.cli.uncertain import over_the_accepted_set

        worlds = over_the_accepted_set(
            scenarios, claims, worlds, seed, folder, jobs=jobs, guests=guests, language=language
        )
    else:
        verdicts = _at_the_defaults(scenarios, claims, worlds, seed, jobs, guests)
        print_shown(shown, None, verdicts)
    return seed, worlds


def on_the_way(claims: Sequence[Claim], scenarios: Sequence[Scenario]) -> list[Claim]:
    """The main claim, then those that can be read off the same runs."""
    from llm_market_sim.claims import MAIN

    last = max(one.horizon_weeks for one in scenarios)
    main = [claim for claim in claims if claim.id == MAIN]
    return main + [
        claim
        for claim in claims
        if claim.id != MAIN and claim.intervention is None and claim.horizon_week <= last
    ]


def _at_the_defaults(
    scenarios: Sequence[Scenario], claims: Sequence[Claim], worlds: int, seed: int, jobs: int,
    guests: Sequence[str],
) -> list[Verdict]:  # fmt: skip
    from llm_market_sim.batch import run_batch
    from llm_market_sim.claims import judge
    from llm_market_sim.cli.progress import progress

    with progress(worlds, len(scenarios)) as told:
        result = run_batch(
            scenarios, worlds, seed, jobs=jobs, guests=guests, progress=told,
            measures=[claim.measurement for claim in claims],
        )  # fmt: skip
    return [
        judge(claim, one.scenario.name, one.measures.get(claim.id))
        for claim in claims
        for one in result.scenarios
    ]
