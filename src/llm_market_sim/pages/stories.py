"""Three worlds of one scenario, told from what the folder keeps of their events and firms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llm_market_sim.figures.words import number
from llm_market_sim.pages.words import Say, sayer
from llm_market_sim.results import Results
from llm_market_sim.words import Language, date, listed, percent

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
        Story(which, rows[place][0], shares[place],
              list(_World(results, scenario, rows[place][0], language).tell()))
        for which, place in chosen(shares).items()
    ]  # fmt: skip


class _World:
    """One world's rows, and the sentences that they make."""

    def __init__(self, results: Results, scenario: str, world: int, language: Language) -> None:
        self.language = language
        self.say: Say = sayer(language)
        facts = results.manifest.scenarios[scenario]
        self.players = facts["resolved"]["players"]
        self.names = facts.get("words", {}).get("firms", {})
        self.last = float(facts["horizon_weeks"])
        key, ask = [scenario, world], results.database.execute
        where = "WHERE scenario = ? AND replication = ?"
        self.events = ask(
            f"SELECT kind, week, firm, amount, other FROM events {where} ORDER BY week, firm", key
        ).fetchall()
        self.firms = ask(
            f"SELECT firm, kind, status, share FROM firms {where} ORDER BY share DESC, firm", key
        ).fetchall()
        self.foreign = {firm for firm, kind, *_ in self.firms if kind == "foreign"}
        names = "week, firms_alive, launched, entered, startup_share, users_consumer"
        weeks = ask(f"SELECT {names} FROM series {where} ORDER BY week", key).fetchall()
        self.start, self.end = weeks[0], weeks[-1]

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
            (week, firm, amount, other) for what, week, firm, amount, other in self.events
            if what == kind and firm not in self.foreign and (not named or firm in self.players)
        ]  # fmt: skip

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
        yield rows[0][0], self.say(
            "story.licensed", date=self._date(rows[0][0]), count=len(first), total=len(rows),
            names=self._some([row[1] for row in first]),
        )  # fmt: skip

    def _money(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("raised")
        if not rows:
            return
        week, firm, amount, _ = max(rows, key=lambda row: row[2])
        backers = {(row[0], row[1]): row[3] for row in self._rows("backed")}
        backer = backers.get((week, firm))
        key = "story.round_led" if backer else "story.round"
        led = {"backer": self._name(backer)} if backer else {}
        yield week, self.say(
            key, date=self._date(week), firm=self._name(firm), amount=self._musd(amount),
            rounds=len(rows), total=self._musd(sum(row[2] for row in rows)), **led,
        )  # fmt: skip

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
            yield named[0][0], self.say(
                "story.suspended", date=self._date(named[0][0]), firm=self._name(named[0][1]),
                count=len(rows),
            )  # fmt: skip

    def _turned(self) -> Iterator[tuple[float, str]]:
        rows = self._rows("pivoted")
        if rows:
            week, firm, _, route = (self._rows("pivoted", named=True) or rows)[0]
            yield week, self.say(
                "story.pivoted", date=self._date(week), firm=self._name(firm), count=len(rows),
                route=self.say(f"route.{route}"),
            )  # fmt: skip

    def _gone(self) -> Iterator[tuple[float, str]]:
        """How firms end; named ones before others, the first by date."""
        for kind in ("acquired", "bankrupt", "closed"):
            rows = self._rows(kind)
            if rows:
                week, firm, _, other = (self._rows(kind, named=True) or rows)[0]
                buyer = {"buyer": self._name(other)} if kind == "acquired" else {}
                yield week, self.say(
                    f"story.{kind}", date=self._date(week), firm=self._name(firm),
                    count=len(rows), **buyer,
                )  # fmt: skip

    def _end(self) -> Iterator[str]:
        week, alive, _, entered, startups, users = self.end
        yield self.say(
            "story.end", date=self._date(week), alive=int(alive), entered=int(entered),
            users=number(round(users, -5), self.language),
        )  # fmt: skip
        leaders = [
            self.say("story.leader", firm=self._name(firm), share=percent(share, self.language))
            for firm, _, _, share in self.firms[:3] if share and share >= _NOTED
        ]  # fmt: skip
        startups_hold = percent(startups, self.language)
        if leaders:
            names = listed(leaders, self.language)
            yield self.say("story.leaders", names=names, startups=startups_hold)
        else:
            yield self.say("story.no_leaders")

    def _some(self, firms: list[str]) -> str:
        """Named firms by name; of the others how many there are."""
        named = [firm for firm in firms if firm in self.players]
        parts = [self._name(firm) for firm in named]
        rest = len(firms) - len(named)
        if rest:
            parts.append(self.say("story.others" if named else "story.unnamed", count=rest))
        return listed(parts, self.language)

    def _dated(self, firm: str, week: float) -> str:
        return self.say("story.dated", firm=self._name(firm), date=self._date(week))

    def _name(self, firm: str) -> str:
        if firm in self.players:
            name: str = self.names.get(firm, {}).get(self.language, firm)
            return name
        return self.say("story.unnamed_firm", id=firm)

    def _date(self, week: float) -> str:
        return date(week, self.language)

    def _musd(self, amount: float) -> str:
        return number(amount * 1e6, self.language)
