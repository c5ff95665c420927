"""The parameters of a folder as tables: of its scenarios, and of draws where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_market_sim.market.roster import Player, Population
from llm_market_sim.market.state import Array
from llm_market_sim.results.manifest import Manifest
from llm_market_sim.results.parquet import cell, connection, copy
from llm_market_sim.results.tables import DRAWS, PARAMETERS, Arrays, Words
from llm_market_sim.scenario import SECTIONS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARAMETERS_FILE = "parameters.parquet"
DRAWS_FILE = "draws.parquet"


def write_parameters(folder: Path, manifest: Manifest) -> None:
    """Write the resolved values of all scenarios. WriteError if it cannot be."""
    connection().register("arrays", _arrays(manifest))
    copy(PARAMETERS, _query("arrays"), folder / PARAMETERS_FILE)


def view_parameters(database: DuckDBPyConnection, manifest: Manifest) -> None:
    """The same table in a database, of the manifest alone."""
    database.register("parameter_arrays", _arrays(manifest))
    database.execute(f"CREATE TABLE parameters AS {_query('parameter_arrays')}")
    database.unregister("parameter_arrays")


def _query(source: str) -> str:
    return f"SELECT {', '.join(cell(name, f, {}) for name, f in PARAMETERS.items())} FROM {source}"


def _arrays(manifest: Manifest) -> Arrays:
    rows = [
        (name, path, number, text, unit)
        for name, one in manifest.scenarios.items()
        for path, number, text, unit in _rows("", one["resolved"])
    ]
    columns = zip(*rows, strict=True)
    arrays: Arrays = {
        n: np.array(values, dtype=object) for n, values in zip(PARAMETERS, columns, strict=True)
    }
    arrays["number"] = arrays["number"].astype(float)
    return arrays


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


def write_draws(folder: Path, drawn: dict[str, tuple[tuple[str, ...], Array]]) -> None:
    """Write draws of parameters: by scenario, D paths and values (P, D). WriteError if it cannot.

    One row a draw and path.
    """
    names = list(drawn)
    paths = list(dict.fromkeys(path for one, _ in drawn.values() for path in one))
    words: Words = {"scenario": tuple(names), "path": tuple(paths)}
    parts: dict[str, list[Array]] = {name: [] for name in DRAWS}
    for place, (mine, values) in enumerate(drawn.values()):
        parts["scenario"].append(np.full(values.size, place))
        parts["draw"].append(np.repeat(np.arange(len(values)), len(mine)))
        parts["path"].append(np.tile([paths.index(path) for path in mine], len(values)))
        parts["value"].append(np.asarray(values, dtype=float).ravel())
    arrays = {name: np.concatenate(columns) for name, columns in parts.items()}
    connection().register("arrays", arrays)
    cells = ", ".join(cell(name, field, words) for name, field in DRAWS.items())
    copy(DRAWS, f"SELECT {cells} FROM arrays", folder / DRAWS_FILE)
