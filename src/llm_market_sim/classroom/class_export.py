"""What a class leaves behind as tables: questions, bets, scores and decisions, as CSV and as one
workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from llm_market_sim.classroom.bets import brier, calibration, class_mean, places, scores
from llm_market_sim.classroom.room import CHOICES, Room, Round
from llm_market_sim.results.workbook import book_of

Row = Sequence[Any]


def _questions(room: Room) -> Iterator[Row]:
    yield (
        "question kind en zh changes link bets class_mean_percent revealed worlds holds_in share "
        "low high way"
    ).split()
    for number, one in enumerate(room.rounds, start=1):
        about, answer = one.about, one.answer or {}
        claim = about["kind"] == "claim"
        words = about["said" if claim else "label"]
        share = answer["hits"] / answer["worlds"] if claim and answer else None
        yield (
            number,
            about["kind"],
            words["en"],
            words["zh"],
            "; ".join(_change(change) for change in about["changes"]),
            about["question"],
            one.count,
            class_mean(one) if claim else None,
            bool(answer),
            answer.get("worlds"),
            answer.get("hits"),
            share,
            answer.get("low"),
            answer.get("high"),
            answer.get("way"),
        )


def _change(one: dict[str, Any]) -> str:
    if "path" in one:
        return f"{one['path']}: {one['from']:g} -> {one['to']:g}"
    if "event" in one:
        weeks = ("off" if week is None else f"week {week}" for week in (one["from"], one["to"]))
        return f"event {one['event']}: {' -> '.join(weeks)}"
    return f"preset: {one['preset']}"


def _bets(room: Room) -> Iterator[Row]:
    yield "question", "kind", "number", "name", "people", "bet", "brier", "right"
    for place, one in enumerate(room.rounds, start=1):
        rows: list[tuple[int | None, str, int, int | float | str]] = [
            (number, room.members[number - 1].name, 1, bet)
            for number, bet in sorted(one.bets.items())
        ]
        rows += [(None, "(on paper)", people, bet) for people, bet in one.paper]
        for number, name, people, bet in rows:
            yield place, one.about["kind"], number, name, people, bet, *_settled(one, bet)


def _settled(one: Round, bet: int | float | str) -> tuple[float | None, bool | None]:
    """Brier score of a bet on a sentence, and whether a direction was right."""
    if one.answer is None:
        return None, None
    if one.about["kind"] == "move":
        return None, bet == one.answer["way"]
    return brier(float(bet), one.answer["hits"], one.answer["worlds"]), None


def _scores(room: Room) -> Iterator[Row]:
    yield "number", "name", "bets", "brier", "place", "directions_right", "directions"
    found = scores(room.rounds, len(room.members))
    for one, score, place in zip(room.members, found, places(found), strict=True):
        yield one.number, one.name, score.bets, score.brier, place, score.right, score.moves


def _calibration(room: Room) -> Iterator[Row]:
    yield "bets", "mean_bet", "share_of_worlds"
    for one in calibration(room.rounds):
        yield one["bets"], one["said"], one["was"]


def _decisions(room: Room) -> Iterator[Row]:
    """Of the last game: what each team decided, quarter by quarter, and what came of it."""
    game = room.game
    rows = [] if game is None else game.results
    shown = [name for name in (rows[0]["standard"] if rows else {}) if name != "means"]
    means = list(rows[0]["standard"].get("means", {})) if rows else []
    choices = list(CHOICES if game is None else game.choices)
    yield "firm", "question", "quarter", "team", *choices, "sent", *shown, *means
    if game is None:
        return
    for quarter, row in enumerate(rows):
        for team, one in (("standard", row["standard"]), *row["teams"].items()):
            number = 0 if team == "standard" else int(team)
            decided = game.decided(number, quarter)
            yield (
                game.about["firm"],
                game.about["question"],
                quarter + 1,
                team,
                *(decided[name] for name in choices),
                (number, quarter) in game.decisions,
                *(one[name] for name in shown),
                *(one["means"][name] for name in means),
            )


TABLES: dict[str, Callable[[Room], Iterable[Row]]] = {
    "questions": _questions,
    "bets": _bets,
    "scores": _scores,
    "calibration": _calibration,
    "decisions": _decisions,
}


def as_csv(room: Room, table: str) -> bytes:
    """UTF-8 with a byte order mark, by which Excel knows it; empty cells for what there is not."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(TABLES[table](room))
    return out.getvalue().encode("utf-8-sig")


def as_workbook(room: Room) -> bytes:
    """All tables, a sheet each. MarketSimError without openpyxl."""
    return book_of({name: list(rows(room)) for name, rows in TABLES.items()})
