"""Designs: the same numbers however they are worked on, kept, and gone on with."""

import numpy as np
import pytest

from llm_market_sim.batch import Order, executor, run_plan
from llm_market_sim.claims import Measurement
from llm_market_sim.errors import InputError
from llm_market_sim.experiments import Range, Space, Spec, load_spec, plan_design, run_design
from llm_market_sim.metrics import SeriesAt
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate_block

SCENARIO = load("baseline")
SPACE = Space((Range("compute.rental_end", 4e4, 3e5), Range("users.inertia", 0.5, 1.5)))
VALUES = SPACE.at(SPACE.latin(5, 1))


@pytest.fixture
def measure():
    return Measurement("users", "series", SeriesAt(name="users_consumer"), 9)


def test_ranges_are_even_or_even_in_the_logarithm():
    wide, narrow = Range("a", 1.0, 100.0), Range("b", 1.0, 3.0)
    assert wide.at(np.array([0.0, 0.5, 1.0])) == pytest.approx([1.0, 10.0, 100.0])
    assert narrow.at(np.array([0.0, 0.5, 1.0])) == pytest.approx([1.0, 2.0, 3.0])
    points = SPACE.latin(64, 7)
    assert SPACE.unit(SPACE.at(points)) == pytest.approx(points)
    assert np.array_equal(np.sort(np.floor(points * 64), axis=0)[:, 0], np.arange(64))


def test_a_point_in_a_design_is_its_own_scenario(measure):
    given = run_design(SCENARIO, SPACE.names, VALUES, 7, 3, [measure])["users"]
    assert given.shape == (5, 7)
    varied = {name: np.repeat(VALUES[2, k], 7) for k, name in enumerate(SPACE.names)}
    alone = simulate_block(SCENARIO, range(7), 3, snapshots=[9.0], events=False, varied=varied)
    assert np.array_equal(given[2], measure(alone))


def test_any_number_of_processes_gives_the_same_numbers(measure, monkeypatch):
    monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
    one = run_design(SCENARIO, SPACE.names, VALUES, 20, 3, [measure])["users"]
    two = run_design(SCENARIO, SPACE.names, VALUES, 20, 3, [measure], order=Order(2))["users"]
    assert np.array_equal(one, two)


def test_worlds_can_be_named(measure):
    every = run_design(SCENARIO, SPACE.names, VALUES, 7, 3, [measure])["users"]
    ids = np.array([4, 0, 6, 2, 2])
    some = run_design(SCENARIO, SPACE.names, VALUES, 1, 3, [measure], ids=ids)["users"]
    assert np.array_equal(some[:, 0], every[np.arange(5), ids])


def test_another_design_does_not_go_on_in_a_folder(measure, tmp_path):
    run_design(SCENARIO, SPACE.names, VALUES, 1, 3, [measure], out=tmp_path / "kept")
    with pytest.raises(InputError, match="it has seed 3, not 4"):
        run_design(SCENARIO, SPACE.names, VALUES, 1, 4, [measure], out=tmp_path / "kept")
    plan = plan_design(SCENARIO, SPACE.names, VALUES, 1, 3, [measure], design={"cells": 2})
    with pytest.raises(InputError, match=r"its design differs in cells \(None, now 2\)"):
        run_plan(plan, tmp_path / "kept", Order())


GOOD = """about: a test
claim: three_to_five_survive
worlds: 3
parameters:
  compute.price_usd_per_gpu_hour: [1, 9]
"""


def written(tmp_path, text):
    file = tmp_path / "experiment.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_sound_file_is_read(tmp_path):
    loaded = load_spec(written(tmp_path, GOOD), Spec, {"worlds": 5, "seed": None})
    assert (loaded.spec.worlds, loaded.spec.seed, loaded.claim.id) == (
        5,
        1,
        "three_to_five_survive",
    )
    assert loaded.space.ranges == (Range("compute.price_usd_per_gpu_hour", 1.0, 9.0),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("compute.price", "compute.prize", ":5:3: parameters.compute.prize"),
        ("[1, 9]", "[9, 1]", "9 must be below 1"),
        ("[1, 9]", "[1, 9000]", "9000 is not allowed"),
        ("compute.price_usd_per_gpu_hour: [1, 9]", "users.population:", "give one"),
        ("worlds: 3", "worlds: 0", ":3:9: worlds"),
        ("worlds: 3", "wolrds: 3", 'did you mean "worlds"'),
        ("three_to_five", "three_to_fve", 'did you mean "three_to_five_survive"'),
        (
            "[1, 9]",
            "[1, 9]\n  users.inertia: [0.5, 2]\n  users.inertia.consumer: [1, 2]",
            "overlaps",
        ),
    ],
)
def test_a_mistake_in_a_file_has_its_place(tmp_path, old, new, said):
    with pytest.raises(InputError) as caught:
        load_spec(written(tmp_path, GOOD.replace(old, new)), Spec)
    assert said in str(caught.value)
