"""A class as a state machine: what has happened, one event after the other, and what follows.

A room is a fold of `after` over the events of its log. An event is a plain dict with its ``kind``;
it holds all that is needed to know what follows, answers of the worlds included, so that a log is
read back without simulating anything. An event that does not fit is refused and changes nothing.

    lobby -> ask -> bet -> reveal -> ask ... -> play -> debrief
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

Event = Mapping[str, Any]
DIRECTIONS = ("up", "same", "down")
MOST_MEMBERS = 200
NAME = 20  # letters of a name
_MOST_PAPER = 200  # bets on paper in one round

Decision = Mapping[str, str]
USUAL = "usual"  # what the standard policy would do
CHOICES: dict[str, tuple[str, ...]] = {  # what a team decides for its firm in a quarter
    "price": (USUAL, "match", "premium", "at_cost", "free"),
    "run": (USUAL, "none", "half", "more"),
    "marketing": (USUAL, "none", "half", "triple"),
    "raise": (USUAL, "none", "bridge"),
    "route": (USUAL, "foundation", "fine_tune", "vertical"),
    "weights": (USUAL, "open", "closed"),
}
REGULATOR = "regulator"  # whom teams can be in the place of a firm
RULES: dict[str, tuple[str, ...]] = {  # what a team decides for it in a quarter
    "review": (USUAL, "fast", "slow", "very_slow"),
    "strictness": (USUAL, "none", "strict"),
    "pause": (USUAL, "pause"),
}
GOALS = ("platforms", "users_consumer", "startup_share", "best_capability", "safety")
QUARTERS = 6
TEAMS = 10


class Refused(Exception):
    """An event that does not fit; its text is the key of what a page says."""


@dataclass(frozen=True)
class Member:
    """Somebody with a phone. number: from 1, in the order of coming. secret: four digits by which
    the same person comes back on another phone."""

    number: int
    name: str
    secret: str


@dataclass(frozen=True)
class Round:
    """One sentence that is bet on.

    about: what is asked, with ``kind`` "claim" or "move" and its words. bets: by member's number, a
    chance in per cent, or a direction. paper: (how many, their mean) on paper, or a list of single
    ones; of a move (how many, direction). answer: what the worlds say, None before the reveal.
    """

    about: Mapping[str, Any]
    bets: Mapping[int, int | str] = field(default_factory=dict)
    paper: tuple[tuple[int, float | str], ...] = ()
    answer: Mapping[str, Any] | None = None

    @property
    def count(self) -> int:
        """How many have bet."""
        return len(self.bets) + sum(n for n, _ in self.paper)


@dataclass(frozen=True)
class Game:
    """A firm, or the regulator, that teams run for some quarters, each in worlds of its own.

    about: which firm, in which question. teams: a team's number (from 1) by member's. goals: of
    teams that are the regulator, by team. decisions: by (team, quarter), as they were sent last.
    results: a mapping for each quarter that is over. closed: whether the quarter takes no decisions
    any more, and its results are awaited. number: from 1, of the games of a class.
    """

    about: Mapping[str, Any]
    teams: Mapping[int, int] = field(default_factory=dict)
    goals: Mapping[int, str] = field(default_factory=dict)
    decisions: Mapping[tuple[int, int], Decision] = field(default_factory=dict)
    results: tuple[Mapping[str, Any], ...] = ()
    closed: bool = False
    number: int = 1

    @property
    def governs(self) -> bool:
        """Whether the teams are the regulator."""
        return bool(self.about["firm"] == REGULATOR)

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """What is decided in a quarter, and what can be chosen."""
        return RULES if self.governs else CHOICES

    def goal(self, team: int) -> str:
        """What a team wants that is the regulator; the first of `GOALS` where it named none."""
        return self.goals.get(team, GOALS[0])

    @property
    def quarter(self) -> int:
        """Which is being decided, from 0; `QUARTERS` when all are over."""
        return len(self.results)

    @property
    def playing(self) -> tuple[int, ...]:
        """Teams that anybody is in."""
        return tuple(sorted(set(self.teams.values())))

    def decided(self, team: int, quarter: int) -> Decision:
        """What a team decided for a quarter; silence is as the quarter before, and as usual in the
        first."""
        for one in range(quarter, -1, -1):
            if (team, one) in self.decisions:
                return self.decisions[team, one]
        return dict.fromkeys(self.choices, USUAL)


@dataclass(frozen=True)
class Room:
    """A class at one moment. tokens: a member's number by what its phone is known by (a digest).
    shown: what the projector shows while there is something to show. events: so many have been."""

    code: str = ""
    seed: int = 0
    step: str = "lobby"
    members: tuple[Member, ...] = ()
    tokens: Mapping[str, int] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()
    shown: Mapping[str, Any] = field(default_factory=dict)
    game: Game | None = None
    events: int = 0

    @property
    def now(self) -> Round | None:
        """The round that is asked, bet on or revealed."""
        return self.rounds[-1] if self.rounds and self.step in ("ask", "bet", "reveal") else None

    @property
    def revealed(self) -> tuple[Round, ...]:
        """Rounds whose answer is known to all."""
        return tuple(one for one in self.rounds if one.answer is not None)

    def member(self, token: str) -> Member | None:
        """Who is known by a token."""
        number = self.tokens.get(token)
        return None if number is None else self.members[number - 1]


def tidy(name: str) -> str:
    """A name in one line, without letters that cannot be seen, not too long, and beginning with
    nothing that a table could take for a formula."""
    plain = unicodedata.normalize("NFC", name)
    seen = "".join(one for one in plain if unicodedata.category(one)[0] not in "CZ" or one == " ")
    return " ".join(seen.lstrip("=+-@ ").split())[:NAME].strip()


def after(room: Room, event: Event) -> Room:
    """The room after an event. Refused where it does not fit."""
    new = _KINDS[event["kind"]](room, event)
    return replace(new, events=room.events + 1)


def replayed(events: Iterable[Event]) -> Room:
    """The room after all events of a log."""
    return reduce(after, events, Room())


def _fits(fits: bool, why: str) -> None:
    if not fits:
        raise Refused(why)


def _open(room: Room, event: Event) -> Room:
    _fits(room.events == 0, "refused.open")
    return replace(room, code=event["code"], seed=event["seed"])


def _join(room: Room, event: Event) -> Room:
    """A new phone; with the secret of a member, that member's."""
    token, name, secret = event["token"], event["name"], event.get("secret", "")
    _fits(token not in room.tokens, "refused.joined")
    known = [one for one in room.members if one.name.casefold() == name.casefold()]
    if known:
        _fits(known[0].secret == secret, "refused.name")
        return replace(room, tokens={**room.tokens, token: known[0].number})
    _fits(bool(name) and name == tidy(name), "refused.no_name")
    _fits(len(room.members) < MOST_MEMBERS, "refused.full")
    number = len(room.members) + 1
    member = Member(number, name, event["new_secret"])
    return replace(room, members=(*room.members, member), tokens={**room.tokens, token: number})


def _rename(room: Room, event: Event) -> Room:
    """The teacher takes a name away."""
    number, name = event["member"], event["name"]
    _fits(0 < number <= len(room.members), "refused.nobody")
    taken = any(one.name.casefold() == name.casefold() for one in room.members)
    _fits(bool(name) and name == tidy(name) and not taken, "refused.name")
    members = list(room.members)
    members[number - 1] = replace(members[number - 1], name=name)
    return replace(room, members=tuple(members))


def _ask(room: Room, event: Event) -> Room:
    return replace(room, step="ask", rounds=(*room.rounds, Round(event["about"])), shown={})


def _step(room: Room, event: Event) -> Room:
    to = event["to"]
    _fits(to in ("lobby", "bet", "play", "debrief"), "refused.step")
    _fits(to != "play" or room.game is not None, "refused.no_game")
    _fits(to != "bet" or (room.now is not None and room.now.answer is None), "refused.step")
    return replace(room, step=to, shown={})


def _current(room: Room, place: int) -> Round:
    """The round that bets are taken for now."""
    _fits(room.step == "bet" and place == len(room.rounds) - 1, "refused.closed")
    return room.rounds[-1]


def _is_bet(about: Mapping[str, Any], bet: Any) -> bool:
    if about["kind"] == "move":
        return bet in DIRECTIONS
    return type(bet) is int and 0 <= bet <= 100


def _bet(room: Room, event: Event) -> Room:
    """A member's bet; a later one takes the place of an earlier one."""
    now = _current(room, event["round"])
    _fits(0 < event["member"] <= len(room.members), "refused.nobody")
    _fits(_is_bet(now.about, event["bet"]), "refused.bet")
    return _with(room, replace(now, bets={**now.bets, event["member"]: event["bet"]}))


def _paper(room: Room, event: Event) -> Room:
    """Bets on paper, typed in by the teacher: those that are given take the place of the former."""
    now = _current(room, event["round"])
    rows = tuple((n, bet) for n, bet in event["bets"])
    move = now.about["kind"] == "move"
    for n, bet in rows:
        _fits(type(n) is int and n > 0, "refused.paper")
        _fits(bet in DIRECTIONS if move else _is_percent(bet), "refused.paper")
    _fits(sum(n for n, _ in rows) <= _MOST_PAPER, "refused.paper")
    return _with(room, replace(now, paper=rows))


def _is_percent(bet: Any) -> bool:
    return type(bet) in (int, float) and 0 <= bet <= 100


def _reveal(room: Room, event: Event) -> Room:
    now = room.now
    _fits(now is not None and now.answer is None, "refused.step")
    assert now is not None
    return replace(_with(room, replace(now, answer=event["answer"])), step="reveal", shown={})


def _play(room: Room, event: Event) -> Room:
    """A new game; teams stay as they were in the one before."""
    last = room.game
    number, teams = (1, {}) if last is None else (last.number + 1, last.teams)
    return replace(room, step="play", game=Game(event["about"], teams, number=number), shown={})


def _going(room: Room, member: int) -> Game:
    """The game of a member."""
    _fits(0 < member <= len(room.members), "refused.nobody")
    _fits(room.step == "play" and room.game is not None, "refused.no_game")
    assert room.game is not None
    return room.game


def _team(room: Room, event: Event) -> Room:
    game, team = _going(room, event["member"]), event["team"]
    _fits(not game.closed, "refused.quarter")
    _fits(type(team) is int and 0 < team <= TEAMS, "refused.team")
    return replace(room, game=replace(game, teams={**game.teams, event["member"]: team}))


def _goal(room: Room, event: Event) -> Room:
    """What a team wants, named before the first quarter ends and not changed any more."""
    game, goal = _going(room, event["member"]), event["goal"]
    team = game.teams.get(event["member"])
    _fits(team is not None, "refused.team")
    assert team is not None
    _fits(game.quarter == 0 and not game.closed, "refused.quarter")
    _fits(game.governs and goal in GOALS, "refused.decision")
    return replace(room, game=replace(game, goals={**game.goals, team: goal}))


def _decide(room: Room, event: Event) -> Room:
    """A team's decision; whoever of it sends last is heard."""
    game, given, quarter = _going(room, event["member"]), event["decision"], event["quarter"]
    team = game.teams.get(event["member"])
    _fits(team is not None, "refused.team")
    assert team is not None
    fits = type(quarter) is int and quarter == game.quarter < QUARTERS and not game.closed
    _fits(fits, "refused.quarter")
    _fits(isinstance(given, Mapping) and given.keys() == game.choices.keys(), "refused.decision")
    allowed = game.choices.items()
    _fits(all(given[name] in choices for name, choices in allowed), "refused.decision")
    decisions = {**game.decisions, (team, quarter): dict(given)}
    return replace(room, game=replace(game, decisions=decisions))


def _close(room: Room, event: Event) -> Room:
    """No more decisions for this quarter; pressed again, it changes nothing."""
    _fits(room.step == "play" and room.game is not None, "refused.no_game")
    assert room.game is not None
    fits = event["quarter"] == room.game.quarter < QUARTERS
    _fits(fits and bool(room.game.playing), "refused.quarter")
    return replace(room, game=replace(room.game, closed=True))


def _quarter(room: Room, event: Event) -> Room:
    """What came of a quarter that was closed."""
    game = room.game
    fits = game is not None and game.closed and event["quarter"] == game.quarter
    _fits(fits, "refused.quarter")
    assert game is not None
    results = (*game.results, event["results"])
    return replace(room, game=replace(game, results=results, closed=False))


def _show(room: Room, event: Event) -> Room:
    """Another picture on the projector, once there is something to see."""
    _fits(room.step in ("lobby", "reveal", "debrief"), "refused.shown")
    return replace(room, shown=event["what"])


def _with(room: Room, now: Round) -> Room:
    return replace(room, rounds=(*room.rounds[:-1], now))


_EVENTS = (
    _open,
    _join,
    _rename,
    _ask,
    _step,
    _bet,
    _paper,
    _reveal,
    _show,
    _play,
    _team,
    _goal,
    _decide,
    _close,
    _quarter,
)
_KINDS = {one.__name__.removeprefix("_"): one for one in _EVENTS}
