"""From what a policy answers to wishes that no rule need doubt."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market.observation import Week
from llm_market_sim.market.policies import get_policy
from llm_market_sim.market.sight import FirmView, SeenState
from llm_market_sim.market.state import COLUMNS, Array, Setting, State

__all__ = ["WISHES", "asking", "one_firms", "wishes_of"]

_PREFIX = "wish_"  # may be left out
WISHES = tuple(name for name in COLUMNS if name.startswith(_PREFIX))
_USUAL = "standard"


def wishes_of(name: str, state: State, p: Any, setting: Setting, mine: Array) -> dict[str, Array]:
    """All wishes (W, F) of a policy; those of other firms than `mine`, bool (1, F), mean nothing.

    What the policy leaves out is wished by the standard one. It is asked with what its firms see.
    MarketSimError, with policy, firm and week, where it fails or wishes what cannot be wished.
    """
    rule, seen = get_policy(name), SeenState(state, mine)
    ask = _asked_firm_by_firm if isinstance(rule, type) else _asked_at_once
    told = ask(name, rule, seen, p, setting.for_policies)
    left = [w for w in WISHES if w not in told or not np.all(np.isfinite(told[w]) | ~mine)]
    if left:
        usual = get_policy(_USUAL)(seen, p, setting.for_policies)
        for wish in left:
            given = told.get(wish, np.nan)
            told[wish] = np.where(np.isfinite(given), given, usual[wish])
    return told


def _asked_at_once(
    name: str, rule: Any, seen: SeenState, p: Any, setting: Setting
) -> dict[str, Array]:
    """A function's wishes (W, F), finite for its firms where these are alive."""
    ids, shape = setting.firms.ids, seen.status.shape
    with asking(name, _listed([ids[k] for k in np.flatnonzero(seen.mine[0])]), seen.week):
        answer = {
            wish: _spread(wish, values, shape)
            for wish, values in _checked(rule(seen, p, setting)).items()
        }
    needed = seen.mine & seen.alive
    for wish, values in answer.items():
        wrong = np.argwhere(needed & ~np.isfinite(values))
        if len(wrong):
            world, slot = wrong[0].tolist()
            with asking(name, f"{ids[slot]} (world {setting.luck.worlds[world]})", seen.week):
                text = f"wishes {wish} = {values[world, slot]}; a finite number is needed"
                raise MarketSimError(text)
    return answer


def _spread(wish: str, values: Array, shape: tuple[int, ...]) -> Array:
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        text = f"{wish} has the shape {values.shape}; worlds and firms are {shape}"
        raise MarketSimError(text) from None


def _asked_firm_by_firm(
    name: str, rule: Any, seen: SeenState, p: Any, setting: Setting
) -> dict[str, Array]:
    """Wishes (W, F) of a class, whose `decide` is asked for each firm alive; NaN where silent."""
    wishes = {wish: np.full(seen.status.shape, np.nan) for wish in WISHES}
    week, make = Week(seen, setting.firms), _player(rule)
    for slot in np.flatnonzero(seen.mine[0]).tolist():
        for world in np.flatnonzero(seen.alive[:, slot]).tolist():
            me = object.__new__(make)
            FirmView.__init__(me, week, world, slot)
            with asking(name, me.id, seen.week):
                for wish, value in one_firms(rule.decide(me)).items():
                    wishes[wish][world, slot] = value
    return wishes


@lru_cache
def _player(rule: type) -> type[FirmView]:
    """The class with the attributes of a firm, so that its own methods and constants work too."""
    if issubclass(rule, FirmView):
        return FirmView
    return type(rule.__name__, (rule, FirmView), {})


@contextmanager
def asking(policy: str, firm: str, week: float) -> Iterator[None]:
    """Whatever goes wrong while a policy is asked is told with policy, firm, week and line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        line, what = _line(error), f"{type(error).__name__}: {error}"
        if isinstance(error, MarketSimError):
            what = str(error)
        if isinstance(error, SystemExit):
            what = "it ends the program (sys.exit); a policy can only wish"
        raise MarketSimError(f'policy "{policy}" of {firm}, week {week:g}: {line}{what}') from error


def _line(error: BaseException) -> str:
    """``my_module.py:12: ``, the last line of the person's file that an error came through."""
    ours = str(Path(__file__).parents[1])
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(ours)]
    if not theirs:
        return ""
    last = [frame for frame in theirs if frame.filename == theirs[0].filename][-1]
    return f"{Path(last.filename).name}:{last.lineno}: "


def _checked(answer: Any) -> dict[str, Array]:
    """Wishes by their full names as arrays of numbers, of any shape. MarketSimError otherwise."""
    if answer is None:
        return {}
    if not isinstance(answer, Mapping):
        kind = type(answer).__name__
        raise MarketSimError(f"answers with {kind}; wishes are a dict, as {{'discount': 0.3}}")
    found: dict[str, Array] = {}
    for key, value in answer.items():
        short = str(key).removeprefix(_PREFIX)
        wish = _PREFIX + short
        if wish not in WISHES:
            known = [one.removeprefix(_PREFIX) for one in WISHES]
            raise MarketSimError(f'wishes for "{key}"; {nearest(short, known)}')
        if wish in found:
            raise MarketSimError(f"wishes {wish} twice, with and without its prefix")
        values = np.asarray(value)
        if values.dtype.kind not in "biuf":
            raise MarketSimError(f"wishes {wish} = {value!r}; a number is needed")
        found[wish] = values.astype(float)
    return found


def one_firms(answer: Any) -> dict[str, float]:
    """Wishes of one firm, each a finite number, by their full names. MarketSimError otherwise."""
    wishes = _checked(answer)
    for wish, value in wishes.items():
        if value.size != 1 or not np.all(np.isfinite(value)):
            raise MarketSimError(f"wishes {wish} = {value}; a finite number is needed")
    return {wish: value.item() for wish, value in wishes.items()}


def _listed(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
