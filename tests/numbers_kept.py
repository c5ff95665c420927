"""Numbers of a few worlds, kept in numbers_kept.json; ``python tests/numbers_kept.py`` renews them.

A change of the rules moves them. Before they are written, CHANGELOG.md must name that change, and
where the number of the rules has been released, `__rules__` must be raised.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from programs import load_program

import llm_market_sim
from llm_market_sim.batch import Order, results_of
from llm_market_sim.claims import load_claims, on_the_way, plan_claims
from llm_market_sim.experiments.versions import numbers
from llm_market_sim.scenario import load_all

ROOT = Path(__file__).resolve().parents[1]
FILE = Path(__file__).with_suffix(".json")
SCENARIOS = ["baseline", "strict_review", "price_war", "open_coalition"]
WORLDS = 12
TABLES = ("series", "firms", "claims")
CLOSE = 1e-6  # what another processor's arithmetic may differ by


def computed() -> dict[str, Any]:
    """The numbers as they are today: by scenario, kind and name."""
    loaded = load_all(SCENARIOS)
    plan = plan_claims(loaded, on_the_way(load_claims(), loaded), WORLDS, 1, TABLES)
    with results_of(plan, None, Order(jobs=2, fail="fast")) as (results, _):
        return numbers(results)


def moved(kept: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is not as it was, as ``scenario, kind name: [old], now [new]``; what is new is not."""
    found = []
    for scenario, kinds in kept.items():
        for kind, names in kinds.items():
            for name, old in names.items():
                new = now.get(scenario, {}).get(kind, {}).get(name, [])
                if len(old) != len(new) or not all(map(_close, old, new)):
                    found.append(f"{scenario}, {kind} {name}: {old}, now {new or 'gone'}")
    return found


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)


def named() -> list[str]:
    """How the entries begin that the newest part of the changelog marks as changing numbers."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.split(r"^## ", text, flags=re.MULTILINE)[1]
    return re.findall(r"^- \*\*Numbers\.\*\* (.+)$", newest, re.MULTILINE)


def released() -> bool:
    """Whether the number of the rules stands in a released version."""
    changelog = load_program(ROOT / "docs" / "metadata.py").changelog()
    return any(one.day and one.rules == llm_market_sim.__rules__ for one in changelog)


def refusal(kept: dict[str, Any], now: dict[str, Any], entries: list[str], out: bool) -> str:
    """Why moved numbers must not be written; empty where they may. out: see `released`."""
    if not moved(kept["numbers"], now):
        return ""
    if kept["rules"] == llm_market_sim.__rules__ and out:
        return "these rules are released: raise __rules__, with a new heading in CHANGELOG.md"
    if kept["named"] == entries:
        return 'numbers moved: say why in CHANGELOG.md, in an entry that begins with "**Numbers.**"'
    return ""


def main() -> None:
    """Write the file, or say why not."""
    now, entries = computed(), named()
    if FILE.exists():
        kept = json.loads(FILE.read_text("utf-8"))
        print(*moved(kept["numbers"], now) or ["No number moved."], sep="\n")
        if why := refusal(kept, now, entries, released()):
            sys.exit(why)
    rules = llm_market_sim.__rules__
    facts = {"rules": rules, "worlds": WORLDS, "named": entries, "numbers": now}
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    text = re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    FILE.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
