"""Which assumptions does 2023 not rule out, and is the answer to be trusted?

    python experiments/calibrate_2023.py                     # minutes on two cores
    python experiments/calibrate_2023.py --out calibration   # kept; goes on where it was stopped
    python experiments/calibrate_2023.py --points 5000       # a look

Simulates the scenario of calibrate_2023.yaml once for each of many draws of its parameters, weighs
these by the facts of 2023 with a target in scenarios/evidence.yaml and by the patterns of
scenarios/stylised_facts.yaml that constrain, and tests the method on histories whose parameters are
known. With --out the folder gets posterior_2023.csv (the
draws that are left), fit.csv, fit_facts.csv and fit_parameters.csv (all that is printed), and
fit.png. `make posterior` renews the shipped ones.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from llm_market_sim import __version__
from llm_market_sim.batch import Order, all_cores
from llm_market_sim.cli.app import told
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments import load_assumptions
from llm_market_sim.experiments.calibration import (
    Bank,
    Calibration,
    Observed,
    learned,
    quantiles,
    sample,
    side_by_side,
    simulate_bank,
)
from llm_market_sim.experiments.evidence import load_evidence
from llm_market_sim.experiments.fit_test import LEVELS, added, rank, second
from llm_market_sim.figures import Origin, RankPanel, ranks, save
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import simulate
from llm_market_sim.simulation.measuring import snapshots
from llm_market_sim.stylised_facts import constraints, load_facts
from llm_market_sim.words import number

HERE = Path(__file__).parent
_BOUND = 3.0  # standard deviations from which on a target rules a history out by itself
_AT_DEFAULTS = 256  # worlds
Rows = Sequence[Mapping[str, Any]]


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--points", type=int, help="Draws of parameters that are simulated.")
@click.option("--draws", type=int, help="Draws that are kept.")
@click.option("--held", type=int, help="Histories held back for the test.")
@click.option("--seed", type=int, help="Seed of all luck, and of the draws.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Cores to use.  [default: all]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Keep everything.")
def main(jobs: int | None, out: Path | None, **given: int | None) -> None:
    spec, scenario, space = load_assumptions(HERE / "calibrate_2023.yaml", Calibration, given)
    targets: list[Observed] = [
        *(fact.target for fact in load_evidence().values() if fact.target is not None),
        *constraints(load_facts().facts),
    ]
    bank = simulate_bank(
        spec, scenario, space, targets, order=Order(jobs or all_cores()), out=out,
        told=lambda text: click.echo(text, err=True),
    )  # fmt: skip
    posterior = bank.weigh()
    weights = posterior.weights
    known = learned(space, bank.unit, weights)
    columns = [k for k, one in enumerate(known) if one.informed]
    columns.sort(key=lambda k: known[k].overlap)
    click.echo(f"testing on {spec.held} histories that are held back", err=True)
    tested = rank(bank, spec.held, spec.seed)
    other = second(bank, columns, spec.held, spec.seed) if columns else None

    facts = about_facts(bank, weights, scenario, spec.seed)
    parameters = []
    for k in sorted(range(len(known)), key=lambda k: known[k].overlap):
        one = known[k]
        row: dict[str, Any] = {
            "parameter": one.prior.path,
            "low": one.low,
            "middle": one.middle,
            "high": one.high,
            "overlap": one.overlap,
            "informed": "yes" if one.informed else "no",
        }
        row |= {f"covered_{level:g}": tested.covered(level)[k] for level in LEVELS}
        row["uniform"] = tested.uniform(k)
        if other is not None and k in columns:
            p = columns.index(k)
            row |= {
                "second_middle": one.prior.at(other.middle[p]),
                "second_apart": other.apart[p],
                "second_covered_0.9": other.covered[p],
            }
        parameters.append(row)
    widened = np.quantile(tested.widened, (0.5, 0.95))
    about = {
        "points": spec.points,
        "seed": spec.seed,
        "version": __version__,
        "draws": spec.draws,
        "effective": posterior.worth,
        "widened": posterior.widened,
        "held": spec.held,
        "held_widened_50": widened[0],
        "held_widened_95": widened[1],
        "parameters": len(known),
        "informed": len(columns),
        "second_chance": other.chance if other else "",
    }
    show(facts, parameters, about)
    if out is None:
        return
    kept = sample(bank, weights, spec.draws)
    notes = (
        f"What the facts of 2023 leave of the assumptions: {len(kept.weights)} weighted draws.",
        f"calibrate_2023.py --seed {spec.seed} --points {spec.points} --draws {spec.draws}",
    )
    kept.write(out / "posterior_2023.csv", notes)
    write(out / "fit.csv", [about])
    write(out / "fit_facts.csv", facts)
    write(out / "fit_parameters.csv", parameters)
    if columns:
        panels = [
            RankPanel(known[k].prior.path, tested.histogram(k), float(tested.covered(0.9)[k]))
            for k in columns
        ]
        origin = Origin(spec.points, spec.seed, over="ranges")
        save(ranks(panels, len(known), origin), out / "fit.png")
    click.echo(f"Written: {out}")


def about_facts(bank: Bank, weights: np.ndarray, scenario: Scenario, seed: int) -> Rows:
    """A row a fact: what was seen, what the defaults and the accepted draws make of it, and what
    it adds to all others."""
    overlaps = np.array([one.overlap for one in learned(bank.space, bank.unit, weights)])
    more = added(bank, overlaps)
    weeks = sorted(snapshots(one.measurement for one in bank.targets))
    ending = scenario.model_copy(update={"horizon_weeks": int(weeks[-1])})
    run = simulate(ending, _AT_DEFAULTS, seed, events=False, snapshots=weeks)
    usual = Bank(
        bank.space,
        bank.targets,
        np.zeros((_AT_DEFAULTS, 0)),
        side_by_side([one.measurement(run) for one in bank.targets]),
    )
    rows = []
    for k, target in enumerate(bank.targets):
        x, mine = bank.numbers[:, k], usual.compared[:, k]
        chance = np.var(mine, ddof=1) * (1.0 + 1.0 / _AT_DEFAULTS)
        apart = np.abs(np.mean(mine) - usual.observed[k]) / np.sqrt(bank.error[k] ** 2 + chance)
        low, middle, high = quantiles(x, weights, (0.05, 0.5, 0.95))
        alone = np.abs(bank.compared[:, k] - bank.observed[k]) <= _BOUND * bank.error[k]
        rows.append(
            {
                "fact": target.id,
                "observed": target.value,
                "defaults": np.mean(usual.numbers[:, k]),
                "apart": apart,
                "low": low,
                "middle": middle,
                "high": high,
                "alone": np.mean(alone),
                "bits": more[k].bits,
                "effective_without": more[k].least,
                "most": more[k].most,
                "fall": more[k].fall,
            }
        )
    return rows


def write(file: Path, rows: Rows) -> None:
    """Rows as CSV, numbers to six figures."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})


def show(facts: Rows, parameters: Rows, about: Mapping[str, Any]) -> None:
    """All of it on the terminal."""
    heading("The facts, and what the accepted histories have")
    print_table(
        ("fact", "observed", "defaults", "accepted: 5 %", "median", "95 %", "adds (bits)"),
        [
            (row["fact"], *(number(row[key]) for key in ("observed", "defaults", "low", "middle",
             "high")), f"{row['bits']:.2f}")
            for row in facts
        ], right=("observed", "defaults", "accepted: 5 %", "median", "95 %", "adds (bits)"),
    )  # fmt: skip
    heading("The assumptions that the facts inform, and whether held-back truths are found")
    print_table(
        ("assumption", "accepted 5 % to 95 %", "overlap", "90 % holds", "even", "second: apart"),
        [
            (row["parameter"], f"{number(row['low'])} to {number(row['high'])}",
             f"{row['overlap']:.2f}", f"{100 * row['covered_0.9']:.0f} %",
             f"p {row['uniform']:.2f}", f"{row['second_apart']:.2f}")
            for row in parameters if row["informed"] == "yes"
        ], right=("overlap", "90 % holds"),
    )  # fmt: skip
    paragraph(
        f"Of {about['parameters']} assumptions the facts inform {about['informed']}; the others "
        f"stay assumed. {about['points']:,} draws, one world each, are worth "
        f"{about['effective']:.0f} equally likely ones, of which {about['draws']} are kept; four "
        f"times as many would halve the error of every quantile. Tested on {about['held']} "
        f"histories, whose errors had to be widened by {about['held_widened_50']:.2f} (median) for "
        f"enough members to agree, and for 2023 by {about['widened']:.2f}; seed {about['seed']}."
    )


if __name__ == "__main__":
    try:
        main()
    except MarketSimError as error:
        sys.exit(told(error))
