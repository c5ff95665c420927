"""Parameters that differ by world: a world in a mixed block is the world of its own scenario."""

import numpy as np
import pytest

from llm_market_sim.errors import InputError
from llm_market_sim.market.state import COLUMNS
from llm_market_sim.scenario import current, load, plausible, variable, wrong_with
from llm_market_sim.simulation import simulate_block

BASELINE = load("baseline", ["horizon_weeks=40"])
HIGHER = {"training.cost_multiple"}  # 1 is the least that it may be


def with_values(scenario, values):
    """The scenario with numbers set (factors of whole mappings), unvalidated."""
    update = {}
    for path, value in values.items():
        section, name, *key = path.split(".")
        old = getattr(getattr(scenario, section), name)
        if key:
            value = {**old, key[0]: value}
        elif isinstance(old, dict):
            value = {k: v * value for k, v in old.items()}
        update.setdefault(section, {})[name] = value
    sections = {
        section: getattr(scenario, section).model_copy(update=values)
        for section, values in update.items()
    }
    return scenario.model_copy(update=sections)


def same(one, other, world):
    """Equal but for rounding: a power of an array is not bit for bit that of a number."""
    for name in COLUMNS:
        np.testing.assert_allclose(
            getattr(one.final, name)[world],
            getattr(other.final, name)[0],
            rtol=1e-9,
            atol=1e-12,
            err_msg=name,
        )


def test_every_parameter_may_differ_by_world():
    rng = np.random.default_rng(0)
    varied = {}
    for path in variable():
        spread = 0.15
        factor = 1.0 - spread * rng.uniform(size=2)
        varied[path] = current(BASELINE, path) * (1.0 / factor if path in HIGHER else factor)
    run = simulate_block(BASELINE, range(2), 1, varied=varied)
    for world in range(2):
        own = with_values(BASELINE, {path: values[world] for path, values in varied.items()})
        same(run, simulate_block(own, [world], 1), world)
    assert not np.array_equal(run.final.cash, simulate_block(BASELINE, range(2), 1).final.cash)


def test_single_entries_of_mappings_may_differ_by_world():
    varied = {
        "users.inertia.consumer": np.array([1.0, 4.0]),
        "users.channel_per_year.startup": np.array([0.1, 0.5]),
        "products.preparation_weeks.fine_tune": np.array([6.0, 20.0]),
        "compute.cluster_speed.tencent": np.array([1.0, 3.0]),
    }
    run = simulate_block(BASELINE, [5, 5], 1, varied=varied)
    for world in range(2):
        own = with_values(BASELINE, {path: values[world] for path, values in varied.items()})
        same(run, simulate_block(own, [5], 1), world)


def test_an_event_sets_a_parameter_in_all_worlds_and_scales_what_each_has():
    event = {
        "date": "2023-06-05", "about": "x", "source": "assumption",
        "set": {"users.inertia.consumer": 2.0}, "scale": {"compute.rental_end": 0.5},
    }  # fmt: skip
    scenario = type(BASELINE).model_validate(
        {**BASELINE.model_dump(by_alias=True), "timeline": {"x": event}}
    )
    varied = {"users.inertia": np.array([0.5, 1.5]), "compute.rental_end": np.array([5e4, 2e5])}
    run = simulate_block(scenario, [3, 3], 1, varied=varied)
    for world in range(2):
        own = with_values(scenario, {path: values[world] for path, values in varied.items()})
        same(run, simulate_block(own, [3], 1), world)


REFUSED = (
    ("users.inertai", (), 'did you mean "users.inertia"'),
    ("users.inertia.consumers", (), 'no entry "consumers"; did you mean "consumer"'),
    ("compute.rental_end.baidu", (), "has no entries"),
    ("frontier.paused", (), "is not a number"),
    ("regulation.licence_needed", (), "is not a number"),
    ("funding.size_by_stage_musd", (), "is not a number"),
    ("training.failure_probability", (0.1, 1.2), "1.2 is not allowed"),
    ("users.nest_scale", (0.5, 3.0), "3 is not allowed"),
)


def test_what_cannot_be_varied_says_why():
    told = {path: wrong_with(BASELINE, path, values) or "" for path, values, _ in REFUSED}
    assert [told[path] for path, _, said in REFUSED if said not in told[path]] == []


def test_declared_ranges_are_allowed_and_hold_the_default():
    for path in variable():
        declared = plausible(BASELINE, path)
        if declared is not None:
            low, high = declared
            assert low <= current(BASELINE, path) <= high, path
            assert wrong_with(BASELINE, path, declared) is None, path


def test_two_paths_to_one_number_are_refused():
    varied = {"users.inertia": np.ones(2), "users.inertia.consumer": np.ones(2)}
    with pytest.raises(InputError, match=r"users\.inertia\.consumer is varied twice"):
        simulate_block(BASELINE, range(2), 1, varied=varied)
