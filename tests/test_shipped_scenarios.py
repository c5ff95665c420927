"""The scenarios that are shipped: what they say, and the first thing that each one changes."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from llm_market_sim.market.schedule import SCHEDULE
from llm_market_sim.market.state import COLUMNS
from llm_market_sim.scenario import (
    SECTIONS,
    TEXTS,
    Scenario,
    data_folder,
    difference,
    load,
    load_all,
    load_parent,
    scenarios,
)
from llm_market_sim.scenario.texts import MARK, effects
from llm_market_sim.simulation import by_hand, simulate_block

ROOT = Path(__file__).parents[1]
FILES: dict[str, dict[str, Any]] = {
    name: yaml.safe_load((data_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in scenarios()
    if not name.startswith("my_")  # a student's own
}
for _file in FILES.values():
    _file |= {text: {"en": _file[text]} for text in TEXTS if isinstance(_file[text], str)}
LOADED = dict(zip(FILES, load_all(list(FILES)), strict=True))
CHILDREN = [name for name in FILES if name != "baseline"]
EVENTS = [(name, event) for name in FILES for event in FILES[name].get("timeline", {})]


# ---- what the files say ----


ADDED = (
    "open_coalition one_click_models data_rules app_boom talent_war domestic_cards "
    "vertical_niches outsourcing_cut clamp_down theme_bust cut_off"
).split()
QUESTIONS = {
    *ADDED,
    "baseline", "no_review", "strict_review", "cheap_compute", "chip_squeeze",
    "fast_open_weights", "closed_weights", "hype_boom", "funding_winter",
    "pause_abroad", "pause_at_home", "pause_everywhere",
    "faster_cluster_owner", "faster_cluster_all", "price_war",
    "impatient_investors", "patient_investors", "switching_users", "locked_in_users",
}  # fmt: skip


IN_BOTH = QUESTIONS | {"open_surprise", "open_door", "late_giants", "concept_rally", "copycats"}


def test_there_is_one_for_every_question() -> None:
    assert set(FILES) >= IN_BOTH
    assert {name for name in FILES if "zh" in FILES[name]["about"]} >= IN_BOTH
    assert effects().keys() >= IN_BOTH - {"baseline"}


def test_a_file_has_words_of_its_own() -> None:
    faults = []
    for name, given in FILES.items():
        if not given["label"]["en"].isascii() or not CHINESE.search(given["label"]["zh"]):
            faults.append((name, "label"))
        for text in TEXTS:
            en, zh = given[text]["en"], given[text].get("zh", "一" * 30 + "。\n")
            if not 20 <= len(en.split()) <= 125:  # a teacher reads it aloud
                faults.append((name, text, "words", len(en.split())))
            if not 30 <= len("".join(zh.split())) <= 340:
                faults.append((name, text, "letters", len("".join(zh.split()))))
            if not en.endswith((".\n", "?\n")) or not zh.endswith(("。\n", "？\n")):
                faults.append((name, text, "end"))
            faults += [
                (name, text, f"borrowed from {other}")
                for other in FILES for language in given[text]
                if other != name and FILES[other][text].get(language) == given[text][language]
            ]  # fmt: skip
        commands = [re.findall("`([^`]*)`", words) for words in given["try"].values()]
        if commands[0] != commands[-1] or not re.match(
            "llm-market-sim (batch|compare) ", commands[0][0]
        ):
            faults.append((name, "try", "commands"))
    assert faults == []


def test_a_file_says_only_what_differs() -> None:
    faults = []
    for name in CHILDREN:
        parent = load_parent(name)
        assert parent is not None, f"{name} extends nothing; only the baseline may"
        differing = [path for path, _, _ in difference(LOADED[name], parent)]
        assert differing, name
        for path in _leaves({key: FILES[name][key] for key in _facts(name)}):
            if not any(path == other or path.startswith(f"{other}.") for other in differing):
                faults.append(f"{name}: {path} has the parent's value")
    assert faults == []


def _facts(name: str) -> list[str]:
    return [key for key in FILES[name] if key not in ("label", "extends", *TEXTS)]


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
    else:
        yield path


def test_the_baseline_keeps_every_default() -> None:
    assert _facts("baseline") == ["timeline"]
    for section, model in SECTIONS.items():
        assert getattr(LOADED["baseline"], section) == model()


def test_an_event_says_where_it_comes_from() -> None:
    faults = []
    for name, event in EVENTS:
        one = LOADED[name].timeline[event]
        told = " ".join(FILES[name][text]["en"] for text in TEXTS)
        if not one.about.endswith("."):
            faults.append((name, event, "about"))
        if len(one.source.split()) <= 3:  # a source, or an assumption with its reason
            faults.append((name, event, "source"))
        if "invented" in one.source and "invented" not in told:  # the class is told so too
            faults.append((name, event, "invented"))
    assert faults == []


def test_every_kind_of_entry_is_shown() -> None:
    events = [LOADED[name].timeline[event] for name, event in EVENTS]
    for verb in ("set", "scale", "shock", "enter", "until"):
        assert any(getattr(event, verb) for event in events), verb


OPTIONS = ("--set", "--do", "--seed")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
COMMANDS = [
    (name, command)
    for name in FILES
    for text in TEXTS
    for words in FILES[name][text].values()
    for command in re.findall(r"`(llm-market-sim [^`]*)`", words)
]


def test_a_command_can_be_typed() -> None:
    """On one line, without a mistake, and what it sets makes a difference."""
    faults = []
    for name, command in COMMANDS:
        _, verb, *words = shlex.split(command)
        if "\n" in command or verb not in (
            "batch",
            "compare",
            "describe",
            "tournament",
            "validate",
        ):
            faults.append((name, command))
        values = [i + 1 for i, word in enumerate(words) if word in OPTIONS]
        named = [w for i, w in enumerate(words) if not w.startswith("--") and i not in values]
        sets = [
            words[i + 1].removeprefix("set ")
            for i, word in enumerate(words) if word in ("--set", "--do")
        ]  # fmt: skip
        mine = [one for one in named if one != "scenarios/my_scenario.yaml"]
        for scenario in load_all(mine, sets):
            if sets and not difference(scenario, LOADED[scenario.name]):
                faults.append((name, command))
    assert len(COMMANDS) >= len(FILES) and faults == []


def test_an_exercise_names_a_file() -> None:
    faults = []
    for name, given in FILES.items():
        each = [
            re.findall(r"`((?:src|scenarios)/[\w/.]+)`", words)
            for words in given["extend"].values()
        ]
        named = each[0]
        there = [(ROOT / f).is_file() or f == "scenarios/my_scenario.yaml" for f in named]
        if not there or not all(there) or named != each[-1]:
            faults.append((name, each))
    assert faults == []


def test_an_event_ends_when_it_says() -> None:
    faults = []
    for name, event in EVENTS:
        scenario, without = LOADED[name], load(name, [f"timeline.{event}=null"])
        one = scenario.timeline[event]
        if not (one.set or one.scale):
            continue
        acts = {math.ceil(max(one.week, 0.0)): True}
        if one.until is not None:
            end = math.ceil(one.end_week)
            acts |= {end - 1: True, end: False}
        for week, differs in acts.items():
            if (scenario.at(week) != without.at(week)) != differs:
                faults.append((name, event, week))
    assert faults == []


# ---- what the texts say of sizes, against the levers' table ----


SIZES = {  # in standard deviations between worlds, with room for another draw of worlds
    "hardly moves": (0.0, 0.35), "a little": (0.15, 0.75), "": (0.35, 2.0), "sharply": (1.2, 99.0),
    "几乎不变": (0.0, 0.35), "略": (0.15, 0.75), "大幅": (1.2, 99.0),
}  # fmt: skip
SAID = {  # the words just before a size
    "en": re.compile(r"(?:(hardly moves)|(rise|fall)s?( a little| sharply)?)\s+$"),
    "zh": re.compile(r"(?:(几乎不变)|(大幅|略)?(上升|下降|升|降))（$"),
}


def test_a_text_says_of_a_size_what_the_table_says() -> None:
    faults: list[Any] = []
    for name in IN_BOTH - {"baseline"}:
        marks = {}
        for language, between in (("en", " "), ("zh", "")):
            text = between.join(FILES[name]["notice"][language].split())
            found = list(MARK.finditer(text))
            marks[language] = sorted(mark[0] for mark in found)
            for mark in found:
                said = SAID[language].search(text[: mark.start()])
                one = effects().get(name, {}).get((mark[1], int(mark[2])))
                if said is None or one is None:
                    faults.append((name, language, mark[0], said, one))
                    continue
                still, *words = (word or "" for word in said.groups())
                way, much = words if language == "en" else reversed(words)
                least, most = SIZES[still or much.strip()]
                up = way in ("rise", "上升", "升")
                if not least <= abs(one.size) <= most or (not still and up != (one.size > 0)):
                    faults.append((name, language, mark[0], said[0], one.size))
        if not marks["en"] or marks["en"] != marks["zh"]:
            faults.append((name, marks))
    assert faults == []


def test_what_was_added_moves_something() -> None:
    """Half a standard deviation of one outcome at least."""
    still = [name for name in ADDED if max(abs(e.size) for e in effects()[name].values()) < 0.5]
    assert still == []


def test_none_that_was_added_tells_the_story_of_another() -> None:
    """From any other it is half a standard deviation apart, in some outcome and week."""
    same = [
        (name, other) for name in ADDED for other in effects().keys() & set(scenarios())
        if name != other
        and max(abs(e.size - effects()[other][at].size) for at, e in effects()[name].items()) < 0.5
    ]  # fmt: skip
    assert same == []


def test_every_letter_of_the_texts_can_be_printed() -> None:
    """Pages bring their own Chinese letters: the 3,755 common ones."""
    faults = []
    for name, given in FILES.items():
        chinese = [given[text].get("zh", "") for text in TEXTS]
        for letter in set("".join(chinese) + given["label"]["zh"]):
            if "\u4e00" <= letter <= "\u9fff" and not 0xB0 <= letter.encode("gb2312")[0] <= 0xD7:
                faults.append((name, letter))
    assert faults == []


# ---- minimal pairs: one change, one expected first difference ----


class Difference(NamedTuple):
    """Where two runs part: the week, the first phase that leaves something else, what and whose."""

    week: int
    phase: str
    columns: frozenset[str]
    firms: frozenset[str]  # of the columns that belong to firms


def first_difference(
    one: Scenario, other: Scenario, worlds: int = 8, weeks: int = 78
) -> Difference | None:
    """The first bit that differs between two scenarios on the same luck; None if none does.

    Both go on side by side, week by week; the week at whose end a column differs is gone through
    again phase by phase.
    """
    a, b = (by_hand(scenario, range(worlds), 1) for scenario in (one, other))
    ids = a.run().firms.ids

    def parted(week: int, phase: str) -> Difference | None:
        if a.state.firm_records.tobytes() == b.state.firm_records.tobytes() and (
            a.state.world_records.tobytes() == b.state.world_records.tobytes()
        ):
            return None
        pairs = {c: (getattr(a.state, c), getattr(b.state, c)) for c in COLUMNS}
        columns = {c for c, (x, y) in pairs.items() if x.tobytes() != y.tobytes()}
        firms = {
            ids[slot]
            for c in columns
            if COLUMNS[c].shape in ("firm", "use")
            for slot in np.nonzero(pairs[c][0] != pairs[c][1])[-1]
        }
        return Difference(week, phase, frozenset(columns), frozenset(firms)) if columns else None

    found = parted(0, START)
    for week in range(weeks):
        if found:
            return found
        before = a, b
        a, b = a.advance(), b.advance()
        if parted(week, "any"):
            a, b = before
            for phase in SCHEDULE:
                a, b = a.do(phase.name), b.do(phase.name)
                if found := parted(week, phase.name):
                    break
    return found


START = "first state"
CHOICE = "[use] [spending] users idle reach use_so_far best_share share_trend"
CARDS = "cards cards_ordered card_spending"
HOURS = (
    "hours_training [gpu_utilisation] [gpu_price] [gpu_ration] "
    "[hours_own] [hours_rented] [hours_let] [compute_share]"
)
RUN = "run_hours run_length run_bid run_target run_compute_left run_tuning_left"
ROUND = "clock_round [round_ask] [round_at] [meetings]"
GIANTS = "bytedance meituan oppo xiaomi"
ROUTES = (
    "route niche preparation burn trailing_profit "
    "[served] [supplier] [unit_hours] [cost_per_account] [price]"
)


class Pair(NamedTuple):
    """A scenario, what is left out of its twin, and what must be the first to differ.

    without: an event to take out; empty for all that the file says, so the twin is the parent.
    columns: exactly these differ; those in brackets only where it comes to that in these worlds.
    firms: exactly these differ (... for more), where one can know. sets: what makes it plain.
    """

    name: str
    without: str
    week: int
    phase: str
    columns: str
    firms: str = ""
    sets: tuple[str, ...] = ()


PAIRS = (
    # dated events, each against the same scenario without it
    Pair("baseline", "filing_opens", 5, "license", "filed_at reviewed_at"),
    Pair("chip_squeeze", "export_rule", 27, "buy cards", CARDS),
    Pair(
        "price_war",
        "price_cut",
        25,
        "set prices",
        "price",
        f"baidu alibaba tencent huawei jd {GIANTS}",
    ),
    Pair("open_surprise", "release", 11, "curves", "open_weights"),
    Pair("pause_abroad", "pause_abroad", 2, "curves", "frontier"),
    Pair("pause_at_home", "pause_at_home", 2, "begin runs", RUN),
    Pair("pause_everywhere", "pause_at_home", 2, "begin runs", RUN),
    Pair("hype_boom", "second_wave", 7, "shock", "log_hype log_stock"),
    Pair(
        "concept_rally",
        "",
        0,
        "stir hype",
        "log_stock stock_news",
        sets=("population.pool_firms=63", "population.listed_share=0.15"),
    ),
    Pair(
        "copycats",
        "",
        0,
        "decide",
        "wish_training_musd wish_cards_musd wish_price wish_route [wish_marketing_musd]",
        "baidu alibaba tencent bytedance huawei sensetime kunlun ...",
    ),
    Pair("funding_winter", "winter", 7, "shock", "vc_pool_musd account_partners"),
    Pair(
        "faster_cluster_owner",
        "new_cluster",
        14,
        "clear compute",
        HOURS,
        "tencent ...",
        ("timeline.new_cluster.date=2023-07-24",),
    ),
    Pair(
        "faster_cluster_all",
        "new_clusters",
        2,
        "begin runs",
        RUN,
        sets=("timeline.new_clusters.date=2023-05-01",),
    ),
    Pair("open_door", "door_opens", 24, "adopt", CHOICE, "openai microsoft ..."),
    Pair("late_giants", "giants_enter", 0, START, "entry_threshold", GIANTS),
    Pair("data_rules", "data_rules", 18, "begin runs", f"{RUN} [run_got]"),
    Pair("app_boom", "apps", 11, "adopt", CHOICE),
    Pair("domestic_cards", "grey_market", 9, "decide", "wish_cards_musd"),
    Pair("domestic_cards", "no_cards", 27, "buy cards", CARDS),
    Pair("domestic_cards", "home_cards", 50, "begin runs", f"{RUN} [run_got]"),
    Pair("vertical_niches", "trades", 2, "adopt", CHOICE, "ainnovation ..."),
    Pair("outsourcing_cut", "outsourcing", 7, "adopt", f"{CHOICE} unaware"),
    Pair("clamp_down", "clamp", 25, "shock", "log_hype log_stock"),
    Pair("theme_bust", "bust", 10, "shock", "log_hype log_stock"),
    Pair("cut_off", "doors_shut", 11, "curves", "open_weights"),
    # parameters, each against the parent
    Pair("no_review", "", 0, "license", "status"),
    Pair("strict_review", "", 0, "begin runs", "run_tuning_left"),
    Pair("cheap_compute", "", 0, START, "gpu_price cost_per_account price"),
    Pair("fast_open_weights", "", 0, "curves", "open_weights"),
    Pair("closed_weights", "", 0, "curves", "open_weights"),
    Pair("impatient_investors", "", 1, "seek money", ROUND),
    Pair("patient_investors", "", 1, "seek money", ROUND),
    Pair("switching_users", "", 0, START, "price"),
    Pair("locked_in_users", "", 0, START, "price"),
    Pair("open_coalition", "", 0, "curves", "open_weights"),
    Pair("one_click_models", "", 0, START, ROUTES),
    Pair("app_boom", "", 0, START, ROUTES),
    Pair("vertical_niches", "", 0, START, ROUTES),
    Pair(
        "talent_war",
        "",
        0,
        START,
        "burn skill trailing_profit served unit_hours cost_per_account price",
    ),
    Pair("cut_off", "", 0, START, "lag"),
)


def test_every_question_and_its_events_have_a_pair() -> None:
    paired = {(pair.name, pair.without) for pair in PAIRS}
    assert {name for name, _ in paired} >= QUESTIONS
    assert paired >= {(name, event) for name, event in EVENTS if name in QUESTIONS}


def test_one_change_shows_first_where_it_should() -> None:
    faults = [(pair, found) for pair in PAIRS if not _as_told(pair, found := _parting(pair))]
    assert faults == []


def _parting(pair: Pair) -> Difference | None:
    child = load(pair.name, pair.sets)
    if not pair.without:
        return first_difference(LOADED[FILES[pair.name]["extends"]], child)
    event = child.timeline[pair.without]
    monday = 0 if event.enter else math.ceil(event.week)  # who is named waits from the start
    assert pair.week == monday, "the first Monday on or after its date"
    return first_difference(load(pair.name, [f"timeline.{pair.without}=null"]), child)


def _as_told(pair: Pair, found: Difference | None) -> bool:
    must = {column for column in pair.columns.split() if not column.startswith("[")}
    may = {column.strip("[]") for column in pair.columns.split()}
    firms = set(pair.firms.split())
    return (
        found is not None
        and (found.week, found.phase) == (pair.week, pair.phase)
        and must <= found.columns <= may
        and firms - {"..."} <= found.firms
        and (not firms or "..." in firms or firms == found.firms)
    )


def test_a_squeeze_takes_away_no_chip_that_is_there() -> None:
    """The rule touches no card in place: where none came anyway, nothing changes."""
    stopped = ["cards.deliveries=0"]
    ruled, base = (
        simulate_block(load(name, stopped), range(3), 1) for name in ("chip_squeeze", "baseline")
    )
    assert np.array_equal(ruled.final.cards, base.final.cards)
    assert np.array_equal(ruled.final.users, base.final.users)


def test_giants_that_are_late_are_all_that_is_late() -> None:
    """Those named enter on their day in every world, all others of the pool stand as they did."""
    late, base = (simulate_block(LOADED[name], range(8), 1) for name in ("late_giants", "baseline"))
    named = LOADED["late_giants"].timeline["giants_enter"].enter
    for slot, firm in enumerate(late.firms.ids):
        if firm in named:
            assert late.final.entered_at[:, slot].tolist() == [24.0] * 8, firm
            assert base.firms.names[slot] in LOADED["late_giants"].text("how")
        else:
            columns = [run.final.entry_threshold[:, slot].tolist() for run in (late, base)]
            assert columns[0] == columns[1], firm


def test_the_same_scenario_twice_has_no_difference() -> None:
    assert first_difference(load("baseline"), load("baseline"), worlds=2, weeks=10) is None


def test_a_day_later_than_monday_waits_for_the_next() -> None:
    later = load("price_war", ["timeline.price_cut.date=2023-10-10"])
    found = first_difference(LOADED["baseline"], later, worlds=2, weeks=30)
    assert found is not None
    assert found.week == 26
