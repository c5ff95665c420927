"""A batch in memory: outcomes of every world, and the spread of its weekly series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from llm_market_sim.batch.plan import plan_batch
from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.batch.run import Order, Told, results_of
from llm_market_sim.errors import Problem, nearest
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.results import Manifest, Results
from llm_market_sim.scenario import Scenario, load_all
from llm_market_sim.simulation.front_door import MOST_WORLDS, refuse, wrong_list, wrong_whole
from llm_market_sim.simulation.measuring import Measure
from llm_market_sim.summary.statistics import spread


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """Some worlds of one scenario, W of them."""

    scenario: Scenario
    weeks: Array  # (T + 1,)
    outcomes: Mapping[str, Array]  # name -> (W,): every series at the horizon
    measures: Mapping[str, Array]  # name -> (W,): what was asked and could be answered
    summary: Mapping[str, Array]  # name -> (6, T + 1): mean and 5, 25, 50, 75, 95 % of worlds
    series: Mapping[str, Array]  # name -> float32 (W, T + 1), where asked


@dataclass(frozen=True, eq=False)
class BatchResult:
    """All scenarios of a batch, in the order given; world k has the same luck in each."""

    seed: int
    worlds: int
    scenarios: tuple[ScenarioResult, ...]

    def __getitem__(self, name: str) -> ScenarioResult:
        """The results of a scenario by its name; KeyError if there is none."""
        for one in self.scenarios:
            if one.scenario.name == name:
                return one
        raise KeyError(name)


def run_batch(
    scenarios: Sequence[str | Path | Scenario],
    worlds: int = 400,
    seed: int | None = 1,
    *,
    first: int = 0,
    jobs: int = 1,
    measures: Sequence[Measure] = (),
    keep_series: Iterable[str] = (),
    plugins: Sequence[str | Path] = (),
    progress: Told | None = None,
) -> BatchResult:
    """Run so many worlds of every scenario; world k has the same luck in all of them.

    first: id of the first world. seed: None to draw one, which the result keeps. jobs: processes;
    the result does not depend on it. A script that asks for more than one must call this under
    ``if __name__ == "__main__":``. measures: numbers to take in every world, such as
    ``claim.measurement``. keep_series: weekly series to keep for every world; of the others their
    spread is kept. plugins: Python files to import first. progress: told the scenario and the
    number of worlds of each piece that is done. Raises InputError before the first run,
    MarketSimError if a world cannot be run, or a process dies.
    """
    refuse(
        [
            *wrong_list("scenarios", scenarios, '["baseline"]'),
            *wrong_list("keep_series", keep_series, '["hhi"]'),
            *wrong_list("plugins", plugins, '["my_module.py"]'),
        ]
    )
    load_plugins(plugins)
    chosen = [one if isinstance(one, Scenario) else load_all([one])[0] for one in scenarios]
    keep = set(keep_series)
    wrong = [
        Problem("", "keep_series", f'no series "{name}"; {nearest(name, SERIES, "series")}')
        for name in sorted(keep - SERIES.keys())
    ]
    start = wrong_whole("first", first, 0, MOST_WORLDS - 1)
    wrong += start or wrong_whole("worlds", worlds, 1, MOST_WORLDS - int(first))
    refuse(wrong)
    plan = plan_batch(
        chosen, int(worlds), seed, measures, first=int(first), tables=("worlds", "series", "claims")
    )

    def watch(asked: Manifest, found: int, left: Mapping[str, int]) -> AbstractContextManager[Told]:
        return nullcontext(progress or (lambda scenario, count: None))

    with results_of(plan, None, Order(jobs, plugins=plugins), watch) as (results, _):
        read = tuple(_read(results, one, keep) for one in chosen)
        return BatchResult(results.manifest.seed, worlds, read)


def _read(results: Results, scenario: Scenario, keep: set[str]) -> ScenarioResult:
    name, weeks = scenario.name, results.weekly(scenario.name).weeks
    outcomes = results.columns("worlds", list(SERIES), name)
    summary, series = {}, {}
    for one in SERIES:
        values = results.column("series", one, name).reshape(-1, len(weeks))
        summary[one] = spread(values)
        if one in keep:
            series[one] = values
    return ScenarioResult(scenario, weeks, outcomes, results.numbers(name), summary, series)
