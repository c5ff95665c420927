"""The parameters of a batch as a table: one row a number or a word of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.market.roster import Player, Population
from llm_market_sim.results.manifest import Manifest
from llm_market_sim.results.parquet import connection, copy
from llm_market_sim.results.tables import PARAMETERS
from llm_market_sim.scenario import SECTIONS

__all__ = ["FILE", "write_parameters"]

FILE = "parameters.parquet"


def write_parameters(folder: Path, manifest: Manifest) -> None:
    """Write the resolved values of all scenarios. WriteError if it cannot be."""
    rows = [
        (name, path, number, text, unit)
        for name, one in manifest.scenarios.items()
        for path, number, text, unit in _rows("", one["resolved"])
    ]
    columns = zip(*rows, strict=True)
    arrays = {
        n: np.array(values, dtype=object) for n, values in zip(PARAMETERS, columns, strict=True)
    }
    arrays["number"] = arrays["number"].astype(float)
    connection().register("arrays", arrays)
    cells = ", ".join(
        f"(CASE WHEN NOT isnan({name}) THEN {name} END)::{field.type} AS {name}"
        if field.type == "DOUBLE"
        else f"{name}::{field.type} AS {name}"
        for name, field in PARAMETERS.items()
    )
    copy(PARAMETERS, f"SELECT {cells} FROM arrays", folder / FILE)


def _rows(path: str, value: Any) -> Iterator[tuple[str, float | None, str | None, str | None]]:
    """(path, number, text, unit) of every value below a path."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _rows(f"{path}.{key}" if path else key, below)
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from _rows(f"{path}.{place}", below)
    elif isinstance(value, bool | int | float):
        yield path, float(value), None, _unit(path)
    elif value is not None:
        yield path, None, str(value), None


def _unit(path: str) -> str | None:
    """The unit that a parameter is declared with, None where it has none of its own."""
    section, _, rest = path.partition(".")
    models: dict[str, Any] = {**SECTIONS, "population": Population, "players": Player}
    if section not in models:
        return "weeks" if path == "horizon_weeks" else None
    name = rest.split(".")[1 if section == "players" else 0]
    field = models[section].model_fields.get(name)
    extra = field.json_schema_extra if field else None
    return extra.get("unit") if isinstance(extra, dict) else None
