"""The worlds behind a picture, to take along: numbers with units, sources, and the question."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from llm_market_sim.classroom.answer import COUNTED, Block, definitions, values_of
from llm_market_sim.classroom.question import Question, events, knobs
from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario import load

__all__ = ["as_csv", "as_json"]


def as_csv(question: Question, outcome: str, mine: Block, ghost: Block, definition: int = 0) -> str:
    """A row a world: the outcome at the end in the baseline and in the question, and what differs.
    Lines that begin with # say what was asked, with units and sources."""
    about = _about(question, outcome, definition, mine)
    out = io.StringIO()
    for key in ("outcome", "unit", "week", "question", "command"):
        out.write(f"# {key}: {about[key]}\n")
    for one in about["changes"]:
        words = (f"{name} {one[name]}" for name in ("unit", "meaning", "source") if name in one)
        out.write(f"# {one['name']} = {one['value']}; {'; '.join(words)}\n")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("world", "baseline", "question", "difference"))
    rows.writerows(_rows(outcome, mine, ghost, definition))
    return out.getvalue()


def as_json(
    question: Question, outcome: str, mine: Block, ghost: Block, definition: int = 0
) -> str:
    """The same, and the outcome of every world in every week."""
    found = _about(question, outcome, definition, mine)
    found["columns"] = ["world", "baseline", "question", "difference"]
    found["worlds"] = _rows(outcome, mine, ghost, definition)
    found["weekly"] = {
        "baseline": ghost.series[outcome].tolist(),
        "question": mine.series[outcome].tolist(),
    }
    return json.dumps(found, ensure_ascii=False)


def _rows(outcome: str, mine: Block, ghost: Block, definition: int) -> list[tuple[float, ...]]:
    before, after = values_of(ghost, outcome, definition), values_of(mine, outcome, definition)
    return list(
        zip(
            range(len(after)),
            before.tolist(),
            after.tolist(),
            (after - before).tolist(),
            strict=True,
        )
    )


def _about(question: Question, outcome: str, definition: int, mine: Block) -> dict[str, Any]:
    """What was asked, in words."""
    meaning, unit = SERIES[outcome].meaning, SERIES[outcome].unit
    if outcome == COUNTED:
        meaning = definitions()[definition].measurement.params.words()
    changes: list[dict[str, Any]] = []
    for path, value in question.changes.items():
        one = knobs()[path]
        changes.append(
            {
                "name": path,
                "value": value,
                "meaning": one.meaning,
                "source": one.source,
                "unit": "times its usual values" if one.factor else one.unit,
            }
        )
    for name, week in question.events.items():
        event = events()[name]
        changes.append(
            {
                "name": f"event {name}",
                "value": "off" if week is None else f"week {week}",
                "meaning": event.about,
                "source": event.source,
            }
        )
    sets = "".join(f" --set '{one}'" for one in question.settings())
    command = f"llm-market-sim compare baseline {question.preset}"
    if sets:
        command = f"llm-market-sim batch {question.preset}{sets}"
    return {
        "outcome": meaning,
        "unit": unit,
        "week": mine.series[outcome].shape[1] - 1,
        "question": question.link(),
        "preset": dict(load(question.preset).label),
        "changes": changes,
        "seed": question.seed,
        "version": question.version,
        "command": f"{command} --worlds {mine.worlds} --seed {question.seed}",
    }
