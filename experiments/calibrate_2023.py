"""Which assumptions does 2023 not rule out?

    python experiments/calibrate_2023.py                     # about ten minutes on two cores
    python experiments/calibrate_2023.py --out calibration   # kept; goes on where it was stopped
    python experiments/calibrate_2023.py --perfect           # is a known truth found again?

Matches the scenario of calibrate_2023.yaml to the facts with a target in scenarios/evidence.yaml,
and prints for each assumption what is left of its range. With --out the folder also gets
posterior_2023.csv, the draws that are left; `scenarios/posterior_2023.csv` was made so.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import numpy as np

from llm_market_sim.batch import Order, all_cores
from llm_market_sim.cli.app import told
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments import load_assumptions
from llm_market_sim.experiments.calibration import Calibration, calibrate, learned, planted
from llm_market_sim.experiments.evidence import load_evidence
from llm_market_sim.experiments.posterior import Posterior
from llm_market_sim.words import number

HERE = Path(__file__).parent
_OTHER_WORLD = 1_000_000  # a world whose luck the matching does not use


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--points", type=int, help="Points of the first design.")
@click.option("--draws", type=int, help="Points that move, and are kept.")
@click.option("--settle", type=int, help="Waves that weigh points by their fit.")
@click.option("--worlds", type=int, help="Worlds at each point.")
@click.option("--seed", type=int, help="Seed of all luck, and of the search.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes.  [default: all cores]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Keep everything.")
@click.option("--perfect", is_flag=True, help="Match a simulated world whose truth is known.")
def main(jobs: int | None, out: Path | None, perfect: bool, **given: int | None) -> None:
    spec, scenario, space = load_assumptions(HERE / "calibrate_2023.yaml", Calibration, given)
    targets = [fact.target for fact in load_evidence().values() if fact.target is not None]
    truth = None
    if perfect:
        unit = np.random.default_rng(spec.seed).uniform(size=(1, len(space.ranges)))
        truth = space.at(unit)[0]
        targets = planted(scenario, space, truth, _OTHER_WORLD, spec.seed, targets)
    matched = calibrate(
        spec, scenario, space, targets, order=Order(jobs or all_cores()), out=out,
        told=lambda text: click.echo(text, err=True),
    )  # fmt: skip
    heading("The facts, and what the accepted draws make of them")
    print_table(
        ("fact", "observed", "accepted: 5 %", "mean", "95 %", "not ruled out by it alone"),
        [
            (target.id, number(target.value), *map(number, spread(matched.means[:, k])),
             f"{100 * np.mean(matched.first[:, k] <= 3.0):.0f} %")
            for k, target in enumerate(targets)
        ], right=("observed", "accepted: 5 %", "mean", "95 %", "not ruled out by it alone"),
    )  # fmt: skip
    heading("The assumptions, most informed first")
    rows = sorted(enumerate(learned(space, matched.values)), key=lambda item: item[1].overlap)
    inside = [truth is not None and one.low <= truth[k] <= one.high for k, one in rows]
    print_table(
        ("assumption", "range", "accepted 5 % to 95 %", "overlap", "so it is",
         *(("truth", "found") if perfect else ())),
        [
            (one.prior.path, f"{number(one.prior.low)} to {number(one.prior.high)}",
             f"{number(one.low)} to {number(one.high)}", f"{one.overlap:.2f}",
             "informed by the data" if one.informed else "assumed",
             *((number(truth[k]), "yes" if found else "no") if truth is not None else ()))
            for (k, one), found in zip(rows, inside, strict=True)
        ], right=("overlap",),
    )  # fmt: skip
    informed = sum(one.informed for _, one in rows)
    alone = np.mean(np.max(matched.first, axis=1) <= 3.0)
    paragraph(
        f"Of the first {spec.points} points {100 * alone:.1f} % are not ruled out. Of {len(rows)} "
        f"assumptions the data inform {informed}; the other {len(rows) - informed} stay assumed. "
        f"{spec.draws} draws, {spec.worlds} worlds each, seed {spec.seed}."
    )
    if truth is not None:
        paragraph(
            f"The truth lies in the accepted range of {sum(inside)} of {len(rows)} assumptions, "
            f"where chance alone asks for {0.9 * len(rows):.0f}. Those that stay assumed cannot be "
            "recovered from these facts."
        )
    elif out is not None:
        kept = Posterior(space.names, *merged(matched.values))
        notes = (
            f"What the facts of 2023 leave of the assumptions: {len(kept.weights)} weighted draws.",
            f"calibrate_2023.py --seed {spec.seed} --points {spec.points} --draws {spec.draws} "
            f"--settle {spec.settle} --worlds {spec.worlds}",
        )  # fmt: skip
        kept.write(out / "posterior_2023.csv", notes)
        click.echo(f"Written: {out / 'posterior_2023.csv'}")


def spread(means: np.ndarray) -> tuple[float, float, float]:
    """5 %, mean and 95 % of the draws' means (N,)."""
    low, high = np.quantile(means, (0.05, 0.95))
    return float(low), float(np.mean(means)), float(high)


def merged(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draws (N, D) that are the same as one, weighted by how often they came."""
    distinct, times = np.unique(values, axis=0, return_counts=True)
    return distinct, times / len(values)


if __name__ == "__main__":
    try:
        main()
    except MarketSimError as error:
        sys.exit(told(error))
