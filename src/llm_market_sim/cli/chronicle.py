"""One world told week by week: who came, launched, was licensed, raised, turned, died, and why.

Named firms, and unnamed ones that end up with 2 % of the market, are called by name; the others
are counted. Reasons are read from the state of the Monday before, by the model's own thresholds.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from llm_market_sim.market.mechanisms.exits import RELEVANT
from llm_market_sim.market.observation import EVENTS, composite_shares
from llm_market_sim.market.state import NO_MODEL, Kind, Route, State
from llm_market_sim.scenario import Sections
from llm_market_sim.simulation import EventRow, Run
from llm_market_sim.words import listed, number, percent

_NOTED_SHARE = 0.02
_QUARTER = 13
_CROWDS = (1e6, 10e6, 50e6, 100e6, 200e6)  # consumers
_LEVELS = {"GPT-3.5": 23.9, "GPT-4": 25.0}  # OOM; the marks on which the roster's scale rests
_ROUTES = {
    Route.FINE_TUNE: "fine-tunes open weights",
    Route.VERTICAL: "serves one segment only",
    Route.WRAPPER: "sells another firm's model",
    Route.FOUNDATION: "trains from scratch",
}


_ALSO = {
    "opened": ("opens the weights of a model", "open the weights of models"),
    "answered": ("answers its rivals with lower prices", "answer their rivals with lower prices"),
    "returned": ("trains models of its own again", "train models of their own again"),
    "internal": ("serves its own house from now on", "serve their own houses from now on"),
}
_UNNAMED = {
    "entered": ("enters", "enter"),
    "launched": ("shows a product", "show a product"),
    "licensed": ("is licensed", "are licensed"),
    "raised": ("raises", "raise"),
    "pivoted": ("changes route", "change route"),
    "acquired": ("is sold", "are sold"),
    "bankrupt": ("runs out of money", "run out of money"),
    "closed": ("is shut", "are shut"),
}


class Chronicle:
    """The story of a run of one world that kept the state of every week."""

    def __init__(self, run: Run) -> None:
        self.run = run
        noted = composite_shares(run.final)[0] >= _NOTED_SHARE
        self.known = {
            slot
            for slot, firm in enumerate(run.firms.ids)
            if firm in run.scenario.players or noted[slot]
        }
        self.by_week: dict[int, dict[str, list[EventRow]]] = defaultdict(lambda: defaultdict(list))
        for row in run.events:
            self.by_week[math.floor(row.week)][row.kind].append(row)

    def weeks(self) -> Iterator[tuple[int, list[str]]]:
        """(week, sentences) of every week in which something is worth telling."""
        for week in range(self.run.scenario.horizon_weeks + 1):
            told = [*self._calendar(week), *self._happened(self.by_week[week])]
            told += self._milestones(week)
            if told:
                yield week, told

    def _before(self, week: float) -> State:
        """The state of the Monday before a moment."""
        return self.run.snapshots[max(0.0, math.ceil(week) - 1.0)]

    def _rules(self, week: float) -> Sections:
        return self.run.scenario.at(max(0, math.ceil(week) - 1))

    def _name(self, slot: int) -> str:
        return self.run.firms.names[slot]

    def _calendar(self, week: int) -> Iterator[str]:
        for _, event in self.run.scenario.events:
            if math.ceil(event.week) == week:
                yield f"[{event.about.strip()}]"
            if event.until is not None and math.ceil(event.end_week) == week:
                yield f"[Over: {event.about.strip()}]"

    def _happened(self, every: dict[str, list[EventRow]]) -> Iterator[str]:
        rows = {kind: [row for row in every[kind] if row.firm in self.known] for kind in EVENTS}
        yield from self._group(rows["entered"], "enters the race", "enter the race")
        yield from self._group(rows["launched"], "shows a product", "show their products")
        yield from self._group(rows["licensed"], "is licensed", "are licensed")
        leads = {(row.firm, row.week): row.other for row in rows["backed"]}
        for row in rows["raised"]:
            backer = leads.get((row.firm, row.week))
            led = f", led by {self._name(backer)}" if backer is not None else ""
            yield f"{self._name(row.firm)} raises {_money(row.amount)}{led}."
        yield from self._trained(every["trained"])
        failed, hit = rows["run_failed"], rows["suspended"]
        yield from self._group(
            failed, "must begin a training run again", "must begin training runs again"
        )
        yield from self._group(hit, "is suspended after an incident", "are suspended")
        for kind, (one, many) in _ALSO.items():
            yield from self._group(rows[kind], one, many)
        for kind, tell in (
            ("pivoted", self._pivot),
            ("acquired", self._sale),
            ("bankrupt", self._bankruptcy),
            ("closed", self._shutdown),
        ):
            yield from map(tell, rows[kind])
        others = {kind: [r for r in every[kind] if r.firm not in self.known] for kind in _UNNAMED}
        told = [_count(kind, others[kind]) for kind in _UNNAMED if others[kind]]
        if told:
            yield f"Unnamed firms: {', '.join(told)}."

    def _group(self, rows: Sequence[EventRow], one: str, many: str) -> Iterator[str]:
        if rows:
            names = [self._name(row.firm) for row in rows]
            yield f"{listed(names)} {one if len(names) == 1 else many}."

    def _trained(self, rows: Sequence[EventRow]) -> Iterator[str]:
        """Only a run that gives the best domestic model is news."""
        if not rows:
            return
        best = max(rows, key=lambda row: row.amount)
        before = self._before(best.week)
        ours = np.where(self.run.firms.domestic & before.alive, before.capability, NO_MODEL)
        if best.amount > np.max(ours):
            gap = float(before.frontier[0, 0]) - best.amount
            who = self._name(best.firm) if best.firm in self.known else "An unnamed firm"
            told = f"{gap:.1f} orders of magnitude behind" if gap >= 0.05 else "level with"
            yield f"{who} now has the best model at home ({best.amount:.1f}, {told} the frontier)."
            for name, level in _LEVELS.items():
                if np.max(ours) < level <= best.amount:
                    yield f"It is the first at home at the level of {name}."

    def _pivot(self, row: EventRow) -> str:
        state, rules = self._before(row.week), self._rules(row.week)
        own, free = float(state.capability[0, row.firm]), float(state.open_weights[0, 0])
        behind = NO_MODEL < own < free - rules.exits.pivot_gap_oom
        why = (
            "its own model lies behind what can be downloaded"
            if behind
            else f"its money lasts {number(round(float(state.runway[0, row.firm])))} weeks"
        )
        turn = _ROUTES[Route(row.other)]
        return f"{self._name(row.firm)} stops training from scratch and {turn}: {why}."

    def _sale(self, row: EventRow) -> str:
        state, rules = self._before(row.week), self._rules(row.week)
        runway = float(state.runway[0, row.firm])
        short = runway < rules.exits.short_runway_weeks
        why = f"its money lasts {number(round(runway))} more weeks" if short else "its founder left"
        return f"{self._name(row.firm)} is sold to {self._name(row.other)}: {why}."

    def _bankruptcy(self, row: EventRow) -> str:
        state = self._before(row.week)
        lost = -float(state.profit_total[0, row.firm])
        return (
            f"{self._name(row.firm)} runs out of money, {_money(max(lost, 0.0))} spent, "
            f"with {number(round(float(np.sum(state.users[0, :, row.firm]))))} users."
        )

    def _shutdown(self, row: EventRow) -> str:
        state, rules = self._before(row.week), self._rules(row.week)
        idle = float(state.irrelevant[0, row.firm])
        least = f"{100 * RELEVANT:g} %"
        why = (
            f"{idle:.0f} weeks below {least} in every segment"
            if idle > rules.funding.patience_weeks
            else "its cash is spent"
        )
        owner = "parent" if self.run.firms.kind[0, row.firm] == Kind.BIGTECH else "board"
        return f"The {owner} of {self._name(row.firm)} shuts its model unit: {why}."

    def _milestones(self, week: int) -> Iterator[str]:
        """Crowds of users passed this week; every quarter, where the market stands."""
        series = {name: values[0] for name, values in self.run.series.items()}
        consumers = series["users_consumer"]
        for crowd in _CROWDS:
            if week and consumers[week - 1] < crowd <= consumers[week]:
                yield f"More than {number(crowd / 1e6)} million consumers use a product."
        if week % _QUARTER == 0:
            held = composite_shares(self.run.at(float(week)))[0]
            leaders = [
                f"{self._name(int(slot))} {percent(held[slot])}"
                for slot in np.argsort(-held, kind="stable")[:3]
                if held[slot] >= 0.005
            ]
            yield (
                f"== {series['firms_alive'][week]:.0f} firms, {series['licensed'][week]:.0f} "
                f"licensed; {number(round(consumers[week] / 1e6, 1))} million "
                f"consumers; hype {series['hype'][week]:.2f}; an accelerator costs "
                f"{series['gpu_price'][week]:.2f} USD an hour; frontier "
                f"{series['frontier'][week]:.1f}, best at home "
                f"{series['best_capability'][week]:.1f}, open {series['open_weights'][week]:.1f}"
                + (f"; ahead: {', '.join(leaders)}" if leaders else "")
            )


def _count(kind: str, rows: Sequence[EventRow]) -> str:
    """``3 enter``, ``1 raises 11 M USD``."""
    one, many = _UNNAMED[kind]
    money = f" {_money(sum(row.amount for row in rows))}" if kind == "raised" else ""
    return f"{len(rows)} {one if len(rows) == 1 else many}{money}"


def _money(musd: float) -> str:
    return f"{number(round(musd) if musd >= 10 else round(musd, 1))} M USD"
