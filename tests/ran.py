"""Plans worked off and read in one go, as tests want them."""

from llm_market_sim.batch import Order, results_of
from llm_market_sim.experiments import numbers_at
from llm_market_sim.experiments.lives import life_table, plan_lives


def live(scenarios, worlds, seed, by="kind", firms="all", jobs=1):
    """The life table of so many worlds."""
    with results_of(plan_lives(scenarios, worlds, seed), None, Order(jobs)) as (results, _):
        return life_table(results, [one.name for one in scenarios], by, firms)


def answer(method, loaded, jobs=1):
    """What a module of `experiments` says of a loaded file."""
    plan = method.plan(loaded)
    with results_of(plan, None, Order(jobs)) as (results, _):
        [x] = numbers_at(results, len(plan.cases[0].values)).values()
        return method.analyse(loaded, x)


def measured_over(plan, jobs=1):
    """All numbers of the only scenario of a plan, by name."""
    with results_of(plan, None, Order(jobs)) as (results, _):
        return results.numbers(plan.scenarios[0].name)
