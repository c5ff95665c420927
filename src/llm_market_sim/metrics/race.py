"""The race: who leads, who is faster, and who waits for a licence."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from llm_market_sim.market.codes import NO_NICHE
from llm_market_sim.market.mechanisms.regulation import needs_licence
from llm_market_sim.market.parameters import KINDS, SEGMENTS
from llm_market_sim.market.state import NO_MODEL, Array, Route
from llm_market_sim.metrics.firms import AnyKind, of_kind, plural
from llm_market_sim.metrics.market import Share, held, of_what
from llm_market_sim.metrics.registry import SHARE, Bounds, Definition, metric
from llm_market_sim.simulation import Run

_GPT35 = 23.9  # capability, OOM


class OnTop(Definition):
    """Who counts among the leaders."""

    top: int = Field(3, ge=1, le=50, description="how many firms count as leaders")
    by: Literal["users", "revenue", "capability", "licence"] = Field(
        "users",
        description="leaders by their share of users, by what their accounts pay, by their own "
        "model, or by the date of their licence",
    )
    share: Share = Field("composite", description="share of which users (by users)")
    independent: bool = Field(False, description="a startup that a big tech backs does not count")

    def words(self) -> str:
        """Who counts among the leaders."""
        backed = ", startups that nobody backs" if self.independent else ""
        first = {
            "users": f"largest domestic firms by share {of_what(self.share)}",
            "revenue": "largest domestic firms by revenue",
            "capability": "domestic firms alive with the best own models",
            "licence": "domestic firms that were licensed first",
        }[self.by]
        return f"the {self.top} {first}{backed}"


@metric(
    "startups_on_top",
    "startups among the leaders",
    unit="firms",
    params=OnTop,
    within=lambda p: Bounds(0, p.top, whole=True),
)
def startups_on_top(run: Run, week: float, p: OnTop) -> Array:
    """Startups among the first domestic firms; who has no users, no revenue, no model, or no
    licence is none; of equals (one batch of licences) the earlier filed, then the roster's order;
    (W,)."""
    state, firms = run.at(week), run.firms
    if p.by == "licence":
        order = np.lexsort((state.filed_at, state.licensed_at), axis=-1)
        lead = np.empty(order.shape)
        np.put_along_axis(lead, order, np.arange(order.shape[-1], 0.0, -1.0)[None], axis=-1)
        lead = lead * (state.licensed_at <= week)
    elif p.by == "capability":
        lead = np.maximum(state.capability - NO_MODEL, 0.0) * state.alive
    elif p.by == "revenue":
        lead = np.sum(state.users * state.price, axis=1)
    else:
        lead = held(state, p.share)
    lead = lead * firms.domestic
    first = np.argsort(-lead, axis=-1, kind="stable")[:, : p.top]
    counts = (firms.kind == KINDS.index("startup")) & (lead > 0.0)
    if p.independent:
        counts = counts & (state.backer < 0)
    return np.sum(np.take_along_axis(counts, first, axis=-1), axis=-1)


class Pace(Definition):
    """How fast at what."""

    to: Literal["shown", "licensed", "gpt35"] = Field(
        "shown",
        description="a first product, a licence, or an own model of GPT-3.5's level (23.9), which "
        "only is there by that week or not",
    )
    who: Literal["all", "trains"] = Field(
        "all", description="all firms, or those on the route of training from scratch"
    )

    def words(self) -> str:
        """How fast at what."""
        who = " among those that train from scratch" if self.who == "trains" else ""
        if self.to == "gpt35":
            return (
                f"both drawn at random{who}; ahead is who has an own model of 23.9 at least where "
                "the other has none (a tie is half)"
            )
        what = "a first product" if self.to == "shown" else "a licence"
        return (
            f"both drawn at random{who}, by weeks from entry to {what} (a tie is half, never is "
            "last; those with a product on week 0 do not count)"
        )


@metric(
    "startups_ahead",
    "chance that a startup is faster than a big tech",
    unit="1",
    params=Pace,
    within=SHARE,
)
def startups_ahead(run: Run, week: float, p: Pace) -> Array:
    """Share of pairs of a startup and a big tech in which the startup is faster; (W,).

    NaN where there is no pair. Who has entered and not arrived takes for ever.
    """
    state, firms = run.at(week), run.firms
    runs = state.entered_at <= week
    if p.who == "trains":
        runs = runs & (state.route == Route.FOUNDATION)
    if p.to == "gpt35":
        took = np.where(state.capability >= _GPT35, 0.0, np.inf)
    else:
        runs = runs & (state.launched_at > 0.0)
        stamp = state.launched_at if p.to == "shown" else state.licensed_at
        arrived = stamp <= week
        took = np.where(arrived, stamp - np.where(arrived, state.entered_at, 0.0), np.inf)
    mine = runs & (firms.kind == KINDS.index("startup"))
    ahead, pairs = np.zeros(state.worlds), np.zeros(state.worlds)
    for big in firms.buyers:
        rival = took[:, big : big + 1]
        both = mine & runs[:, big : big + 1]
        ahead += np.sum(both & (took < rival), axis=-1)
        ahead += 0.5 * np.sum(both & (took == rival), axis=-1)
        pairs += np.sum(both, axis=-1)
    return np.where(pairs > 0, ahead / np.maximum(pairs, 1.0), np.nan)


class Beta(Definition):
    """Whose wait."""

    kind: AnyKind = Field("any", description="kind of firm")

    def words(self) -> str:
        """Whose wait."""
        return (
            f"over all {plural(self.kind)} that have shown a product, from that day (week 0 at the "
            "earliest) to the licence; who has none waits until that week or its end, who needs "
            "none does not wait"
        )


@metric(
    "beta_weeks",
    "mean weeks in closed beta",
    unit="weeks",
    params=Beta,
    within=Bounds(0, 520),
    less_is_better=True,
)
def beta_weeks(run: Run, week: float, p: Beta) -> Array:
    """Mean wait so far (a restricted mean: nobody is left out), NaN without a product; (W,)."""
    state = run.at(week)
    rule = run.scenario.at(week).regulation
    needed = np.array([rule.licence_needed[segment] for segment in SEGMENTS])
    by_niche = [needs_licence(g, needed, rule.review_required) for g in (0, 1, 2, 3, NO_NICHE)]
    needs = np.array(by_niche)[state.niche]  # -1, no niche, is the last
    exempt = np.isinf(state.licensed_at) & ~needs
    shown = (state.launched_at <= week) & of_kind(run.firms, p.kind)
    begun = np.where(shown, state.launched_at, 0.0)
    ended = np.minimum(np.minimum(state.licensed_at, state.closed_at), week)
    waited = np.where(shown & ~exempt, ended - begun, 0.0)
    n = np.sum(shown, axis=-1)
    return np.where(n > 0, np.sum(waited, axis=-1) / np.maximum(n, 1), np.nan)
