"""Names of policies, and the way from what a policy answers to wishes that no rule need doubt."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.errors import InputError, MarketSimError, Problem, nearest
from llm_market_sim.market.observation import Week
from llm_market_sim.market.sight import FirmView, SeenState
from llm_market_sim.market.state import COLUMNS, Array, Setting, State

__all__ = [
    "WISHES", "asking", "get_policy", "one_firms", "policy", "policy_names", "wishes_of",
]  # fmt: skip

Policy = Callable[[State, Any, Setting], Mapping[str, Array]]

_PREFIX = "wish_"  # may be left out
WISHES = tuple(name for name in COLUMNS if name.startswith(_PREFIX))
_USUAL = "standard"
_POLICIES: dict[str, Any] = {}


def policy(name: str) -> Callable[[Any], Any]:
    """Register a function or a class under a name.

    ValueError if the name is taken, TypeError for what cannot be asked.
    """

    def register(rule: Any) -> Any:
        if name in _POLICIES:
            raise ValueError(f"a policy named {name!r} is already registered")
        if isinstance(rule, type) and not callable(getattr(rule, "decide", None)):
            raise TypeError(f"the policy {name!r} is a class without a method decide(self)")
        if not callable(rule):
            raise TypeError(f"the policy {name!r} is neither a function nor a class")
        _POLICIES[name] = rule
        return rule

    return register


def policy_names() -> tuple[str, ...]:
    """Names that a scenario can give, sorted."""
    return tuple(sorted(_POLICIES))


def get_policy(name: str) -> Any:
    """The rule of a name. InputError if there is none."""
    if name not in _POLICIES:
        hint = nearest(name, _POLICIES)
        text = f'no policy "{name}"; {hint} (a policy of your own: --with my_module.py)'
        raise InputError([Problem("", "policy", text)])
    return _POLICIES[name]


def wishes_of(name: str, state: State, p: Any, setting: Setting, mine: Array) -> dict[str, Array]:
    """All wishes (W, F) of a policy; those of other firms than `mine`, bool (1, F), mean nothing.

    What the policy leaves out is wished by the standard one. It is asked with what its firms see.
    MarketSimError, with policy, firm and week, where it fails or wishes what cannot be wished.
    """
    rule = get_policy(name)
    seen = SeenState(state, mine)
    by_firm = isinstance(rule, type)
    ask = _asked_firm_by_firm if by_firm else _asked_at_once
    told = ask(name, rule, seen, p, setting)
    if not by_firm and len(told) == len(WISHES) and all(np.all(np.isfinite(told[w])) for w in told):
        return told
    usual = get_policy(_USUAL)(seen, p, setting)
    return {
        wish: np.where(np.isfinite(told[wish]), told[wish], usual[wish])
        if wish in told
        else usual[wish]
        for wish in WISHES
    }


def _asked_at_once(
    name: str, rule: Any, seen: SeenState, p: Any, setting: Setting
) -> dict[str, Array]:
    """A function's wishes (W, F), finite for its firms where these are alive."""
    slots = np.flatnonzero(seen.mine[0])
    ids = [setting.firms.ids[slot] for slot in slots]
    with asking(name, _listed(ids), seen.week):
        answer = _checked(rule(seen, p, setting))
        shape = seen.status.shape
        needed = seen.mine & seen.alive
        for wish, values in answer.items():
            try:
                answer[wish] = np.broadcast_to(values, shape)
            except ValueError:
                text = f"must broadcast to (worlds, firms) = {shape}"
                raise MarketSimError(f"{wish} has the shape {values.shape}; it {text}") from None
    for wish, values in answer.items():
        wrong = needed & ~np.isfinite(values)
        if np.any(wrong):
            world, slot = (int(place[0]) for place in np.nonzero(wrong))
            text = f"wishes {wish} = {values[world, slot]}; a finite number is needed"
            where = f"{setting.firms.ids[slot]} (world {setting.luck.worlds[world]})"
            raise MarketSimError(f'policy "{name}" of {where}, week {seen.week:g}: {text}')
    return answer


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
    ours = str(Path(__file__).parents[2])
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
