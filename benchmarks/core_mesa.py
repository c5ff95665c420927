"""The core rules once more, as a plain Mesa program: agent objects, AgentSet, DataCollector.

It is the yardstick for speed (`speed.py`) and, on the same luck, an independent check of the
engine, firm by firm (tests/test_oracle.py). So it takes from the package only what is data: a
scenario's parameters and its roster, and luck by name. Its equations were written from the
model's description, for one firm and one number at a time, with a tick of one week.

Core rules: training, review, users, accounts, funding, exit (core_rules.yaml has the rest off).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import mesa
from core_firm import Firm
from core_start import KeyedDraws, OwnDraws, Segment, roster

from llm_market_sim.scenario import load

SCENARIO = load(Path(__file__).with_name("core_rules.yaml"))
SHARE_WEIGHTS = (0.40, 0.25, 0.20, 0.15)  # of the segments in a composite share


class CoreModel(mesa.Model):
    """One world. With a luck seed it meets the luck of that seed's world; else Mesa's own."""

    def __init__(
        self, world: int = 0, luck_seed: int | None = None, weeks: int = 78, rng: Any = None
    ) -> None:
        super().__init__(rng=rng)
        self.rules = SCENARIO
        self.weeks = weeks
        self.week = 0.0
        self.tick = 0.0  # length of a step in weeks; nothing passes before the first
        self.segments = [
            Segment(place, name, self.rules) for place, name in enumerate(self.rules.users.inertia)
        ]

        def draws_of(firm: str) -> KeyedDraws | OwnDraws:
            if luck_seed is None:
                return OwnDraws(self.random)
            return KeyedDraws(luck_seed, world, firm)

        self.draws = draws_of("")
        self.log_hype = 0.0
        self.pool = self.rules.funding.pool_start_musd
        self.gpu_price = self.rules.compute.price_usd_per_gpu_hour
        self.dead: list[Firm] = []
        for facts in roster(self.rules, draws_of):
            Firm(self, facts)
        self.open_weights = -math.inf
        self.follow_the_frontier()
        self.supply_products()
        self.agents.do("set_prices")
        self.tick = 1.0
        self.datacollector = mesa.DataCollector(
            model_reporters={"firms": lambda model: len(model.agents)},
            agent_reporters={"share": "share"},
        )
        self.datacollector.collect(self)

    def step(self) -> None:
        self.sections = self.rules.at(self.week)
        self.follow_the_frontier()
        self.agents.do("decide")
        self.agents.do("begin_run")
        self.agents.do("buy_cards")
        self.clear_compute()
        self.agents.do("train")
        self.supply_products()
        self.agents.do("file")
        self.approve_batch()
        self.move_users()
        self.charge_wrappers()
        self.agents.do("settle")
        self.agents.do("set_prices")
        self.agents.do("meet_investors")
        self.share_pool()
        self.calm_down()
        self.agents.select().do("maybe_leave")
        self.measure()
        self.week += 1.0
        self.running = self.week < self.weeks
        self.datacollector.collect(self)

    # ---- the world outside ----

    def frontier_at(self, week: float) -> float:
        """GPT-3 to GPT-3.5 to GPT-4, then on at a constant rate."""
        rules = self.rules.frontier
        level = 22.2
        for start, end, gain in ((-147.0, -57.0, 1.7), (-57.0, -5.0, 1.1)):
            level += gain * min(max(week - start, 0.0), end - start) / (end - start)
        return level + rules.growth_oom_per_year / 52 * max(week + 5.0, 0.0)

    def follow_the_frontier(self) -> None:
        rules, now = self.rules.frontier, self.week + self.tick
        self.frontier = self.frontier_at(now)
        moved = math.exp(-now / 26)
        lag = rules.open_lag_weeks + (rules.open_lag_start_weeks - rules.open_lag_weeks) * moved
        released = self.frontier_at(now - lag) - rules.open_language_penalty_oom
        self.open_weights = max(self.open_weights, released)

    def calm_down(self) -> None:
        rules, before = self.rules.hype, self.log_hype
        kept = math.exp(-1 / rules.memory_weeks)
        noise = rules.spread * math.sqrt(1 - kept**2)
        self.log_hype = rules.level_log + (before - rules.level_log) * kept
        self.log_hype += noise * self.draws.normal("hype", int(self.week) + 1)
        for firm in self.agents:
            if firm.kind == "listed":
                firm.log_stock += rules.stock_hype_beta * (self.log_hype - before)
                if (self.week + 1) % 4 == 0:
                    month = int(self.week + 1) // 4
                    firm.log_stock += 0.06 * 2 * firm.draws.normal("stock", month)

    # ---- compute and products ----

    def card_price(self) -> float:
        falling = math.exp(-self.rules.compute.price_decline_per_year * self.week / 52)
        return self.rules.cards.price_usd * falling

    def clear_compute(self) -> None:
        """There is enough for all; clouds let their idle hours in proportion."""
        rules = self.rules.compute
        falling = math.exp(-rules.price_decline_per_year * (self.week + 1) / 52)
        self.gpu_price = rules.price_usd_per_gpu_hour * falling
        self.carried: dict[Firm, float] = {}
        for firm in self.agents:
            if firm.route == "wrapper" and self.supplier is not None:
                used = firm.units_used()
                self.carried[self.supplier] = self.carried.get(self.supplier, 0.0) + used
        self.agents.do("need_compute")
        lessors = rules.rental_start * rules.usable_share * 168
        offered = self.agents.agg("hours_idle", sum) + lessors
        self.sold = self.agents.agg("hours_rented", sum) / offered

    def supply_products(self) -> None:
        """What wrappers can buy: the best model at home, or the frontier by a detour."""
        rules = self.rules.products
        at_home = self.agents.select(lambda firm: firm.route == "foundation" and firm.live)
        self.supplier = max(at_home, key=lambda firm: firm.capability, default=None)
        loss = {"open": 0.0, "grey": rules.grey_loss_oom}.get(rules.foreign_api, math.inf)
        self.best_for_sale = self.frontier - loss
        if self.supplier is not None and self.supplier.capability > self.best_for_sale:
            self.best_for_sale = self.supplier.capability
        else:
            self.supplier = None
        self.agents.do("launch")

    def charge_wrappers(self) -> None:
        self.fees_paid: dict[Firm, float] = {}
        self.fees_earned: dict[Firm, float] = {}
        for firm in self.agents:
            if firm.route == "wrapper":
                hours = (self.supplier or firm).unit_hours
                price = hours * self.gpu_price * (1 + 0.3)
                self.fees_paid[firm] = firm.units_used() * price / 1e6
        if self.supplier is not None:
            self.fees_earned[self.supplier] = sum(self.fees_paid.values())

    # ---- licences ----

    def approve_batch(self) -> None:
        rules = self.sections.regulation
        number = math.floor((self.week + 1 - rules.first_batch_week) / rules.batch_interval_weeks)
        before = math.floor((self.week - rules.first_batch_week) / rules.batch_interval_weeks)
        batch_at = rules.first_batch_week + number * rules.batch_interval_weeks
        if number > before and number >= 0:
            queue = [
                (firm.reviewed_at + 1e-6 * firm.draws.uniform("queue"), firm.unique_id, firm)
                for firm in self.agents
                if firm.status == "beta"
                and firm.needs_licence()
                and not firm.barred()
                and firm.reviewed_at <= batch_at
            ]
            capacity = math.floor(rules.batch_capacity * rules.batch_growth**number)
            for _, _, firm in sorted(queue)[:capacity]:
                firm.licensed_at, firm.status = batch_at, "open"
        for firm in self.agents:
            if firm.status == "beta" and not firm.needs_licence():
                firm.status = "open"

    # ---- users ----

    def move_users(self) -> None:
        sellers = self.agents.select(lambda firm: firm.live)
        sellers.do("attract")
        firms = list(sellers)
        for segment in self.segments:
            self.move_segment(segment, [firm for firm in firms if firm.serves(segment)])
        self.agents.do("win_users")
        if (self.week + 1) % 4 == 0:
            self.agents.do("change_taste", int(self.week + 1) // 4)

    def move_segment(self, s: Segment, firms: list[Firm]) -> None:
        """Some choose again, some for the first time; each by the weights that he sees."""
        at = s.place
        weights = [firm.reach[at] * firm.pull[at] for firm in firms]
        choice = sum(weights)
        fresh = s.first_tries(math.exp(self.log_hype))
        drifting = s.idle * s.choosing_again
        new = (fresh + drifting) * s.inside(choice)
        pulled = new / choice if choice > 0 else 0.0
        lost = 0.0
        stays = []
        for firm in firms:
            moving = firm.users[at] * s.choosing_again
            habit = s.habit * firm.pull[at]
            seen = choice + habit
            taking = moving * s.inside(seen)
            share = taking / seen
            pulled += share
            lost += moving - taking
            stays.append(habit * share - moving)
        s.users = 0.0
        turned_away = 0.0
        for firm, weight, stay in zip(firms, weights, stays, strict=True):
            users = firm.users[at] + weight * pulled + stay
            if s.needs_licence and firm.status == "beta" and users > s.beta_cap:
                turned_away += users - s.beta_cap
                users = s.beta_cap
            firm.users[at] = users
            s.users += users
        s.unaware -= fresh
        s.idle += lost + fresh - new + turned_away

    def measure(self) -> None:
        for s in self.segments:
            s.users = sum(firm.users[s.place] for firm in self.agents)
        for firm in self.agents:
            firm.share = sum(
                weight * firm.users[s.place] / s.users
                for weight, s in zip(SHARE_WEIGHTS, self.segments, strict=True)
                if s.users > 0
            )

    # ---- funding ----

    def share_pool(self) -> None:
        """This week's rounds are paid in the order of their days; then parents, shareholders."""
        rules = self.rules.funding
        hype = math.exp(rules.inflow_hype_exponent * self.log_hype)
        self.pool += rules.inflow_musd_per_week * hype
        for firm in sorted(self.agents.select(lambda firm: firm.ask > 0), key=lambda f: f.round_at):
            granted = min(firm.ask, self.pool)
            if granted >= 0.25 * firm.ask:
                self.pool -= granted
                firm.cash += granted
                firm.raised += granted
                firm.stage += 1
        self.agents.do("get_money")


if __name__ == "__main__":
    from mesa.batchrunner import batch_run

    rows = batch_run(CoreModel, {"world": range(4)}, max_steps=78)
    print(f"{sum(row['share'] >= 0.05 for row in rows) / 4:.2f} firms with a share of 5 % or more")
