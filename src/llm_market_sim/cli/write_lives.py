"""What a study of survival writes beside its table: life tables and figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_market_sim.cli.life_study import LifeStudy
from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.figures import Origin, endings, life_row, save, survival_curves
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import say
from llm_market_sim.summary.survival import log_rank
from llm_market_sim.support.files import whole_files, write_csv
from llm_market_sim.words import LANGUAGES, Language, p_value

_SURVIVAL = ("week_of_life", "watched", "exits", "withdrawn", "still_there", "low", "high")
_EXITS = ("cause", "week_of_life", "exits", "share_gone")


def write_lives(folder: Path, found: LifeStudy, language: Language) -> None:
    """Write everything into a folder; some group must have firms."""
    rows = [life_row(found.table, place, _label(found, place)) for place, _ in found.groups]
    several = len(found.scenarios) > 1
    names = {la: say("life.several", la, n=len(found.scenarios)) for la in LANGUAGES}
    where = names if several else found.scenarios[0].label
    origin = Origin(found.worlds, found.seed, None if several else where)
    remarks = _remarks(found, language)
    with whole_files(folder) as place:
        write_csv(place / "survival.csv", (found.name, *_SURVIVAL), _survival(found))
        write_csv(place / "exits.csv", (found.name, *_EXITS), _exits(found))
        curves = survival_curves(rows, found.ticks, where, origin, language, remarks)
        save(curves, place / "survival.png", place / "survival.svg")
        ends = endings(rows, found.ticks, where, origin, language, remarks)
        save(ends, place / "exits.png", place / "exits.svg")


def _survival(found: LifeStudy) -> Iterator[list[Any]]:
    table, (low, high) = found.table, found.table.band
    for place, label in found.groups:
        for week in range(found.horizon + 1):
            gone = int(table.exits[0, place, :, week - 1].sum()) if week else 0
            yield [
                label,
                week,
                table.alive[0, place, week],
                gone,
                table.withdrawn[0, place, week],
                table.survival[0, place, week],
                low[place, week],
                high[place, week],
            ]


def _exits(found: LifeStudy) -> Iterator[list[Any]]:
    for place, label in found.groups:
        for k, cause in enumerate(CAUSES):
            for week in range(1, found.horizon + 1):
                yield [
                    label,
                    cause,
                    week,
                    found.table.exits[0, place, k, week - 1],
                    found.table.incidence[0, place, k, week],
                ]


def _label(found: LifeStudy, place: int) -> Label | str:
    if found.name == "scenario":
        return found.scenarios[place].label
    return (KINDS if found.name == "kind" else ROUTES)[place]


def _remarks(found: LifeStudy, language: Language) -> list[str]:
    """For the small print: whom it is about, and whether groups differ."""
    test = log_rank(found.table)
    told = [say("life.test", language, p=p_value(test.p_value))] if test else []
    return [say(f"life.{found.firms}", language), *told]
