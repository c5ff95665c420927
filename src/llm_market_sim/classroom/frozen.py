"""A lesson in one file: answers computed beforehand, for where no program can run.

The page has the sentences of the article to bet on, every shipped scenario, and the baseline at
each combination of stops of three sliders. It asks nothing of anybody, and between two stops there
is nothing: what it shows was computed for what stands beside it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np

from llm_market_sim.classroom import bets
from llm_market_sim.classroom.answer import (
    COUNTED,
    Block,
    held,
    is_few,
    main_claim,
    short,
    values_of,
)
from llm_market_sim.classroom.question import Question, knobs
from llm_market_sim.classroom.solver import WORLDS, Solver
from llm_market_sim.errors import InputError
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.pages.letters import faces
from llm_market_sim.results.rules import code_version
from llm_market_sim.scenario import Scenario, load, scenarios
from llm_market_sim.scenario.texts import declared
from llm_market_sim.summary.statistics import paired
from llm_market_sim.words import LANGUAGES, WEEK_0

__all__ = ["OUTCOMES", "STOPS", "freeze", "questions", "worlds_of"]

STOPS: dict[str, tuple[float, ...]] = {  # each moves several outcomes, and has the baseline's
    "cards.deliveries": (0.0, 0.25, 0.5, 1.0),  # value among its stops
    "users.foreign_access": (0.0, 0.25, 0.5, 1.0),
    "users.quality_weight": (0.4, 0.7, 1.0, 1.5),
}
OUTCOMES = (
    COUNTED,
    "g67",
    "trainers",
    "startup_share",
    "top_three_share",
    "users_consumer",
    "revenue",
    "best_capability",
)
_MODULES = ("words", "charts", "class_charts", "class", "answer", "frozen")
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BINS = 24
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_FINEST = len(_DIGITS) ** 2 - 1  # what two digits can say


def questions(seed: int = 1) -> list[Question]:
    """All that the file answers: the shipped scenarios, the baseline first, then the stops of the
    sliders, the last slider moving fastest."""
    names = sorted(scenarios(), key=lambda name: name != Question().preset)
    found = [Question(name, seed=seed) for name in names]
    for values in product(*STOPS.values()):
        moved = dict(zip(STOPS, values, strict=True))
        found.append(Question(changes=_changed(moved), seed=seed))
    return found


def _changed(values: Mapping[str, float]) -> dict[str, float]:
    """Those that differ from the baseline."""
    return {path: value for path, value in values.items() if value != knobs()[path].value}


def worlds_of(seed: int = 1) -> dict[str, int]:
    """How many worlds `freeze` simulates, by scenario."""
    found = Counter({Question().preset: WORLDS * len(bets.bettable())})
    for question in questions(seed):
        found[question.preset] += WORLDS
    return dict(found)


def freeze(
    solver: Solver, seed: int = 1, told: Callable[[Scenario, int], None] = lambda scenario, n: None
) -> str:
    """The file, as HTML. told: called with a scenario and how many of its worlds are done now."""
    sentences, blocks = [], []
    for name in bets.bettable():
        question = Question(seed=seed)
        sentences.append(_sentence(name, question, solver))
        told(solver.scenario(question), WORLDS)
    for question in questions(seed):
        blocks.append(solver.solve(question))
        told(solver.scenario(question), WORLDS)
    return _page(_facts(seed) | {"sentences": sentences, "answers": _answers(blocks)})


def _sentence(name: str, question: Question, solver: Solver) -> dict[str, Any]:
    about = bets.about_claim(name, question)
    try:
        over = bets.over_assumptions(name, question, solver)
    except InputError:  # it is about one of the assumptions, or these are of other rules
        over = None
    return {"about": about, "answer": bets.of_claim(name, question, solver), "over": over}


def _facts(seed: int) -> dict[str, Any]:
    """What the page offers."""
    asked = questions(seed)
    presets = [load(one.preset) for one in asked if not one.changes and one != asked[0]]
    named = [load(asked[0].preset), *presets]
    claim = main_claim()
    return {
        "version": code_version(),
        "seed": seed,
        "worlds": WORLDS,
        "start": WEEK_0.isoformat(),
        "links": [one.link() for one in asked],
        "presets": [
            {
                "label": dict(one.label),
                "about": {language: one.text("about", language) for language in one.about},
                "events": {name: event.week for name, event in one.events},
            }
            for one in named
        ],
        "stops": [
            {"path": path, "values": values, **_knob(path)} for path, values in STOPS.items()
        ],
        "outcomes": [
            {"name": name, "label": dict(SERIES[name].label), "unit": SERIES[name].unit}
            for name in OUTCOMES
        ],
        "holds": [n for n in range(40) if claim.test.holds(np.array(n))],
    }


def _knob(path: str) -> dict[str, Any]:
    one = knobs()[path]
    found: dict[str, Any] = {
        name: getattr(one, name) for name in ("value", "high", "factor", "unit")
    }
    for name in ("meaning", "source"):
        said = getattr(one, name)
        found[name] = {language: declared(said, language) for language in LANGUAGES}
    return found


def _answers(blocks: Sequence[Block]) -> dict[str, Any]:
    """Of each outcome: the columns that all questions share, and what each question says."""
    return {name: _outcome(name, blocks) for name in OUTCOMES}


def _outcome(name: str, blocks: Sequence[Block]) -> dict[str, Any]:
    ends = [values_of(block, name, 0) for block in blocks]
    least, most = min(map(np.min, ends)), max(map(np.max, ends))
    few = is_few(name, *ends)
    edges = np.arange(most + 2) - 0.5 if few else np.linspace(least, most, _BINS + 1)
    found = []
    for block, after in zip(blocks, ends, strict=True):
        pairs = paired(ends[0], after)
        row: dict[str, Any] = {
            "columns": np.histogram(after, edges)[0].tolist(),
            "weekly": _weekly(name, block.series[name]),
            "way": bets.direction_of(vars(pairs)),
            "paired": [
                short(getattr(pairs, part))
                for part in ("after", "mean", "low", "high", "rose", "fell", "same")
            ],
        }
        if name == COUNTED:
            row["claim"] = held(after)
        found.append(row)
    return {
        "kind": "count" if few else "number",
        "edges": [short(x) for x in edges],
        "week": blocks[0].series[name].shape[1] - 1,
        "of": found,
    }


def _weekly(name: str, values: Array) -> dict[str, Any]:
    """Week by week, how many worlds stand at each count or the quantiles over worlds; each number
    in two digits between the least and the most, which are finer than a screen. Counts are exact.
    """
    if is_few(name, values):
        rows = np.stack([np.sum(values == n, axis=0) for n in range(int(np.max(values)) + 1)])
        kind, low, high = "count", 0.0, float(_FINEST)
    else:
        rows = np.quantile(values, _QUANTILES, axis=0)
        kind, low, high = "number", float(np.min(rows)), float(np.max(rows))
    whole = np.rint((rows - low) / ((high - low) or 1.0) * _FINEST).astype(int)
    texts = ["".join(_DIGITS[n // 64] + _DIGITS[n % 64] for n in row) for row in whole]
    return {"kind": kind, "low": short(low), "high": short(high), "rows": texts}


def _page(data: dict[str, Any]) -> str:
    """The data with the page's own style, words and modules, in one file."""
    here = files(__package__)
    words = {
        language: {
            key: text
            for part in ("", "class_")
            for key, text in json.loads(
                (here / "texts" / f"{part}{language}.json").read_text("utf-8")
            ).items()
        }
        for language in LANGUAGES
    }
    text = json.dumps(data | {"words": words}, ensure_ascii=False, separators=(",", ":"))
    style = "".join(
        (here / "static" / f"{name}.css").read_text("utf-8") for name in ("app", "class")
    )
    style = re.sub(r"@font-face \{.*?\}\n", lambda _: faces(text) + "\n", style, flags=re.DOTALL)
    title = escape(words["en"]["frozen.title"])
    code = "\n".join(_alone((here / "static" / f"{name}.js").read_text()) for name in _MODULES)
    return _HTML.format(
        title=title, style=style, data=text.replace("</", "<\\/"), code=code.replace("</", "<\\/")
    )


def _alone(module: str) -> str:
    """A module without its ties to others: all of them share one scope in the file."""
    module = re.sub(r"^import .*?;$", "", module, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^export ", "", module, flags=re.MULTILINE)


_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'; font-src data:; img-src data: blob:">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body class="frozen">
<header><h1></h1></header>
<main></main>
<script type="application/json" id="data">{data}</script>
<script type="module">
{code}
</script>
</body>
</html>
"""
