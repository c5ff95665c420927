"""Two versions of the program in the same worlds: which numbers differ, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from llm_market_sim.claims import Claim, claims_of, judge
from llm_market_sim.errors import mistake
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.summary.statistics import holm, paired, paired_shares

Kind = Literal["claim", "band", "firm"]
KINDS: tuple[Kind, ...] = ("claim", "band", "firm")
_EDGES = (0.05, 0.95)
_CLEAR = 0.05  # an adjusted p-value below is more than chance
_LIVES = "CAST(cause IS NULL AND entered IS NOT NULL AS INTEGER)"
Band = tuple[float, float]


@dataclass(frozen=True)
class Moved:
    """Something of a scenario that differs in some world; after less before.

    before, after: of a claim the share of worlds in which it holds; of a series (band) its mean
    over worlds in the last week, in `unit`; of a firm the share in which it is alive then. low,
    high: 95 % interval of the difference, by Student's t (band) or Newcombe's method 10. worlds: in
    how many it differs in any week. bands: 5 to 95 % of worlds, before and after. since: the first
    week in which any world differs, of a series. verdicts: before and after, of a claim. adjusted:
    the p-value of the paired t test or of McNemar's, after Holm over all that differs.
    """

    scenario: str
    kind: Kind
    name: str
    unit: str
    before: float
    after: float
    low: float
    high: float
    worlds: int
    p_value: float
    adjusted: float = 1.0
    bands: tuple[Band, Band] | None = None
    since: float | None = None
    verdicts: tuple[str, str] | None = None

    @property
    def clear(self) -> bool:
        """Whether it moved by more than chance would."""
        return self.adjusted < _CLEAR

    @property
    def turned(self) -> bool:
        """Whether the verdict is another."""
        return self.verdicts is not None and self.verdicts[0] != self.verdicts[1]


@dataclass(frozen=True)
class Versions:
    """What differs between two folders of the same seed and worlds.

    same: scenarios without any difference. changed: scenarios whose parameters or firms differ.
    redefined: claims whose definition does. only: scenarios and claims that old, or new, has alone.
    """

    rules: tuple[str, str]
    worlds: int
    seed: int
    moved: tuple[Moved, ...]
    scenarios: tuple[str, ...]
    same: tuple[str, ...]
    changed: tuple[str, ...]
    redefined: tuple[str, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]


def versions(old: Results, new: Results) -> Versions:
    """Compare what two versions kept. InputError where their worlds are not the same."""
    a, b = old.manifest, new.manifest
    if (a.seed, a.worlds) != (b.seed, b.worlds) or a.drawn or b.drawn:
        text = "two versions are compared at the defaults, by the same seed and worlds"
        raise mistake(new.folder, text)
    for one in (old, new):
        if lost := [part.scenario for part in one.status if part.there < part.asked]:
            raise mistake(one.folder, f"worlds of {lost[0]} are missing")
    both = tuple(name for name in a.scenarios if name in b.scenarios)
    claims = {one.id: one for one in claims_of(old)}, {one.id: one for one in claims_of(new)}
    shared = [name for name in claims[0] if name in claims[1]]
    moved = [one for name in both for one in _moved(old, new, name, shared, claims)]
    larger = holm([one.p_value for one in moved])
    touched = {one.scenario for one in moved}
    return Versions(
        rules=(a.code, b.code),
        worlds=a.worlds,
        seed=a.seed,
        moved=tuple(replace(one, adjusted=p) for one, p in zip(moved, larger, strict=True)),
        scenarios=both,
        same=tuple(name for name in both if name not in touched),
        changed=tuple(n for n in both if a.scenarios[n]["digest"] != b.scenarios[n]["digest"]),
        redefined=tuple(n for n in shared if claims[0][n].definition != claims[1][n].definition),
        only=(
            (*(a.scenarios.keys() - b.scenarios.keys()), *(claims[0].keys() - claims[1].keys())),
            (*(b.scenarios.keys() - a.scenarios.keys()), *(claims[1].keys() - claims[0].keys())),
        ),
    )


def numbers(results: Results) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Of each scenario and kind, by name: in how many worlds, or mean and 5 and 95 % of worlds."""
    found = {}
    claims = claims_of(results)
    for name in results.manifest.scenarios:
        x = results.numbers(name)
        held = {one.id: one.test.holds(x[one.id]) for one in claims if one.id in x}
        ends = {series: weeks[:, -1] for series, weeks in _series(results, name).items()}
        found[name] = {
            "claim": {key: [float(np.sum(value))] for key, value in held.items()},
            "band": {key: [float(np.mean(v)), *_band(v)] for key, v in ends.items()},
            "firm": {key: [float(np.sum(value))] for key, value in _lives(results, name).items()},
        }
    return found


def _moved(
    old: Results,
    new: Results,
    scenario: str,
    claims: Sequence[str],
    of: tuple[dict[str, Claim], dict[str, Claim]],
) -> Iterator[Moved]:
    numbers_of = old.numbers(scenario), new.numbers(scenario)
    for name in (name for name in claims if all(name in one for one in numbers_of)):
        own, x = [one[name] for one in of], [one[name] for one in numbers_of]
        held = [claim.test.holds(value) for claim, value in zip(own, x, strict=True)]
        differ = _differ(x[0], x[1]) | (held[0] != held[1])
        if np.any(differ):
            judged = [judge(one, scenario, value) for one, value in zip(own, x, strict=True)]
            yield replace(
                _shares(scenario, "claim", name, *held),
                worlds=int(np.sum(differ)),
                verdicts=(judged[0].wording, judged[1].wording),
            )
    before, after = _series(old, scenario), _series(new, scenario)
    for name in (name for name in before if name in after):
        weeks = min(before[name].shape[1], after[name].shape[1])
        a, b = before[name][:, :weeks], after[name][:, :weeks]
        differ = _differ(a, b)
        known = np.isfinite(a[:, -1]) & np.isfinite(b[:, -1])
        if not np.any(differ) or np.sum(known) < 2:
            continue
        ends = a[known, -1], b[known, -1]
        pairs = paired(*ends)
        unit, numbers = SERIES[name].unit, (pairs.before, pairs.after, pairs.low, pairs.high)
        worlds = int(np.sum(np.any(differ, axis=1)))
        yield replace(
            Moved(scenario, "band", name, unit, *numbers, worlds, pairs.p_value),
            bands=(_band(ends[0]), _band(ends[1])),
            since=float(np.argmax(np.any(differ, axis=0))),
        )
    before, after = _lives(old, scenario), _lives(new, scenario)
    for name in (name for name in before if name in after):
        if not np.array_equal(before[name], after[name]):
            yield _shares(scenario, "firm", name, before[name], after[name])


def _shares(scenario: str, kind: Kind, name: str, before: Array, after: Array) -> Moved:
    pairs = paired_shares(before, after)
    numbers = (pairs.before.share, pairs.after.share, pairs.low, pairs.high)
    turned = pairs.became_true + pairs.became_false
    return Moved(scenario, kind, name, "share of worlds", *numbers, turned, pairs.p_value)


def _series(results: Results, scenario: str) -> dict[str, Array]:
    """Weekly series by name, (W, T + 1)."""
    found = results.columns("series", results.series, scenario)
    weeks = len(results.weekly(scenario).weeks)
    return {name: values.astype(float).reshape(-1, weeks) for name, values in found.items()}


def _lives(results: Results, scenario: str) -> dict[str, Array]:
    """Which named firms are alive at the end, (W,) by name."""
    named = results.manifest.scenarios[scenario]["words"]["firms"]
    found = results.ask(
        f"SELECT firm, list({_LIVES} ORDER BY replication) FROM firms "
        f"WHERE scenario = '{scenario}' GROUP BY firm ORDER BY firm"
    ).fetchall()
    return {firm: np.array(lives, dtype=bool) for firm, lives in found if firm in named}


def _differ(a: Array, b: Array) -> Array:
    """Where two numbers are not the same; two that are undefined are."""
    return (a != b) & ~(np.isnan(a) & np.isnan(b))


def _band(values: Array) -> Band:
    low, high = np.quantile(values, _EDGES)
    return float(low), float(high)
