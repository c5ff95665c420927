"""What a claim tests, in Chinese: ``zh.yaml`` has metrics with their choices, and changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_market_sim.market.observation import SERIES
from llm_market_sim.metrics import Definition, get_metric
from llm_market_sim.scenario import load
from llm_market_sim.scenario.interventions import HeadStart, Intervention, Remove, Reroute
from llm_market_sim.support.chinese import chinese

_SHARES = ("theta", "part", "dominance")  # told in per cent


def tested(predicate: str, week: int, metric: str, params: Definition, does: Any) -> str:
    """What exactly is tested; does: the intervention, None without one."""
    texts = _texts()["frame"]
    counted = texts["counted"].format(meaning=meaning(metric), words=words(metric, params))
    said = predicate.replace("<=", "≤").replace(">=", "≥").replace("==", "=")
    frame = texts["plain" if does is None else "changed"]
    told = act(does) if does is not None else ""
    return str(frame.format(week=week, predicate=said, what=counted, act=told))


def meaning(metric: str) -> str:
    """What a metric gives; English for one of a person's own."""
    known = _texts()["metrics"].get(metric)
    return str(known["meaning"]) if known else get_metric(metric).meaning


def words(metric: str, params: Definition) -> str:
    """The choices of a definition as a noun phrase; English for a metric of a person's own."""
    known = _texts()["metrics"].get(metric)
    if known is None:
        return params.words()
    values = {name: _value(known, name, value) for name, value in params}
    said: str = known["words"]
    while "{" in said:  # a choice may name another one
        said = said.format_map(values)
    return said


def _value(known: Mapping[str, Any], name: str, value: Any) -> str:
    table = known.get(name) or _texts()["every"].get(name)
    if table is not None:
        return str(table[str(value).lower()])
    if name in _SHARES:
        return f"{100 * value:.0f}%" if value >= 0.1 else f"{100 * value:.3g}%"
    if name in ("firm", "firms"):
        return _firms([value] if name == "firm" else value)
    if name == "name":
        return SERIES[value].label["zh"]
    return f"{value:g}" if isinstance(value, float) else str(value)


def act(does: Intervention) -> str:
    """What an intervention does, as a phrase; English for one of a person's own."""
    texts = _texts()["acts"]
    if isinstance(does, HeadStart):
        said = texts["head_start"].format(firm=_firms([does.firm]), weeks=f"{does.weeks:g}")
    elif isinstance(does, Reroute):
        said = texts["route"].format(firms=_firms(does.firms), to=texts["to"][does.to])
    elif isinstance(does, Remove):
        said = texts["remove"].format(firm=_firms([does.firm]))
    else:
        said = _texts()["texts"].get(does.words(), does.words())
    return str(said)


def _firms(names: Any) -> str:
    players = load("baseline").players
    return "、".join(players[one].name["zh"] if one in players else one for one in names)


def _texts() -> Mapping[str, Any]:
    return chinese("llm_market_sim.claims")
