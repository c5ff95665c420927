"""What drives an answer: which parameters move a claim, and how much of it is luck."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from llm_market_sim.batch import Plan
from llm_market_sim.claims import Claim
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.morris import Screening, screen, trajectories
from llm_market_sim.experiments.runner import plan_points
from llm_market_sim.experiments.sobol import Indices, indices, saltelli
from llm_market_sim.experiments.spec import Loaded, Spec
from llm_market_sim.market.state import Array

LUCK = "luck"  # the name of that factor


def _power_of_two(number: int) -> int:
    if number & (number - 1):
        message = "must be a power of two, such as 64, 128 or 256"
        raise PydanticCustomError("power_of_two", message)
    return number


class Sensitivity(Spec):
    """A question of sensitivity: one YAML file."""

    command = "sensitivity"
    method: Literal["morris", "sobol"] = Field(
        description="morris: which of many parameters matter at all; sobol: what share of the "
        "variance each of a few decides, and what share is luck"
    )
    outcome: Literal["share", "mean"] = Field(
        "share", description="whether the claim holds, or the claim's number x itself"
    )
    worlds: int = Field(
        ge=2,
        le=1_000_000,
        description="morris: worlds at each point, the same at all; sobol: worlds among which luck "
        "picks one at each point",
    )
    trajectories: int = Field(
        10, ge=2, le=1000, description="walks through the space, one move a parameter (morris)"
    )
    samples: Annotated[int, AfterValidator(_power_of_two)] = Field(
        4096,
        ge=8,
        le=1_048_576,
        description="pairs of points that are crossed, a power of two (sobol)",
    )

    def of(self, count: int) -> Self:
        """The same with so many worlds at each point; with Sobol, with so many samples."""
        return self.model_copy(update={"samples" if self.method == "sobol" else "worlds": count})


@dataclass(frozen=True)
class Drivers:
    """What drives an answer, by factor: the parameters of the space and, with Sobol, luck."""

    factors: tuple[str, ...]
    result: Screening | Indices
    points: int
    runs: int  # worlds at all points together
    mean: float  # outcome over all of them

    @property
    def order(self) -> list[int]:
        """Places of the factors, the most important first."""
        found = self.result
        size = found.total if isinstance(found, Indices) else found.mu_star
        return [int(place) for place in np.argsort(-size, kind="stable")]


def plan(loaded: Loaded[Sensitivity], **more: Any) -> Plan:
    """The points of the design, and the worlds at each. more: as in `Plan`.

    With Sobol, luck is a factor like any other: its column of the design picks a world, which has
    the same luck wherever it is picked. What is counted there are samples: a sequence of twice as
    many begins with the same ones. MarketSimError where SALib is missing.
    """
    if find_spec("SALib") is None:
        raise MarketSimError(
            "sensitivity needs the optional extra: pip install 'llm-market-sim[analysis]'"
        )
    spec, space = loaded.spec, loaded.space
    design: dict[str, Any] = {"design": spec.method, "ranges": space.facts}
    sobol = spec.method == "sobol"
    design |= {"worlds": spec.worlds} if sobol else {"trajectories": spec.trajectories}

    def of(one: Loaded[Sensitivity]) -> Plan:
        unit, ids = _design(one), None
        if sobol:
            unit, ids = split_luck(unit, spec.worlds)
        return plan_points(loaded, unit, ids=ids, design=design, **more)

    if not sobol:
        return of(loaded)
    return replace(
        of(loaded),
        worlds=spec.samples,
        a_world=len(space.names) + 3,
        up=lambda samples: 1 << (samples - 1).bit_length(),
        make=lambda samples: of(loaded.of(samples)).cases,
    )


def split_luck(unit: Array, worlds: int) -> tuple[Array, Array]:
    """Points (P, D) without their last column, which picks a world for each, by its id (P,)."""
    return unit[:, :-1], np.minimum((unit[:, -1] * worlds).astype(int), worlds - 1)


def _design(loaded: Loaded[Sensitivity]) -> Array:
    """Points in the unit cube, (P, D), with Sobol (P, D + 1)."""
    spec, many = loaded.spec, len(loaded.space.names)
    if spec.method == "morris":
        return trajectories(many, spec.trajectories, spec.seed)
    return saltelli(many + 1, spec.samples, spec.seed)


def analyse(loaded: Loaded[Sensitivity], x: Array) -> Drivers:
    """What the claim's number at the points of the plan, (P, R), says of them.

    MarketSimError where x has no value.
    """
    spec, names = loaded.spec, loaded.space.names
    outcomes = _outcomes(loaded.claim, spec.outcome, x)
    mean, points = float(np.mean(outcomes)), len(outcomes)
    if spec.method == "morris":
        return Drivers(names, screen(_design(loaded), outcomes), points, outcomes.size, mean)
    found = indices(len(names) + 1, outcomes[:, 0])
    return Drivers((*names, LUCK), found, points, points, mean)


def _outcomes(claim: Claim, outcome: str, x: Array) -> Array:
    """0 or 1, or the number itself; float, of the shape of x."""
    if outcome == "share":
        return claim.scores(x)
    if np.any(np.isnan(x)):
        raise MarketSimError(
            f"{claim.metric} has no value in {np.count_nonzero(np.isnan(x))} of {x.size} worlds, "
            "so no mean can be taken; take outcome: share"
        )
    return x


def table(found: Drivers) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Columns and rows, the most important factor first."""
    result = found.result
    names: tuple[str, ...]
    numbers: tuple[Array, ...]
    if isinstance(result, Screening):
        names = ("mu_star", "mu_star_low", "mu_star_high", "mu", "sigma", "luck", "told_apart")
        size, margin = result.mu_star, result.margin
        ends = (np.maximum(size - margin, 0.0), size + margin)
        numbers = (size, *ends, result.mu, result.sigma, result.luck, result.told_apart * 1)
    else:
        names = ("first", "first_low", "first_high", "total", "total_low", "total_high")
        pairs = ((result.first, result.first_margin), (result.total, result.total_margin))
        numbers = tuple(end for a, b in pairs for end in (a, a - b, a + b))
    rows = [[found.factors[k], *(column[k].item() for column in numbers)] for k in found.order]
    return ("factor", *names), rows
