"""Every parameter of a scenario, with value, unit, source and range, for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_market_sim.market.roster import Population
from llm_market_sim.pages.differences import Batch, shown
from llm_market_sim.scenario import SECTIONS
from llm_market_sim.scenario.explain import unit_of
from llm_market_sim.scenario.texts import declared
from llm_market_sim.words import Language


@dataclass(frozen=True)
class Assumption:
    """One parameter, all in words. default: what it would be if nobody had changed it, empty where
    nobody has. elsewhere: (scenario, value) of the others of the batch in which it differs."""

    path: str
    meaning: str
    value: str
    unit: str
    source: str
    plausible: str
    default: str
    elsewhere: list[tuple[str, str]]

    @property
    def marked(self) -> bool:
        """Whether it is somewhere not what one would expect."""
        return bool(self.default or self.elsewhere)


@dataclass(frozen=True)
class Chapter:
    """One mechanism: its name, what it does, and its parameters."""

    name: str
    meaning: str
    rows: list[Assumption]


def assumptions(batch: Batch, language: Language) -> list[Chapter]:
    """Of the first scenario of a batch (its manifest's)."""
    first, *others = batch
    models: dict[str, Any] = {**SECTIONS, "population": Population}
    found = []
    for section, model in models.items():
        values = batch[first]["resolved"][section]
        rows = []
        for name, field in model.model_fields.items():
            extra: Any = field.json_schema_extra or {}
            value, default = values[name], field.default
            rows.append(
                Assumption(
                    path=f"{section}.{name}",
                    meaning=declared(field.description or "", language),
                    value=shown(value, language),
                    unit=declared(unit_of(field), language),
                    source=declared(str(extra.get("source", "")), language),
                    plausible=_range(field, default, extra),
                    default="" if value == default else shown(default, language),
                    elsewhere=[
                        (batch[one]["label"][language], shown(there, language))
                        for one in others
                        if (there := batch[one]["resolved"][section][name]) != value
                    ],
                )
            )
        about = (model.__doc__ or "").strip().split("\n")[0]
        found.append(Chapter(section, declared(about, language), rows))
    return found


def _range(field: Any, default: Any, extra: Mapping[str, Any]) -> str:
    """``6 to 30``; of a mapping the factors on its values, ``× 0.5 to 2``."""
    if "plausible" not in extra:
        return ""
    low, high = extra["plausible"]
    times = "× " if isinstance(default, dict) else ""
    return f"{times}{low:g} – {high:g}"
