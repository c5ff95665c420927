"""From what a person's own policy answers to wishes that no rule need doubt."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market.codes import BY_PAYOFF, PriceWish
from llm_market_sim.market.decisions import keep_within_means
from llm_market_sim.market.parameters import ROUTES, SEGMENTS
from llm_market_sim.market.sight import FirmView, Look
from llm_market_sim.market.state import COLUMNS

__all__ = ["CODES", "WISHES", "ask", "fault", "order"]

_PREFIX = "wish_"  # may be left out
WISHES = tuple(name for name in COLUMNS if name.startswith(_PREFIX))
CODES: dict[str, dict[str, int]] = {  # wishes that are one of a few things, by name
    "wish_price": {one.name.lower(): int(one) for one in PriceWish},
    "wish_route": {  # nobody sells its best model to a rival that could have trained one
        "by_payoff": BY_PAYOFF,
        **{name: k for k, name in enumerate(ROUTES) if name != "wrapper"},
    },
}
_NAMES = {name: wish for wish in WISHES for name in (wish, wish.removeprefix(_PREFIX))}


class _Plan:
    """What a firm can spend, and some wishes; of the others it says nothing."""

    def __init__(self, cash: float, credits: float, wishes: dict[str, Any]) -> None:
        self.cash = cash
        self.credits = credits
        self.__dict__.update(wishes)


for _wish in WISHES:
    setattr(_Plan, _wish, 0.0)


def ask(policy: str, rule: Any, look: Look, slot: int) -> None:
    """Let a firm follow a policy of a person's own; what that leaves out stays as it is.

    policy: the name of the rule. MarketSimError, with policy, firm and week, where it fails or
    wishes what cannot be wished.
    """
    is_class = isinstance(rule, type)
    me = object.__new__(_player(rule) if is_class else FirmView)
    FirmView.__init__(me, look, slot)
    try:
        order(look.firms, slot, rule.decide(me) if is_class else rule(me))
    except (Exception, SystemExit) as error:
        raise fault(error, policy, me) from error


def order(firms: Any, slot: int, answer: Any) -> None:
    """Put the wishes that somebody answers with into the record of a firm, among all (F,).

    answer: a number or a code by wish; of a wish by segment, one for all of them or a mapping. What
    it does not name stays as it is, which is within the firm's means. MarketSimError for what
    cannot be wished.
    """
    wishes = _checked(answer, firms, slot)
    if not wishes:
        return
    plan = _Plan(firms["cash"].item(slot), firms["credits"].item(slot), wishes)
    keep_within_means(plan)
    for wish in wishes:
        firms[wish][slot] = getattr(plan, wish)


@lru_cache
def _player(rule: type) -> type[FirmView]:
    """The class with the attributes of a firm, so that its own methods and constants work too."""
    if issubclass(rule, FirmView):
        return FirmView
    return type(rule.__name__, (rule, FirmView), {})


def fault(error: BaseException, policy: str, firm: FirmView) -> MarketSimError:
    """What went wrong while a policy was asked, with policy, firm, week and line."""
    line, what = _line(error), f"{type(error).__name__}: {error}"
    if isinstance(error, MarketSimError):
        what = str(error)
    if isinstance(error, SystemExit):
        what = "it ends the program (sys.exit); a policy can only wish"
    return MarketSimError(f'policy "{policy}" of {firm.id}, week {firm.week:g}: {line}{what}')


def _line(error: BaseException) -> str:
    """``my_module.py:12: ``, the last line of the person's file that an error came through."""
    ours = str(Path(__file__).parents[1])
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(ours)]
    if not theirs:
        return ""
    last = [frame for frame in theirs if frame.filename == theirs[0].filename][-1]
    return f"{Path(last.filename).name}:{last.lineno}: "


def _checked(answer: Any, firms: Any, slot: int) -> dict[str, Any]:
    """Wishes by their full names, each a finite number or a code. MarketSimError otherwise."""
    if answer is None:
        return {}
    if type(answer) is not dict and not isinstance(answer, Mapping):
        kind = type(answer).__name__
        raise MarketSimError(f"answers with {kind}; wishes are a dict, as {{'discount': 0.3}}")
    found: dict[str, Any] = {}
    for key, value in answer.items():
        wish = _NAMES.get(key)
        if wish is None:
            known = [one.removeprefix(_PREFIX) for one in WISHES]
            short = str(key).removeprefix(_PREFIX)
            raise MarketSimError(f'wishes for "{key}"; {nearest(short, known)}')
        if wish in found:
            raise MarketSimError(f"wishes {wish} twice, with and without its prefix")
        valued = _code if wish in CODES else _number
        if COLUMNS[wish].shape == "use":
            found[wish] = _by_segment(wish, value, firms[wish][slot], valued)
        else:
            found[wish] = valued(wish, value)
    return found


def _by_segment(wish: str, value: Any, usual: Any, valued: Callable[[str, Any], Any]) -> list[Any]:
    """usual: what is wished where nothing else is."""
    if not isinstance(value, Mapping):
        return [valued(wish, value)] * len(SEGMENTS)
    for segment in value:
        if segment not in SEGMENTS:
            hint = nearest(str(segment), SEGMENTS)
            raise MarketSimError(f'wishes {wish} for the segment "{segment}"; {hint}')
    return [
        valued(wish, value[segment]) if segment in value else before
        for segment, before in zip(SEGMENTS, usual, strict=True)
    ]


def _code(wish: str, value: Any) -> int:
    """By name, or the number that stands in the column."""
    known = CODES[wish]
    if isinstance(value, str) and value in known:
        return known[value]
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if whole and value in known.values():
        return int(value)
    raise MarketSimError(f"wishes {wish} = {value!r}; {nearest(str(value), known)}")


def _number(wish: str, value: Any) -> float:
    if type(value) is not float:
        given = np.asarray(value)
        if given.dtype.kind not in "biuf":
            raise MarketSimError(f"wishes {wish} = {value!r}; a number is needed")
        if given.size != 1:
            raise MarketSimError(f"wishes {wish} = {value}; a finite number is needed")
        value = float(given.item())
    if not math.isfinite(value):
        raise MarketSimError(f"wishes {wish} = {value}; a finite number is needed")
    return value
