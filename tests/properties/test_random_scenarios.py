"""Any valid scenario runs: no number overflows or is undefined, and the laws hold."""

import typing

import annotated_types
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market_laws import check, history, ticks

from llm_market_sim.market.roster import Population
from llm_market_sim.scenario import SECTIONS, load

BASE = load(
    "baseline", ["population.stealth_firms=4", "population.pool_firms=12", "horizon_weeks=12"]
)


def bounds(field):
    """(least, most) of a parameter, from its declaration; the open end of (0, ...] moves in."""
    low, high = None, None
    for mark in field.metadata:
        if isinstance(mark, annotated_types.Ge):
            low = mark.ge
        if isinstance(mark, annotated_types.Gt):
            low = mark.gt + 1e-3
        if isinstance(mark, annotated_types.Le):
            high = mark.le
    extra = (field.json_schema_extra or {}).get("additionalProperties", {})
    low = extra.get("minimum", extra.get("exclusiveMinimum", -1e-3) + 1e-3) if low is None else low
    return low, extra.get("maximum", high)


def values(field):
    """Values that a field may hold: usual ones scaled, and anything within its bounds."""
    kind, default = field.annotation, field.default
    if kind is bool:
        return st.booleans()
    if typing.get_origin(kind) is typing.Literal:
        return st.sampled_from(typing.get_args(kind))
    low, high = bounds(field)
    if isinstance(default, list):
        return st.lists(st.floats(0.1, 1e4), min_size=1, max_size=6)
    if kind is int:
        return st.integers(int(low), min(int(high), 30))
    number = st.one_of(
        st.sampled_from([float(low), float(high)]), st.floats(low, high, allow_subnormal=False)
    )
    if isinstance(default, dict):
        near = st.fixed_dictionaries({key: scaled(one, low, high) for key, one in default.items()})
        return st.one_of(near, st.fixed_dictionaries(dict.fromkeys(default, number)))
    return st.one_of(scaled(default, low, high), number)


def scaled(default, low, high):
    return st.floats(0.25, 4.0).map(lambda times: float(np.clip(default * times, low, high)))


FIELDS = {
    (section, name): field
    for section, model in {**SECTIONS, "population": Population}.items()
    for name, field in model.model_fields.items()
}


@st.composite
def scenarios(draw, most=8):
    """The baseline with a few parameters anywhere within their bounds."""
    paths = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=most, unique=True))
    changed = {}
    for section, name in paths:
        value = draw(values(FIELDS[section, name]))
        changed.setdefault(section, {})[name] = value
    update = {}
    for section, some in changed.items():
        old = getattr(BASE, section)
        update[section] = type(old).model_validate({**old.model_dump(), **some})
    ticks = draw(st.sampled_from([1, 1, 1, 2, 7]))
    return BASE.model_copy(update={**update, "ticks_per_week": ticks}), changed


def run_and_check(scenario, worlds=2):
    """Run a scenario with every floating point warning an error; every law, in each tick."""
    with np.errstate(all="raise", under="ignore"):
        run = history(scenario, worlds, 3)
    for tick in ticks(run):
        check(tick)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(scenarios())
def test_any_valid_scenario_keeps_the_laws(drawn):
    run_and_check(drawn[0])


def extremes():
    """(section, name, value) of each parameter alone at each end of what it may be."""
    for (section, name), field in FIELDS.items():
        low, high = bounds(field)
        if low is None or high is None or isinstance(field.default, bool | str | list):
            continue
        if section == "population" and isinstance(field.default, int):
            low, high = int(low), min(int(high), 30)
        for value in (low, high):
            kind = type(field.default)
            yield (
                section,
                name,
                ({key: float(value) for key in field.default} if kind is dict else kind(value)),
            )


@pytest.mark.parametrize("section", sorted({section for section, _ in FIELDS}))
def test_each_bound_is_safe(section):
    faults = []
    for where, name, value in extremes():
        if where == section:
            old = getattr(BASE, section)
            new = type(old).model_validate({**old.model_dump(), name: value})
            try:
                run_and_check(BASE.model_copy(update={section: new, "horizon_weeks": 8}), 1)
            except (AssertionError, ArithmeticError) as error:
                faults.append(f"{section}.{name}={value}: {error}")
    assert faults == []
