"""What a study of survival leaves in a folder: manifest, tables and figures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from llm_market_sim import __version__
from llm_market_sim.batch import ResultFolder, Table
from llm_market_sim.commands.compare import p_text
from llm_market_sim.commands.manifest import facts
from llm_market_sim.commands.survival import FIRMS, Lives
from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.plots import LifeRow, endings, save, survival_curves
from llm_market_sim.survival import REPLICATES, log_rank

__all__ = ["keep_lives"]

_SURVIVAL = ("week_of_life", "watched", "exits", "withdrawn", "still_there", "low", "high")
_EXITS = ("cause", "week_of_life", "exits", "share_gone")


def keep_lives(folder: ResultFolder, found: Lives) -> None:
    """Write everything; the manifest comes last."""
    folder.table("survival.csv", Table((found.name, *_SURVIVAL), _survival(found)))
    folder.table("exits.csv", Table((found.name, *_EXITS), _exits(found)))
    rows, note = _life_rows(found), _footnote(found)
    several = len(found.scenarios) > 1
    where = f"{len(found.scenarios)} scenarios" if several else found.scenarios[0].label["en"]
    curves = survival_curves(
        rows, found.ticks, f"How long firms last: {where}",
        "Share of firms still there. The band is how uncertain a curve is (95 %), not how much "
        "single worlds differ.", note,
    )  # fmt: skip
    save(curves, folder.path("survival.png"), folder.path("survival.svg"))
    ends = endings(
        rows, list(CAUSES), found.ticks, f"How firms end: {where}",
        "Share of firms by weeks since entry, %. A sale ends a firm, but may be a success for its "
        "owners.", note,
    )  # fmt: skip
    save(ends, folder.path("exits.png"), folder.path("exits.svg"))
    folder.manifest(_facts(found))


def _survival(found: Lives) -> Iterator[list[Any]]:
    table, (low, high) = found.table, found.table.band
    for place, label in found.groups:
        for week in range(found.horizon + 1):
            gone = int(table.exits[0, place, :, week - 1].sum()) if week else 0
            yield [
                label, week, table.alive[0, place, week], gone,
                table.withdrawn[0, place, week], table.survival[0, place, week],
                low[place, week], high[place, week],
            ]  # fmt: skip


def _exits(found: Lives) -> Iterator[list[Any]]:
    for place, label in found.groups:
        for k, cause in enumerate(CAUSES):
            for week in range(1, found.horizon + 1):
                yield [
                    label, cause, week, found.table.exits[0, place, k, week - 1],
                    found.table.incidence[0, place, k, week],
                ]  # fmt: skip


def _life_rows(found: Lives) -> list[LifeRow]:
    table, (low, high) = found.table, found.table.band
    return [
        LifeRow(
            label=label[0].upper() + label[1:] if found.name != "scenario" else label,
            survival=table.survival[0, place], low=low[place], high=high[place],
            alive=table.alive[0, place], incidence=table.incidence[0, place],
        )
        for place, label in found.groups
    ]  # fmt: skip


def _footnote(found: Lives) -> str:
    test = log_rank(found.table)
    names = ", ".join(one.name for one in found.scenarios)
    what = (
        f"{names}: {found.worlds:,} worlds of {found.horizon} weeks, seed {found.seed}, "
        f"llm-market-sim {__version__}. Kaplan-Meier and Aalen-Johansen estimates in whole weeks; "
        f"firms alive at the end are censored. {FIRMS[found.firms]} Bands: pointwise 95 %, "
        f"{REPLICATES} replicates of drawing other worlds, since firms of a world share its luck. "
        + (f"Log-rank test over worlds: p {p_text(test.p_value)}. " if test else "")
        + "Conditional on the defaults: most parameters are assumptions, and the model speaks, not "
        "the world."
    )
    return "\n".join(textwrap.wrap(what, 190))


def _facts(found: Lives) -> dict[str, Any]:
    test = log_rank(found.table)
    study = {
        "by": found.name, "firms": found.firms, "weeks": found.horizon, "replicates": REPLICATES,
        "log_rank_p": test.p_value if test else None,
    }  # fmt: skip
    return facts(found.seed, found.worlds, found.scenarios) | {"survival": study}
