"""Laws that hold in every tick of every shipped scenario, and in some made to strain them."""

from itertools import pairwise, product

import numpy as np
import pytest
from market import market
from market_laws import LAWS, Tick, check, history, ticks

from llm_market_sim.market.observation import EVENTS
from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.policies import SHIPPED as SHIPPED_POLICIES
from llm_market_sim.market.policies import policy
from llm_market_sim.market.state import COLUMNS, DEAD, Route, Status
from llm_market_sim.market.wishes import WISHES
from llm_market_sim.scenario import load
from llm_market_sim.scenario.files import scenarios
from llm_market_sim.simulation import simulate_block

SHOCKS = """timeline={
  boom: {date: 2023-06-05, about: boom, source: test, shock: {log_hype: 1.5, vc_pool_musd: 900}},
  winter: {date: 2023-11-06, about: bust, source: test, shock: {vc_pool_musd: -5000}},
  squeeze: {date: 2023-09-04, until: 2024-02-05, about: chips, source: test,
            set: {cards.deliveries: 0}, scale: {users.price_weight: 2.0}},
  surprise: {date: 2023-08-07, about: weights, source: test, shock: {open_weights: 1.0}},
  halt: {date: 2023-10-02, until: 2024-01-01, about: pause, source: test,
         set: {training.paused: true, frontier.paused: true}},
  freedom: {date: 2024-03-04, about: free, source: test, set: {regulation.review_required: false}}
}""".replace("\n", " ")
STRAINED = {
    "shocks": [SHOCKS],
    "half weeks": ["ticks_per_week=2", "horizon_weeks=40"],
    "five years": [
        "horizon_weeks=260", "population.stealth_firms=8", "population.pool_firms=40",
    ],
    "many incidents, long reviews": [
        "regulation.incidents_per_year=6", "regulation.review_delay_weeks=25",
    ],
    "many backers with little": [
        "alliances.strategic_share=1", "alliances.channel_per_year=9", "funding.rounds_per_year=12",
        "funding.budget_per_year=0.1",
    ],
    "little compute, much money": [
        "compute.rental_start=1500", "compute.rental_end=3000", "training.spend_share.startup=1",
        "funding.pool_start_musd=5000", "cards.delivery_weeks=2",
    ],
    "little compute, rationed": ["compute.rental_end=3000", "compute.dearest_rent=1"],
    "many sales, turns and shutdowns": [
        "exits.acquisition_rate_per_year=12", "exits.pivot_rate_per_year=20",
        "funding.patience_weeks=8",
    ],
}  # fmt: skip
SHIPPED = scenarios()
CASES = [(name, []) for name in SHIPPED] + [("baseline", sets) for sets in STRAINED.values()]


@pytest.mark.parametrize(("name", "sets"), CASES, ids=[*SHIPPED, *STRAINED])
def test_every_law_holds_in_every_tick(name, sets):
    run = history(load(name, sets), 3, 17)
    for tick in ticks(run):
        check(tick)
    assert np.any(run.final.status >= DEAD)


@pytest.mark.parametrize("policy", SHIPPED_POLICIES[1:])
def test_every_law_holds_whatever_firms_wish(policy):
    """All firms follow one shipped policy, and another market comes of it."""
    base = load("baseline", ["horizon_weeks=60"])
    players = {k: p.model_copy(update={"policy": policy}) for k, p in base.players.items()}
    run = history(base.model_copy(update={"players": players}), 3, 17)
    for tick in ticks(run):
        check(tick)
    usual = history(base, 3, 17)
    assert not np.array_equal(run.final.cash, usual.final.cash)


@policy("test whims")
def whims(firm):
    """Wishes anything, by luck."""
    x = {wish: firm.draw(wish) for wish in WISHES}
    price = {segment: int(5 * firm.draw(segment)) for segment in SEGMENTS}
    return {
        **x, "wish_training_musd": x["wish_training_musd"] * firm.cash, "wish_price": price,
        "wish_cards_musd": 9 * x["wish_cards_musd"] * firm.cash,
        "wish_marketing_musd": x["wish_marketing_musd"] * firm.cash,
        "wish_route": (-1, 0, 1, 3)[int(4 * x["wish_route"])],
        "wish_funding": 2 * x["wish_funding"],
    }  # fmt: skip


def test_every_law_holds_under_any_whim():
    base = load("baseline", ["horizon_weeks=60", "population.stealth_firms=8"])
    players = {k: p.model_copy(update={"policy": "test whims"}) for k, p in base.players.items()}
    run = history(base.model_copy(update={"players": players}), 2, 17)
    for tick in ticks(run):
        check(tick)
    assert np.sum(run.final.turned_at > 0.0) > 20
    assert np.any(run.final.price < 0.5 * run.final.cost_per_account)


TOLD = {  # event: the column that changes, its week, what goes with it
    "entered": ("entered_at", "entered_at", ""), "trained": ("runs", "run_at", "capability"),
    "run_failed": ("run_failures", "", ""), "launched": ("launched_at", "launched_at", ""),
    "filed": ("filed_at", "filed_at", ""), "licensed": ("licensed_at", "licensed_at", ""),
    "suspended": ("incidents", "incident_at", ""), "raised": ("stage", "round_at", "round_musd"),
    "backed": ("backer", "round_at", "backer"), "acquired": ("acquirer", "closed_at", "acquirer"),
    "opened": ("opened", "", "opened"),
}  # fmt: skip
BEGINS = {"answered": "answers", "internal": "internal"}  # event: what was not so before
ENDS = {"bankrupt": Status.BANKRUPT, "closed": Status.CLOSED}


def test_what_is_told_is_what_happened():
    """The events of a run are the changes of its columns, with their week and what goes along."""
    scenario = load("baseline", [
        "funding.patience_weeks=20", "exits.pivot_gap_oom=-0.4",
        "exits.return_rate_per_year=9",
    ])  # fmt: skip
    run = simulate_block(scenario, range(3), 17, snapshots=range(79))
    expected = set()
    for before, after in pairwise([run.at(week) for week in range(79)]):
        for kind, (column, stamp, more) in TOLD.items():
            for w, f in np.argwhere(getattr(after, column) != getattr(before, column)):
                week = getattr(after, stamp)[w, f] if stamp else after.week
                value = float(getattr(after, more)[w, f]) if more else None
                expected.add((kind, w, week, f, value))
        for kind, column in BEGINS.items():
            for w, f in np.argwhere(getattr(after, column) & ~getattr(before, column)):
                expected.add((kind, w, after.week, f, None))
        for w, f in np.argwhere(after.pivots != before.pivots):
            kind = "returned" if before.route[w, f] == Route.FINE_TUNE else "pivoted"
            expected.add((kind, w, after.week, f, float(after.route[w, f])))
        for w, f in np.argwhere(after.cards // 1000 > before.cards // 1000):
            expected.add(("cards", w, after.week, f, after.cards[w, f]))
        more = (np.floor(after.services) > np.floor(before.services)) & (before.services >= 1.0)
        for w, f in np.argwhere(more):
            expected.add(("service", w, after.week, f, np.floor(after.services[w, f])))
        for kind, status in ENDS.items():
            for w, f in np.argwhere((after.status == status) & (before.status != status)):
                expected.add((kind, w, after.closed_at[w, f], f, None))
    amount = {"cards", "trained", "raised", "opened", "service"}
    found = {
        (row.kind, row.world, row.week, row.firm,
         row.amount if row.kind in amount else row.other if row.other >= 0 else None)
        for row in run.events
    }  # fmt: skip
    others = {"pivoted", "returned", "cards", "service"}
    usual = set(EVENTS) - {"imitated"}  # which is off: known_answers/test_imitation.py
    assert {kind for kind, *_ in found} == {*TOLD, *BEGINS, *ENDS} | others == usual
    assert found == expected


@pytest.mark.parametrize("policy", SHIPPED_POLICIES)
def test_nobody_decides_by_what_only_a_rival_knows(policy):
    """Whatever changes in the private columns of a firm, the others wish for the same.

    It has shown nothing yet: of a product, others see how good it is.
    """
    status = [Status.OPEN, Status.OPEN, Status.BUILDING, Status.OPEN, Status.OPEN, Status.OPEN]
    now = market(
        6,
        worlds=2,
        facts={"policy": policy},
        cash=[90.0, 60.0, 30.0, 9.0, 3.0, 1.0],
        trailing_profit=-52.0,
        status=status,
    )
    wishes = [name for name in COLUMNS if name.startswith("wish_")]
    before = now.do("curves").do("decide").state
    private = [k for k, c in COLUMNS.items() if c.shape == "firm" and not c.public]
    for name, factor in product(sorted(set(private) - set(wishes)), (0.37, 1.1)):
        values = np.array(getattr(now.state, name), dtype=float)
        values[:, 2] = values[:, 2] * factor + 1.0
        after = now.set(**{name: values}).do("curves").do("decide").state
        for wish in wishes:
            others = [0, 1, 3, 4, 5]
            np.testing.assert_array_equal(
                getattr(after, wish)[..., others],
                getattr(before, wish)[..., others],
                err_msg=f"{wish} of others follows {name} of the third",
            )
    poor = now.set(cash=[90.0, 60.0, 0.5, 9.0, 3.0, 1.0]).do("curves").do("decide").state
    poorer, usual = poor.wish_training_musd[:, 2], before.wish_training_musd[:, 2]
    assert np.all((poorer < usual) | (usual == 0.0))  # some policies never train


def broken(now, *sets, **columns):
    """The laws that do not hold between two moments a week apart."""
    after, p = now.set(week=1.0, **columns).state, load("baseline", sets).at(0)
    tick, found = Tick(now.state, after, p, now.run().firms, 1.0, {}, True), set()
    for name, rule in LAWS.items():
        try:
            rule(tick)
        except AssertionError:
            found.add(name)
    return found


def test_every_law_can_be_broken():
    """A market at rest keeps them all; each of these changes breaks the law that it should."""
    size = np.array(list(load("baseline").users.population.values()))[:, None]
    dead = Status.BANKRUPT
    rest = market(
        3,
        facts={"kind": ["bigtech", "startup", "startup"]},
        idle=0.0,
        unaware=size,
        reach=0.5,
        status=[3, 3, dead],
        closed_at=[np.inf, np.inf, 0.0],
        cash=[9, 9, 0],
        supplier=-1,
        filed_at=0.0,
        reviewed_at=0.0,
        licensed_at=0.0,
        suspended_until=0.0,
    )
    assert broken(rest) == set()
    beta = {"licensed_at": np.inf, "status": [Status.BETA, 3, dead]}
    down = {"licensed_at": np.inf, "status": [3, Status.SUSPENDED, dead]}
    run = {"run_hours": [5.0, 0, 0], "run_target": 25.0, "run_compute_left": 3.0}
    users = np.array([[4e5, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    faults = [  # law, what is so before, what is so after
        ("users_sum_to_the_population", {}, {"idle": 1.0}),
        ("money_is_only_moved", {}, {"cash": [9, 8, 0]}),
        ("nobody_lives_on_debt", {}, {"vc_pool_musd": -1.0}),
        ("no_more_compute_is_used_than_there_is", {}, {"hours_let": 1.0}),
        ("nothing_is_undefined", {}, {"log_hype": np.nan}),
        ("runs_are_rented_after_customers_and_within_their_need_and_money", {},
         {"hours_training": 5.0}),
        ("cards_come_from_orders_and_orders_from_money", {}, {"cards": 5.0}),
        ("shares_are_shares_and_prices_within_reason", {}, {"price": 1e9}),
        ("counters_only_grow", {}, {"entry_hazard": -1.0}),
        ("what_happened_is_stamped_in_its_tick", {}, {"run_at": 3.0}),
        ("the_order_of_a_life", {}, {"filed_at": 0.5}),
        ("status_follows_the_dates", {}, {"entered_at": [0, np.inf, 0]}),
        ("nobody_goes_back", {}, {"burn": 1.0}),
        ("the_dead_keep_their_row", {}, {"capability": [24, 24, 25]}),
        ("no_dead_firm_earns_trains_raises_or_serves", {}, {"revenue": [0, 0, 1]}),
        ("who_waits_does_nothing", {"status": [3, 0, dead]}, {"runs": 1.0}),
        ("who_opens_and_needs_a_licence_has_one", down, {"status": [3, 3, dead]}),
        ("a_licence_opens_a_product", beta, {"licensed_at": 0.5}),
        ("a_closed_beta_keeps_its_cap", beta, {"users": users}),
        ("what_is_not_on_show_gains_no_users", down, {"users": [0, 5, 0]}),
        ("reach_never_falls_while_a_firm_lives", {}, {"reach": 0.4}),
        ("a_backer_is_for_life_and_a_big_tech", {}, {"backer": [-1, 1, -1]}),
        ("a_backer_keeps_its_reserve", {}, {"backer": [-1, 0, -1], "round_musd": [0, 90, 0]}),
        ("only_startups_raise_and_only_what_was_given", {}, {"stage": [1, 0, 0]}),
        ("models_come_from_runs", {}, {"capability": [24, 25, 24]}),
        ("a_moratorium_holds", run, {"run_compute_left": 2.0}),
        ("routes_change_by_wish_or_between_training_and_open_weights", {}, {"route": [1, 0, 0]}),
        ("wrappers_sell_a_trainer_s_model", {}, {"supplier": 2}),
        ("each_kind_has_its_ways_out", {}, {"acquirer": [-1, 0, -1]}),
        ("what_is_known_abroad_stays_known", {}, {"frontier": 24.9}),
        ("nobody_wishes_for_more_than_it_has", {}, {"wish_discount": 1.6}),
    ]  # fmt: skip
    assert {name for name, _, _ in faults} == set(LAWS)
    for name, before, after in faults:
        pause = ["training.paused=true"] if name == "a_moratorium_holds" else []
        assert name in broken(rest.set(**before), *pause, **after), name
