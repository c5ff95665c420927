"""Draw every figure of one scenario into a folder, to be looked at.

    python experiments/figures.py --out figures --language zh

The figures of what drives an answer take small designs here (some minutes on two cores) and need
the optional extra "analysis"; --quick leaves them out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from matplotlib.figure import Figure

import llm_market_sim as sim
from llm_market_sim import plots, summaries
from llm_market_sim.batch import run_batch
from llm_market_sim.claims import judge, load_claims
from llm_market_sim.experiments import load_spec
from llm_market_sim.experiments.sensitivity import Sensitivity, sensitivity
from llm_market_sim.scenario import scenarios
from llm_market_sim.simulation import Run

HERE = Path(__file__).parent


def of_one_run(run: Run, language: plots.Language) -> dict[str, Figure]:
    """The figures that show one scenario."""
    origin = plots.Origin(len(run.worlds), run.seed, run.scenario.label)
    fans = {
        name: summaries.fan(name, run.weeks, run.series[name])
        for name in ("general_developers", "users_consumer", "hhi", "gpu_price")
    }
    figures = {f"fan_{name}": plots.fan_chart(one, origin, language) for name, one in fans.items()}
    happenings = [
        plots.Happening(event.about, event.week, event.end_week)
        for event in run.scenario.timeline.values()
    ]
    if happenings:
        figures["timeline"] = plots.fan_chart(
            fans["general_developers"], origin, language, happenings
        )
    race = summaries.race(run.weeks, run.series)
    lives = summaries.lives(run.weeks, run.series)
    return figures | {
        "shares": plots.share_chart(summaries.market_shares(run), origin, language),
        "race": plots.race_chart(race, origin, language),
        "lives": plots.lives_chart(lives, origin, language),
        "money": plots.money_chart(summaries.money(run), origin, language),
        "concentration": plots.concentration_chart(summaries.concentration(run), origin, language),
    }


def of_claims(worlds: int, seed: int, language: plots.Language) -> Figure:
    """All claims in all shipped scenarios."""
    claims = load_claims()
    result = run_batch(scenarios(), worlds, seed, measures=[one.measurement for one in claims])
    verdicts = [
        judge(claim, one.scenario.name, one.measures.get(claim.id))
        for one in result.scenarios
        for claim in claims
    ]
    labels = {one.scenario.name: one.scenario.label for one in result.scenarios}
    heads = {one.id: {"en": one.text, "zh": one.text} for one in claims}
    return plots.claim_matrix(verdicts, labels, heads, plots.Origin(worlds, seed), language)


def of_drivers(method: str, language: plots.Language) -> Figure:
    """A small Morris or Sobol design."""
    small = {"worlds": 8, "trajectories": 4} if method == "morris" else {"samples": 64}
    loaded = load_spec(HERE / f"sensitivity_{method}.yaml", Sensitivity, small)
    found = sensitivity(loaded)
    origin = plots.Origin(found.runs, loaded.spec.seed, loaded.scenario.label, over="ranges")
    return plots.drivers_chart(found, origin, f"“{loaded.claim.text}”", language=language)


def main() -> None:
    """Read the command line and draw."""
    ask = argparse.ArgumentParser(description="Draw every figure of one scenario.")
    ask.add_argument("--scenario", default="baseline")
    ask.add_argument("--worlds", type=int, default=200)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--language", choices=["en", "zh"], default="en")
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--quick", action="store_true", help="without designs and other scenarios")
    given = ask.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    scenario = sim.load(given.scenario)
    run = sim.simulate(
        scenario, given.worlds, given.seed, share_history=True, events=False,
        snapshots=range(0, scenario.horizon_weeks + 1, 6),
    )  # fmt: skip
    figures = of_one_run(run, given.language)
    if not given.quick:
        figures["claims"] = of_claims(given.worlds, given.seed, given.language)
        for method in ("morris", "sobol"):
            figures[method] = of_drivers(method, given.language)
    for name, figure in figures.items():
        plots.save(figure, given.out / f"{name}.png", given.out / f"{name}.svg")
        print(f"{name}: {plots.alt_text(figure)}")


if __name__ == "__main__":
    main()
