"""ODD "process overview and scheduling": the order of a week, one phase a line.

A phase from outside the order, by a mechanism of one's own, says after which of these it comes.
"""

from __future__ import annotations

from llm_market_sim.market.decisions import decide
from llm_market_sim.market.mechanisms.accounts import open_books, settle
from llm_market_sim.market.mechanisms.alliances import ally
from llm_market_sim.market.mechanisms.calendar import shock
from llm_market_sim.market.mechanisms.cards import buy_cards
from llm_market_sim.market.mechanisms.compute import build, clear_compute
from llm_market_sim.market.mechanisms.entry import enter, queue
from llm_market_sim.market.mechanisms.exits import depart, pivot
from llm_market_sim.market.mechanisms.frontier import appear, curves, open_models
from llm_market_sim.market.mechanisms.funding import close_rounds, fill_pool, seek_money
from llm_market_sim.market.mechanisms.hype import stir_hype
from llm_market_sim.market.mechanisms.imitation import imitate
from llm_market_sim.market.mechanisms.pricing import set_prices
from llm_market_sim.market.mechanisms.products import launch, plan_products
from llm_market_sim.market.mechanisms.regulation import license, police
from llm_market_sim.market.mechanisms.training import begin_runs, learn, train
from llm_market_sim.market.mechanisms.users import adopt, gather
from llm_market_sim.market.rule import PHASES, STARTS, Phase

__all__ = ["DECIDE", "SCHEDULE", "START", "schedule", "start_schedule"]

SCHEDULE: tuple[Phase, ...] = (
    shock,  # this week's events of the timeline happen
    curves,  # the frontier abroad and the open weights behind it move on
    decide,  # every firm says what it wants; nothing happens yet
    enter,  # firms of the pool enter while hype lasts and the field is not full
    begin_runs,  # firms that train from scratch begin a run if it would be a step ahead
    buy_cards,  # cards that were ordered come; others are ordered
    clear_compute,  # customers are served first; one rent clears what is left for training
    train,  # runs advance with the compute they got, fail or finish
    open_models,  # firms that fell behind open a model
    launch,  # firms serve the best model their route gives; those that are ready show it
    license,  # products file, are reviewed, and are approved in batches
    police,  # incidents suspend a product; a suspension that is over ends
    adopt,  # users hear of products, try, choose, stay or leave
    settle,  # users pay; firms pay compute, suppliers, staff and cards; clouds earn rent
    set_prices,  # prices follow cost and rivals, less what growth and lost users are worth
    seek_money,  # investors come to startups
    ally,  # big techs share their channels with those they back, and lead some of these rounds
    close_rounds,  # rounds are paid from the pool; parents pay budgets; listed firms issue shares
    stir_hype,  # hype fades, wanders, and is stirred by launches, money and incidents
    pivot,  # firms switch between training and open weights
    imitate,  # every quarter some firms adopt the policy of the most successful of their kind
    depart,  # startups are sold, units shut, firms without cash closed; then the books are
)

START: tuple[Phase, ...] = (
    appear,
    queue,
    learn,
    build,
    plan_products,
    gather,
    open_books,
    fill_pool,
    launch,
    set_prices,
)
"""How week 0 comes about; nothing passes while these are done."""

DECIDE = decide.name


def schedule() -> tuple[Phase, ...]:
    """The order of a week, with the phases of mechanisms from outside in their places."""
    order = list(SCHEDULE)
    for phase in PHASES.values():
        if phase not in order:
            names = [one.name for one in order]
            if phase.after not in names:
                raise ValueError(f"phase {phase.name!r} comes after {phase.after!r}; there is none")
            order.insert(names.index(phase.after) + 1, phase)
    return tuple(order)


def start_schedule() -> tuple[Phase, ...]:
    """How week 0 comes about, with the starts of mechanisms from outside before the last steps."""
    own = [one for one in STARTS.values() if one not in START]
    first = [one for one in START if one.name in STARTS]
    return (*first, *own, *START[len(first) :])
