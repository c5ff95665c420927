"""Products: what each route serves, when a product is shown, and whose model wrappers sell."""

import numpy as np
import pytest
from market import NEVER, NO_MODEL, market

from llm_market_sim.market.state import Route, Status

T, F, W, V = Route.FOUNDATION, Route.FINE_TUNE, Route.WRAPPER, Route.VERTICAL
BUILDING, BETA, OPEN, GONE = Status.BUILDING, Status.BETA, Status.OPEN, Status.SUSPENDED


def test_each_route_serves_the_best_model_it_can_get():
    """Own; open weights with a gain and skill; of the best seller; with skill only."""
    sets = ["products.fine_tune_gain_oom=0.1", "products.foreign_api=blocked"]
    after = (
        market(
            6,
            sets=sets,
            open_weights=24.0,
            skill=0.02,
            frontier=25.5,
            route=[T, F, F, W, V, T],
            capability=[24.3, NO_MODEL, 24.5, NO_MODEL, NO_MODEL, 23.0],
            facts={"kind": ["startup"] * 5 + ["foreign"]},
        )
        .do("launch")
        .state
    )
    np.testing.assert_allclose(after.served[0], [24.3, 24.12, 24.5, 24.3, 24.02, 25.5])
    assert after.supplier[0, 0] == 0


def test_who_came_back_from_tuning_serves_that_until_its_own_model_is_better():
    now = market(3, sets=["products.fine_tune_gain_oom=0.1"], open_weights=24.0, route=T,
                 capability=[NO_MODEL, 24.3, 23.0], pivots=[2.0, 2.0, 0.0])  # fmt: skip
    np.testing.assert_allclose(now.do("launch").state.served[0], [24.1, 24.3, 23.0])


def test_a_wrapper_sells_the_best_model_there_is():
    sets = ["products.foreign_api=blocked"]
    now = market(3, sets=sets, capability=[24.0, 24.6, NO_MODEL], route=[T, T, W])
    after = now.do("launch").state
    assert after.supplier[0, 0] == 1
    assert after.served[0, 2] == pytest.approx(24.6)
    for missing in ({"status": [OPEN, GONE, OPEN]}, {"route": [T, F, W]}):
        assert now.set(**missing).do("launch").state.supplier[0, 0] == 0
    nobody = now.set(route=[F, F, W], open_weights=23.0).do("launch").state
    assert nobody.served[0, 2] == pytest.approx(23.0)


@pytest.mark.parametrize(
    ("api", "served", "supplier"), [("open", 25.0, -1), ("grey", 24.7, -1), ("blocked", 24.6, 1)]
)
def test_models_from_abroad_are_sold_where_the_rule_lets_them(api, served, supplier):
    sets = [f"products.foreign_api={api}", "products.grey_loss_oom=0.3"]
    now = market(3, sets=sets, frontier=25.0, capability=[24.0, 24.6, 20.0], route=[T, T, W])
    after = now.do("launch").state
    assert after.served[0, 2] == pytest.approx(served) and after.supplier[0, 0] == supplier
    if api == "grey":  # better at home than what comes in through the back door
        home = now.set(capability=[24.0, 24.8, 20.0]).do("launch").state
        assert home.supplier[0, 0] == 1


def weeks_to(now, weeks=6):
    for _ in range(weeks):
        now = now.do("launch").pass_time()
    return now.state


def test_preparation_begins_on_entry():
    """Entered at 0.9, three weeks of work: shown at 3.9, not at 3."""
    now = market(1, status=BUILDING, entered_at=0.9, launched_at=NEVER, preparation=3.0, route=F)
    after = weeks_to(now)
    assert after.launched_at[0, 0] == pytest.approx(3.9)
    assert after.status[0, 0] == BETA


def test_who_waits_or_is_gone_prepares_nothing():
    now = market(2, status=[Status.WAITING, Status.CLOSED], preparation=1.0, entered_at=[NEVER, 0])
    after = weeks_to(now.set(launched_at=NEVER))
    assert np.all(after.preparation == 1.0) and np.all(after.launched_at == NEVER)


def test_a_product_that_waited_for_a_change_of_route_is_news_of_its_week():
    """Long prepared, and turned to fine-tuning: shown in this tick, not at the end of the last."""
    now = market(1, status=BUILDING, launched_at=NEVER, preparation=-9.0, route=F)
    assert now.do("launch").state.launched_at[0, 0] == 1.0


def test_a_product_is_shown_when_its_run_is_done():
    after = (
        market(
            3,
            status=BUILDING,
            launched_at=NEVER,
            preparation=0.5,
            runs=1.0,
            capability=[NO_MODEL, 24.0, 24.0],
            run_at=[NEVER, 0.7, 0.2],
        )
        .do("launch")
        .state
    )
    np.testing.assert_array_equal(after.launched_at, [[NEVER, 0.7, 0.5]])
    np.testing.assert_array_equal(after.status, [[BUILDING, BETA, BETA]])
