"""A result folder as a reader sees it: opened at once, read when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_market_sim.errors import InputError, mistake, nearest
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.results.blocks import Block, missing, vouched
from llm_market_sim.results.log import Log
from llm_market_sim.results.manifest import Manifest
from llm_market_sim.results.parameters import DRAWS_FILE, PARAMETERS_FILE, view_parameters
from llm_market_sim.results.parquet import interruptible, listed
from llm_market_sim.results.tables import columns_of
from llm_market_sim.results.writer import LOG
from llm_market_sim.scenario import Scenario
from llm_market_sim.scenario.facts import from_facts
from llm_market_sim.support.html_repr import card, facts, sentence, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


@dataclass(frozen=True)
class Coverage:
    """How far a scenario is: rows asked, rows there, and pieces that failed and why.

    A row is a world, or a world under a draw of parameters.
    """

    scenario: str
    asked: int
    there: int
    failed: tuple[dict[str, Any], ...]


def open_results(folder: str | Path, thorough: bool = False) -> Results:
    """Open what a command wrote, finished or not; nothing is read but the manifest and the log.

    A folder of an older version is read by this version's parameters: see ``.manifest.notes``.
    InputError where the folder is not one of ours, of another schema version, or damaged: a file is
    missing or of another size, or, if thorough, of another content.
    """
    if not isinstance(folder, (str, Path)):
        raise mistake("", f"{folder!r} must be the path of a folder", "folder")
    return Results(Path(folder), thorough)


class Results:
    """The tables of a folder: worlds, series, firms, events, claims, draws, as far as it has them,
    and parameters.

    ``results["worlds"]`` and ``results.sql("SELECT …")`` give a DuckDB relation: ask it for
    ``.df()`` (pandas), ``.pl()`` (polars), ``.arrow()`` or ``.fetchall()``.
    """

    def __init__(self, folder: Path, thorough: bool = False) -> None:
        self.folder = folder.absolute()
        if not folder.is_dir():
            raise mistake(folder, "is a file" if folder.exists() else "no such folder")
        self.manifest = Manifest.read(self.folder)
        self._scenarios: dict[str, Scenario] = {}
        self.log = Log(self.folder / LOG).read()
        every = vouched(self.folder / LOG, self.log)
        self.blocks: list[Block] = [one for one in every if one.scenario in self.manifest.scenarios]
        wrong = [why for one in self.blocks if (why := one.wrong_with(self.folder, thorough))]
        if wrong:
            text = f"is damaged: {wrong[0]}" + (f" (and {len(wrong) - 1} more)" * (len(wrong) > 1))
            raise mistake(folder, f"{text}; the command of the batch computes again what is lost")

    def __getitem__(self, table: str) -> DuckDBPyRelation:
        """A whole table, rows in the order of their keys. KeyError if there is none."""
        if table not in self.tables:
            raise KeyError(f"no table {table!r}; {nearest(table, self.tables)}")
        return self.database.view(table)

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        return [*self.manifest.tables, "parameters", *(["draws"] if self.manifest.drawn else [])]

    def sql(self, query: str) -> DuckDBPyRelation:
        """Ask a question of the tables, by their names. duckdb.Error where it cannot be asked."""
        return self.database.sql(query)

    def ask(self, query: str) -> DuckDBPyConnection:
        """Run a question: its ``.description`` and ``.fetchmany()`` are the answer.

        InputError where it cannot be asked.
        """
        import duckdb

        try:
            with interruptible():
                return self.database.execute(query)
        except duckdb.Error as error:
            raise not_asked(error) from None

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.ask(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    def size(self, table: str) -> int:
        """Bytes of a table on disk."""
        single = {"parameters": PARAMETERS_FILE, "draws": DRAWS_FILE}.get(table)
        if single is not None:
            return (self.folder / single).stat().st_size
        return sum(one.files[table][0] for one in self.blocks)

    @cached_property
    def database(self) -> DuckDBPyConnection:
        """A database in memory with a view of each table."""
        import duckdb

        made = duckdb.connect()
        with suppress(duckdb.InvalidInputException):  # a notebook that could not draw one anyway
            made.execute("SET enable_progress_bar = false")
        for name in self.manifest.tables:
            files = [one.file(self.folder, name) for one in self._ordered]
            if files:
                query = f"SELECT * FROM read_parquet({listed(files)})"
            else:
                columns = columns_of(name, self.manifest.drawn)
                cells = (f"NULL::{f.type} AS {column}" for column, f in columns.items())
                query = f"SELECT {', '.join(cells)} WHERE false"
            made.execute(f"CREATE VIEW {name} AS {query}")
        view_parameters(made, self.manifest)
        if (self.folder / DRAWS_FILE).exists():
            query = f"SELECT * FROM read_parquet({listed([self.folder / DRAWS_FILE])})"
            made.execute(f"CREATE VIEW draws AS {query}")
        return made

    def scenario(self, name: str) -> Scenario:
        """A scenario as it was run, from the folder alone; KeyError if there is none.

        InputError where this version cannot read it.
        """
        if name not in self._scenarios:
            self._scenarios[name] = from_facts(name, self.manifest.scenarios[name])
        return self._scenarios[name]

    def numbers(self, scenario: str) -> dict[str, Array]:
        """All that was measured, float (rows there,) by name."""
        mine = [one for one in self.blocks if one.scenario == scenario]
        rows = sum(one.stop - one.start for one in mine)
        if rows == 0:
            return {}
        x = self.column("claims", "x", scenario)
        many = len(x) // rows  # every row has the same numbers, in the same order
        file = listed([mine[0].file(self.folder, "claims")])
        names = self.sql(f"SELECT claim FROM read_parquet({file}) LIMIT {many}").fetchall()
        values = np.ascontiguousarray(x.reshape(rows, many).T)
        return {name: values[k] for k, (name,) in enumerate(names)}

    def weekly(self, scenario: str) -> Weekly:
        """The stored series of a scenario."""
        return Weekly(self, scenario)

    def column(self, table: str, name: str, scenario: str, where: str = "true") -> Array:
        """One column of one scenario, in the order of the worlds. where: a condition in SQL."""
        return self.columns(table, [name], scenario, where)[name]

    def columns(
        self, table: str, names: Sequence[str], scenario: str, where: str = "true"
    ) -> dict[str, Array]:
        """Several columns of numbers of one scenario, NaN where empty; memory is theirs."""
        mine = [one for one in self.blocks if one.scenario == scenario]
        if not mine:
            return {name: np.empty(0) for name in names}
        files = listed([one.file(self.folder, table) for one in mine])
        query = f"SELECT {', '.join(names)} FROM read_parquet({files}) WHERE {where}"
        with interruptible():
            found = self.database.sql(query).fetchnumpy()
        return {name: _plain(found[name]) for name in names}

    def _repr_html_(self) -> str:
        """In a notebook: how far the batch is, and its tables."""
        done = [(one.scenario, one.there, one.asked, len(one.failed)) for one in self.status]
        tables = [(name, f"{self.rows(name):,}") for name in self.tables]
        return card(
            f"Results in {self.folder.name}",
            facts(seed=self.manifest.seed, worlds=f"{self.manifest.worlds:,}"),
            table(("scenario", "worlds there", "asked", "pieces that failed"), done),
            table(("table", "rows"), tables),
            sentence('Ask with results["worlds"].df() or results.sql("SELECT …").'),
        )

    @property
    def series(self) -> list[str]:
        """The weekly series that are known here and that the folder holds."""
        there = self.database.view("series").columns
        return [name for name in SERIES if name in there]

    @property
    def _ordered(self) -> list[Block]:
        """Blocks in the order of the scenarios in the manifest."""
        place = {name: k for k, name in enumerate(self.manifest.scenarios)}
        return sorted(self.blocks, key=lambda one: (place[one.scenario], one.start))

    @property
    def status(self) -> list[Coverage]:
        """How far each scenario is."""
        there = Counter[str]()
        for one in self.blocks:
            there[one.scenario] += one.stop - one.start
        return [
            Coverage(name, self.manifest.rows(name), there[name], tuple(self._failures(name)))
            for name in self.manifest.scenarios
        ]

    def _failures(self, scenario: str) -> list[dict[str, Any]]:
        """The last failure of each piece that is still missing."""
        mine = [one for one in self.blocks if one.scenario == scenario]
        gaps = {start for start, _ in missing(self.manifest.rows(scenario), mine)}
        failed = {
            fact["start"]: fact
            for fact in self.log
            if fact["what"] == "failed" and fact["scenario"] == scenario
        }
        return [fact for start, fact in sorted(failed.items()) if start in gaps]


@dataclass(frozen=True)
class Weekly(Mapping[str, Array]):
    """The stored series of a scenario (W, T + 1) by name; one is in memory while it is used."""

    results: Results
    scenario: str

    def __getitem__(self, name: str) -> Array:
        values = self.results.column("series", name, self.scenario)
        return values.astype(float).reshape(-1, len(self.weeks))

    def __iter__(self) -> Iterator[str]:
        return iter(self.results.series)

    def __len__(self) -> int:
        return len(self.results.series)

    @property
    def weeks(self) -> Array:
        """(T + 1,)."""
        return np.arange(self.results.manifest.scenarios[self.scenario]["horizon_weeks"] + 1.0)


def not_asked(error: Exception) -> InputError:
    """What the database says of a question that it does not take."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return mistake("--sql", " ".join(lines[:2]))


def _plain(values: Array) -> Array:
    """Without a mask, where there is one."""
    if np.ma.is_masked(values):
        return np.ma.filled(values.astype(float), np.nan)
    return np.ma.getdata(values)
