"""Experiment files: what all of them say, read and checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import Field, ValidationError

from llm_market_sim.claims import Claim, load_claims
from llm_market_sim.errors import InputError, Problem, mistake
from llm_market_sim.experiments.space import Range, Space
from llm_market_sim.scenario import Scenario, Sections, load, plausible, wrong_with
from llm_market_sim.scenario.files import is_path, read
from llm_market_sim.scenario.reading import Entry, Text, load_file
from llm_market_sim.scenario.resolve import twice
from llm_market_sim.scenario.tree import Mistake, Node, problems

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class Assumptions(Entry):
    """Which scenario, which of its parameters vary, and how often luck is drawn at each point."""

    command: ClassVar[str] = ""  # that answers it
    about: Text = Field(description="what is asked, in a sentence or two")
    scenario: Text = Field("baseline", description="the scenario, by name or path")
    settings: list[str] = Field([], description="PATH=VALUE, as after --set")
    parameters: dict[str, Pair | None] = Field(
        min_length=1,
        description="paths of the parameters that vary, each with [lowest, highest], "
        "or with nothing where the parameter is declared with a plausible range",
    )
    worlds: int = Field(ge=1, le=1_000_000, description="worlds at each point")
    seed: int = Field(1, ge=0, lt=2**64, description="seed of all luck, and of the design")


class Spec(Assumptions):
    """A question about a claim; a method adds fields of its own."""

    claim: Text = Field(description="the claim that is asked about, by name or path")

    def of(self, count: int) -> Self:
        """The same with so many worlds at each point."""
        return self.model_copy(update={"worlds": count})


A = TypeVar("A", bound=Assumptions)
S = TypeVar("S", bound=Spec)


@dataclass(frozen=True)
class Loaded(Generic[S]):
    """An experiment with everything that it names."""

    spec: S
    scenario: Scenario
    claim: Claim
    space: Space

    def of(self, count: int) -> Loaded[S]:
        """The same with so many of what its plan counts."""
        return replace(self, spec=self.spec.of(count))


def load_spec(
    file: str | Path, model: type[S], overrides: Mapping[str, Any] | None = None
) -> Loaded[S]:
    """Read a question about a claim. Overrides replace entries of the file if they are not None.

    InputError with all mistakes and their places.
    """
    spec, scenario, space = load_assumptions(file, model, overrides)
    claim = load_claims([_beside(Path(file), spec.claim)])[0]
    return Loaded(spec, scenario, claim, space)


def load_assumptions(
    file: str | Path, model: type[A], overrides: Mapping[str, Any] | None = None
) -> tuple[A, Scenario, Space]:
    """Read an experiment file, its scenario and the space that it spans; as `load_spec`."""
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    command = command_of(Path(file), given)
    if command and command != model.command:
        search = "; to search for a box, say points" * (model.command == "discover")
        raise mistake(file, f"is for another command: llm-market-sim {command} {file}{search}")
    spec, tree = load_file(Path(file), model)
    try:
        spec = model.model_validate({**spec.model_dump(), **given})
    except ValidationError as error:
        raise InputError(
            [
                Problem(f"--{one['loc'][0]}", "", f"{one['input']}: {one['msg']}")
                for one in error.errors()
            ]
        ) from None
    scenario = load(_beside(Path(file), spec.scenario), spec.settings)
    mark, path = tree.key_mark(("settings",)), ("settings",)
    again = [one._replace(mark=mark, path=path) for one in twice(spec.settings)]
    mistakes = [*again, *_check(tree, spec, scenario)]
    if mistakes:
        raise InputError(problems(mistakes))
    ranges = [range_of(scenario, path, pair) for path, pair in spec.parameters.items()]
    return spec, scenario, Space(tuple(one for one in ranges if one))


def command_of(file: Path, given: Iterable[str] = ()) -> str | None:
    """The command that an experiment file is for, by entries that no other has, or its two
    parameters; empty where it does not say, None where it is no question about a claim.

    given: entries that options give in its place.
    """
    tree = read(file)[0]
    if tree is None or not {"claim", "parameters"} <= tree.keys.keys():
        return None
    entries = {*tree.keys, *given}
    if entries & {"method", "outcome", "trajectories", "samples"}:
        return "sensitivity"
    if entries & {"points", "holds_from"}:
        return "discover"
    two = len(tree.reach(("parameters",))[0].keys) == 2
    return "map" if two or "cells" in entries else ""


def _beside(file: Path, name: str) -> str | Path:
    """A name, or a path as seen from the file that gives it."""
    return file.parent / name if is_path(name) else name


def range_of(sections: Sections, path: str, pair: list[float] | None) -> Range | None:
    """The range given, or the one that the parameter is declared with; None without either."""
    ends = plausible(sections, path) if pair is None else (pair[0], pair[1])
    return None if ends is None else Range(path, *ends)


def _check(tree: Node, spec: Assumptions, scenario: Scenario) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for path, pair in spec.parameters.items():
        place = ("parameters", path)
        mark = tree.key_mark(place)
        wrong = wrong_with(scenario, path, pair or ())
        whole = ".".join(path.split(".")[:2])
        other = seen.setdefault(whole, path)
        if wrong is None and other != path and whole in (path, other):
            wrong = f"overlaps with {other}, which is varied, too"
        if wrong is None and pair is not None and not pair[0] < pair[1]:
            wrong = f"{pair[0]:g} must be below {pair[1]:g}"
        if wrong is None and range_of(scenario, path, pair) is None:
            wrong = "is declared without a plausible range; give one: [lowest, highest]"
        if wrong is not None:
            yield Mistake(mark, place, wrong)
