"""What commands that answer an experiment file share: the way from a file to what is found, and
names of parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from llm_market_sim.batch import Account, Plan
from llm_market_sim.claims import Claim
from llm_market_sim.cli.options import How
from llm_market_sim.cli.tell import amount, spoken, tell, with_unit
from llm_market_sim.cli.tell import span as shown
from llm_market_sim.cli.working import worked
from llm_market_sim.experiments import Loaded, Range, numbers_at
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import SECTIONS
from llm_market_sim.scenario.texts import declared
from llm_market_sim.scenario.timeline import split
from llm_market_sim.words import Language, date

Answer = TypeVar("Answer", covariant=True)


class Method(Protocol[Answer]):
    """A module of `experiments`: a plan for a loaded file, and the answer from its numbers."""

    def plan(self, loaded: Any, **more: Any) -> Plan:
        """What must be run."""
        ...

    def analyse(self, loaded: Any, x: Array) -> Answer:
        """What the claim's number (P, R) at the points of the plan says."""
        ...


@contextmanager
def answered(
    method: Method[Answer], loaded: Loaded[Any], how: How
) -> Iterator[tuple[Loaded[Any], Answer | None, Account]]:
    """The answer to an experiment, None of a shard or where worlds have failed.

    The experiment comes back with the worlds or samples that are there, of which a folder may have
    more.
    """
    claim = loaded.claim
    plan = method.plan(
        loaded,
        claims={claim.id: claim.model_dump(mode="json")},
        about={"experiment": loaded.spec.model_dump()},
    )
    with worked(plan, how) as (results, outcome):
        loaded, grown = loaded.of(outcome.manifest.worlds), plan.of(outcome.manifest.worlds)
        found = None
        if how.order.shard is None and not outcome.failed:
            values = grown.cases[0].values
            points = 0 if values is None else len(values)
            found = method.analyse(loaded, numbers_at(results, points)[claim.id])
        yield loaded, found, outcome


def tested(claim: Claim) -> str:
    """What exactly is tested, and when."""
    what, day = claim.defined(spoken()), date(claim.horizon_week, spoken())
    return tell("Tested: {what} ({date}).", what=what, date=day)


def meaning(path: str, language: Language | None = None) -> str:
    """What a parameter is, in its own words; in the language of the command by default."""
    language = language or spoken()
    section, name, key = split(path)
    words = declared(str(SECTIONS[section].model_fields[name].description), language)
    joined = "：" if language == "zh" else ": "
    return f"{words}{joined}{declared(key, language)}" if key else words


def unit(path: str, language: Language | None = None) -> str:
    """The unit of its values; of a whole mapping, whose values are factors, ``times``."""
    language = language or spoken()
    section, name, key = split(path)
    field = SECTIONS[section].model_fields[name]
    if isinstance(field.default, dict) and not key:
        return declared("times", language)
    extra: Any = field.json_schema_extra
    return "" if extra["unit"] == "1" else declared(str(extra["unit"]), language)


def span(one: Range) -> str:
    """``13 to 78 weeks``."""
    return with_unit(shown(f"{amount(one.low)} to {amount(one.high)}"), unit(one.path))
