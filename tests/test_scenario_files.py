"""Several files make one scenario: parents, the roster, and what the command line turns."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from scenario_files import TEXTS, event, mistakes, write

from llm_market_sim.cli.app import main
from llm_market_sim.scenario import data_folder, load, load_parent, scenarios

pytestmark = pytest.mark.usefixtures("empty_folder")


# ---- extends ----


def test_a_file_says_only_what_differs() -> None:
    write(base=TEXTS + "regulation: {review_delay_weeks: 20, beta_cap: {developer: 7}}\n")
    child = load(write(child="extends: base\nregulation: {beta_cap: {consumer: 9}}\nhow: x\n"))
    assert (child.text("about"), child.text("how"), child.extends) == ("what", "x", "base")
    assert child.regulation.review_delay_weeks == 20
    assert (child.regulation.beta_cap["developer"], child.regulation.beta_cap["consumer"]) == (7, 9)
    parent = load_parent("child.yaml")
    assert parent is not None and parent.name == "base"
    assert load_parent("base.yaml") is None


def test_a_parent_is_found_among_the_shipped_ones() -> None:
    child = load(write(mine="extends: baseline\nhorizon_weeks: 5\n"))
    assert (child.label, child.horizon_weeks) == (load("baseline").label, 5)


def test_a_mistake_in_the_parent_is_shown_in_the_parent_once() -> None:
    write(base=TEXTS + "horizon_weeks: 0\n", a="extends: base\n", b="extends: a\n")
    told = mistakes(*map(Path, ("a.yaml", "b.yaml", "base.yaml")))
    assert told == ["base.yaml:7:16: horizon_weeks: 0 must be at least 1 (weeks)"]


def test_a_child_can_make_its_parents_event_wrong() -> None:
    write(
        base=event("scale: {compute.usable_share: 2}").replace(
            "usable_share: 2", "usable_share: 1.5"
        )
    )
    told = mistakes(write(child="extends: base\ncompute: {usable_share: 0.7}\n"))
    assert len(told) == 1 and told[0].startswith("base.yaml:12:35: timeline.ban.scale.compute.")


def test_a_broken_parent_does_not_hide_the_childs_mistakes() -> None:
    write(base="users: [\n")
    told = mistakes(write(child="extends: base\nhorizon_weeks: 0\nplayers: {x: {}}\n"))
    assert [one.split(":")[:2] for one in told] == [["base.yaml", "2"], ["child.yaml", "2"]]


def test_null_takes_an_event_or_a_firm_out() -> None:
    write(base=event("shock: {log_hype: 1}"))
    child = load(write(child="extends: base\ntimeline: {ban: null}\nplayers: {jd: ~}\n"))
    assert "ban" not in child.timeline and "jd" not in child.players


def test_a_new_value_of_a_firm_has_no_old_source() -> None:
    players = (
        "players: {baidu: {cash_musd: 5, reach: {consumer: 0.01}, gpus: {confidence: high}}}\n"
    )
    baidu, before = (
        load(write(x=TEXTS + players)).players["baidu"],
        load("baseline").players["baidu"],
    )
    assert (baidu.cash_musd.value, baidu.cash_musd.source) == (5.0, "set by the scenario")
    assert baidu.reach.value == before.reach.value | {"consumer": 0.01}
    assert baidu.reach.source == "set by the scenario"
    assert (baidu.gpus.value, baidu.gpus.source) == (before.gpus.value, before.gpus.source)


def test_the_roster_beside_the_file_comes_before_the_shipped_one() -> None:
    shipped = (data_folder() / "players.yaml").read_text()
    write(players=shipped.replace("\n  baidu:", "\n  baidou:", 1))
    assert "baidou" in load(write(x=TEXTS)).players
    write(players="players: {}\npopulaton: {}\n")
    assert mistakes("x.yaml") == [
        'players.yaml:2:1: populaton: does not belong here; did you mean "population"?'
    ]


EXTENDS = {
    "itself": ("x", 'x.yaml:1:10: extends: goes round in a circle: x > x'),
    "circle": ("y", "y.yaml:1:10: extends: goes round in a circle: x > y > x"),
    "unknown": ("baselin", 'x.yaml:1:10: extends: no scenario "baselin"; did you mean "baseline"?'),
    "up": ("../secret", 'x.yaml:1:10: extends: "../secret" cannot name a scenario'),
    "up once": ("..", 'x.yaml:1:10: extends: ".." cannot name a scenario'),
    "absolute": ("/etc/passwd", 'x.yaml:1:10: extends: "/etc/passwd" cannot name a scenario'),
    "folder": ("sub/y", 'x.yaml:1:10: extends: "sub/y" cannot name a scenario'),
    "roster": ("players", 'x.yaml:1:10: extends: no scenario "players"'),
    "list": ("[a, b]", 'x.yaml:1:10: extends: ["a", "b"] must be a text'),
    "link out": ("link", 'x.yaml:1:10: extends: "link" is a link that leads out of '),
    "link to itself": ("knot", 'x.yaml:1:10: extends: "knot" is a link that leads out of '),
    "linked folder": ("through", 'x.yaml:1:10: extends: "through" is a link that leads out of '),
}  # fmt: skip


def test_extends_stays_in_its_folder_and_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.yaml").write_text(TEXTS)
    Path("link.yaml").symlink_to(outside / "secret.yaml")
    Path("knot.yaml").symlink_to("knot.yaml")
    Path("door").symlink_to(outside)
    Path("through.yaml").symlink_to("door/secret.yaml")
    faults = []
    for parent, expected in EXTENDS.values():
        told = mistakes(write(y="extends: x\n", x=f"extends: {parent}\n"))
        if len(told) != 1 or not told[0].startswith(expected):
            faults.append((parent, told))
    assert faults == []


def test_a_file_that_would_meet_itself_means_the_shipped_one() -> None:
    """And only then: what stands beside a file comes before what is shipped."""
    write(
        baseline="extends: baseline\nhorizon_weeks: 50\n",
        mine="extends: baseline\n",
        no_review="extends: strict_review\n",
        strict_review="extends: no_review\n",
    )
    own, mine = load("./baseline.yaml"), load("./mine.yaml")
    assert (own.label, own.horizon_weeks) == (load("baseline").label, 50)
    assert mine.horizon_weeks == 50
    parent = load_parent("./baseline.yaml")
    assert parent is not None and parent.horizon_weeks == 78
    circle = "goes round in a circle: no_review > strict_review > no_review"
    assert mistakes("./no_review.yaml") == [f"strict_review.yaml:1:10: extends: {circle}"]


def test_every_suffix_of_yaml_is_one() -> None:
    shipped = (data_folder() / "players.yaml").read_text()
    Path("players.YML").write_text(shipped.replace("\n  baidu:", "\n  baidou:", 1))
    parent, suffixes = "baseline", (".yaml", ".yml", ".YAML", ".YML")
    for k, suffix in enumerate(suffixes):
        Path(f"s{k}{suffix}").write_text(f"extends: {parent}\nhorizon_weeks: {60 + k}\n")
        parent = f"s{k}"
        assert load(f"{parent}{suffix}").horizon_weeks == 60 + k
    assert "baidou" in load("s3.YML").players
    assert scenarios(Path()) == ["s0", "s1", "s2", "s3"]
    told = mistakes("s0.json")
    assert len(told) == 1 and "without .yaml or .yml" in told[0]


def test_a_name_that_no_result_could_bear_is_refused_before_anything_is_done() -> None:
    fine = ["x" * 100, "中" * 33, "my scenario", "=1+1", "全角\u3000"]
    refused = {
        "x" * 101: "has a name of 101 bytes; at most 100 are allowed",
        "中" * 34: "has a name of 102 bytes",
        "a\nb": "'a\\nb' is not a name",
        "a\x7fb": "'a\\x7fb' is not a name",
        os.fsdecode(b"a\xffb"): "'a\\udcffb' is not a name",
    }
    faults = []
    for name in (*fine, *refused):
        Path(f"{name}.yaml").write_text(TEXTS)
        told = [] if name in fine else mistakes(f"{name}.yaml")
        if name in fine:
            assert load(f"{name}.yaml").name == name
        elif len(told) != 1 or refused[name] not in told[0]:
            faults.append((name, told))
    assert faults == []
    write(child=f"extends: {'x' * 101}\n")
    assert "at most 100" in mistakes("child.yaml")[0]


def test_a_link_inside_the_folder_is_followed() -> None:
    Path("sub").mkdir()
    Path("sub/real.yaml").write_text(TEXTS)
    Path("link.yaml").symlink_to("sub/real.yaml")
    assert load(write(x="extends: link\n")).text("about") == "what"


def test_a_roster_that_is_a_link_out_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("outside") / "players.yaml"
    secret.write_text("players: {}\n")
    Path("players.yaml").symlink_to(secret)
    assert mistakes(write(x=TEXTS)) == ["players.yaml: is a link that leads out of its folder"]


# ---- --set ----


def test_any_value_can_be_turned() -> None:
    path = write(x=event("set: {regulation.review_delay_weeks: 3}"))
    turned = load(
        path,
        [
            "regulation.review_delay_weeks=26",
            "horizon_weeks = 52.0",
            "users.population.public=9",
            "users.population={consumer: 8}",
            "players.baidu.cash_musd=7",
            "players.jd=null",
            "timeline.ban.set.regulation.review_delay_weeks=4",
            "timeline.ban.until=2024-01-01",
            "label.en=A = B",
            "compute.cluster_speed_means=more_gpus",
            "population.pool_firms=0",
        ],
    )
    assert turned.regulation.review_delay_weeks == 26
    assert turned.horizon_weeks == 52
    assert (turned.users.population["public"], turned.users.population["consumer"]) == (9, 8)
    assert turned.players["baidu"].cash_musd.value == 7 and "jd" not in turned.players
    assert turned.timeline["ban"].set == {"regulation.review_delay_weeks": 4}
    assert turned.timeline["ban"].until == dt.date(2024, 1, 1)
    assert turned.label["en"] == "A = B"
    assert turned.compute.cluster_speed_means == "more_gpus"
    assert turned.population.pool_firms == 0


OVERRIDES = {
    "regulation.review_delay_weeks=-3": (
        "--set: regulation.review_delay_weeks: -3 must be at least 0 (weeks)"
    ),
    "regulation.reveiw_delay_weeks=3": (
        "--set: regulation.reveiw_delay_weeks: no such parameter;"
        ' did you mean "review_delay_weeks"?'
    ),
    "review_delay_weeks=3": (
        '--set: review_delay_weeks: no such entry; did you mean "regulation.review_delay_weeks"?'
    ),
    "regulation": '--set: "regulation" must be a name and a value, such as',
    "=3": '--set: "=3" must be a name and a value, such as',
    "a..b=3": '--set: a..b: "a..b=3" must be a name and a value, such as',
    "extends=baseline": "--set: extends: cannot be set on the command line",
    "name=x": "--set: name: cannot be set on the command line",
    "regulation.review_delay_weeks=": (
        "--set: regulation.review_delay_weeks: is empty: write a value, or take the line out"
    ),
    "regulation.review_delay_weeks=1e999": (
        '--set: regulation.review_delay_weeks: "1e999": 1e999 is larger than any number'
    ),
    "regulation.review_delay_weeks=[1": '--set: regulation.review_delay_weeks: "[1": not valid',
    "how=a\nabout: b": '--set: how: "a\\nabout: b": not one value',
    "how=\udc80": '--set: how: "\udc80": not UTF-8 text',
    "horizon_weeks.x=3": '--set: horizon_weeks: {"x": 3} must be a whole number (weeks)',
    "timeline.bann.until=2024-01-01": (
        '--set: timeline.bann.until: no such entry of timeline; did you mean "ban"?'
    ),
    "players.biadu.cash_musd=3": (
        '--set: players.biadu.cash_musd: no such entry of players; did you mean "baidu"?'
    ),
}  # fmt: skip


def test_a_mistake_on_the_command_line_says_so() -> None:
    path = write(x=event("shock: {log_hype: 1}"))
    faults = []
    for override, expected in OVERRIDES.items():
        told = mistakes(path, overrides=(override,))
        if len(told) != 1 or not told[0].startswith(expected):
            faults.append((override, told))
    assert faults == []


ROOT = Path(__file__).parents[1]
TWICE = (
    ("horizon_weeks=60", "horizon_weeks=70"),
    ("horizon_weeks=60", " horizon_weeks =60"),
    ("users.population.public=9", "users.population={consumer: 8, public: 7}"),
    ("users.population={public: 7}", "users.population.public=9"),
    ("players.baidu.cash_musd=7", "players.baidu.cash_musd.value=8"),
    ("players.baidu.cash_musd=7", "players.baidu=null"),
    ("timeline.ban.set={regulation.batch_weeks: 2}", "timeline.ban.set.regulation.batch_weeks=4"),
)


def test_what_is_set_twice_shows_both(capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line; a program that composes settings may have the last word."""
    path = write(x=event("set: {regulation.batch_weeks: 3}"))
    faults = []
    for one, other in TWICE:
        code = main(["validate", str(path), "--set", one, "--set", "label.en=A", "--set", other])
        told = capsys.readouterr().err.splitlines()
        both = any(json.dumps(one) in line and json.dumps(other) in line for line in told)
        if code != 2 or not both:
            faults.append((one, other, told))
    assert faults == []
    apart = ("--set", "users.population.public=9", "--set", "users.population={consumer: 8}")
    assert main(["validate", "baseline", *apart]) == 0
    design = (ROOT / "experiments" / "map_price_delay.yaml").read_text()
    Path("map.yaml").write_text(f"settings: [{', '.join(map(json.dumps, TWICE[0]))}]\n{design}")
    assert main(["map", "map.yaml"]) == 2
    assert 'map.yaml:1:1: settings: is set twice: "horizon_weeks=60"' in capsys.readouterr().err
