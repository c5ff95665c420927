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
        self.run_hours = self.run_target = self.run_got = self.run_bid = 0.0
        self.run_length = self.computing = self.tuning = 0.0
        self.ordered = self.cards_wanted = self.marketing = self.run_share = 0.0
        self.runs = self.failures = self.meetings = 0
        self.run_at = math.inf
        self.served = self.capability
        self.trailing_profit = -self.burn
        self.use_so_far = self.best_share = self.trend = self.share = 0.0
        self.round_at = math.inf
        self.irrelevant = self.ask = self.log_stock = self.unit_hours = self.spend = 0.0
        self.hours_own = self.hours_rented = self.hours_idle = self.hours_training = 0.0
        self.internal = False
        self.users, self.price = [0.0] * 4, [0.0] * 4

    @property
    def live(self) -> bool:
        return self.status in ("beta", "open")

    def serves(self, segment: Segment) -> bool:
        return self.route != "vertical" or self.niche == segment.place

    # ---- what it wants ----

    def decide(self) -> None:
        """Shares of what is free beyond the reserve go into a run, cards and reach."""
        model, rules = self.model, self.model.rules
        free = max(self.cash - self.burn * rules.accounts.reserve_weeks / 52, 0.0)
        self.spend = rules.training.spend_share[self.kind] * free
        self.marketing = rules.users.marketing_share * free if self.launched_at <= model.week else 0
        owner = self.kind in ("bigtech", "listed") and self.route == "foundation"
        wear = 0.4 * model.card_price() / (8760 * rules.compute.usable_share)
        pays = wear + rules.compute.own_cost_usd < model.gpu_price
        self.cards_wanted = rules.cards.spend_per_year * free if owner and pays else 0.0

    # ---- training ----

    def begin_run(self) -> None:
        model, rules = self.model, self.model.rules.training
        if self.route != "foundation" or self.preparation > 0 or self.run_hours > 0:
            return
        if self.spend <= 0:
            return
        ladder = rules.step_up * self.best_run or rules.first_run_hours
        own = self.cards * model.rules.compute.usable_share * 168
        weeks = rules.compute_weeks
        for _ in range(4):
            paid_for = 1e6 * self.spend / model.gpu_price + own * weeks
            hours = min(ladder, paid_for / rules.cost_multiple)
            weeks = rules.compute_weeks * (max(hours, 1.0) / 1e6) ** rules.size_exponent
            weeks = max(weeks, 2.0)
        known = rules.algorithms_oom_per_year * (model.week - self.lag) / 52
        target = math.log10(FLOP_PER_HOUR * hours) + known + self.skill
        if target >= self.capability + 0.15:
            rent = model.gpu_price * max(rules.cost_multiple * hours - own * weeks, 0.0) / 1e6
            self.run_hours, self.run_target, self.run_got = hours, target, 0.0
            self.run_bid = min(self.spend, rent) / weeks
            self.run_length = self.computing = weeks
            self.tuning = rules.tuning_weeks + rules.tuning_share * weeks

    def buy_cards(self) -> None:
        rules = self.model.rules.cards
        come = self.ordered * (1 - math.exp(-rules.deliveries / rules.delivery_weeks))
        self.cards += come
        self.ordered += self.cards_wanted / 52 * 1e6 / self.model.card_price() - come

    def need_compute(self) -> None:
        """GPU hours of the week: customers first, own cards first; a run buys what it can pay."""
        model, rules = self.model, self.model.rules
        serving = (self.units_served() + model.carried.get(self, 0.0)) * self.unit_hours
        own = self.cards * rules.compute.usable_share * 168
        self.hours_own = min(serving, own)
        self.hours_rented = serving - self.hours_own
        self.hours_training = 0.0
        if self.run_hours > 0 and self.computing > 0:
            weeks = min(self.computing, 1.0)
            left = rules.training.cost_multiple * max(self.run_hours - self.run_got, 0.0)
            need = left * weeks / self.computing
            at_home = min(need, own - self.hours_own)
            money = min(self.run_bid * weeks, 0.5 * max(self.cash, 0.0))
            bought = min(need - at_home, 1e6 * money / model.gpu_price)
            self.hours_own += at_home
            self.hours_rented += bought
            self.hours_training = at_home + bought
        self.hours_idle = (own - self.hours_own) if self.cloud else 0.0

    def units_used(self) -> float:
        return sum(self.users[s.place] * s.units for s in self.model.segments)

    def units_served(self) -> float:
        return 0.0 if self.route == "wrapper" else self.units_used()

    def train(self) -> None:
        if self.run_hours <= 0:
            return
        rules, week = self.model.rules.training, self.model.week
        on_cluster = min(self.computing, 1.0)
        self.run_got += self.hours_training / rules.cost_multiple
        if self.computing > 0:
            self.computing -= on_cluster
            if self.computing < 1e-9:
                self.computing = 0.0
            hazard = -math.log(1.0 - rules.failure_probability) / self.run_length
            self.clock_failure -= hazard * on_cluster
            if self.clock_failure <= 0:
                self.failures += 1
                self.clock_failure += self.draws.exponential("failure", self.failures)
                self.computing += 0.6 * (self.run_length - self.computing)
                self.run_got *= 0.4
        if self.computing > 0:
            return
        self.tuning -= 1.0 - on_cluster
        if self.tuning <= 0:
            noise = rules.run_noise_oom * self.draws.normal("run", self.runs)
            reached = self.run_target + math.log10(max(self.run_got, 1.0) / self.run_hours)
            self.capability = max(self.capability, reached + noise)
            self.best_run = max(self.best_run, self.run_got)
            self.run_hours = 0.0
            self.runs += 1
            self.run_at = week + 1 + self.tuning

    # ---- the product and its licence ----

    def launch(self) -> None:
        model, rules = self.model, self.model.rules.products
        if self.route == "foundation":
            self.served = self.capability
        elif self.route == "wrapper":
            self.served = max(model.best_for_sale, model.open_weights)
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

    def barred(self) -> bool:
        """It rests on a model abroad."""
        return self.route == "wrapper" and self.model.supplier is None

    def file(self) -> None:
        rules = self.model.sections.regulation
        if self.status != "beta" or not rules.filing_open or math.isfinite(self.filed_at):
            return
        if self.needs_licence() and not self.barred():
            self.filed_at = max(self.model.week, self.launched_at)
            length = rules.review_delay_weeks * self.draws.erlang4("review")
            self.reviewed_at = self.filed_at + length

    # ---- users ----

    def attract(self) -> None:
        """How much each segment is drawn to the product (v of the nested logit)."""
        users = self.model.rules.users
        learned = self.served + users.flywheel * math.log10(1 + self.use_so_far / 1e7)
        bonus = users.vertical_bonus if self.route == "vertical" else 0.0
        self.pull = [
            math.exp(
                (
                    s.quality_weight * (learned - 24.4)
                    + users.affinity_weight * self.affinity[s.place]
                    - s.price_weight * math.log(1 + self.price[s.place] / s.price_scale)
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
            market = max(s.users, 0.001 * s.population)
            self.best_share = max(self.best_share, mine / market)
            if shown:
                tried = max(s.population - s.unaware, 0.001 * s.population)
                told = s.word_of_mouth * mine / tried + users.channel_per_year[self.kind]
                told += (self.marketing / users.marketing_musd) ** users.marketing_exponent
                self.reach[s.place] = 1 - (1 - self.reach[s.place]) * math.exp(-told / 52)
        self.use_so_far += self.units_used()
        self.trend = self.best_share + (self.trend - self.best_share) * math.exp(-1 / 13)

    def change_taste(self, k: int) -> None:
        users = self.model.rules.users
        kept = math.exp(-4 / 52)
        spread = users.taste_spread * math.sqrt(1 - kept**2)
        news = self.draws.four_normals("taste", k)
        self.taste = [kept * old + spread * new for old, new in zip(self.taste, news, strict=True)]

    # ---- money ----

    def settle(self) -> None:
        model, rules = self.model, self.model.rules
        price = model.gpu_price
        revenue = sum(n * p for n, p in zip(self.users, self.price, strict=True)) / 52e6
        revenue += model.fees_earned.get(self, 0.0)
        hour = min(rules.compute.own_cost_usd, price) / 1e6
        rent = self.hours_rented * price / 1e6
        service = sum(self.users[s.place] * s.service for s in model.segments) / 1e6
        cost = model.fees_paid.get(self, 0.0) + self.hours_own * hour + rent
        cost += (self.burn + service + self.marketing) / 52
        let = self.hours_idle * model.sold
        self.cash += revenue - cost + let * (price / 1e6 - hour) - self.cards_wanted / 52
        profit = (revenue - cost) * 52
        kept = math.exp(-1 / 26)
        self.trailing_profit = profit + (self.trailing_profit - profit) * kept

    def set_prices(self) -> None:
        model, rules = self.model, self.model.rules.pricing
        size = 10 ** (rules.size_exponent * (self.served - 24.4))
        progress = math.exp(-rules.decline_per_year * (model.week + model.tick) / 52)
        self.unit_hours = 0.0125 * size * progress
        cost = self.unit_hours * model.gpu_price
        if self.route == "wrapper":
            cost *= 1 + 0.3
        for s in model.segments:
            mine = self.users[s.place]
            inside = mine / s.users if s.users > 0 else 0.0
            steep = 1 - (1 - s.scale) * inside - s.scale * mine / s.population
            m = min(s.scale / (s.price_weight * max(steep, 1e-6)), 0.8)
            account = 52 * s.units * cost + s.service
            best = (account + m * s.price_scale) / (1 - m)
            given = self.given_away(s)
            asked = max(account + (1 - given) * (best - account), 0.6 * account)
            old = self.price[s.place]
            fresh = not self.live or self.launched_at > model.week or model.tick == 0
            moved = 1 - math.exp(-model.tick / 4)
            self.price[s.place] = asked if fresh else old + moved * (asked - old)

    def given_away(self, s: Segment) -> float:
        """For growth while users are to be won, and for users lost; as far as the till allows."""
        rules = self.model.rules.pricing
        wish = rules.growth_motive[self.kind] * s.stays * s.unaware / s.population
        if self.trend > 0.005:
            wish += rules.answer * max(1 - self.best_share / self.trend, 0.0)
        loss, means = -self.trailing_profit, max(self.cash, 0.0)
        return min(max(wish, 0.0), 1.2) * (min(means / loss, 1.0) if loss > 0 else 1.0)

    def meet_investors(self) -> None:
        self.ask = 0.0
        if self.kind != "startup":
            return
        model, rules = self.model, self.model.rules.funding
        star = self.star and self.route == "foundation"
        pull = rules.star_weight * star + model.log_hype
        pull += 0.8 * math.log(1 + self.raised / (5.0 * rules.size_by_stage_musd[0]))
        if self.served > NO_MODEL:
            choosy = rules.quality_weight * math.exp(-rules.selectivity * model.log_hype)
            pull += choosy * (self.served - model.open_weights)
        if self.launched_at <= model.week:
            share = max(self.best_share, 0.0002) / 0.005
            pull += rules.traction_weight * math.log(share)
        spent = rules.rounds_per_year / 52 * math.exp(min(max(pull, -6.0), 2.5))
        self.round_at = model.week + max(self.clock_round, 0.0) / spent
        self.clock_round -= spent
        if self.clock_round > 0:
            return
        size = rules.size_by_stage_musd[min(self.stage, len(rules.size_by_stage_musd) - 1)]
        size *= (rules.size_factor_star if star else 1.0) * rules.size_factor[self.route]
        luck = self.draws.normal("round size", self.meetings)
        self.ask = size * math.exp(rules.size_spread * luck)
        self.meetings += 1
        self.clock_round += self.draws.exponential("round", self.meetings)

    def get_money(self) -> None:
        rules = self.model.rules.funding
        if self.irrelevant > rules.patience_weeks and not self.internal:
            return
        if self.kind == "bigtech":
            need = min(max(2 - self.cash / self.earmark, 0.0), 1.0)
            self.cash += rules.budget_per_year * self.earmark * need / 52
        elif self.kind == "listed" and self.log_stock > 0:
            rate = rules.issue_per_year / 52
            self.cash += rate * self.market_value * math.exp(self.log_stock)

    # ---- the end ----

    def maybe_leave(self) -> None:
        model, rules = self.model, self.model.rules
        broke, given_up = self.cash <= 0, False
        when = model.week + 1
        if self.kind != "startup":
            shown = self.launched_at <= model.week + 1
            relevant = self.best_share >= 0.01
            self.irrelevant = self.irrelevant + 1 if shown and not relevant else 0.0
            impatient = self.irrelevant > rules.funding.patience_weeks
            useful = self.kind == "bigtech" and self.capability >= model.open_weights
            self.internal = impatient and useful
            if impatient and not useful:
                hazard = 1.5 / 52
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
