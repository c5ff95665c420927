"""What a study of survival leaves in a folder: manifest, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_market_sim.batch import ResultFolder, Table
from llm_market_sim.cli.commands.compare import p_text
from llm_market_sim.cli.commands.survival import Lives
from llm_market_sim.cli.manifest import facts
from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.figures import Language, LifeRow, Origin, endings, save, survival_curves
from llm_market_sim.figures.words import LANGUAGES, say
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.survival import REPLICATES, log_rank

__all__ = ["keep_lives"]

_SURVIVAL = ("week_of_life", "watched", "exits", "withdrawn", "still_there", "low", "high")
_EXITS = ("cause", "week_of_life", "exits", "share_gone")


def keep_lives(folder: ResultFolder, found: Lives, language: Language) -> None:
    """Write everything; the manifest comes last."""
    folder.table("survival.csv", Table((found.name, *_SURVIVAL), _survival(found)))
    folder.table("exits.csv", Table((found.name, *_EXITS), _exits(found)))
    rows = _life_rows(found)
    several = len(found.scenarios) > 1
    names = {la: say("life.several", la, n=len(found.scenarios)) for la in LANGUAGES}
    where = names if several else found.scenarios[0].label
    origin = Origin(found.worlds, found.seed, None if several else where)
    remarks = _remarks(found, language)
    curves = survival_curves(rows, found.ticks, where, origin, language, remarks)
    save(curves, folder.path("survival.png"), folder.path("survival.svg"))
    ends = endings(rows, found.ticks, where, origin, language, remarks)
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
            label=_label(found, place),
            survival=table.survival[0, place], low=low[place], high=high[place],
            alive=table.alive[0, place], incidence=table.incidence[0, place],
        )
        for place, _ in found.groups
    ]  # fmt: skip


def _label(found: Lives, place: int) -> Label:
    if found.name == "scenario":
        return found.scenarios[place].label
    name = (KINDS if found.name == "kind" else ROUTES)[place]
    return {language: say(f"life.{name}", language) for language in LANGUAGES}


def _remarks(found: Lives, language: Language) -> list[str]:
    """For the small print: whom it is about, and whether groups differ."""
    test = log_rank(found.table)
    told = [say("life.test", language, p=p_text(test.p_value))] if test else []
    return [say(f"life.{found.firms}", language), *told]


def _facts(found: Lives) -> dict[str, Any]:
    test = log_rank(found.table)
    study = {
        "by": found.name, "firms": found.firms, "weeks": found.horizon, "replicates": REPLICATES,
        "log_rank_p": test.p_value if test else None,
    }  # fmt: skip
    return facts(found.seed, found.worlds, found.scenarios) | {"survival": study}
