"""``batch``: many scenarios, many worlds, and what they say of the claims."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.commands import options

if TYPE_CHECKING:
    from llm_market_sim.batch import ResultFolder
    from llm_market_sim.claims import Claim, Verdict
    from llm_market_sim.scenario import Scenario

__all__ = ["batch"]


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
The folder of --out holds manifest.json (what was run, and how), worlds.csv
(one row a world), series.csv (weekly mean and quantiles), verdicts.csv, and
the figure survivors.png and .svg. With --uncertainty posterior, draws.csv
(the parameters) and the figure uncertainty.png take the places of series.csv
and survivors.png.""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="All shipped scenarios.")
@click.option("-n", "--worlds", type=int, callback=options.bounded(1, 2**32), default=400,
              show_default=True, help="Worlds of each scenario.")  # fmt: skip
@options.seed
@options.jobs
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Write tables and a figure into this new folder.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the folder of an earlier batch.")
@click.option("--claim", "chosen", multiple=True, metavar="NAME",
              help="A claim to judge and show, by name or path; may be repeated. Without it, "
              "three_to_five_survive is shown, and every shipped claim that is read off the same "
              "runs (no intervention, a horizon that is reached) is judged for --out.")  # fmt: skip
@click.option("--uncertainty", type=click.Choice(["defaults", "posterior"]), default="defaults",
              show_default=True, help="Judge at the defaults, or over all parameters that the "
              "facts of 2023 leave open: ten worlds at each draw of them, so 400 worlds are 40 "
              "draws; 2000 give a better band.")  # fmt: skip
@options.settings
@options.guests
def batch(
    names: tuple[str, ...], every: bool, worlds: int, seed: int | None, jobs: int | None,
    out: Path | None, force: bool, chosen: tuple[str, ...], uncertainty: str,
    settings: tuple[str, ...], guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Run many worlds of one or more scenarios, and judge the claims in each.

    NAME is a shipped scenario or the path of a .yaml file.
    """
    from llm_market_sim.batch import ResultFolder, all_cores, load_guests, warm_up
    from llm_market_sim.claims import MAIN, load_claims
    from llm_market_sim.luck import draw_seed
    from llm_market_sim.scenario import load_all, scenarios

    if not names and not every:
        known = ", ".join(scenarios())
        raise click.UsageError(f"name a scenario, or add --all. There are: {known}.")
    begun = time.perf_counter()
    wanted = [*names, *(one for one in scenarios() if every and one not in names)]
    jobs = all_cores() if jobs is None else jobs
    warm_up(len(wanted), worlds, jobs)
    load_guests(guests)
    loaded = load_all(wanted, settings)
    claims = load_claims(chosen or (None if uncertainty == "defaults" else [MAIN]))
    if not chosen:
        claims = _on_the_way(claims, loaded)
    folder: AbstractContextManager[ResultFolder | None] = (
        nullcontext() if out is None else ResultFolder(out, force)
    )
    if seed is None:
        seed = draw_seed()
        click.echo(f"Seed {seed}, drawn", err=True)
    if uncertainty == "posterior":
        from llm_market_sim.commands.uncertain import over_the_accepted_set

        worlds = over_the_accepted_set(
            loaded, claims, worlds, seed, folder, jobs=jobs, guests=guests
        )
    else:
        verdicts = _at_the_defaults(loaded, claims, worlds, seed, folder, jobs, guests)
        _print(verdicts, [claim.id for claim in claims] if chosen else [MAIN], out)
    seconds = time.perf_counter() - begun
    click.echo(f"Seed {seed}, {worlds} worlds a scenario, {seconds:.1f} s.")
    if out is not None:
        click.echo(f"Written to {out}")


def _on_the_way(claims: Sequence[Claim], scenarios: Sequence[Scenario]) -> list[Claim]:
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
    scenarios: Sequence[Scenario], claims: Sequence[Claim], worlds: int, seed: int,
    folder: AbstractContextManager[ResultFolder | None], jobs: int, guests: Sequence[str],
) -> list[Verdict]:  # fmt: skip
    from llm_market_sim.batch import run_batch
    from llm_market_sim.claims import judge
    from llm_market_sim.commands.progress import progress

    with folder as place:
        with progress(worlds, len(scenarios)) as told:
            result = run_batch(
                scenarios, worlds, seed, jobs=jobs, guests=guests, progress=told,
                measures=[claim.measurement for claim in claims],
            )  # fmt: skip
        verdicts = [
            judge(claim, one.scenario.name, one.measures.get(claim.id))
            for claim in claims
            for one in result.scenarios
        ]
        if place is not None:
            from llm_market_sim.commands.keep import keep

            keep(place, result, verdicts)
    return verdicts


def _print(verdicts: Sequence[Verdict], shown: Sequence[str], out: Path | None) -> None:
    """Verdicts on the claims to show; of the others, only where they are."""
    from llm_market_sim.claims import claims
    from llm_market_sim.commands.show import paragraph
    from llm_market_sim.commands.verdicts import print_verdicts

    print_verdicts([verdict for verdict in verdicts if verdict.claim.id in shown])
    others = {verdict.claim.id for verdict in verdicts} - set(shown)
    if others:
        where = f"in {out}/verdicts.csv" if out else "in verdicts.csv with --out FOLDER"
        count = "1 more claim was" if len(others) == 1 else f"{len(others)} more claims were"
        paragraph(
            f"{count} judged in these worlds: {where}. All "
            f"{len(claims())} claims of the article, those with an intervention too: "
            "llm-market-sim claims, or batch NAME --claim NAME for one."
        )
