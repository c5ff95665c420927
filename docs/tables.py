"""Bring the tables of the pages in step with code and data: ``python docs/tables.py``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; this program writes what is
between them and touches nothing else. NAME is a key of `TABLES`. `make tables` runs it.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

import llm_market_sim
from llm_market_sim.claims import Claim, Verdict, load_claims
from llm_market_sim.cli.show import value_text
from llm_market_sim.experiments import load_assumptions
from llm_market_sim.experiments.calibration import Calibration
from llm_market_sim.experiments.docking import CASES, Case
from llm_market_sim.experiments.evidence import LAST_DAY, TOPICS, load_evidence
from llm_market_sim.experiments.fit_test import LEVELS
from llm_market_sim.experiments.levers import (
    OUTCOMES,
    WEEKS,
    Lever,
    load_levers,
    read_grid,
    sizes_of,
)
from llm_market_sim.experiments.sensitivity import LUCK
from llm_market_sim.figures.gallery import FIGURES
from llm_market_sim.market import codes
from llm_market_sim.market.observation import COMPOSITE, EVENTS, SERIES
from llm_market_sim.market.parameters import KINDS, SEGMENTS
from llm_market_sim.market.roster import Player, Population
from llm_market_sim.market.schedule import SCHEDULE
from llm_market_sim.market.state import COLUMNS, FACTS, SHOCKS
from llm_market_sim.metrics import get_metric
from llm_market_sim.scenario import SECTIONS, current, load
from llm_market_sim.stylised_facts import STATISTICS, constraints, load_facts
from llm_market_sim.summary.statistics import Effect, Proportion, proportion
from llm_market_sim.support.files import read_csv
from llm_market_sim.words import date, listed, percents

PAGES = tuple(
    Path(__file__).parent / name
    for name in (
        "model.md evidence.md calibration.md docking.md claims.md results.md levers.md "
        "parameters.md"
    ).split()
)
NULL_MODEL = "blind_market"
VERDICTS = Path(__file__).parent / "claims_baseline.csv"  # `make claims` writes it
LEVERS = Path(__file__).parents[1] / "scenarios" / "levers.csv"  # `make levers` writes it
RENT_AND_REVIEW = Path(__file__).parent / "levers_map.csv"
FIRST_MARKET = Path(__file__).parent / "first_market.csv"  # 256 worlds, seed 1, of its last form
_TABLE = re.compile(r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_GREEK = {
    "alpha", "beta", "delta", "eta", "gamma", "kappa", "lambda", "omega", "phi", "psi", "rho",
    "sigma", "tau", "theta", "xi",
}  # fmt: skip
_LAWS = {  # word of luck: what it draws
    "uniform": "uniform on (0, 1)",
    "two_uniforms": "two, uniform on (0, 1)",
    "exponential": "exponential, mean 1",
    "normal": "standard normal",
    "erlang4": "gamma, shape 4, mean 1",
    "four_normals": "standard normal, one a segment",
    "normals_by_segment": "standard normal, one a segment",
    "choose_buyer": "Gumbel, one a candidate",
}


_OF_FIRMS = ("firm", "use")


def render(text: str) -> str:
    """The text with every table written anew. KeyError for a name that is no table."""
    return _TABLE.sub(lambda m: f"{m[1]}\n{TABLES[m[2]]()}\n\n{m[3]}", text)


def prose(text: str) -> str:
    """The text without its tables."""
    return _TABLE.sub("", text)


def latex(symbol: str) -> str:
    """A parameter's symbol as it is written in an equation: tau_S is \\tau_S."""
    return "/".join(_one_symbol(part) for part in symbol.split("/"))


def _one_symbol(symbol: str) -> str:
    base, _, below = symbol.partition("_")
    if below == "bar":
        return rf"\bar {base}"
    base, short = (f"\\{part}" if part in _GREEK else part for part in (base, below))
    if not below:
        return base
    return (
        f"{base}_{short}"
        if len(short) == 1 or short[0] == "\\"
        else rf"{base}_{{\text{{{short}}}}}"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{key} {_number(below)}" for key, below in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_number, value))
    if isinstance(value, str):
        return value
    return re.sub(r"e([+-])0*", lambda m: "e" + m[1].strip("+"), f"{value:g}")


def _bounds(schema: dict[str, Any]) -> str:
    inner = schema.get("additionalProperties", schema.get("items", schema))
    if "enum" in inner:
        return ", ".join(inner["enum"])
    low, high, above = (inner.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    parts = (("> ", above), ("≥ ", low), ("≤ ", high))
    return ", ".join(sign + _number(bound) for sign, bound in parts if bound is not None)


def parameters(name: str) -> str:
    """Every parameter of a section of a scenario."""
    model = Population if name == "population" else SECTIONS[name]
    rows = [
        (
            f"`{name}.{field}`",
            f"${latex(schema['symbol'])}$" if schema["symbol"] else "",
            _number(schema["default"]),
            schema["unit"],
            _bounds(schema),
            _plausible(schema),
            schema["description"],
            schema["source"],
        )
        for field, schema in model.model_json_schema()["properties"].items()
    ]
    head = ("parameter", "symbol", "default", "unit", "bounds", "plausible", "meaning", "source")
    return _table(head, rows)


def _plausible(schema: dict[str, Any]) -> str:
    """The range that experiments vary; of a mapping, a factor on its values."""
    if "plausible" not in schema:
        return ""
    low, high = (_number(end) for end in schema["plausible"])
    return f"{'times ' if isinstance(schema['default'], dict) else ''}{low} to {high}"


def state(shape: str) -> str:
    """Every state variable of a shape."""
    rows = [
        (_code(c.name), c.unit, c.meaning, c.seen_by) for c in COLUMNS.values() if c.shape == shape
    ]
    return _table(("variable", "unit", "meaning", "seen by"), rows)


def facts() -> str:
    """What is given about a firm, and no rule changes."""
    rows = [(_code(c.name), c.unit, c.meaning) for c in FACTS.values() if c.shape in _OF_FIRMS]
    return _table(("fact", "unit", "meaning"), rows)


def code(name: str) -> str:
    """The values of one of the codes, with the comments of the code."""
    found = inspect.getsource(getattr(codes, name))
    lines = re.findall(r"^    ([A-Z_]+) = (\d+)(?:  # (.+))?$", found, re.MULTILINE)
    return _table(("code", "name", "meaning"), ((n, _code(w.lower()), m) for w, n, m in lines))


def segments() -> str:
    """The user segments and their sizes."""
    sizes = SECTIONS["users"].model_fields["population"].default
    rows = (
        (str(i), _code(name), _number(sizes[name]), _number(COMPOSITE[i]))
        for i, name in enumerate(SEGMENTS)
    )
    return _table(("code", "name", "accounts by default", "weight in the composite share"), rows)


def schedule() -> str:
    """The order of a week."""
    rows = (
        (str(i), phase.name, phase.sentence, ", ".join(map(_code, phase.reads)),
         ", ".join(map(_code, phase.writes)))
        for i, phase in enumerate(SCHEDULE, 1)
    )  # fmt: skip
    return _table(("", "phase", "what happens", "reads", "writes"), rows)


def shocks() -> str:
    """What an event of the timeline may add to."""
    rows = ((_code(name), unit, meaning) for name, (unit, meaning) in SHOCKS.items())
    return _table(("state variable", "unit", "meaning"), rows)


def series() -> str:
    """What is written down every week."""
    rows = ((_code(name), one.unit, one.meaning) for name, one in SERIES.items())
    return _table(("series", "unit", "meaning"), rows)


def events() -> str:
    """What is told of single firms."""
    rows = (
        (_code(name), f"the firm {e.sentence}", _code(e.stamp) or "end of the tick",
         _code(e.goes_with))
        for name, e in EVENTS.items()
    )  # fmt: skip
    return _table(("event", "meaning", "when", "goes with"), rows)


def roster() -> str:
    """What a roster says of a firm."""
    told = {name: f.description for name, f in Player.model_fields.items() if f.description}
    return _table(("cell", "meaning"), ((_code(name), text) for name, text in told.items()))


def players() -> str:
    """The named firms of the shipped roster."""
    every = load("baseline").players.values()
    rows = []
    for kind in KINDS:
        for presence in ("active", "stealth", "pool"):
            names = [p.name["en"] for p in every if (p.kind, p.presence) == (kind, presence)]
            if names:
                rows.append((kind, presence, ", ".join(names)))
    return _table(("kind", "presence", "firms"), rows)


def streams() -> str:
    """Every stream of luck that the code draws from, found in the source."""
    found: dict[str, tuple[str, set[str]]] = {}
    for file in sorted(Path(llm_market_sim.__file__).parent.glob("market/mechanisms/*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
        named = {name: stream for call in ast.walk(tree) for name, stream in _streams(call)}
        clocks = [_text(call) for call in calls if ast.unparse(call.func) == "clock"]
        drawn = [(stream, "exponential, mean 1 (a clock)") for stream in clocks]
        for call in calls:
            for argument in call.args:
                stream = named.get(ast.unparse(argument))
                if stream and stream not in clocks:
                    drawn.append((stream, _LAWS[ast.unparse(call.func)]))
        for stream, law in drawn:
            _, places = found.setdefault(stream, (law, set()))
            places.add(file.stem)
    rows = ((_code(name), law, ", ".join(sorted(at))) for name, (law, at) in sorted(found.items()))
    return _table(("stream", "drawn", "in"), rows)


def _streams(node: ast.AST) -> list[tuple[str, str]]:
    """Names and streams of ``A, B = stream("a"), stream("b")``."""
    if not isinstance(node, ast.Assign):
        return []
    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    target = node.targets[0]
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return [
        (ast.unparse(name), _text(value))
        for name, value in zip(names, values, strict=False)
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "stream"
    ]


def _text(call: ast.Call) -> str:
    return str(ast.literal_eval(call.args[0]))


def evidence(topic: str) -> str:
    """The facts of a topic, in the order of the file."""
    rows = (
        (
            f"`{one.id}`: {one.about}" + (f" *{one.note}*" if one.note else ""),
            _number(one.value) + ("" if isinstance(one.value, str) else f" {one.unit}"),
            str(one.date), one.grade, f"[{one.source}]({one.url})",
            ", ".join(map(_code, one.informs)),
        )
        for one in load_evidence().values() if one.topic == topic
    )  # fmt: skip
    return _table(("fact, and what to mind", "value", "date", "grade", "source", "informs"), rows)


def later_than_2023() -> str:
    """What is of a later date than the market that is simulated, and what rests on it."""
    base = load("baseline")
    rows = (
        (
            ", ".join(f"{_code(path)} {_number(current(base, path))}" for path in one.informs),
            f"{_code(one.id)}: {one.about}", f"{_number(one.value)} {one.unit}", str(one.date),
            f"[{one.source}]({one.url})",
        )
        for one in load_evidence().values() if one.date > LAST_DAY
    )  # fmt: skip
    return _table(("parameter, and its default", "fact", "value", "date", "source"), rows)


def targets() -> str:
    """What simulated worlds are compared with."""
    rows = []
    for target in filter(None, (one.target for one in load_evidence().values())):
        number = target.measurement.params.words() or get_metric(target.metric).meaning
        scale = " of the value" if target.log else ""
        widths = (f"{width:g}{scale}" for width in (target.observation, target.discrepancy))
        value = _number(target.value)
        rows.append((_code(target.id), number, str(target.week), value, *widths, target.why))
    head = ("fact", "number", "week", "expected", "observation", "discrepancy", "why")
    return _table(head, rows)


def _rows(name: str | Path) -> list[dict[str, str]]:
    """Of a file beside this one, or where a path leads."""
    return read_csv(Path(__file__).parent / name)


def facts_of_2023() -> str:
    """What was seen, what the defaults and the accepted histories have, and what each fact adds."""
    words = {}
    for one in load_evidence().values():
        if one.target is not None:
            words[one.id] = one.target.measurement.params.words()
            if one.target.metric != "series":
                words[one.id] = f"{get_metric(one.target.metric).meaning}: {words[one.id]}"
    return _compared("fact", "observed", words)


def patterns_that_constrain() -> str:
    """The same for what other markets say."""
    constraining = constraints(load_facts().facts)
    words = {one.id: STATISTICS[one.id].meaning for one in constraining}
    return _compared("pattern", "expected", words)


def _compared(kind: str, seen: str, words: Mapping[str, str]) -> str:
    """The rows of what the bank was weighed by that have words here."""
    rows = []
    for row in _rows("fit_facts.csv"):
        if row["fact"] not in words:
            continue
        low, middle, high, value = (float(row[k]) for k in ("low", "middle", "high", "observed"))
        inside = "" if low <= value <= high else " **(outside)**"
        rows.append(
            (
                f"{_code(row['fact'])}: {words[row['fact']]}",
                _short(value),
                _short(float(row["defaults"])),
                f"{float(row['apart']):.1f}",
                f"{_short(middle)} ({_short(low)} to {_short(high)}){inside}",
                f"{100 * float(row['alone']):.0f} %",
                f"{float(row['bits']):.2f}",
                f"{_code(row['most'])} {float(row['fall']):.2f}",
            )
        )
    head = (
        kind,
        seen,
        "defaults",
        "apart",
        "accepted: median (5 to 95 %)",
        "not ruled out by it alone",
        "adds (bits)",
        "informs most, overlap falls by",
    )
    return _table(head, rows)


def fit_in_words() -> str:
    """How large the bank is, what the posterior is worth, and what more would buy."""
    [fit] = _rows("fit.csv")
    worth, kept = float(fit["effective"]), int(fit["draws"])
    sample = Path(__file__).parents[1] / "scenarios" / "posterior_2023.csv"
    apart = sum(line[:1].isdigit() for line in sample.read_text(encoding="utf-8").splitlines())
    at_most = 100 * 0.5 / worth**0.5
    return (
        f"The bank has {int(fit['points']):,} members (seed {fit['seed']}). Weighted by the facts "
        f"of 2023 they are worth {worth:.0f} equally likely draws, with all errors widened by a "
        f"factor of {float(fit['widened']):.2f}; {kept} of these are drawn, {apart} different. "
        "The median of such a sample has 50 % of the posterior below it, give or take "
        f"{at_most:.0f} points; four times the bank would halve that. The facts inform "
        f"{fit['informed']} of {fit['parameters']} parameters."
    )


def assumptions() -> str:
    """What 2023 leaves of every parameter that was calibrated, most informed first."""
    file = Path(__file__).parents[1] / "experiments" / "calibrate_2023.yaml"
    _, scenario, space = load_assumptions(file, Calibration)
    prior = {one.path: one for one in space.ranges}
    rows = [
        (
            _code(path := row["parameter"]),
            f"{_short(prior[path].low)} to {_short(prior[path].high)}",
            _short(current(scenario, path)),
            f"{_short(float(row['low']))} to {_short(float(row['high']))}",
            f"{float(row['overlap']):.2f}",
            "informed by the data" if row["informed"] == "yes" else "assumed",
        )
        for row in _rows("fit_parameters.csv")
    ]
    head = ("parameter", "plausible", "default", "accepted (5 to 95 %)", "overlap", "status")
    return _table(head, rows)


def screening() -> str:
    """What Morris's screening tells apart from luck, the largest first, in points of the share."""
    every = _rows("morris.csv")
    rows = [
        (
            _code(row["factor"]),
            _percent(row["mu_star"]),
            _points(row, "mu_star"),
            _percent(row["mu"]),
        )
        for row in every
        if row["told_apart"] == "1"
    ]
    head = ("assumption", "moves the share by, points", "95 %", "with its sign")
    text = f"{len(rows)} of {len(every)} can be told apart from luck."
    return f"{_table(head, rows)}\n\n{text}"


def variance() -> str:
    """What Sobol's method says each assumption decides, and luck, in % of the variance."""
    rows = []
    for row in _rows("sobol.csv"):
        name = row["factor"] if row["factor"] == LUCK else _code(row["factor"])
        alone, together = (f"{_percent(row[k])} %" for k in ("first", "total"))
        rows.append((name, alone, _points(row, "first"), together, _points(row, "total")))
    return _table(("factor", "alone", "95 %", "with all others", "95 %"), rows)


def box_of_survivors() -> str:
    """Where in the space of assumptions the claim holds."""
    rows = [row for row in _rows("survivors.csv") if row["box"] == "reported"]
    if not rows:
        return "No box does better than the rest of the space in 95 of 100 halves of the points."
    sides = {"above": "at least", "below": "at most"}
    limits = [
        f"{_code(row['parameter'])} {sides[row['side']]} {_short(float(row['limit']))}"
        for row in rows
    ]
    density, coverage = (100 * float(rows[0][key]) for key in ("density", "coverage"))
    return (
        f"With {listed(limits)} the claim holds at {density:.0f} % of the points, and "
        f"{coverage:.0f} % of all points where it holds are there."
    )


def two_maps() -> str:
    """What moves the claim in either map, from the lowest to the highest of a parameter."""
    rows = []
    for name in ("map_price_delay", "map_two_that_matter"):
        cells = _rows(f"{name}.csv")
        for path in list(cells[0])[:2]:
            place = np.array([float(row[path]) for row in cells])
            share = np.array([float(row["share"]) for row in cells])
            ends = (np.min(place), np.max(place))
            held = (f"{100 * np.mean(share[place == end]):.0f} %" for end in ends)
            rows.append((_code(path), *map(_short, ends), *held))
    head = ("parameter", "lowest", "highest", "claim holds at the lowest", "at the highest")
    return _table(head, rows)


def _points(row: Mapping[str, str], key: str) -> str:
    return " to ".join(_percent(row[f"{key}_{end}"]) for end in ("low", "high"))


def _percent(share: str) -> str:
    return f"{round(100 * float(share))}".replace("-", "−")


def test_of_the_fit() -> str:
    """Whether held-back truths are found, and what a second method says."""
    [fit] = _rows("fit.csv")
    every = _rows("fit_parameters.csv")
    rows = [
        (
            _code(row["parameter"]),
            *(f"{100 * float(row[f'covered_{level:g}']):.0f} %" for level in LEVELS),
            f"{float(row['uniform']):.2f}" if float(row["uniform"]) >= 0.01 else "< 0.01",
            f"{100 * float(row['second_covered_0.9']):.0f} %",
            f"{_short(float(row['middle']))}, {_short(float(row['second_middle']))}",
            f"{float(row['second_apart']):.2f}",
        )
        for row in every
        if row["informed"] == "yes"
    ]
    head = (
        "parameter",
        *(f"in the {100 * level:.0f} % interval" for level in LEVELS),
        "p (even ranks)",
        "in the second method's 90 % interval",
        "medians",
        "largest difference",
    )
    held = int(fit["held"])
    means = [np.mean([float(row[f"covered_{level:g}"]) for row in every]) for level in LEVELS]
    uneven = sum(float(row["uniform"]) < 0.01 for row in every)
    far = [r for r in rows if float(r[-1]) > float(fit["second_chance"])]
    text = (
        f"{held} members were held back (their errors had to be widened by a factor of "
        f"{float(fit['held_widened_50']):.2f} in the median, and of "
        f"{float(fit['held_widened_95']):.2f} in one of twenty). Chance alone moves a share of "
        f"90 % by {100 * 1.96 * (0.09 / held) ** 0.5:.0f} points. Over all {len(every)} "
        f"parameters the central {listed([f'{100 * level:.0f} %' for level in LEVELS])} intervals "
        f"contain {listed([f'{100 * mean:.1f} %' for mean in means])} of the true values. For "
        f"{uneven} of the parameters they lie so unevenly that chance would do it less than once "
        f"in a hundred; about {len(every) / 100:.0f} is to be expected. The two methods' "
        f"distribution functions differ by {max(float(r[-1]) for r in rows):.2f} at most; two "
        "samples of this size from one distribution would differ by "
        f"{float(fit['second_chance']):.2f} in one case of twenty, and {len(far)} of {len(rows)} "
        "parameters exceed that."
    )
    return f"{_table(head, rows)}\n\n{text}"


def patterns() -> str:
    """The patterns of young markets at the defaults and over the posterior sample."""
    usual, over = _rows("patterns.csv"), _rows("patterns_posterior.csv")
    constraining = [one.id for one in constraints(load_facts().facts)]
    rows, last = [], ""
    for a, b in zip(usual, over, strict=True):
        title = a["fact"].replace("_", " ").capitalize() if a["fact"] != last else ""
        last = a["fact"]
        mark = "*" if a["statistic"] in constraining else ""
        rows.append((title, a["meaning"] + mark, a["should_be"], *map(_pattern, (a, b))))
    head = ("pattern", "number", "should be", "at the defaults", "over the posterior sample")
    held = [
        sum(
            all(row["verdict"] == "holds" for row in part if row["fact"] == fact)
            for fact in dict.fromkeys(row["fact"] for row in part)
        )
        for part in (usual, over)
    ]
    count = len({row["fact"] for row in usual})
    text = (
        f"Of {count} patterns {held[0]} hold at the defaults and {held[1]} over the posterior "
        f"sample ({usual[0]['worlds']} and {over[0]['worlds']} worlds of five years)."
    )
    return f"{_table(head, rows)}\n\n{text}"


def _pattern(row: dict[str, str]) -> str:
    """The verdict with its number: a share of worlds and the typical one, or their average."""
    value, word = float(row["value"]), row["verdict"]
    shown = word if word == "holds" else f"**{word}**"
    if "of worlds" not in row["should_be"]:
        return f"{shown}: {_short(value)}"
    middle = f", median {_short(float(row['typical']))}" if row["typical"] else ""
    return f"{shown}: {100 * value:.0f} % of worlds{middle}"


def both_uncertainties() -> str:
    """Both readings of the main claim over the posterior sample, in words."""
    over = _over_the_posterior()
    survive, carry = over["three_to_five_survive"], over["three_to_five_carry"]
    each = int(survive["worlds"]) // int(survive["draws"])
    return (
        f"Over {survive['draws']} draws of {_parameters_drawn()} parameters, {each} worlds each, "
        f"three to five firms have 5 % of the market in {_over_draws(survive)}. Luck alone puts "
        f"their number between {float(survive['luck_low']):.1f} and "
        f"{float(survive['luck_high']):.1f}; the assumptions put its mean between "
        f"{float(survive['assumptions_low']):.1f} and {float(survive['assumptions_high']):.1f}. "
        "More worlds per draw would narrow neither range; more draws would fix the ends of the "
        "second more firmly.\n\n"
        "By the other reading, three to five developers carry two thirds of general use in "
        f"{_over_draws(carry)}. Their mean number lies between "
        f"{float(carry['assumptions_low']):.1f} and {float(carry['assumptions_high']):.1f}. "
        f"{_where_defaults_lie(carry)}"
    )


def _over_the_posterior() -> dict[str, dict[str, str]]:
    return {row["claim"]: row for row in _rows("posterior_baseline.csv")}


def _band(row: dict[str, str]) -> str:
    low, high = (float(row[f"share_assumptions_{end}"]) for end in ("low", "high"))
    return percents(low, high, digits=None)


def _over_draws(row: dict[str, str]) -> str:
    return (
        f"{100 * float(row['share']):.0f} % of worlds, and nine draws in ten give {_band(row)}: "
        f"the claim {row['verdict']}"
    )


def _where_defaults_lie(row: dict[str, str]) -> str:
    """The share at the defaults beside the band over the draws, in words."""
    [share] = [
        float(one["share"])
        for one in _rows("claims_baseline.csv")
        if (one["claim"], one["scenario"]) == (row["claim"], row["scenario"])
    ]
    low, high = (float(row[f"share_assumptions_{end}"]) for end in ("low", "high"))
    place = "above" if share > high else "below" if share < low else "within"
    return f"At the defaults it is {100 * share:.0f} % of worlds, {place} that band."


def _parameters_drawn() -> int:
    return len(_rows("fit_parameters.csv"))


def docked(case: Case) -> str:
    """The bands on another market, what the model gives, and what it would with one change."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in _rows("docking.csv"):
        if row["case"] == case.name:
            found.setdefault(row["variant"], {})[row["number"]] = row
    [usual, *others] = found
    rows = []
    for band in case.bands:
        mine = found[usual][band.name]
        low, middle, high = (float(mine[one]) for one in ("low", "middle", "high"))
        told = case.verdict(band, low, middle, high)
        rows.append(
            (
                band.about,
                band.words,
                f"{_in_two(middle)} ({_in_two(low)} to {_in_two(high)})",
                "holds" if told == "holds" else f"**{told}**",
                *(_in_two(float(found[name][band.name]["middle"])) for name in others),
            )
        )
    kind = "mean (95 % interval)" if case.of_mean else "median (5 to 95 %)"
    head = ("number", "band", f"model: {kind}", "verdict", *others)
    one = found[usual][case.bands[0].name]
    met = sum(row[3] == "holds" for row in rows)
    text = f"{met} of {len(rows)} bands are met; {one['worlds']} worlds, seed {one['seed']}."
    return f"{_table(head, rows)}\n\n{text}"


def _in_two(x: float) -> str:
    """Two decimals, or none of what is large; with a real minus."""
    return (f"{x:,.0f}" if abs(x) >= 20 else f"{x:.2f}").replace("-", "−")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e3 else f"{value:.3g}"


def verdicts(scenario: str = "baseline") -> dict[str, dict[str, str]]:
    """The rows of the stored verdicts on a scenario, by claim."""
    return {row["claim"]: row for row in _rows(VERDICTS) if row["scenario"] == scenario}


def figures() -> str:
    """What `plot` can draw of a stored batch."""
    rows = (
        (_code(name), one.about, one.reads or ", ".join(one.needs)) for name, one in FIGURES.items()
    )
    return _table(("figure", "what it shows", "read from"), rows)


def claims() -> str:
    """All claims with status, verdict, what 2023 leaves open of it, and what a null model says."""
    stored, null = verdicts(), verdicts(NULL_MODEL)
    over, rows = _over_the_posterior(), []
    for claim in load_claims():
        row = stored.get(claim.id)
        share, verdict = (_estimate(row), _told(claim, row)) if row else ("", "not judged yet")
        beside = _beside(claim, row, null.get(claim.id))
        link = f"[{claim.id}](#{claim.id})"
        found = over.get(claim.id)
        left = f"{_band(found)}, {found['verdict']}" if found else ""
        rows.append((link, claim.sentence(), claim.status, share, verdict, left, beside))
    head = (
        "claim",
        "what was said",
        "status",
        "share of worlds",
        "verdict at the defaults",
        "over what 2023 leaves open",
        "blind market",
    )
    same = [row[0] for row in rows if row[-1].endswith("the same")]
    open_ones = [row[0] for row in rows if row[-2].endswith("depends on the assumptions")]
    text = (
        f"Of {len(over)} claims that compare no two markets, {len(open_ones)} depend on the "
        "assumptions, whatever the defaults say. "
        f"Of {sum(claim.tested for claim in load_claims())} claims that can fail, the blind market "
        f"gives {len(same)} the same verdict; such a verdict says nothing about quality, price, "
        "money or licences. Where sizes are given, compare them: a change that helps in both "
        "may help a hundred times as much in one."
    )
    return f"{_table(head, rows)}\n\n{text}"


def _beside(claim: Claim, row: dict[str, str] | None, null: dict[str, str] | None) -> str:
    """The share in the null model, and whether its verdict is the same."""
    if not (claim.tested and row and null and null["worlds"]):
        return ""
    told = _told(claim, null) if row.get("effect") else f"{_estimate(null)}, {null['verdict']}"
    return f"{told}: the same" if null["verdict"] == row["verdict"] else told


def claims_by_rule() -> str:
    """Every claim under every other rule; what turns is in bold."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in _rows("claims_rules.csv"):
        found.setdefault(row["scenario"], {})[row["claim"]] = row
    usual = found.pop("baseline")
    rows, turned = [], []
    for claim in load_claims():
        if not claim.tested or claim.id not in usual:
            continue
        mine = usual[claim.id]["verdict"]
        cells, by = [], []
        for name, verdicts_there in found.items():
            row = verdicts_there[claim.id]
            turns = row["verdict"] != mine
            cells.append(f"{_estimate(row)}" + (f", **{row['verdict']}**" if turns else ""))
            if turns and _OPEN.isdisjoint({mine, row["verdict"]}):
                by.append(name)
        if by:
            turned.append(f"`{claim.id}` ({', '.join(by)})")
        rows.append((_code(claim.id), f"{_estimate(usual[claim.id])}, {mine}", *cells))
    head = ("claim", "baseline", *(_code(name) for name in found))
    worlds = next(iter(usual.values()))["worlds"]
    told = (
        f"These change sides, and so depend on the rule: {listed(turned)}."
        if turned
        else "None changes sides."
    )
    text = f"{worlds} worlds each; verdicts that differ from the baseline's are in bold. {told}"
    return f"{_table(head, rows)}\n\n{text}"


_OPEN = {"undecided", "no visible effect", "no number", "not reached"}  # none is a side


def claim_cards() -> str:
    """A card a claim."""
    stored = verdicts()
    return "\n\n".join(_card(claim, stored.get(claim.id)) for claim in load_claims())


def _card(claim: Claim, row: dict[str, str] | None) -> str:
    lines = [
        f"### {claim.id}", f"> {claim.sentence()}", "",
        claim.credit, "",
        f"* **Tested**: {_signs(claim.definition)} "
        f"(week {claim.horizon_week} is {date(claim.horizon_week)}).",
        f"* **Status**: {claim.status}. {' '.join(claim.reason.split())}",
    ]  # fmt: skip
    choices = _choices(claim)
    acts = choices.pop("intervention", [])
    if acts:
        lines.append(f"* **Interventions**: {'; '.join(acts)}.")
    if choices:
        open_ = (f"{_code(name)} {', '.join(values)}" for name, values in choices.items())
        lines.append(f"* **Other readings**: {'; '.join(open_)}.")
    return "\n".join([*lines, *(_judged(claim, row) if row else ())])


def _signs(told: str) -> str:
    return told.replace("<=", "≤").replace(">=", "≥").replace("<", "&lt;")


def _choices(claim: Claim) -> dict[str, list[str]]:
    """What is left open, each value once, the default first."""
    found: dict[str, list[str]] = {}
    for variant in claim.variants_all():
        for name, value in variant.choices.items():
            word = value_text(value)
            if word not in found.setdefault(name, []):
                found[name].append(word)
    return found


def _judged(claim: Claim, row: dict[str, str]) -> Iterable[str]:
    """The stored verdict, and the range over definitions, in words."""
    how = f"seed {row['seed']}, version {row['version']}, {row['date']}"
    yield (
        f"* **In the baseline**: {_told(claim, row)}. Share of worlds: {_estimate(row)} (95 % "
        f"interval {_held(row).interval}; {int(row['worlds']):,} worlds, {how})."
        if row["worlds"]
        else f"* **In the baseline**: {row['verdict']} ({how})."
    )
    for told in json.loads(row.get("also") or "[]"):
        yield f"* **Also**: {_signs(told)}."
    count = int(row["definitions"])
    if count > 1:
        worlds = int(row["worlds"])
        low, high = (
            proportion(round(float(row[f"{end}_share"]) * worlds), worlds).estimate
            for end in ("lowest", "highest")
        )
        words = ("hold", "fail", "undecided")
        tested = "" if row["status"] != "emergent" else (
            "; " + listed([f"{row[word]} {word}" for word in words])
        )  # fmt: skip
        more = f"; {row['not_reached']} more are about later weeks" * (row["not_reached"] != "0")
        yield (
            f"* **By definition**: the share runs from {low} to {high} over {count} "
            f"definitions{tested}{more}."
        )


def _held(row: dict[str, str]) -> Proportion:
    return proportion(int(row["hits"]), int(row["worlds"]), int(row.get("ties") or 0))


def _told(claim: Claim, row: dict[str, str]) -> str:
    """The verdict, of a change with its size."""
    if not row.get("effect"):
        return row["verdict"]
    size = Effect(*(float(row[name]) for name in ("effect", "effect_low", "effect_high")))
    return f"{row['verdict']}: {Verdict(claim, 'baseline', _held(row), None, None, size).size}"


def _estimate(row: dict[str, str]) -> str:
    return _held(row).estimate if row["worlds"] else ""


_HALF, _LITTLE, _MANY = 0.5, 0.2, 4  # standard deviations, and how many are told
Moves = dict[str, tuple[float, int]]  # by outcome: the size in the week in which it is larger


@cache
def _sizes() -> dict[str, dict[tuple[str, int], float]]:
    return sizes_of(LEVERS)


def _turned() -> dict[str, Lever]:
    """The levers that have been turned; one that was added since waits for `make levers`."""
    return {name: lever for name, lever in load_levers().items() if name in _sizes()}


def _moves(lever: str) -> Moves:
    """By outcome, the largest first."""
    found: Moves = {}
    for (outcome, week), size in _sizes()[lever].items():
        if abs(size) >= abs(found.get(outcome, (0.0, 0))[0]):
            found[outcome] = (size, week)
    return dict(sorted(found.items(), key=lambda one: -abs(one[1][0])))


def _size(size: float) -> str:
    text = f"{size:+.1f}"
    return "0" if text[1:] == "0.0" else text.replace("-", "−")


def _in_bold(size: float) -> str:
    """In bold where it is half a deviation or more."""
    return f"**{_size(size)}**" if abs(size) >= _HALF else _size(size)


def levers_in_words() -> str:
    """What each lever moves most, beside what it leaves alone."""
    rows = []
    for name, lever in _turned().items():
        moves = _moves(name)
        most = [
            f"{OUTCOMES[one]} {_size(size)} by week {week}"
            for one, (size, week) in moves.items()
            if abs(size) >= _HALF
        ]
        left = [OUTCOMES[one] for one, (size, _) in moves.items() if abs(size) < _LITTLE]
        more = [f"and {len(most) - _MANY} more"] * (len(most) > _MANY)
        rows.append((_code(name), lever.about["en"], "; ".join([*most[:_MANY], *more]) or "nothing",
                     ", ".join(left)))  # fmt: skip
    head = ("lever", "what it changes", "moves by half a standard deviation", "leaves alone")
    return _table(head, rows)


def levers_by_outcome() -> str:
    """What moves each outcome most, and how many levers leave it alone."""
    moves = {name: _moves(name) for name in _turned()}
    rows = []
    for outcome, words in OUTCOMES.items():
        order = sorted(moves, key=lambda name: -abs(moves[name][outcome][0]))
        most = [
            f"{_code(name)} {_size(moves[name][outcome][0])} (week {moves[name][outcome][1]})"
            for name in order[:_MANY]
        ]
        alone = sum(abs(moves[name][outcome][0]) < _LITTLE for name in order)
        rows.append((words, "; ".join(most), f"{alone} of {len(order)}"))
    return _table(("outcome", "moved most by", "left alone by"), rows)


def lever_sizes(week: int) -> str:
    """Levers by outcomes at a week, in standard deviations between worlds."""
    rows = []
    for name in _turned():
        sizes = _sizes()[name]
        rows.append((_code(name), *(_in_bold(sizes[outcome, week]) for outcome in OUTCOMES)))
    return _table(("lever", *OUTCOMES.values()), rows)


def lever_spreads() -> str:
    """Means and standard deviations of the outcomes in the baseline, beside the first market's."""
    now, first = _by_outcome(LEVERS), _by_outcome(FIRST_MARKET)
    lines = []
    for outcome, words in OUTCOMES.items():
        rows = [(now[outcome, week], first[outcome, week]) for week in WEEKS]
        cells = [(row["before"], row["spread"], old["deviation"]) for row, old in rows]
        lines.append((words, *chain(*cells)))
    kinds = ("mean", "standard deviation", "by the older rules")
    return _table(("outcome", *(f"{k}, week {week}" for week in WEEKS for k in kinds)), lines)


def _by_outcome(file: Path) -> dict[tuple[str, int], dict[str, str]]:
    return {(row["outcome"], int(row["week"])): row for row in _rows(file)}


def strong_levers() -> str:
    """Whether the levers that have to move two outcomes by half a deviation do."""
    rows = []
    for name, lever in _turned().items():
        if lever.strong:
            moved = [OUTCOMES[one] for one, (size, _) in _moves(name).items() if abs(size) >= _HALF]
            rows.append((_code(name), f"{len(moved)}", "yes" if len(moved) >= 2 else "**no**"))
    return _table(("lever", "outcomes moved by half a standard deviation", "two or more"), rows)


def still_levers() -> str:
    """Levers that move fewer than two outcomes by half a deviation, and why."""
    rows = []
    for name, lever in _turned().items():
        moves = _moves(name)
        if sum(abs(size) >= _HALF for size, _ in moves.values()) < 2:
            outcome, (size, week) = next(iter(moves.items()))
            most = f"{OUTCOMES[outcome]} {_size(size)} by week {week}"
            rows.append((_code(name), most, lever.why))
    return _table(("lever", "moves most", "why not more"), rows)


def rent_and_review() -> str:
    """What the largest rent and the longest review move, each alone and both together."""
    grid = read_grid(RENT_AND_REVIEW)
    i, j = grid.usual
    rows = []
    for outcome, words in OUTCOMES.items():
        cells = []
        for week in WEEKS:
            sizes = grid.sizes[outcome, week]
            cells += map(_in_bold, (sizes[-1, j], sizes[i, -1], sizes[-1, -1]))
        rows.append((words, *cells))
    each = (f"rent x{grid.rents[-1]:g}", f"review {grid.reviews[-1]:g}", "both")
    return _table(("outcome", *(f"{one}, week {w}" for w in WEEKS for one in each)), rows)


def screen() -> str:
    """What each parameter moves most over its range, and which move nothing."""
    found = _rows("screen.csv")
    rows = [
        (
            _code(row["parameter"]),
            f"{row['low']} and {row['high']}",
            f"{'spread of ' if row['of'] == 'spread' else ''}`{row['outcome']}`",
            row["week"],
            _size(float(row["size"])) if abs(float(row["size"])) < 100 else "> 100",
            "" if row["scenario"] == "baseline" else _code(row["scenario"]),
        )
        for row in found
    ]
    still = [_code(row["parameter"]) for row in found if abs(float(row["size"])) < _LITTLE]
    none = (
        f"Of {len(found)} parameters, {listed(still) or 'none'} moves by less than a fifth of a "
        "standard deviation."
    )
    head = ("parameter", "values compared", "moves most", "week", "by", "in")
    return f"{_table(head, rows)}\n\n{none}"


_ALONE = (
    schedule,
    segments,
    facts,
    shocks,
    series,
    events,
    roster,
    players,
    streams,
    later_than_2023,
    targets,
    facts_of_2023,
    patterns_that_constrain,
    fit_in_words,
    assumptions,
    test_of_the_fit,
    screening,
    variance,
    box_of_survivors,
    two_maps,
    patterns,
    both_uncertainties,
    figures,
    claims,
    claims_by_rule,
    claim_cards,
    levers_in_words,
    levers_by_outcome,
    lever_spreads,
    strong_levers,
    still_levers,
    rent_and_review,
    screen,
)
TABLES: dict[str, Callable[[], str]] = {
    **{one.__name__.replace("_", " "): one for one in _ALONE},
    **{f"docking {case.name}": partial(docked, case) for case in CASES},
    **{f"lever sizes {week}": partial(lever_sizes, week) for week in WEEKS},
    **{f"evidence {topic}": partial(evidence, topic) for topic in TOPICS},
    **{f"code {name}": partial(code, name) for name in ("Route", "Status")},
    **{f"state {shape}": partial(state, shape) for shape in ("world", "firm", "segment", "use")},
    **{f"parameters {name}": partial(parameters, name) for name in (*SECTIONS, "population")},
}


def main() -> None:
    """Rewrite the tables in place and say where anything changed."""
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = render(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
        print(f"{page.name}: {'rewritten' if new != old else 'in step already'}")


if __name__ == "__main__":
    main()
