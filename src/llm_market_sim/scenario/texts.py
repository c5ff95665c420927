"""A scenario's texts as they are shown: in a language, with sizes from the shipped levers' table.

A text may hold marks such as ``{effect:startup_share@78}``: what the scenario does to a series by a
week, against the baseline on the same luck. What is shown is ``from 41 % to 35 %``; a sentence
whose size is not in the table is left out. `make levers` writes the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario.files import data_folder, read
from llm_market_sim.support.chinese import said
from llm_market_sim.support.files import read_csv
from llm_market_sim.words import Language, number, percent

__all__ = ["MARK", "Effect", "Passage", "declared", "effects", "passage"]

MARK = re.compile(r"\{effect:(\w+)@(\d+)\}")
_SENTENCES = re.compile(r"(?<=[.?!])(?=\s)|(?<=[。？！])")
_FOLD = re.compile(r"(?<=[^\x00-\x7f])\s*\n\s*|\s*\n\s*(?=[^\x00-\x7f])")  # Chinese has no spaces
_SCALES: dict[Language, tuple[tuple[float, float, str], ...]] = {  # from, unit, word
    "en": ((1e9, 1e9, " billion"), (1e6, 1e6, " million")),
    "zh": ((1e8, 1e8, "亿"), (1e5, 1e4, "万")),
}
_BETWEEN = {"en": "from {} to {}", "zh": "从{}变为{}"}


class Passage(NamedTuple):
    """A text and the language that it is in."""

    text: str
    language: Language


class Effect(NamedTuple):
    """Means of worlds without and with a scenario, and their distance in standard deviations of the
    baseline between worlds."""

    before: float
    after: float
    size: float


def passage(
    words: str | Mapping[Language, str], scenario: str, language: Language = "en"
) -> Passage:
    """One text of a scenario (by name) in a language, or in English where it has no other.

    words: by language; a plain text is English. Lines are joined, blank lines part paragraphs.
    """
    given: Mapping[Language, str] = {"en": words} if isinstance(words, str) else words
    spoken: Language = language if language in given else "en"
    parts = (_joined(part, spoken) for part in given[spoken].strip().split("\n\n"))
    told = (_filled(part, scenario, spoken) for part in parts)
    return Passage("\n\n".join(part for part in told if part), spoken)


def declared(text: str, language: Language) -> str:
    """What is declared in English once, in a language: what a mechanism, a parameter or a dated
    event means, and units. As it is where it has no Chinese, as what is a person's own."""
    return said(text, language, __package__)


def _joined(part: str, language: Language) -> str:
    return " ".join((_FOLD.sub("", part) if language == "zh" else part).split())


def _filled(text: str, scenario: str, language: Language) -> str:
    """With sizes for marks, without the sentences whose sizes nobody has worked out."""
    found = effects().get(scenario, {})

    def known(sentence: str) -> bool:
        return all((m[1], int(m[2])) in found for m in MARK.finditer(sentence))

    def size(mark: re.Match[str]) -> str:
        one = found[mark[1], int(mark[2])]
        values = (_value(mark[1], x, language) for x in (one.before, one.after))
        return _BETWEEN[language].format(*values)

    kept = "".join(one for one in _SENTENCES.split(text) if known(one)).strip()
    return MARK.sub(size, kept)


def _value(series: str, value: float, language: Language) -> str:
    unit = SERIES[series].unit
    if unit == "1":
        return percent(value, language)
    if unit == "OOM":
        return f"{value:.2f}"
    for least, scale, word in _SCALES[language]:
        if abs(value) >= least:
            return number(float(f"{value:.3g}") / scale, 3).replace(",", "") + word
    return number(value, 3)


@cache
def effects() -> Mapping[str, Mapping[tuple[str, int], Effect]]:
    """What each shipped scenario does, by its name, and by series and week; empty without a table.

    A row of the table counts where its lever is a scenario as it is shipped, with nothing changed.
    """
    file = data_folder() / "levers.csv"
    if not file.is_file():
        return {}
    names = dict(_levers())
    found: dict[str, dict[tuple[str, int], Effect]] = {}
    for row in read_csv(file):
        before, apart = float(row["before"]), float(row["difference"])
        one = Effect(before, before + apart, float(row["size"]))
        name = names.get(row["lever"], row["lever"])
        found.setdefault(name, {})[row["outcome"], int(row["week"])] = one
    return found


def _levers() -> Iterator[tuple[str, str]]:
    """Levers that are a scenario as it is shipped, and its name."""
    tree, _ = read(data_folder() / "levers.yaml")
    for lever, one in tree.plain()["levers"].items() if tree is not None else ():
        if "scenario" in one and not one.get("set") and not one.get("times"):
            yield lever, one["scenario"]
