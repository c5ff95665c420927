"""One world told week by week: who came, launched, was licensed, raised, turned, died, and why.

Named firms, and unnamed ones that end up with 2 % of the market, are called by name; the others
are counted. Reasons are read from the state of the Monday before, by the model's own thresholds.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from llm_market_sim.cli.tell import counted, named, spoken, tell
from llm_market_sim.market.mechanisms.exits import RELEVANT
from llm_market_sim.market.observation import EVENTS, composite_shares
from llm_market_sim.market.state import NO_MODEL, Kind, Route, State
from llm_market_sim.scenario import Sections
from llm_market_sim.simulation import EventRow, Run
from llm_market_sim.summary import said
from llm_market_sim.words import listed, number, percent

_NOTED_SHARE = 0.02
_QUARTER = 13
_CROWDS = (1e6, 10e6, 50e6, 100e6, 200e6)  # consumers
_LEVELS = {"GPT-3.5": 23.9, "GPT-4": 25.0}  # OOM; the marks on which the roster's scale rests
_TURNS = {
    Route.FINE_TUNE: "{firm} stops training from scratch and fine-tunes open weights: {why}.",
    Route.VERTICAL: "{firm} stops training from scratch and serves one segment only: {why}.",
    Route.WRAPPER: "{firm} stops training from scratch and sells another firm's model: {why}.",
    Route.FOUNDATION: "{firm} trains from scratch: {why}.",
}
_NEWS = {  # of one firm, of several
    "entered": ("{names} enters the race.", "{names} enter the race."),
    "launched": ("{names} shows a product.", "{names} show their products."),
    "licensed": ("{names} is licensed.", "{names} are licensed."),
    "run_failed": (
        "{names} must begin a training run again.",
        "{names} must begin training runs again.",
    ),
    "suspended": ("{names} is suspended after an incident.", "{names} are suspended."),
    "opened": ("{names} opens the weights of a model.", "{names} open the weights of models."),
    "answered": (
        "{names} answers its rivals with lower prices.",
        "{names} answer their rivals with lower prices.",
    ),
    "returned": (
        "{names} trains models of its own again.",
        "{names} train models of their own again.",
    ),
    "internal": (
        "{names} serves its own house from now on.",
        "{names} serve their own houses from now on.",
    ),
}
_UNNAMED = {
    "entered": ("{n} enters", "{n} enter"),
    "launched": ("{n} shows a product", "{n} show a product"),
    "licensed": ("{n} is licensed", "{n} are licensed"),
    "raised": ("{n} raises {money}", "{n} raise {money}"),
    "pivoted": ("{n} changes route", "{n} change route"),
    "acquired": ("{n} is sold", "{n} are sold"),
    "bankrupt": ("{n} runs out of money", "{n} run out of money"),
    "closed": ("{n} is shut", "{n} are shut"),
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
        firms = self.run.firms
        return (firms.names if spoken() == "en" else firms.names_zh)[slot]

    def _calendar(self, week: int) -> Iterator[str]:
        for _, event in self.run.scenario.events:
            if math.ceil(event.week) == week:
                yield f"[{named(event.about.strip())}]"
            if event.until is not None and math.ceil(event.end_week) == week:
                yield tell("[Over: {about}]", about=named(event.about.strip()))

    def _happened(self, every: dict[str, list[EventRow]]) -> Iterator[str]:
        rows = {kind: [row for row in every[kind] if row.firm in self.known] for kind in EVENTS}
        for kind in ("entered", "launched", "licensed"):
            yield from self._group(kind, rows[kind])
        leads = {(row.firm, row.week): row.other for row in rows["backed"]}
        for row in rows["raised"]:
            backer = leads.get((row.firm, row.week))
            firm, amount = self._name(row.firm), _money(row.amount)
            if backer is None:
                yield tell("{firm} raises {amount}.", firm=firm, amount=amount)
            else:
                by = self._name(backer)
                yield tell("{firm} raises {amount}, led by {by}.", firm=firm, amount=amount, by=by)
        yield from self._trained(every["trained"])
        for kind in ("run_failed", "suspended", "opened", "answered", "returned", "internal"):
            yield from self._group(kind, rows[kind])
        for kind, one_of in (
            ("pivoted", self._pivot),
            ("acquired", self._sale),
            ("bankrupt", self._bankruptcy),
            ("closed", self._shutdown),
        ):
            yield from map(one_of, rows[kind])
        others = {kind: [r for r in every[kind] if r.firm not in self.known] for kind in _UNNAMED}
        told = [_count(kind, others[kind]) for kind in _UNNAMED if others[kind]]
        if told:
            gap = ", " if spoken() == "en" else "，"
            yield tell("Unnamed firms: {told}.", told=gap.join(told))

    def _group(self, kind: str, rows: Sequence[EventRow]) -> Iterator[str]:
        if rows:
            names = listed([self._name(row.firm) for row in rows], spoken())
            yield counted(len(rows), *_NEWS[kind], names=names)

    def _trained(self, rows: Sequence[EventRow]) -> Iterator[str]:
        """Only a run that gives the best domestic model is news."""
        if not rows:
            return
        best = max(rows, key=lambda row: row.amount)
        before = self._before(best.week)
        ours = np.where(self.run.firms.domestic & before.alive, before.capability, NO_MODEL)
        if best.amount > np.max(ours):
            gap = float(before.frontier[0, 0]) - best.amount
            who = self._name(best.firm) if best.firm in self.known else tell("An unnamed firm")
            yield tell(
                "{who} now has the best model at home ({level}, {gap} orders of magnitude behind "
                "the frontier)."
                if gap >= 0.05
                else "{who} now has the best model at home ({level}, level with the frontier).",
                who=who,
                level=f"{best.amount:.1f}",
                gap=f"{gap:.1f}",
            )
            for name, level in _LEVELS.items():
                if np.max(ours) < level <= best.amount:
                    yield tell("It is the first at home at the level of {name}.", name=name)

    def _pivot(self, row: EventRow) -> str:
        state, rules = self._before(row.week), self._rules(row.week)
        own, free = float(state.capability[0, row.firm]), float(state.open_weights[0, 0])
        if NO_MODEL < own < free - rules.exits.pivot_gap_oom:
            why = tell("its own model is behind what can be downloaded")
        else:
            weeks = number(round(float(state.runway[0, row.firm])))
            why = tell("its money lasts {weeks} weeks", weeks=weeks)
        return tell(_TURNS[Route(row.other)], firm=self._name(row.firm), why=why)

    def _sale(self, row: EventRow) -> str:
        state, rules = self._before(row.week), self._rules(row.week)
        runway = float(state.runway[0, row.firm])
        short = runway < rules.exits.short_runway_weeks
        why = (
            tell("its money lasts {weeks} more weeks", weeks=number(round(runway)))
            if short
            else tell("its founder left")
        )
        firm, buyer = self._name(row.firm), self._name(row.other)
        return tell("{firm} is sold to {buyer}: {why}.", firm=firm, buyer=buyer, why=why)

    def _bankruptcy(self, row: EventRow) -> str:
        state = self._before(row.week)
        lost = -float(state.profit_total[0, row.firm])
        return tell(
            "{firm} runs out of money, {spent} spent, with {users} users.",
            firm=self._name(row.firm),
            spent=_money(max(lost, 0.0)),
            users=_people(float(np.sum(state.users[0, :, row.firm]))),
        )

    def _shutdown(self, row: EventRow) -> str:
        state, rules = self._before(row.week), self._rules(row.week)
        idle = float(state.irrelevant[0, row.firm])
        why = (
            tell(
                "{weeks} weeks below {least} in every segment",
                weeks=f"{idle:.0f}",
                least=percent(RELEVANT, spoken()),
            )
            if idle > rules.funding.patience_weeks
            else tell("its cash is spent")
        )
        parent = self.run.firms.kind[0, row.firm] == Kind.BIGTECH
        return tell(
            "The parent of {firm} shuts its model unit: {why}."
            if parent
            else "The board of {firm} shuts its model unit: {why}.",
            firm=self._name(row.firm),
            why=why,
        )

    def _milestones(self, week: int) -> Iterator[str]:
        """Crowds of users passed this week; every quarter, where the market stands."""
        series = {name: values[0] for name, values in self.run.series.items()}
        consumers = series["users_consumer"]
        for crowd in _CROWDS:
            if week and consumers[week - 1] < crowd <= consumers[week]:
                yield tell("More than {crowd} consumers use a product.", crowd=_people(crowd))
        if week % _QUARTER == 0:
            held = composite_shares(self.run.at(float(week)))[0]
            leaders = [
                f"{self._name(int(slot))} {percent(held[slot], spoken())}"
                for slot in np.argsort(-held, kind="stable")[:3]
                if held[slot] >= 0.005
            ]
            yield (
                "== "
                + tell(
                    "{alive} firms, {licensed} licensed; {users} consumers; hype {hype}; an "
                    "accelerator costs {rent} USD an hour; frontier {frontier}, best at home "
                    "{best}, open {open_weights}",
                    alive=f"{series['firms_alive'][week]:.0f}",
                    licensed=f"{series['licensed'][week]:.0f}",
                    users=_people(round(consumers[week], -5)),
                    hype=f"{series['hype'][week]:.2f}",
                    rent=f"{series['gpu_price'][week]:.2f}",
                    frontier=f"{series['frontier'][week]:.1f}",
                    best=f"{series['best_capability'][week]:.1f}",
                    open_weights=f"{series['open_weights'][week]:.1f}",
                )
                + (tell("; ahead: {names}", names=listed(leaders, spoken())) if leaders else "")
            )


def _count(kind: str, rows: Sequence[EventRow]) -> str:
    """``3 enter``, ``1 raises 11 M USD``."""
    return counted(len(rows), *_UNNAMED[kind], money=_money(sum(row.amount for row in rows)))


def _people(count: float) -> str:
    """``10 million``, or in the units of the language."""
    if spoken() == "zh":
        return said.number(count, "zh")
    return f"{number(round(count / 1e6, 1))} million" if count >= 1e6 else number(round(count))


def _money(musd: float) -> str:
    if spoken() == "zh":
        return f"{said.number(musd * 1e6, 'zh')}美元"
    return f"{number(round(musd) if musd >= 10 else round(musd, 1))} M USD"
