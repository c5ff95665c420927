"""The tables of a result: every column once, with its type, unit and meaning.

A table is long: one row a world, a week of a world, a firm of a world, an event, or a claim's
number in a world. `scenario` and `replication` are the key of all of them; the parameters stand in
a table of their own and are joined by `scenario`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from llm_market_sim.market.codes import DEAD, Kind, Route, Status
from llm_market_sim.market.observation import EVENTS, SERIES, composite_shares
from llm_market_sim.market.state import NO_MODEL, Array, Firms
from llm_market_sim.simulation import Run

__all__ = [
    "PARAMETERS", "TABLES", "Arrays", "Field", "Words", "arrays_of", "columns_of", "words_of",
]  # fmt: skip

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
_WHEN = {
    "week": Field("FLOAT", "weeks", "weeks since Monday 17 April 2023"),
    "date": Field("DATE", "day", "the day on which that moment lies"),
}


def _week(meaning: str) -> Field:
    return Field("FLOAT", "weeks", f"week in which it {meaning}; empty if it never did")


_COLUMNS: dict[str, dict[str, Field]] = {
    "worlds": _KEY,
    "series": _KEY | _WHEN,
    "firms": _KEY | {
        "firm": Field("VARCHAR", "id", "the firm", words="firm"),
        "kind": Field("VARCHAR", "word", "what sort of firm", words="kind"),
        "route": Field("VARCHAR", "word", "how it came by a model, at the end", words="route"),
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
    "events": _KEY | _WHEN | {
        "firm": Field("VARCHAR", "id", "the firm that it happened to", words="firm"),
        "kind": Field("VARCHAR", "word", "what happened", words="event"),
        "amount": Field("FLOAT", "million USD or OOM", "money raised, or capability trained"),
        "other": Field("VARCHAR", "id or word", "backer, buyer, or the new route", words="other"),
    },
    "claims": _KEY | {
        "claim": Field("VARCHAR", "id", "the claim", words="claim"),
        "x": Field("DOUBLE", "its metric's", "what the claim speaks of; inf for never", never=True),
    },
}  # fmt: skip

TABLES = tuple(_COLUMNS)

PARAMETERS: dict[str, Field] = {
    "scenario": Field("VARCHAR", "name", "the scenario"),
    "path": Field("VARCHAR", "path", "dotted name of the parameter"),
    "number": Field("DOUBLE", "see unit", "its value, where that is a number or 0/1"),
    "text": Field("VARCHAR", "word", "its value, where that is a word or a date"),
    "unit": Field("VARCHAR", "unit", "the unit of number"),
}


def columns_of(table: str) -> dict[str, Field]:
    """The columns of a table, those of all series that are known by now included."""
    columns = dict(_COLUMNS[table])
    if table == "worlds":
        for name, one in SERIES.items():
            columns[name] = Field("DOUBLE", one.unit, f"{one.meaning}, in the last week")
    if table == "series":
        for name, one in SERIES.items():
            columns[name] = Field("FLOAT", one.unit, one.meaning)
    return columns


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


def arrays_of(run: Run, claims: Mapping[str, Array]) -> dict[str, Arrays]:
    """All tables of one block of worlds, rows in the order of their keys.

    claims: the number (W,) of each claim. Codes below 0 are empty in the table.
    """
    worlds, weeks = len(run.worlds), len(run.weeks)
    return {
        "worlds": {
            "replication": run.worlds,
            **{name: values[:, -1].astype(float) for name, values in run.series.items()},
        },
        "series": {
            "replication": np.repeat(run.worlds, weeks),
            "week": np.tile(run.weeks, worlds),
            **{name: values.astype(np.float32).ravel() for name, values in run.series.items()},
        },
        "firms": _firms(run),
        "events": _events(run),
        "claims": {
            "replication": np.repeat(run.worlds, len(claims)),
            "claim": np.tile(np.arange(len(claims)), worlds),
            "x": np.stack(list(claims.values()), axis=1).ravel() if claims else np.empty(0),
        },
    }


def _firms(run: Run) -> Arrays:
    state, firms = run.final, run.firms
    shape = state.status.shape
    columns = {
        "replication": np.broadcast_to(run.worlds[:, None], shape),
        "firm": np.broadcast_to(np.arange(shape[1]), shape),
        "kind": np.broadcast_to(firms.kind, shape),
        "route": state.route,
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
    return {name: values.ravel() for name, values in columns.items()}


def _events(run: Run) -> Arrays:
    seen = run.happened
    assert seen is not None, "a run that is kept must note its events"
    order = np.lexsort((seen.kind, seen.firm, seen.week, seen.world))
    pivoted = seen.kind == list(EVENTS).index("pivoted")
    columns = {
        "replication": seen.world,
        "week": seen.week,
        "firm": seen.firm,
        "kind": seen.kind,
        "amount": seen.amount,
        "other": seen.other + len(run.firms.ids) * pivoted,  # a route, not a firm
    }
    return {name: values[order] for name, values in columns.items()}
