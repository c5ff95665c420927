"""A world told from its events and firms: three worlds of a result folder, or one of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_market_sim.market.codes import Kind, Route
from llm_market_sim.market.observation import composite_shares
from llm_market_sim.pages.words import Say, sayer
from llm_market_sim.results import Results
from llm_market_sim.simulation import Run
from llm_market_sim.summary.said import number
from llm_market_sim.words import Language, date, listed, percent

__all__ = ["Story", "chosen", "stories", "story_of"]


_SERIES = ("firms_alive", "launched", "entered", "startup_share", "users_consumer")
_NOTED = 0.005  # least share of a leader that is named


@dataclass(frozen=True)
class Story:
    """A world: why it was chosen ("luckiest", "median", "unluckiest", "only"), its number, the
    final share of its startups (0 to 1), and sentences in the order of their dates."""

    which: str
    world: int
    share: float
    sentences: list[str]


def chosen(shares: Sequence[float]) -> dict[str, int]:
    """Places of the worlds to tell in the shares of all worlds: the largest, the one in the middle
    (the lower of two), the smallest; of equals the first. Less than three worlds: as many."""
    order = np.argsort(-np.asarray(shares), kind="stable")
    if len(order) == 1:
        return {"only": int(order[0])}
    ends = {"luckiest": int(order[0]), "unluckiest": int(order[-1])}
    if len(order) == 2:
        return ends
    return {
        "luckiest": ends["luckiest"],
        "median": int(order[len(order) // 2]),
        "unluckiest": ends["unluckiest"],
    }


def stories(results: Results, scenario: str, language: Language) -> list[Story]:
    """The worlds in which startups end with the largest, the middle and the smallest share."""
    query = "SELECT replication, startup_share FROM worlds WHERE scenario = ? ORDER BY replication"
    rows = results.database.execute(query, [scenario]).fetchall()
    if not rows:
        return []
    shares = [share for _, share in rows]
    return [
        Story(
            which,
            rows[place][0],
            shares[place],
            list(_kept(results, scenario, rows[place][0], language).tell()),
        )
        for which, place in chosen(shares).items()
    ]


def story_of(run: Run, language: Language) -> list[str]:
    """A run of one world, with its events and all series, told like the worlds of a folder."""
    ids = run.firms.ids
    names = {firm: player.name for firm, player in run.scenario.players.items()}
    kinds = (Kind(int(kind)).name.lower() for kind in run.firms.kind[0])
    firms = list(zip(ids, kinds, composite_shares(run.final)[0].tolist(), strict=True))
    weeks = [(run.weeks[k], *(run.series[name][0, k] for name in _SERIES)) for k in (0, -1)]
    events = []
    for row in run.events:
        other = ids[row.other] if row.other >= 0 else ""
        if row.kind == "pivoted":
            other = Route(row.other).name.lower()
        events.append((row.kind, row.week, ids[row.firm], row.amount, other))
    events.sort(key=lambda row: (row[1], row[2]))
    return list(_World(names, events, firms, weeks[0], weeks[1], language).tell())


def _kept(results: Results, scenario: str, world: int, language: Language) -> _World:
    """A world of a folder."""
    facts = results.manifest.scenarios[scenario]
    named = facts.get("words", {}).get("firms", {})
    names = {firm: named.get(firm, {}) for firm in facts["resolved"]["players"]}
    key, ask = [scenario, world], results.database.execute
    where = "WHERE scenario = ? AND replication = ?"
    events = ask(
        f"SELECT kind, week, firm, amount, other FROM events {where} ORDER BY week, firm", key
    ).fetchall()
    firms = ask(f"SELECT firm, kind, share FROM firms {where}", key).fetchall()
    columns = ", ".join(("week", *_SERIES))
    weeks = ask(f"SELECT {columns} FROM series {where} ORDER BY week", key).fetchall()
    return _World(names, events, firms, weeks[0], weeks[-1], language)


class _World:
    """One world's rows, and the sentences that they make.

    names: of the named firms, by id and language. events: (kind, week, firm, amount, other).
    firms: (firm, kind, share at the end). start, end: a week and the series of `_SERIES` then.
    """

    def __init__(
        self,
        names: Mapping[str, Mapping[Any, str]],
        events: Sequence[Any],
        firms: Sequence[Any],
        start: Sequence[Any],
        end: Sequence[Any],
        language: Language,
    ) -> None:
        self.language = language
        self.say: Say = sayer(language)
        self.names, self.events, self.start, self.end = names, events, start, end
        self.firms = sorted(firms, key=lambda one: (-(one[2] or 0.0), one[0]))
        self.foreign = {firm for firm, kind, _ in firms if kind == "foreign"}

    def tell(self) -> Iterator[str]:
        """The beginning, what happened by the dates at which it began, and the end."""
        _, alive, shown, *_ = self.start
        yield self.say("story.start", date=self._date(0.0), alive=int(alive), shown=int(shown))
        told = [*self._shown(), *self._licensed(), *self._money(), *self._best(), *self._troubles()]
        told += [*self._turned(), *self._gone()]
        yield from (sentence for _, sentence in sorted(told, key=lambda one: one[0]))
        yield from self._end()

    def _rows(self, kind: str, named: bool = False) -> list[tuple[float, str, float, str]]:
        """(week, firm, amount, other) of one kind, at home, by date; named: of named firms only."""
        return [
            (week, firm, amount, other)
            for what, week, firm, amount, other in self.events
            if what == kind and firm not in self.foreign and (not named or firm in self.names)
        ]

    def _shown(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("launched", named=True)
        if rows:
            names = listed([self._dated(firm, week) for week, firm, *_ in rows[:3]], self.language)
            yield rows[0][0], self.say("story.shown", names=names)

    def _licensed(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("licensed")
        if not rows:
            return
        first = [row for row in rows if self._date(row[0]) == self._date(rows[0][0])]
        yield (
            rows[0][0],
            self.say(
                "story.licensed",
                date=self._date(rows[0][0]),
                count=len(first),
                total=len(rows),
                names=self._some([row[1] for row in first]),
            ),
        )

    def _money(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("raised")
        if not rows:
            return
        week, firm, amount, _ = max(rows, key=lambda row: row[2])
        backers = {(row[0], row[1]): row[3] for row in self._rows("backed")}
        backer = backers.get((week, firm))
        key = "story.round_led" if backer else "story.round"
        led = {"backer": self._name(backer)} if backer else {}
        yield (
            week,
            self.say(
                key,
                date=self._date(week),
                firm=self._name(firm),
                amount=self._musd(amount),
                rounds=len(rows),
                total=self._musd(sum(row[2] for row in rows)),
                **led,
            ),
        )

    def _best(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("trained")
        if rows:
            week, firm, level, _ = max(rows, key=lambda row: row[2])
            yield (
                week,
                self.say(
                    "story.best", date=self._date(week), firm=self._name(firm), level=f"{level:.1f}"
                ),
            )

    def _troubles(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("suspended")
        if rows:
            named = self._rows("suspended", named=True) or rows
            yield (
                named[0][0],
                self.say(
                    "story.suspended",
                    date=self._date(named[0][0]),
                    firm=self._name(named[0][1]),
                    count=len(rows),
                ),
            )

    def _turned(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("pivoted")
        if rows:
            week, firm, _, route = (self._rows("pivoted", named=True) or rows)[0]
            yield (
                week,
                self.say(
                    "story.pivoted",
                    date=self._date(week),
                    firm=self._name(firm),
                    count=len(rows),
                    route=self.say(f"route.{route}"),
                ),
            )

    def _gone(self) -> Iterator[tuple[float, str]]:
        """How firms end; named ones before others, the first by date."""
        for kind in ("acquired", "bankrupt", "closed"):
            rows = self._rows(kind)
            if rows:
                week, firm, _, other = (self._rows(kind, named=True) or rows)[0]
                buyer = {"buyer": self._name(other)} if kind == "acquired" else {}
                yield (
                    week,
                    self.say(
                        f"story.{kind}",
                        date=self._date(week),
                        firm=self._name(firm),
                        count=len(rows),
                        **buyer,
                    ),
                )

    def _end(self) -> Iterator[str]:
        week, alive, _, entered, startups, users = self.end
        yield self.say(
            "story.end",
            date=self._date(week),
            alive=int(alive),
            entered=int(entered),
            users=number(round(users, -5), self.language),
        )
        leaders = [
            self.say("story.leader", firm=self._name(firm), share=percent(share, self.language))
            for firm, _, share in self.firms[:3]
            if share and share >= _NOTED
        ]
        startups_hold = percent(startups, self.language)
        if leaders:
            names = listed(leaders, self.language)
            yield self.say("story.leaders", names=names, startups=startups_hold)
        else:
            yield self.say("story.no_leaders")

    def _some(self, firms: list[str]) -> str:
        """Named firms by name; of the others how many there are."""
        named = [firm for firm in firms if firm in self.names]
        parts = [self._name(firm) for firm in named]
        rest = len(firms) - len(named)
        if rest:
            parts.append(self.say("story.others" if named else "story.unnamed", count=rest))
        return listed(parts, self.language)

    def _dated(self, firm: str, week: float) -> str:
        return self.say("story.dated", firm=self._name(firm), date=self._date(week))

    def _name(self, firm: str) -> str:
        if firm in self.names:
            name: str = self.names.get(firm, {}).get(self.language, firm)
            return name
        return self.say("story.unnamed_firm", id=firm)

    def _date(self, week: float) -> str:
        return date(week, self.language)

    def _musd(self, amount: float) -> str:
        return number(amount * 1e6, self.language)
