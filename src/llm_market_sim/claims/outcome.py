"""A number a world that a person asks for by name: a weekly series, a metric, or a claim's."""

from __future__ import annotations

from dataclasses import dataclass

from llm_market_sim.claims.claim import Claim, Measurement
from llm_market_sim.claims.files import claims, load_claims
from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.market.columns import SERIES
from llm_market_sim.metrics import METRICS, Definition, get_metric
from llm_market_sim.metrics.market import SeriesAt
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.resolve import setting
from llm_market_sim.scenario.tree import Mark, Node, problems
from llm_market_sim.summary.bands import Label

OPTION = "--of"


@dataclass(frozen=True)
class Outcome:
    """What was asked for. week: the one it is taken at, None for the last."""

    text: str
    metric: str
    params: Definition
    label: Label
    unit: str
    week: int | None = None

    @property
    def series(self) -> str | None:
        """The weekly series that it is, if it is one."""
        return self.params.name if isinstance(self.params, SeriesAt) else None

    def measurement(self, last: int) -> Measurement:
        """How it is taken from a run that ends with week `last`."""
        return Measurement(self.text, self.metric, self.params, self.week or last)


def read_outcome(text: str) -> Outcome:
    """The outcome of ``startup_share``, ``firm_share firm=baidu`` or a claim's name.

    A name that is both a series and a metric is the series, which is kept of every world.
    InputError where there is no such name, or a choice is wrong or missing.
    """
    name, *choices = text.split()
    if name in SERIES and not choices:
        one = SERIES[name]
        label: Label = {"en": one.label["en"], "zh": one.label["zh"]}
        return Outcome(name, "series", SeriesAt(name=name), label, one.unit)
    if name in METRICS:
        params = _params(name, choices)
        meaning = METRICS[name].meaning + (f": {words}" if (words := params.words()) else "")
        label = {"en": meaning, "zh": text}
        return Outcome(text, name, params, label, METRICS[name].unit)
    if name in claims() and not choices:
        return outcome_of(load_claims([name])[0])
    close = nearest(name, [*SERIES, *METRICS, *claims()])
    if not close.startswith("did"):
        close = "llm-market-sim list has all of them"
    raise mistake(OPTION, f'no series, metric or claim "{name}"; {close}')


def outcome_of(claim: Claim) -> Outcome:
    """The number x of a claim, without what an intervention would change of it."""
    taken, metric = claim.measurement, get_metric(claim.metric)
    label: Label = {"en": f"x of “{claim.said['en']}”", "zh": f"“{claim.said['zh']}”的x"}
    return Outcome(claim.id, taken.metric, taken.params, label, metric.unit, taken.week)


def _params(name: str, choices: list[str]) -> Definition:
    """The choices of a metric. InputError where they are none of its own, or one is missing."""
    root = Node({}, Mark(OPTION))
    wrong = []
    for choice in choices:
        keys, node, why = setting(choice)
        wrong += [Problem(OPTION, ".".join(keys), one) for one in why]
        if not why:
            root = root.replace(".".join(keys), node, Mark(OPTION))
    if wrong:
        raise InputError(wrong)
    params, mistakes = validate_tree(METRICS[name].params, root)
    if mistakes or params is None:
        example = " ".join((name, *(f"{one}=…" for one in METRICS[name].params.model_fields)))
        found = problems(mistakes)
        raise InputError([*found, Problem(OPTION, "", f'write it as: "{example}"')])
    return params
