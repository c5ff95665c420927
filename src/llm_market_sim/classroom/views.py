"""What each page may know of a room at one moment. Nothing that the worlds say is in it before the
reveal, and of bets only how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_market_sim.classroom.bets import (
    ALWAYS_HALF,
    brier,
    calibration,
    class_mean,
    directions,
    places,
    scores,
    single,
)
from llm_market_sim.classroom.room import GOALS, QUARTERS, TEAMS, Game, Member, Room, Round

_BEST = 5  # names on the projector
_ASKED = ("kind", "claim", "said", "by", "means", "week", "outcome", "label", "unit", "changes")


def for_phone(room: Room, member: Member) -> dict[str, Any]:
    """Of one member."""
    found: dict[str, Any] = {
        "step": room.step,
        "me": {"name": member.name, "number": member.number, "secret": member.secret},
    }
    game = room.game
    ran = room.step == "debrief" and game is not None and member.number in game.teams
    if game is not None and (room.step == "play" or ran):
        found["game"] = _game(game) | _mine(game, member.number)
    if room.now is not None:
        found["round"] = _asked(room) | {"mine": room.now.bets.get(member.number)}
    if room.step == "reveal" and room.now is not None and room.now.answer is not None:
        found["answer"] = _answer(room.now)
        mine = room.now.bets.get(member.number)
        if room.now.about["kind"] == "claim" and mine is not None:
            found["answer"]["brier"] = _brier(room.now, float(mine))
    if room.step in ("reveal", "debrief") and room.revealed:
        found["score"] = _table(room)[member.number - 1]
        found["of"] = len(room.members)
    return found


def for_screen(room: Room) -> dict[str, Any]:
    """For the projector."""
    found: dict[str, Any] = {"step": room.step, "code": room.code, "joined": len(room.members)}
    found["shown"] = dict(room.shown)
    if room.game is not None and room.step in ("play", "debrief"):
        found["game"] = _game(room.game) | {"results": _results(room.game)}
    if room.now is not None:
        found["round"] = _asked(room) | {"count": room.now.count}
    if room.step == "reveal" and room.now is not None and room.now.answer is not None:
        found["answer"] = _answer(room.now) | {"bets": _spread(room.now)}
        found["picture"] = {
            name: room.now.answer[name]
            for name in ("kind", "edges", "all", "true", "picture")
            if name in room.now.answer
        }
    if room.step in ("reveal", "debrief") and room.revealed:
        table = sorted(_table(room), key=lambda row: (row["place"], row["number"]))
        found["best"] = [row for row in table if row["bets"] or row["right"]][:_BEST]
        found["calibration"] = calibration(room.rounds)
    return found


def for_teacher(room: Room) -> dict[str, Any]:
    """For the teacher: who is there, all rounds, scores."""
    found: dict[str, Any] = {
        "step": room.step,
        "code": room.code,
        "seed": room.seed,
        "shown": dict(room.shown),
        "members": _table(room),
        "rounds": [],
    }
    if room.game is not None:
        found["game"] = _game(room.game) | {"results": _results(room.game)}
    if room.now is not None:
        found["round"] = _asked(room)
    for place, one in enumerate(room.rounds):
        row = {"place": place, "about": dict(one.about), "count": one.count}
        found["rounds"].append(row | ({} if one.answer is None else {"answer": _answer(one)}))
    return found


def _game(game: Game) -> dict[str, Any]:
    """What all may know of it: the firm, the quarter, and which teams have sent a decision."""
    sent = [team for team in game.playing if (team, game.quarter) in game.decisions]
    return {
        "number": game.number,
        "firm": game.about["name"],
        "governs": game.governs,
        "goals": {str(team): game.goal(team) for team in game.playing} if game.governs else {},
        "preset": game.about["label"],
        "quarter": game.quarter,
        "quarters": QUARTERS,
        "playing": game.playing,
        "sent": sent,
        "closed": game.closed,
    }


def _mine(game: Game, member: int) -> dict[str, Any]:
    """What a member may know of its own team: decisions, and how it went after each quarter; and of
    others once all is over."""
    team = game.teams.get(member)
    over = game.quarter == QUARTERS
    rows = _results(game)
    if not over:
        rows = [
            {
                "standard": row["standard"],
                "teams": {name: one for name, one in row["teams"].items() if name == str(team)},
            }
            for row in rows
        ]
    now = min(game.quarter, QUARTERS - 1)
    return {
        "choices": game.choices,
        "all_goals": GOALS if game.governs else (),
        "goal": None if team is None else game.goals.get(team),
        "teams": TEAMS,
        "team": team,
        "results": rows,
        "decision": None if team is None else game.decided(team, now),
        "noted": (team, now) in game.decisions,
    }


def _results(game: Game) -> list[dict[str, Any]]:
    """Quarter by quarter, as it was written down."""
    return [dict(one) for one in game.results]


def _asked(room: Room) -> dict[str, Any]:
    """What is asked now, without what answers it."""
    now = room.rounds[-1]
    asked = {name: now.about[name] for name in _ASKED if name in now.about}
    return asked | {"place": len(room.rounds) - 1}


def _answer(one: Round) -> dict[str, Any]:
    """What the worlds and the class say of a round that was revealed."""
    assert one.answer is not None
    if one.about["kind"] == "move":
        pairs = one.answer["picture"]["paired"]
        return {
            "way": one.answer["way"],
            "worlds": one.answer["worlds"],
            "said": directions(one),
            "were": {"up": pairs["rose"], "same": pairs["same"], "down": pairs["fell"]},
            "before": pairs["before"],
            "after": pairs["after"],
        }
    found = {name: one.answer[name] for name in ("hits", "worlds", "low", "high")}
    found["ties"] = one.answer.get("ties", 0)  # an older class has none
    each, mean = single(one), class_mean(one)
    found |= {
        "half": ALWAYS_HALF,
        "mean": mean,
        "perfect": _brier(one, 100.0 * one.answer["hits"] / one.answer["worlds"]),
        "mean_brier": None if mean is None else _brier(one, mean),
        "each_brier": sum(_brier(one, p) for p in each) / len(each) if each else None,
    }
    return found


def _brier(one: Round, percent: float) -> float:
    assert one.answer is not None
    return brier(percent, one.answer["hits"], one.answer["worlds"])


def _spread(one: Round) -> Mapping[str, int] | list[float]:
    """Single bets without names, in order; of a move how many said what."""
    return directions(one) if one.about["kind"] == "move" else sorted(single(one))


def _table(room: Room) -> list[dict[str, Any]]:
    """A row a member, in the order of coming."""
    found = scores(room.rounds, len(room.members))
    return [
        {
            "number": one.number,
            "name": one.name,
            "brier": score.brier,
            "bets": score.bets,
            "right": score.right,
            "moves": score.moves,
            "place": place,
        }
        for one, score, place in zip(room.members, found, places(found), strict=True)
    ]
