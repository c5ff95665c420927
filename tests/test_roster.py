"""The roster and the observers against the list of players that the article names."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.roster import Cell, Player, Population

SCENARIOS = Path(__file__).parents[1] / "scenarios"
ROSTER = (SCENARIOS / "players.yaml").read_text(encoding="utf-8")
OBSERVERS = (SCENARIOS / "observers.yaml").read_text(encoding="utf-8")
GIVEN: dict[str, Any] = yaml.safe_load(ROSTER)
PLAYERS = {i: Player.model_validate(p) for i, p in GIVEN["players"].items()}
WATCHING: dict[str, Any] = yaml.safe_load(OBSERVERS)["observers"]
CELLS = [
    (player, name) for player in PLAYERS for name in Player.model_fields
    if isinstance(getattr(PLAYERS[player], name), Cell)
]  # fmt: skip

ARTICLE = {  # id: kind, route, shown by 17 April 2023
    "baidu": ("bigtech", "foundation", True),
    "alibaba": ("bigtech", "foundation", True),
    "tencent": ("bigtech", "foundation", False),
    "huawei": ("bigtech", "foundation", False),
    "jd": ("bigtech", "foundation", False),
    "sensetime": ("listed", "foundation", True),
    "kunlun": ("listed", "foundation", True),
    "360": ("listed", "foundation", True),
    "zhihu_modelbest": ("listed", "foundation", True),
    "mobvoi": ("startup", "foundation", False),
    "baichuan": ("startup", "foundation", False),
    "lightyear": ("startup", "foundation", False),
    "kaifu_lee": ("startup", "foundation", False),
    "youzan": ("listed", "wrapper", True),
    "ainnovation": ("listed", "vertical", True),
    "openai": ("foreign", "foundation", True),
    "microsoft": ("foreign", "wrapper", True),
}
ROLES = {  # of those in the article that are no agents
    "bluefocus": "demand signal", "xd": "demand signal", "meituan": "precedent",
    "eleme": "precedent", "quwan": "claim source", "geekpark": "claim source",
    "qbitai": "claim source", "songguo": "claim source", "cass": "claim source",
    "pundits": "claim source", "pause_letter": "shock", "cac": "regulator", "vc": "investors",
    "stock_market": "investors", "users": "demand",
}  # fmt: skip
MECHANISMS = {
    "frontier", "compute", "training", "products", "regulation", "users", "pricing", "accounts",
    "hype", "funding", "entry", "exits", "alliances",
}  # fmt: skip
CLAIMS = {
    "three_to_five_survive", "most_vanish", "two_poles", "fifty_by_june", "hundred_by_december",
    "startups_have_little_chance", "startups_run_faster", "no_single_winner",
    "dozens_and_hard_to_monetise", "first_breakout_gets_moat", "two_years_behind",
    "barely_passing", "lose_10bn_win_1tn", "pause_is_premature", "rules_prolong_beta",
    "strict_rules_stifle", "faster_cluster", "open_source_levels_start", "not_everyone_trains",
    "hype_for_the_stock", "copying_openai_fails_here", "cooperation_pays",
    "missing_out_is_falling_behind", "power_plants", "jobs_outsourced_to_models",
}  # fmt: skip
SUPPLY = 16_000  # H100 equivalents usable in the country in April 2023
NO_MODEL = 20.0  # capability of a firm without a model of its own


def has_chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def repeated_keys(node: yaml.Node | None) -> list[str]:
    if isinstance(node, yaml.MappingNode):
        counts = Counter(key.value for key, _ in node.value)
        below = [name for _, value in node.value for name in repeated_keys(value)]
        return [name for name, count in counts.items() if count > 1] + below
    if isinstance(node, yaml.SequenceNode):
        return [name for value in node.value for name in repeated_keys(value)]
    return []


def test_no_key_is_given_twice() -> None:
    texts = (ROSTER, OBSERVERS)
    found = [repeated_keys(yaml.compose(text, Loader=yaml.SafeLoader)) for text in texts]
    assert found == [[], []]


def test_nothing_later_than_2023_is_used() -> None:
    assert re.findall(r"\b20(?:2[4-9]|[3-9]\d)\b", ROSTER + OBSERVERS) == []


def test_ids_are_plain_words() -> None:
    assert [i for i in GIVEN["players"] if not re.fullmatch(r"[a-z0-9_]+", str(i))] == []
    assert all(isinstance(i, str) for i in GIVEN["players"])  # 360 without quotes is a number


def test_everyone_in_the_article_is_active_and_no_one_else() -> None:
    active = {
        i: (p.kind, p.route.value, p.launched.value)
        for i, p in PLAYERS.items() if p.presence == "active"
    }  # fmt: skip
    assert active == ARTICLE


def test_stealth_firms_are_at_work_but_not_shown() -> None:
    """Among them big techs that the article does not name; who waits in the pool has less."""
    stealth = {i for i, p in PLAYERS.items() if p.presence == "stealth"}
    pool = {i for i, p in PLAYERS.items() if p.presence == "pool"}
    assert stealth >= {"bytedance", "meituan", "xiaomi", "oppo"}
    assert pool and not any(PLAYERS[i].kind == "bigtech" for i in pool)
    assert not any(PLAYERS[i].launched.value for i in stealth | pool)


def test_every_cell_says_where_it_comes_from() -> None:
    faults = []
    for player, name in CELLS:
        given = GIVEN["players"][player][name]
        if (
            set(given) != {"value", "source", "confidence"}  # a bare value has no source
            or given["source"].strip() in {"", "assumption", "assumption:"}
            or given["confidence"] not in {"high", "medium", "low"}
        ):
            faults.append((player, name))
    assert len(CELLS) >= 15 * len(PLAYERS) and faults == []


def test_names_in_english_and_chinese() -> None:
    names = [given["name"] for given in (*GIVEN["players"].values(), *WATCHING.values())]
    assert [
        name for name in names
        if not name["en"].strip() or has_chinese(name["en"])
        or not (has_chinese(name["zh"]) or name["zh"] in {"OpenAI", "OPPO"})  # have no other
    ] == []  # fmt: skip


def test_digests_that_key_the_luck_differ() -> None:
    digests = Counter(zlib.crc32(i.encode("utf-8")) for i in PLAYERS)
    assert max(digests.values()) == 1 and len(digests) == len(PLAYERS)


def test_chips_owned_leave_some_to_rent() -> None:
    big = sum(p.gpus.value for p in PLAYERS.values() if p.kind == "bigtech")
    assert 0.5 * SUPPLY < big < sum(p.gpus.value for p in PLAYERS.values()) < 0.8 * SUPPLY


def test_no_domestic_model_is_near_the_frontier() -> None:
    """The article: domestic models are near a pass mark. SuperCLUE, May 2023: the order."""
    k = {i: p.capability_oom.value for i, p in PLAYERS.items()}
    domestic = [k[i] for i, p in PLAYERS.items() if p.kind != "foreign"]
    assert max(domestic) < 23.9 < k["openai"] == 25.0  # GPT-3.5 is between
    assert k["minimax"] > k["baidu"] > k["zhipu"]
    assert all(v == NO_MODEL or v >= 22.5 for v in domestic)


SENSE: dict[str, Callable[[Player], bool]] = {
    "segments": lambda p: set(p.affinity.value) == set(p.reach.value) == set(SEGMENTS),
    "affinity": lambda p: all(0 <= v <= 1 for v in p.affinity.value.values()),
    "reach": lambda p: all(0 < v <= 1 for v in p.reach.value.values()),
    "gpus": lambda p: p.gpus.value >= 0,
    "raised": lambda p: p.raised_musd.value >= 0,
    "stage": lambda p: 0 <= p.stage.value <= 5,
    "cash": lambda p: p.cash_musd.value > 0,
    "burn": lambda p: p.burn_musd_per_year.value > 0,
    "ready": lambda p: (p.weeks_to_ready.value == 0) == p.launched.value,
    "niche": lambda p: (p.niche.value == "none") == (p.route.value != "vertical"),
    "market value": lambda p: (p.market_value_musd.value > 0) == (p.kind == "listed"),
    "venture": lambda p: p.kind == "startup" or p.raised_musd.value == p.stage.value == 0,
    "backer": lambda p: p.backer == "" or p.backer in PLAYERS,
    "model": lambda p: (
        not p.launched.value or p.kind == "foreign" or p.route.value != "foundation"
        or p.capability_oom.value > NO_MODEL
    ),
    "foreign": lambda p: (
        p.kind != "foreign" or (p.gpus.value == 0 and set(p.reach.value.values()) == {1.0})
    ),
}  # fmt: skip


def test_numbers_make_sense() -> None:
    faults = [
        (i, what) for i, p in PLAYERS.items() for what, holds in SENSE.items() if not holds(p)
    ]
    assert faults == []


def test_population_is_valid() -> None:
    Population.model_validate(GIVEN.get("population", {}))


def test_observers_are_those_of_the_article() -> None:
    assert {i: o["role"] for i, o in WATCHING.items()} == ROLES


def test_an_observer_feeds_something() -> None:
    faults = []
    for observer, given in WATCHING.items():
        if (
            set(given) != {"name", "role", "date", "what", "feeds"}
            or not re.fullmatch(r"2023-\d\d(-\d\d)?", given["date"])
            or not given["what"].strip()
            or not given["feeds"]
            or not set(given["feeds"]) <= MECHANISMS | CLAIMS
        ):
            faults.append(observer)
    assert faults == []
