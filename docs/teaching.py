"""The teaching package: the numbers in its pages, slides and worksheets: ``make slides``.

In a page of docs/teaching a number stands between ``<!--=KEY-->`` and ``<!--=-->``. KEY is a word
of `KINDS` with what it takes; this program writes the number anew, as the class of the code `CODE`
sees it on its screen. Of the sections "Slides" and "Worksheet" of a lesson it makes PDF files in
build/teaching: slides of 16:9 in 24 points and more, and sheets of A4.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from llm_market_sim.claims import load_claims
from llm_market_sim.classroom import bets
from llm_market_sim.classroom.answer import definitions
from llm_market_sim.classroom.class_server import CODE_LETTERS
from llm_market_sim.classroom.game import GAME_WORLDS, percentile, play
from llm_market_sim.classroom.question import Question, knobs, parse
from llm_market_sim.classroom.room import QUARTERS
from llm_market_sim.classroom.solver import Solver
from llm_market_sim.figures.lettering import balanced, wrap
from llm_market_sim.figures.style import (
    BLUE,
    GREY,
    PALE,
    VERMILLION,
    drawing,
    house_style,
    new_figure,
)
from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario import SECTIONS, load, scenarios
from llm_market_sim.words import LANGUAGES, Language, number, percent, signed

HERE = Path(__file__).parent / "teaching"
OUT = Path("build") / "teaching"
LESSONS = ("lesson_20", "lesson_90", "lesson_180")
CODE = "TKAJ"
SEED = sum(CODE_LETTERS.index(one) * 24**k for k, one in enumerate(reversed(CODE)))
SECTIONS_OF: dict[Language, tuple[str, str]] = {
    "en": ("Slides", "Worksheet"),
    "zh": ("幻灯片", "学习单"),
}
LEAST = 24  # points on a slide
_MARK = re.compile(r"(<!--=(.+?)-->).*?(<!--=-->)", re.DOTALL)


# ---- numbers ----


@cache
def _solver() -> Solver:
    return Solver()


@cache
def _claim(name: str) -> dict[str, Any]:
    return bets.of_claim(name, Question(seed=SEED), _solver())


@cache
def _over(name: str) -> dict[str, Any]:
    return bets.over_assumptions(name, Question(seed=SEED), _solver())


@cache
def _move(outcome: str, link: str) -> dict[str, Any]:
    """An outcome after a move from the baseline; the link is written with commas for &."""
    after = parse(f"{link.replace(',', '&')}&seed={SEED}")
    return bets.of_move(outcome, Question(seed=SEED), after, _solver())


@cache
def _game(firm: str, decision: str) -> float:
    """The percentile of a firm that does one thing in all quarters, such as price=free."""
    ids = range(GAME_WORLDS)
    quarters = [{} if decision == "usual" else dict([decision.split("=")])] * QUARTERS
    standard = play(load("baseline"), firm, [{}] * QUARTERS, ids, SEED, _solver().threads)
    mine = play(load("baseline"), firm, quarters, ids, SEED, _solver().threads)
    return percentile(mine.value[-1], standard.value[-1])


def _defined(choices: Sequence[str]) -> int:
    """Worlds in which the main claim holds by a definition, such as theta=0.03 share=consumer."""
    asked = dict(one.split("=") for one in choices)
    for place, one in enumerate(definitions()):
        chosen = {name: str(one.choices[name]).lower() for name in one.choices}
        usual = {name: str(definitions()[0].choices[name]).lower() for name in one.choices}
        if chosen == usual | asked:
            counts = _solver().solve(Question(seed=SEED)).counts
            [main] = load_claims(["three_to_five_survive"])
            assert counts is not None
            return int(np.sum(main.test.holds(counts[:, place].astype(float))))
    raise KeyError(f"no definition {asked}")


def _of_claim(language: Language, name: str, part: str, *more: str) -> str:
    found = _claim(name)
    if part == "hits":
        return str(found["hits"])
    if part == "share":
        return percent(found["hits"] / found["worlds"], language)
    if part == "interval":
        return _range(found["low"], found["high"], language)
    if part == "other":
        return percent(_over(name)["mean"], language)
    if part == "others":
        return _range(*_over(name)["range"], language)
    if part == "brier":
        own = 100 * found["hits"] / found["worlds"]
        bet = own if more[0] == "own" else float(more[0])
        return f"{bets.brier(bet, found['hits'], found['worlds']):.3f}"
    place = np.searchsorted(found["edges"], float(more[0])) - 1  # column N
    return percent(found["all"][place] / found["worlds"], language)


def _range(low: float, high: float, language: Language) -> str:
    joined = "至" if language == "zh" else " to "
    return joined.join(percent(one, language) for one in (low, high))


def _of_move(language: Language, outcome: str, link: str, part: str) -> str:
    found = _move(outcome, link)
    pairs = found["picture"]["paired"]
    if part == "way":
        return _WAYS[language][found["way"]]
    if part in ("up", "same", "down"):
        return str(pairs[{"up": "rose", "same": "same", "down": "fell"}[part]])
    if part == "held":
        return str(found["picture"]["claim"]["after"]["hits"])
    value = pairs[part]
    if SERIES[outcome].unit == "1":
        return percent(value, language)
    return signed(value) if part == "mean" else number(value, 3)


_WAYS: dict[Language, dict[str, str]] = {
    "en": {"up": "up", "same": "the same", "down": "down"},
    "zh": {"up": "增加", "same": "不变", "down": "减少"},
}


def _count(language: Language, what: str) -> str:
    base = load("baseline")
    return str(
        {
            "scenarios": lambda: len(scenarios()),
            "claims": lambda: len(load_claims()),
            "bettable": lambda: len(bets.bettable()),
            "definitions": lambda: len(definitions()),
            "parameters": lambda: sum(len(one.model_fields) for one in SECTIONS.values()),
            "knobs": lambda: len(knobs()),
            "firms": lambda: len(base.players),
            "unnamed": lambda: base.population.stealth_firms + base.population.pool_firms,
            "weeks": lambda: base.horizon_weeks,
        }[what]()
    )


KINDS: dict[str, Callable[..., str]] = {
    "claim": _of_claim,
    "move": _of_move,
    "count": _count,
    "said": lambda language, name: bets.said_of(name)[language],
    "defined": lambda language, *choices: str(_defined(choices)),
    "game": lambda language, firm, decision: f"{_game(firm, decision):.0f}",
}


def value(key: str, language: Language) -> str:
    """What a key stands for. KeyError where it names nothing."""
    kind, *rest = key.split()
    return KINDS[kind](language, *rest)


def language_of(page: Path) -> Language:
    """``lesson_20.zh.md`` is Chinese."""
    return "zh" if page.stem.endswith(".zh") else "en"


def render(text: str, language: Language) -> str:
    """A page with its numbers written anew."""
    return _MARK.sub(lambda m: m[1] + value(m[2], language) + m[3], text)


# ---- what is shown of a page ----


def section(text: str, name: str) -> str:
    """The text under a heading of the second order."""
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no section {name}"
    return found[1]


def plain(text: str) -> str:
    """Without marks of markdown and comments."""
    text = re.sub(r"<!--.*?-->", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return re.sub(r"[*`]", "", text).strip()


def slides_of(text: str, language: Language) -> Iterator[tuple[str, list[str], list[str], str]]:
    """Title, points, other lines and figure (empty for none) of each slide. The points of a slide
    with a figure are the names of its rows."""
    for part in section(text, SECTIONS_OF[language][0]).split("\n### ")[1:]:
        title, _, rest = part.partition("\n")
        drawn = re.search(r"<!-- figure: (.+?) -->", rest)
        lines = [one.strip() for one in rest.split("\n") if plain(one)]
        points = [plain(one.removeprefix("- ")) for one in lines if one.startswith("- ")]
        others = [plain(one) for one in lines if not one.startswith("- ")]
        yield plain(title), points, others, drawn[1] if drawn else ""


@drawing
def slide(
    title: str, points: Sequence[str], lines: Sequence[str], figure: str, language: Language
) -> Figure:
    """One slide of 13.33 by 7.5 inches."""
    page = new_figure(40 / 3, 7.5)
    head = balanced(title, 12.1, 38, 2)
    page.text(0.045, 0.94, head, size=38, weight="bold", va="top")
    top = 0.94 - 0.1 * (head.count("\n") + 1)
    if not figure:
        y = top - 0.06
        for one in points:
            told = wrap(one, 11.5, 30)
            page.text(0.045, y, "•", size=30, va="top")
            page.text(0.075, y, told, size=30, va="top", linespacing=1.25)
            y -= 0.075 * (told.count("\n") + 1) + 0.05
        return page
    told = wrap(" ".join(lines), 12.1, 26)
    page.text(0.045, 0.05, told, size=26, va="bottom", linespacing=1.25)
    low = 0.13 + 0.07 * (told.count("\n") + 1 if told else 0)
    kind, *rest = figure.split()
    box = (0.08, low, 0.84, top - low) if kind != "model" else (0.03, 0.03, 0.94, top - 0.03)
    FIGURES[kind](page.add_axes(box), language, points, *rest)
    return page


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=LEAST, length=0)
    axes.set_yticks([])


def _columns(axes: Axes, language: Language, names: Sequence[str], claim: str) -> None:
    """The columns of a claim: worlds by its number; blue where it holds."""
    found = _claim(claim)
    middles = (np.array(found["edges"][1:]) + np.array(found["edges"][:-1])) / 2
    share = np.array(found["all"]) / found["worlds"]
    true = np.array(found["true"]) > 0
    axes.bar(middles, share, width=0.85, color=[BLUE if one else PALE for one in true])
    for x, y in zip(middles, share, strict=True):
        axes.text(x, y + 0.01, percent(y, language), size=LEAST, ha="center", va="bottom")
    _bare(axes)
    axes.set(ylim=(0, 1.15 * max(share)), xticks=middles)
    axes.set_xticklabels([f"{one:g}" for one in middles])


def _bands(axes: Axes, language: Language, names: Sequence[str], *claims: str) -> None:
    """Claims: the share of worlds with its interval, and over other assumptions nine of ten."""
    words = {"en": ("these worlds", "other assumptions"), "zh": ("这些世界", "换别的假设")}[
        language
    ]
    y = 0
    for row, claim in enumerate(claims):
        found, over = _claim(claim), _over(claim)
        for share, low, high, colour, word in (
            (found["hits"] / found["worlds"], found["low"], found["high"], BLUE, words[0]),
            (over["mean"], *over["range"], VERMILLION, words[1]),
        ):
            axes.plot([low, high], [y, y], color=colour, lw=14, alpha=0.4, solid_capstyle="butt")
            axes.plot([share], [y], "o", color=colour, ms=16)
            said = ": ".join([*names[row : row + 1], f"{word} {percent(share, language)}"])
            right = share > 0.5
            axes.text(
                high if right else low,
                y + 0.25,
                said,
                size=LEAST,
                color=colour,
                ha="right" if right else "left",
                va="bottom",
            )
            y -= 1
    _bare(axes)
    axes.set(xlim=(0, 1), ylim=(y + 0.5, 0.8), xticks=(0, 0.25, 0.5, 0.75, 1))
    axes.set_xticklabels([percent(one, language) for one in (0, 0.25, 0.5, 0.75, 1)])


def _ways(axes: Axes, language: Language, names: Sequence[str], *moves: str) -> None:
    """Moves as OUTCOME@LINK: in how many worlds the outcome goes down, stays and goes up."""
    words = _WAYS[language]
    for row, move in enumerate(moves):
        outcome, _, link = move.partition("@")
        pairs = _move(outcome, link)["picture"]["paired"]
        left = 0
        for part, colour in (("fell", VERMILLION), ("same", PALE), ("rose", BLUE)):
            axes.barh(-row, pairs[part], left=left, color=colour, height=0.42)
            if pairs[part] > 12:
                dark = "black" if part == "same" else "white"
                x = left + pairs[part] / 2
                axes.text(x, -row, pairs[part], size=LEAST, ha="center", va="center", color=dark)
            left += pairs[part]
        label = names[row] if names else SERIES[outcome].label[language]
        axes.text(0, -row + 0.23, label, size=LEAST, va="bottom")
    _bare(axes)
    axes.spines["bottom"].set_visible(False)
    axes.set(xlim=(0, 256), ylim=(-len(moves) + 0.7, 0.62), xticks=(20, 128, 236))
    axes.set_xticklabels([words["down"], words["same"], words["up"]])
    for label, colour in zip(axes.get_xticklabels(), (VERMILLION, GREY, BLUE), strict=True):
        label.set(color=colour, weight="bold")


_BOXES: dict[str, tuple[float, float, dict[Language, str]]] = {
    "hype": (0.15, 0.84, {"en": "Hype\nlaunches, rounds", "zh": "热度\n发布、融资"}),
    "entry": (0.50, 0.84, {"en": "Entry\nnew firms", "zh": "入场\n新企业"}),
    "abroad": (0.85, 0.84, {"en": "Abroad\nfrontier, open weights", "zh": "国外\n前沿、开源模型"}),
    "money": (0.15, 0.50, {"en": "Money\nparents, funds", "zh": "资金\n母公司、风投"}),
    "compute": (0.50, 0.50, {"en": "Compute\nowned or rented", "zh": "算力\n自有或租用"}),
    "model": (0.85, 0.50, {"en": "Model\ntrained or tuned", "zh": "模型\n自研或微调"}),
    "exit": (0.15, 0.16, {"en": "Exit\nsold, broke, shut", "zh": "退出\n收购、耗尽、关停"}),
    "users": (0.50, 0.16, {"en": "Users\nreach, quality, price", "zh": "用户\n触达、质量、价格"}),
    "licence": (0.85, 0.16, {"en": "Licence\nreview, batches", "zh": "备案\n审核、分批放行"}),
}
_ARROWS = (
    ("hype", "entry"),
    ("hype", "money"),
    ("entry", "compute"),
    ("abroad", "model"),
    ("money", "compute"),
    ("compute", "model"),
    ("model", "licence"),
    ("licence", "users"),
    ("users", "money"),
    ("money", "exit"),
)
_HALF = (0.14, 0.105)  # of a box


def _model(axes: Axes, language: Language, names: Sequence[str] = ()) -> None:
    """The model on one page: what feeds what, week by week."""
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(), yticks=())
    axes.set_axis_off()
    for start, end in _ARROWS:
        (x0, y0, _), (x1, y1, _) = _BOXES[start], _BOXES[end]
        over, up = np.sign(round(x1 - x0, 2)), np.sign(round(y1 - y0, 2))
        slanted = bool(over and up)
        wide, high = _HALF[0] - 0.03 * slanted, _HALF[1] * (not over or slanted)
        ends = ((x0 + wide * over, y0 + high * up), (x1 - wide * over, y1 - high * up))
        arrow = FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=28, color=GREY, lw=3)
        axes.add_patch(arrow)
    for x, y, words in _BOXES.values():
        corner, style = (x - 0.13, y - 0.095), "round,pad=0.008"
        axes.add_patch(
            FancyBboxPatch(corner, 0.26, 0.19, boxstyle=style, fc="#EAF3F9", ec=BLUE, lw=2)
        )
        name, _, below = words[language].partition("\n")
        axes.text(x, y + 0.035, name, size=28, weight="bold", ha="center", va="center")
        axes.text(x, y - 0.045, below, size=LEAST, ha="center", va="center")


FIGURES: dict[str, Callable[..., None]] = {
    "columns": _columns,
    "bands": _bands,
    "ways": _ways,
    "model": _model,
}


@drawing
def model_page(language: Language) -> Figure:
    """The model on one page, as a picture."""
    page = new_figure(40 / 3, 7.5)
    _model(page.add_axes((0.03, 0.02, 0.94, 0.96)), language)
    return page


# ---- a worksheet ----


_RULED = 0.32  # inches between lines to write on


def sheets(text: str, title: str, language: Language) -> Iterator[Figure]:
    """A4 pages of a worksheet: paragraphs, tables to fill in, and lines to write on."""
    name = {"en": "Name", "zh": "姓名"}[language]
    page, y = _sheet(title, name)
    for block in re.split(r"\n\n+", section(text, SECTIONS_OF[language][1]).strip()):
        rows = [[plain(c) for c in one.strip("|").split("|")] for one in block.split("\n")]
        table = block.startswith("|")
        ruled = re.search(r"<!-- lines: (\d+) -->", block)
        said = "" if table else wrap(" ".join(plain(block).split()), 6.9, 12)
        high = 0.4 * (len(rows) - 1) if table else 0.23 * (said.count("\n") + 1)
        high += _RULED * int(ruled[1]) if ruled else 0.0
        if y - high < 0.4:
            yield page
            page, y = _sheet(title, "")
        y = _table(page, rows, y) if table else _paragraph(page, said, y)
        for _ in range(int(ruled[1]) if ruled else 0):
            y -= _RULED
            _rule(page, 0.7, 7.57, y)
        y -= 0.22
    yield page


def _sheet(title: str, name: str) -> tuple[Figure, float]:
    with house_style():
        page = new_figure(8.27, 11.69)
        page.text(0.085, 0.955, title, size=17, weight="bold", va="top")
        if name:
            page.text(0.085, 0.915, name, size=12, va="top")
            _rule(page, 1.3, 4.0, 10.55)
    return page, 10.25 if name else 10.8


def _paragraph(page: Figure, said: str, y: float) -> float:
    with house_style():
        page.text(0.085, y / 11.69, said, size=12, va="top", linespacing=1.3)
    return y - 0.23 * (said.count("\n") + 1)


def _table(page: Figure, rows: list[list[str]], y: float) -> float:
    """The first column takes half of the width; the second row is markdown's own."""
    filled = [rows[0], *rows[2:]]
    ends = [0.7, 0.7 + 6.87 * (0.5 if len(rows[0]) > 2 else 0.7)]
    ends += [
        ends[1] + (7.57 - ends[1]) * (k + 1) / (len(rows[0]) - 1) for k in range(len(rows[0]) - 1)
    ]
    with house_style():
        for row in filled:
            told = [wrap(c, b - a - 0.12, 11) for c, a, b in zip(row, ends, ends[1:], strict=False)]
            high = max(0.4, 0.12 + 0.2 * max(one.count("\n") + 1 for one in told))
            for cell, left in zip(told, ends, strict=False):
                page.text(
                    (left + 0.06) / 8.27,
                    (y - 0.08) / 11.69,
                    cell,
                    size=11,
                    va="top",
                    weight="bold" if row is filled[0] else "normal",
                )
            _rule(page, 0.7, 7.57, y)
            for x in ends:
                page.add_artist(_line((x, x), (y, y - high)))
            y -= high
        _rule(page, 0.7, 7.57, y)
    return y


def _rule(page: Figure, left: float, right: float, y: float) -> None:
    page.add_artist(_line((left, right), (y, y)))


def _line(x: Sequence[float], y: Sequence[float]) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([one / 8.27 for one in x], [one / 11.69 for one in y], color=GREY, lw=0.8)


# ---- all of it ----


def pages() -> list[Path]:
    """The pages of the package."""
    return sorted(HERE.glob("*.md"))


def write_pdf(file: Path, figures: Iterator[Figure]) -> int:
    """The figures as pages of a PDF; how many."""
    count = 0
    with house_style(), PdfPages(file, metadata={"CreationDate": None}) as pdf:
        for one in figures:
            pdf.savefig(one)
            count += 1
    return count


def main() -> None:
    """Numbers into the pages, then slides, worksheets and the picture of the model."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        now = render(text, language_of(page))
        if now != text:
            page.write_text(now, encoding="utf-8")
            print(f"Numbers written anew: {page.name}")
    OUT.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        ending = "" if language == "en" else ".zh"
        with house_style():
            model_page(language).savefig(
                HERE / f"model{ending}.png", dpi=72, metadata={"Software": None}
            )
        for lesson in LESSONS:
            text = (HERE / f"{lesson}{ending}.md").read_text(encoding="utf-8")
            title = plain(text.partition("\n")[0].lstrip("# "))
            shown = (slide(*one, language) for one in slides_of(text, language))
            for name, figures in (("slides", shown), ("worksheet", sheets(text, title, language))):
                file = OUT / f"{lesson}_{name}{ending}.pdf"
                print(f"{file}: {write_pdf(file, figures)} pages")


if __name__ == "__main__":
    sys.exit(main())
