"""How objects show themselves in a notebook: a little HTML, all texts escaped, nothing loaded."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from llm_market_sim.words import number

MOST = 30  # rows of a table
_CARDS: dict[type, Callable[[Any], str]] = {}


def card_for(kind: type) -> Callable[[Callable[[Any], str]], Callable[[Any], str]]:
    """Register how objects of a class show themselves, where that takes more than the class knows.

    The class calls `shown`, so that it need not import what shows it.
    """

    def register(make: Callable[[Any], str]) -> Callable[[Any], str]:
        _CARDS[kind] = make
        return make

    return register


def shown(thing: object) -> str:
    """An object as it was registered. KeyError where nobody did."""
    return _CARDS[type(thing)](thing)


def card(title: str, *parts: str) -> str:
    """A title, and under it parts that the other functions made."""
    return f"<div><p><strong>{html.escape(title)}</strong></p>{''.join(parts)}</div>"


def sentence(text: str) -> str:
    """A paragraph."""
    return f"<p>{html.escape(text)}</p>"


def facts(**named: object) -> str:
    """What things are, in one line: ``worlds: 200 · seed: 1``; an underscore is a space."""
    parts = [f"{name.replace('_', ' ')}: {value}" for name, value in named.items()]
    return sentence(" · ".join(parts))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """At most `MOST` rows, the first column as their names; how many more there are is said."""
    every = list(rows)
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row" style="text-align: left">{html.escape(str(row[0]))}</th>'
        + "".join(f"<td>{html.escape(_cell(value))}</td>" for value in row[1:])
        + "</tr>"
        for row in every[:MOST]
    )
    more = f"<p>… and {len(every) - MOST} more</p>" if len(every) > MOST else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    if value is None or value != value:
        return "–"
    return number(value, 3) if isinstance(value, float) else str(value)
