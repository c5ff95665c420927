"""A firm of the plain Mesa program in core_mesa.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa
from core_start import Segment

if TYPE_CHECKING:
    from core_mesa import CoreModel

NO_MODEL = 20.0
FLOP_PER_HOUR = 1.42e18


class Firm(mesa.Agent):
    """A firm, from its first week to its end."""

    def __init__(self, model: CoreModel, facts: dict[str, Any]) -> None:
        super().__init__(model)
        self.__dict__.update(facts)
        self.status = "beta" if self.launched else "building"
        self.launched_at = 0.0 if self.launched else math.inf
        self.filed_at = self.reviewed_at = self.licensed_at = self.closed_at = math.inf
        self.run_hours = self.run_target = self.computing = self.tuning = 0.0
        self.runs = self.failures = self.meetings = 0
        self.run_at = math.inf
        self.served = self.capability
        self.trailing_profit = -self.burn
        self.use_so_far = self.best_share = self.trend = self.share = 0.0
        self.irrelevant = self.ask = self.log_stock = self.unit_hours = self.spend = 0.0
        self.hours_own = self.hours_rented = self.hours_idle = 0.0
        self.seeks = False
        self.users, self.price = [0.0] * 4, [0.0] * 4

    @property
    def live(self) -> bool:
        return self.status in ("beta", "open")

    def serves(self, segment: Segment) -> bool:
        return self.route != "vertical" or self.niche == segment.place

    # ---- what it wants ----

    def decide(self) -> None:
        funding, loss = self.model.rules.funding, -self.trailing_profit / 52
        self.spend = self.model.rules.training.spend_share * max(self.cash, 0.0)
        self.seeks = loss > 0 and self.cash / loss < funding.seek_runway_weeks

    # ---- training ----

    def begin_run(self) -> None:
        model, rules = self.model, self.model.rules.training
        if self.route != "foundation" or self.preparation > 0 or self.run_hours > 0:
            return
        compute = model.rules.compute
        largest = rules.market_share_cap * compute.supply_start * compute.usable_share
        at_home = min(1.0, self.gpus * compute.usable_share / largest)
        price = model.gpu_price * (at_home * compute.own_cost_share + 1 - at_home)
        paid_for = min(1e6 * self.spend / price, 168 * rules.compute_weeks * largest)
        hours = paid_for / rules.cost_multiple
        if hours <= 0:
            return
        known = rules.algorithms_oom_per_year * (model.week - self.lag) / 52
        target = math.log10(FLOP_PER_HOUR * hours) + known + self.skill
        if target >= self.capability + rules.min_gain_oom:
            self.run_hours, self.run_target = hours, target
            self.computing, self.tuning = rules.compute_weeks, rules.tuning_weeks

    def need_compute(self) -> None:
        """GPU hours of the week: own first, the rest rented; a cloud has idle ones to let."""
        model, rules = self.model, self.model.rules
        hours = 0.0
        if self.run_hours > 0:
            weeks = min(self.computing, 1.0)
            hours = (
                rules.training.cost_multiple * self.run_hours / rules.training.compute_weeks * weeks
            )
        hours += (self.units_served() + model.carried.get(self, 0.0)) * self.unit_hours
        own = self.gpus * rules.compute.usable_share * 168
        self.hours_own = min(hours, own)
        self.hours_rented = hours - self.hours_own
        self.hours_idle = (own - self.hours_own) if self.cloud else 0.0
        model.hours_of_owners += own

    def units_used(self) -> float:
        return sum(self.users[s.place] * s.units for s in self.model.segments)

    def units_served(self) -> float:
        return 0.0 if self.route == "wrapper" else self.units_used()

    def train(self) -> None:
        if self.run_hours <= 0:
            return
        rules, week = self.model.rules.training, self.model.week
        on_cluster = min(self.computing, 1.0)
        if self.computing > 0:
            self.computing -= on_cluster
            if self.computing < 1e-9:
                self.computing = 0.0
            self.clock_failure -= (
                -math.log(1.0 - rules.failure_probability) / rules.compute_weeks * on_cluster
            )
            if self.clock_failure <= 0:
                self.failures += 1
                self.clock_failure += self.draws.exponential("failure", self.failures)
                self.computing += rules.failure_loss * (rules.compute_weeks - self.computing)
        if self.computing > 0:
            return
        self.tuning -= 1.0 - on_cluster
        if self.tuning <= 0:
            noise = rules.run_noise_oom * self.draws.normal("run", self.runs)
            self.capability = max(self.capability, self.run_target + noise)
            self.run_hours = 0.0
            self.runs += 1
            self.run_at = week + 1 + self.tuning

    # ---- the product and its licence ----

    def launch(self) -> None:
        model, rules = self.model, self.model.rules.products
        if self.route == "foundation":
            self.served = self.capability
        elif self.route == "wrapper":
            self.served = max(model.best_for_sale, model.open_weights) - rules.wrapper_loss_oom
        else:
            gain = rules.fine_tune_gain_oom if self.route == "fine_tune" else 0.0
            self.served = max(self.capability, model.open_weights + gain + self.skill)
        self.preparation -= model.tick
        own_model = self.route != "foundation" or self.capability > NO_MODEL
        if self.status == "building" and self.preparation <= 0 and own_model:
            self.status = "beta"
            ready = model.week + model.tick + max(self.preparation, -model.tick)
            if self.route == "foundation" and self.runs:
                ready = max(ready, self.run_at)
            self.launched_at = min(ready, model.week + model.tick)

    def needs_licence(self) -> bool:
        segments = self.model.segments
        if not self.model.rules.regulation.review_required:
            return False
        if self.route == "vertical":
            return segments[self.niche].needs_licence
        return any(s.needs_licence for s in segments)

    def file(self) -> None:
        rules = self.model.sections.regulation
        if self.status != "beta" or not rules.filing_open or math.isfinite(self.filed_at):
            return
        if self.needs_licence():
            self.filed_at = max(self.model.week, self.launched_at)
            length = rules.review_delay_weeks * self.draws.erlang4("review")
            self.reviewed_at = self.filed_at + length

    # ---- users ----

    def attract(self) -> None:
        """How much each segment is drawn to the product (v of the nested logit)."""
        users = self.model.rules.users
        learned = self.served + users.flywheel * math.log10(
            1 + self.use_so_far / users.flywheel_start
        )
        bonus = users.vertical_bonus if self.route == "vertical" else 0.0
        self.pull = [
            math.exp(
                (
                    s.quality_weight * (learned - 24.4)
                    + users.affinity_weight * self.affinity[s.place]
                    - s.price_weight * self.price[s.place]
                    + self.taste[s.place]
                    + bonus
                    - s.outside
                )
                / s.scale
            )
            if self.serves(s)
            else 0.0
            for s in self.model.segments
        ]

    def win_users(self) -> None:
        shown = self.launched_at <= self.model.week + 1
        users = self.model.rules.users
        self.best_share = 0.0
        for s in self.model.segments:
            mine = self.users[s.place]
            market = max(s.users, users.thin_market_share * s.population)
            self.best_share = max(self.best_share, mine / market)
            if shown:
                told = s.word_of_mouth * mine / s.population + users.marketing_per_year[self.kind]
                self.reach[s.place] = 1 - (1 - self.reach[s.place]) * math.exp(-told / 52)
        self.use_so_far += self.units_used()
        self.trend = self.best_share + (self.trend - self.best_share) * math.exp(-1 / 13)

    def change_taste(self, k: int) -> None:
        users = self.model.rules.users
        kept = math.exp(-4 / users.taste_memory_weeks)
        spread = users.taste_spread * math.sqrt(1 - kept**2)
        news = self.draws.four_normals("taste", k)
        self.taste = [kept * old + spread * new for old, new in zip(self.taste, news, strict=True)]

    # ---- money ----

    def settle(self) -> None:
        model, rules = self.model, self.model.rules
        price = model.gpu_price
        revenue = sum(n * p for n, p in zip(self.users, self.price, strict=True)) / 52e6
        revenue += model.fees_earned.get(self, 0.0)
        own = self.hours_own * price * rules.compute.own_cost_share / 1e6
        rent = self.hours_rented * price / 1e6
        cost = model.fees_paid.get(self, 0.0) + own + rent + self.burn / 52
        let = self.hours_idle * model.sold
        self.cash += revenue - cost + let * price * (1 - rules.compute.own_cost_share) / 1e6
        profit = (revenue - cost) * 52
        kept = math.exp(-1 / rules.accounts.smoothing_weeks)
        self.trailing_profit = profit + (self.trailing_profit - profit) * kept

    def set_prices(self) -> None:
        model, rules = self.model, self.model.rules.pricing
        size = 10 ** (rules.size_exponent * (self.served - rules.reference_oom))
        progress = math.exp(-rules.decline_per_year * model.week / 52)
        self.unit_hours = rules.unit_gpu_hours * size * progress
        cost = self.unit_hours * model.gpu_price
        if self.route == "wrapper":
            cost *= 1 + rules.api_margin
        elif self.gpus > 0:
            cost *= model.rules.compute.own_cost_share
        for s in model.segments:
            mine = self.users[s.place]
            inside = mine / s.users if s.users > 0 else 0.0
            steep = 1 - (1 - s.scale) * inside - s.scale * mine / s.population
            markup = s.scale / (s.price_weight * max(steep, 1e-6))
            asked = (52 * s.units * cost + markup) * (1 - self.discount)
            self.price[s.place] = min(asked, s.price_cap)

    def meet_investors(self) -> None:
        self.ask = 0.0
        if self.kind != "startup" or not self.seeks:
            return
        model, rules = self.model, self.model.rules.funding
        pull = rules.star_weight * self.star + model.log_hype
        pull += rules.herding_weight * math.log(1 + self.raised / rules.herding_musd)
        if self.served > NO_MODEL:
            choosy = rules.quality_weight * math.exp(-rules.selectivity * model.log_hype)
            pull += choosy * (self.served - model.open_weights)
        if self.launched_at <= model.week:
            usual = rules.reference_share
            growth = math.log((self.best_share + usual) / (self.trend + usual))
            share = max(self.best_share, 0.04 * usual) / usual
            pull += rules.growth_weight * growth + rules.traction_weight * math.log(share)
        self.clock_round -= rules.rounds_per_year / 52 * math.exp(min(max(pull, -6.0), 2.5))
        if self.clock_round > 0:
            return
        size = rules.size_by_stage_musd[min(self.stage, len(rules.size_by_stage_musd) - 1)]
        size *= (rules.size_factor_star if self.star else 1.0) * rules.size_factor[self.route]
        luck = self.draws.normal("round size", self.meetings)
        self.ask = size * math.exp(rules.size_spread * luck)
        self.meetings += 1
        self.clock_round += self.draws.exponential("round", self.meetings)

    def get_money(self) -> None:
        model, rules = self.model, self.model.rules.funding
        if self.ask and model.fill >= rules.least_fill:
            self.cash += self.ask * model.fill
            self.raised += self.ask * model.fill
            self.stage += 1
        if self.irrelevant > rules.patience_weeks:
            return
        if self.kind == "bigtech":
            self.cash += rules.bigtech_budget_musd_per_year / 52
        elif self.kind == "listed" and self.seeks and model.log_hype > 0:
            rate = rules.issue_per_year * rules.issue_share_for_models / 52
            self.cash += rate * self.market_value * math.exp(self.log_stock)

    # ---- the end ----

    def maybe_leave(self) -> None:
        model, rules = self.model, self.model.rules
        broke, given_up = self.cash <= 0, False
        when = model.week + 1
        if self.kind != "startup":
            shown = self.launched_at <= model.week + 1
            relevant = self.best_share >= rules.funding.relevance_share
            self.irrelevant = self.irrelevant + 1 if shown and not relevant else 0.0
            if self.irrelevant > rules.funding.patience_weeks:
                hazard = rules.exits.shutdown_rate_per_year / 52
                given_up = self.clock_shutdown <= hazard
                if given_up and not broke:
                    when = model.week + self.clock_shutdown / hazard
                self.clock_shutdown -= hazard
        if not broke and not given_up:
            return
        self.status = "bankrupt" if self.kind == "startup" else "closed"
        self.closed_at, self.cash, self.share = when, 0.0, 0.0
        for s in model.segments:
            s.idle += self.users[s.place]
            self.users[s.place] = 0.0
        model.dead.append(self)
        self.remove()
