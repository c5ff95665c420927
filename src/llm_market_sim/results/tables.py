"""The tables of a result: every column once, with its type, unit and meaning.

A table is long: one row a world, a week of a world, a firm of a world, an event, or a number that
was measured in a world. `scenario` and `replication` are the key of all of them, and `draw` where
parameters differ from world to world. Parameters and their draws stand in tables of their own, and
are joined by `scenario` and `draw`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from llm_market_sim.market.codes import DEAD, Kind, Route, Status
from llm_market_sim.market.observation import EVENTS, SERIES, composite_shares
from llm_market_sim.market.state import NO_MODEL, Array, Firms
from llm_market_sim.simulation import Run

Arrays = dict[str, Array]  # column -> (rows,): numbers, or codes that stand for words
Words = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Field:
    """A column: its SQL type, unit and meaning.

    words: the list that its codes are places in. never: whether infinity stays, which else is
    empty, as what is undefined is.
    """

    type: str
    unit: str
    meaning: str
    words: str = ""
    never: bool = False


_KEY = {
    "scenario": Field("VARCHAR", "name", "the scenario", words="scenario"),
    "replication": Field("INTEGER", "id", "the world, from 0; the same luck in every scenario"),
}
_DRAW = {"draw": Field("INTEGER", "id", "the draw of parameters, from 0")}
_WHEN = {
    "week": Field("FLOAT", "weeks", "weeks since Monday 17 April 2023"),
    "date": Field("DATE", "day", "the day on which that moment lies"),
}


def _week(meaning: str) -> Field:
    return Field("DOUBLE", "weeks", f"week in which it {meaning}; empty if it never did")


_COLUMNS: dict[str, dict[str, Field]] = {
    "worlds": _KEY,
    "series": _KEY | _WHEN,
    "firms": _KEY
    | {
        "firm": Field("VARCHAR", "id", "the firm", words="firm"),
        "kind": Field("VARCHAR", "word", "what sort of firm", words="kind"),
        "route": Field("VARCHAR", "word", "how it came by a model, at the end", words="route"),
        "first_route": Field(
            "VARCHAR", "word", "how it came by one when it entered", words="route"
        ),
        "status": Field("VARCHAR", "word", "where it stood at the end", words="status"),
        "cause": Field("VARCHAR", "word", "how it ended; empty while it lives", words="status"),
        "entered": _week("entered"),
        "launched": _week("showed its first product"),
        "licensed": _week("was licensed"),
        "closed": _week("died or was sold"),
        "acquirer": Field("VARCHAR", "id", "who bought it", words="firm"),
        "share": Field("FLOAT", "1", "composite share at the end, over all segments"),
        "users": Field("FLOAT", "accounts", "users at the end, all segments together"),
        "capability": Field("FLOAT", "OOM", "best own model; empty if it has none"),
        "cash": Field("FLOAT", "million USD", "cash at the end"),
        "raised": Field("FLOAT", "million USD", "venture money raised"),
        "revenue_total": Field("FLOAT", "million USD", "revenue since week 0"),
        "profit_total": Field("FLOAT", "million USD", "operating profit since week 0"),
    },
    "events": _KEY
    | _WHEN
    | {
        "firm": Field("VARCHAR", "id", "the firm that it happened to", words="firm"),
        "kind": Field("VARCHAR", "word", "what happened", words="event"),
        "amount": Field("FLOAT", "million USD or OOM", "money raised, or capability trained"),
        "other": Field("VARCHAR", "id or word", "backer, buyer, or the new route", words="other"),
    },
    "claims": _KEY
    | {
        "claim": Field("VARCHAR", "id", "the claim, or what else was measured", words="claim"),
        "x": Field("DOUBLE", "its metric's", "what the claim speaks of; inf for never", never=True),
    },
}

TABLES = tuple(_COLUMNS)

DRAWS: dict[str, Field] = {
    "scenario": Field("VARCHAR", "name", "the scenario", words="scenario"),
    "draw": _DRAW["draw"],
    "path": Field("VARCHAR", "path", "dotted name of the parameter", words="path"),
    "value": Field("DOUBLE", "see parameters", "its value; of a whole mapping, the factor on it"),
}

PARAMETERS: dict[str, Field] = {
    "scenario": Field("VARCHAR", "name", "the scenario"),
    "path": Field("VARCHAR", "path", "dotted name of the parameter"),
    "number": Field("DOUBLE", "see unit", "its value, where that is a number or 0/1"),
    "text": Field("VARCHAR", "word", "its value, where that is a word or a date"),
    "unit": Field("VARCHAR", "unit", "the unit of number"),
}


def columns_of(table: str, drawn: bool) -> dict[str, Field]:
    """The columns of a table, those of all series that are known by now included.

    drawn: whether parameters differ from world to world.
    """
    if table in ("parameters", "draws"):
        return PARAMETERS if table == "parameters" else DRAWS
    columns = dict(_COLUMNS[table])
    if table == "worlds":
        for name, one in SERIES.items():
            columns[name] = Field("DOUBLE", one.unit, f"{one.meaning}, in the last week")
    if table == "series":
        for name, one in SERIES.items():
            columns[name] = Field("FLOAT", one.unit, one.meaning)
    return {"scenario": columns["scenario"]} | _DRAW | columns if drawn else columns


def words_of(scenario: str, firms: Firms, claims: tuple[str, ...]) -> Words:
    """What the codes of `arrays_of` mean."""
    routes = tuple(route.name.lower() for route in Route)
    return {
        "scenario": (scenario,),
        "firm": firms.ids,
        "kind": tuple(kind.name.lower() for kind in Kind),
        "route": routes,
        "status": tuple(status.name.lower() for status in Status),
        "event": tuple(EVENTS),
        "other": (*firms.ids, *routes),
        "claim": claims,
    }


def arrays_of(
    run: Run, numbers: Mapping[str, Array], tables: Iterable[str], draws: Array | None = None
) -> dict[str, Arrays]:
    """Some tables of one block of worlds, rows in the order of their keys.

    numbers: (W,) of each measure. draws: the draw (W,) of each world. Codes below 0 are empty in
    the table.
    """
    makers = {"worlds": _worlds, "series": _series, "firms": _firms, "events": _events}
    places = np.arange(len(run.worlds))
    found: dict[str, Arrays] = {}
    for table in tables:
        rows, columns = _numbers(run, numbers) if table == "claims" else makers[table](run)
        keys = {"replication": np.asarray(run.worlds)}
        if draws is not None:
            keys["draw"] = draws
        found[table] = {name: key[places[rows]] for name, key in keys.items()} | columns
    return found


def _worlds(run: Run) -> tuple[Array, Arrays]:
    """The place of each row's world in the run, and its columns."""
    ends = {name: values[:, -1].astype(float) for name, values in run.series.items()}
    return np.arange(len(run.worlds)), ends


def _series(run: Run) -> tuple[Array, Arrays]:
    worlds, weeks = len(run.worlds), len(run.weeks)
    weekly = {name: values.astype(np.float32).ravel() for name, values in run.series.items()}
    return np.repeat(np.arange(worlds), weeks), {"week": np.tile(run.weeks, worlds)} | weekly


def _numbers(run: Run, numbers: Mapping[str, Array]) -> tuple[Array, Arrays]:
    worlds = len(run.worlds)
    x = np.stack(list(numbers.values()), axis=1).ravel() if numbers else np.empty(0)
    claims = np.tile(np.arange(len(numbers)), worlds)
    return np.repeat(np.arange(worlds), len(numbers)), {"claim": claims, "x": x}


def _firms(run: Run) -> tuple[Array, Arrays]:
    state, firms = run.final, run.firms
    shape = state.status.shape
    columns = {
        "firm": np.broadcast_to(np.arange(shape[1]), shape),
        "kind": np.broadcast_to(firms.kind, shape),
        "route": state.route,
        "first_route": run.at(0.0).route,  # what a firm that waits will enter with
        "status": state.status,
        "cause": np.where(state.status >= DEAD, state.status, -1),
        "entered": state.entered_at,
        "launched": state.launched_at,
        "licensed": state.licensed_at,
        "closed": state.closed_at,
        "acquirer": state.acquirer,
        "share": composite_shares(state),
        "users": np.sum(state.users, axis=1),
        "capability": np.where(state.capability == NO_MODEL, np.nan, state.capability),
        "cash": state.cash,
        "raised": state.raised,
        "revenue_total": state.revenue_total,
        "profit_total": state.profit_total,
    }
    worlds = np.repeat(np.arange(shape[0]), shape[1])
    return worlds, {name: values.ravel() for name, values in columns.items()}


def _events(run: Run) -> tuple[Array, Arrays]:
    seen = run.happened
    assert seen is not None, "a run that is kept must note its events"
    order = np.lexsort((seen.kind, seen.firm, seen.week, seen.place))
    pivoted = seen.kind == list(EVENTS).index("pivoted")
    columns = {
        "week": seen.week,
        "firm": seen.firm,
        "kind": seen.kind,
        "amount": seen.amount,
        "other": seen.other + len(run.firms.ids) * pivoted,  # a route, not a firm
    }
    return seen.place[order], {name: values[order] for name, values in columns.items()}
