"""What is bet on, what the worlds say of it, and how good a bet was.

A bet on a sentence is a chance p. It is settled in each of W worlds, in which the sentence is true
(o = 1) or not (o = 0; half of each where a change that it is about changes nothing), by the score
of Brier (1950), the mean of (p - o)^2: 0 is perfect, always "50 %" gets 0.25, and nothing does
better in the long run than the share of worlds itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from llm_market_sim.claims import MAIN, Claim, load_claims, long_enough
from llm_market_sim.claims.readings import told_apart
from llm_market_sim.classroom.answer import picture
from llm_market_sim.classroom.question import Question, events, knobs
from llm_market_sim.classroom.room import DIRECTIONS, Round
from llm_market_sim.classroom.solver import DRAWS, WORLDS, Solver, posterior
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW, case_over
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import current, load
from llm_market_sim.simulation import simulate_block
from llm_market_sim.simulation.measuring import check, measured
from llm_market_sim.summary.statistics import scored, two_bands
from llm_market_sim.words import LANGUAGES

ALWAYS_HALF = 0.25  # the score of who always says 50 %
_LEVELS, _BINS = 13, 24  # counts told apart where they are few; columns where they are not
_GROUPS = (0, 10, 30, 50, 70, 90, 101)  # of bets in per cent, by which a calibration is told


@cache
def bettable() -> dict[str, Claim]:
    """The article's claims that a world can contradict, the main one first."""
    found = {claim.id: claim for claim in load_claims() if claim.tested}
    return {MAIN: found[MAIN]} | found


def said_of(name: str) -> dict[str, str]:
    """What was said, in both languages, and which reading of it is meant where there are two."""
    return {one: told_apart(bettable().values(), one)[name] for one in LANGUAGES}


def about_claim(name: str, question: Question) -> dict[str, Any]:
    """What is asked in a round: whether a claim holds in the worlds of a question."""
    claim = bettable()[name]
    return {
        "kind": "claim",
        "claim": name,
        "question": question.link(),
        "said": said_of(name),
        "by": dict(claim.speaker),
        "means": claim.definition,
        "week": claim.horizon_week,
        "changes": _moved(Question(seed=question.seed), question),
    }


def about_move(outcome: str, before: Question, after: Question) -> dict[str, Any]:
    """What is asked in a round: whether a move of sliders brings more, less or the same."""
    return {
        "kind": "move",
        "outcome": outcome,
        "label": dict(SERIES[outcome].label),
        "unit": SERIES[outcome].unit,
        "question": after.link(),
        "before": before.link(),
        "changes": _moved(before, after),
    }


def _moved(before: Question, after: Question) -> list[dict[str, Any]]:
    """What differs between two questions: presets, parameters with unit, events with their week."""
    found: list[dict[str, Any]] = []
    if before.preset != after.preset:
        found.append(
            {
                "preset": after.preset,
                "from": dict(load(before.preset).label),
                "to": dict(load(after.preset).label),
            }
        )
    bases = load(before.preset), load(after.preset)
    for path in sorted({*before.changes, *after.changes}):
        old, new = (
            one.changes.get(path, 1.0 if knobs()[path].factor else current(base, path))
            for one, base in zip((before, after), bases, strict=True)
        )
        if old != new:
            one = knobs()[path]
            found.append(
                {
                    "path": path,
                    "meaning": one.meaning,
                    "unit": one.unit,
                    "factor": one.factor,
                    "high": one.high,
                    "from": old,
                    "to": new,
                }
            )
    for name in sorted({*before.events, *after.events}):
        was, now = (
            one.events.get(name, base.timeline[name].week if name in base.timeline else None)
            for one, base in zip((before, after), bases, strict=True)
        )
        if was != now:
            found.append({"event": name, "about": events()[name].about, "from": was, "to": now})
    return found


def of_claim(name: str, question: Question, solver: Solver) -> dict[str, Any]:
    """In how many worlds a claim holds, and its number x as columns, each marked where it holds.

    A few tenths of a second; some seconds where it speaks of a week years ahead, or of a change.
    """
    claim = bettable()[name]
    x = _numbers(claim, question, solver, range(WORLDS))
    scores = claim.scores(x)
    held = scored(scores)
    half = held.ties / 2 if held.ties else 0
    return {
        "worlds": len(x),
        "hits": held.hits + half,
        "ties": held.ties,
        "low": held.low,
        "high": held.high,
        **_columns(x, scores == 1.0),
    }


def over_assumptions(name: str, question: Question, solver: Solver) -> dict[str, Any]:
    """In what share of worlds a claim holds, over assumptions that 2023 leaves open: the mean, and
    between which shares nine of ten of them lie. InputError where the claim is about one of them,
    or where the sample was made for another version."""
    claim, rows = bettable()[name], DRAWS * WORLDS_A_DRAW
    scenario = long_enough(solver.scenario(question), [claim])
    case = case_over(scenario, posterior(), rows, WORLDS_A_DRAW)
    check([scenario], [claim.measurement], case.names)
    piece = case.piece(0, 0, rows)
    x = _numbers(claim, question, solver, list(piece.worlds), piece.varied)
    held = claim.scores(x).reshape(-1, WORLDS_A_DRAW)
    bands = two_bands(held)
    return {"mean": bands.mean, "range": list(bands.parameters), "draws": len(held)}


def _numbers(
    claim: Claim,
    question: Question,
    solver: Solver,
    worlds: Sequence[int],
    varied: Mapping[str, Array] | None = None,
) -> Array:
    """A claim's number x in each world, (W,)."""
    run = simulate_block(
        long_enough(solver.scenario(question), [claim]),
        worlds,
        question.seed,
        snapshots=[claim.horizon_week],
        events=False,
        series=(),
        varied=varied,
        threads=solver.threads,
    )
    return measured(run, [claim.measurement], varied)[claim.id]


def _columns(x: Array, truth: Array) -> dict[str, Any]:
    """Edges of columns, the worlds in each, and in how many of these the sentence is true."""
    known = x[np.isfinite(x)]
    few = len(known) and np.all(known == np.round(known)) and np.ptp(known) < _LEVELS
    if few:
        edges = np.arange(np.min(known), np.max(known) + 2.0) - 0.5
    else:
        edges = np.histogram_bin_edges(known, _BINS)
    return {
        "kind": "count" if few else "number",
        "edges": [float(f"{one:.6g}") for one in edges],
        "all": np.histogram(x, edges)[0].tolist(),
        "true": np.histogram(x[truth], edges)[0].tolist(),
    }


def of_move(outcome: str, before: Question, after: Question, solver: Solver) -> dict[str, Any]:
    """A picture of an outcome after a move, beside the same worlds before it, and which way it went
    on average."""
    ghost, mine = solver.solve(before), solver.solve(after)
    found = picture(outcome, mine, ghost)
    return {"picture": found, "worlds": found["worlds"], "way": direction_of(found["paired"])}


def direction_of(paired: Mapping[str, Any]) -> str:
    """Which way a mean went: up or down where its 95 % interval leaves out 0, else the same."""
    if paired["low"] > 0.0:
        return DIRECTIONS[0]
    return DIRECTIONS[2] if paired["high"] < 0.0 else DIRECTIONS[1]


def brier(percent: float, hits: float, worlds: int) -> float:
    """Mean over worlds of (p - o)^2, of a chance in per cent and a sentence that is true in `hits`
    of `worlds` worlds, of which a half one is one half of the time."""
    p, share = percent / 100.0, hits / worlds
    return share * (1.0 - p) ** 2 + (1.0 - share) * p**2


@dataclass(frozen=True)
class Score:
    """Of one member. brier: the mean over all sentences that were revealed, where none was bet on
    counted as 50 %; None before the first. bets: on how many of them there was a bet. right:
    directions that were right, of `moves`."""

    brier: float | None
    bets: int
    right: int
    moves: int


def scores(rounds: Iterable[Round], members: int) -> list[Score]:
    """Of each member, over the rounds that were revealed."""
    done = [one for one in rounds if one.answer is not None]
    claims = [one for one in done if one.about["kind"] == "claim"]
    moves = [one for one in done if one.about["kind"] == "move"]
    found = []
    for number in range(1, members + 1):
        each = [_score_of(one, float(one.bets.get(number, 50))) for one in claims]
        right = sum(one.bets.get(number) == one.answer["way"] for one in moves if one.answer)
        bets = sum(number in one.bets for one in claims)
        found.append(Score(float(np.mean(each)) if each else None, bets, right, len(moves)))
    return found


def _score_of(one: Round, percent: float) -> float:
    assert one.answer is not None
    return brier(percent, one.answer["hits"], one.answer["worlds"])


def places(found: Sequence[Score]) -> list[int]:
    """From 1: by Brier score, then by directions that were right; who is alike shares a place."""
    keys = [(2.0 if one.brier is None else round(one.brier, 12), -one.right) for one in found]
    return [1 + sum(other < key for other in keys) for key in keys]


def calibration(rounds: Iterable[Round]) -> list[dict[str, float]]:
    """Of all single bets on sentences, grouped by their chance: how many, their mean, and the mean
    share of worlds in which what was bet on was true, both 0 to 1."""
    pairs = [
        (bet, one.answer["hits"] / one.answer["worlds"])
        for one in rounds
        if one.answer is not None and one.about["kind"] == "claim"
        for bet in single(one)
    ]
    found = []
    for low, high in pairwise(_GROUPS):
        some = [(bet, share) for bet, share in pairs if low <= bet < high]
        if some:
            said, was = np.mean(some, axis=0)
            found.append({"bets": len(some), "said": said / 100.0, "was": float(was)})
    return found


def single(one: Round) -> list[float]:
    """Bets of single people in per cent: those on phones, and a list on paper."""
    listed = [float(bet) for n, bet in one.paper if n == 1]
    return [*(float(bet) for bet in one.bets.values()), *listed]


def class_mean(one: Round) -> float | None:
    """The mean of all bets on a sentence in per cent, those on paper included; None without any."""
    if not one.count:
        return None
    total = sum(float(bet) for bet in one.bets.values()) + sum(n * float(b) for n, b in one.paper)
    return total / one.count


def directions(one: Round) -> dict[str, int]:
    """How many said up, same and down."""
    found = {way: sum(bet == way for bet in one.bets.values()) for way in DIRECTIONS}
    for n, bet in one.paper:
        found[str(bet)] += n
    return found
