"""Dated events: when they hold, what they make of the parameters, and mistakes in them."""

from __future__ import annotations

import pytest
from scenario_files import TEXTS, event, faults_in, mistakes, write

from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.scenario import SECTIONS, Event, Sections, load
from llm_market_sim.scenario.timeline import apply
from llm_market_sim.words import WEEK_0

pytestmark = pytest.mark.usefixtures("empty_folder")


def at(week: float, *texts: str) -> Sections:
    lines = "".join(
        f"  e{k}: {{{text}, about: a, source: assumption}}\n" for k, text in enumerate(texts)
    )
    return load(write(x=f"{TEXTS}timeline:\n{''.join(lines)}")).at(week)


def test_an_event_holds_from_its_date_up_to_its_end() -> None:
    text = "date: 2023-04-24, until: 2023-05-03, set: {regulation.review_delay_weeks: 40}"
    start = SECTIONS["regulation"]().model_dump()["review_delay_weeks"]
    delays = [at(day / 7, text).regulation.review_delay_weeks for day in (0, 6, 7, 15, 16, 99)]
    assert delays == [start, start, 40, 40, start, start]


def test_the_last_word_is_the_latest_events() -> None:
    late = "date: 2023-05-02, set: {regulation.review_delay_weeks: 1}"
    early = "date: 2023-05-01, set: {regulation.review_delay_weeks: 2}"
    assert at(9, late, early).regulation.review_delay_weeks == 1
    same = late.replace("weeks: 1", "weeks: 3")
    assert at(9, late, same).regulation.review_delay_weeks == 3
    assert at(9, same, late).regulation.review_delay_weeks == 1


def test_scaling_works_on_numbers_counts_and_mappings() -> None:
    everything = at(
        9,
        "date: 2023-05-01, set: {compute.cluster_speed.tencent: 3, users.population.public: 7}",
        "date: 2023-05-01, scale: {compute.cluster_speed: 2, compute.cluster_speed.baidu: 5,"
        " users.population.public: 2, entry.intensity_per_week: 0.5}",
    )
    defaults = SECTIONS["users"]().model_dump()["population"]
    assert everything.compute.cluster_speed == {"all": 2, "tencent": 6, "baidu": 10}
    assert everything.users.population == defaults | {"public": 14}
    assert (
        everything.entry.intensity_per_week
        == SECTIONS["entry"]().model_dump()["intensity_per_week"] / 2
    )


def test_a_scaled_count_stays_a_whole_number() -> None:
    class Counts(Section):
        firms: int = parameter(5, unit="firms", meaning="a count", source="assumption")

    halved = Event(date=WEEK_0, about="a", source="a", scale={"counts.firms": 0.3})
    assert apply({"counts": Counts()}, [halved]) == {"counts": {"firms": 2}}


def test_a_mistake_is_laid_on_as_few_events_as_possible() -> None:
    text = f"""{TEXTS}timeline:
  b: {{date: 2023-05-20, about: b, source: b, scale: {{compute.usable_share: 2}}}}
  a: {{date: 2023-05-10, until: 2023-06-01, about: a, source: a,
    set: {{compute.usable_share: 0.9}}}}
"""
    assert mistakes(write(x=text)) == [
        "x.yaml:8:76: timeline.b.scale.compute.usable_share: 1.2 must be at most 1"
        " after scaling by 2"
    ]


def test_what_is_active_together_must_be_valid_together() -> None:
    text = f"""{TEXTS}timeline:
  a: {{date: 2023-05-01, until: 2023-06-01, about: a, source: a,
    set: {{compute.usable_share: 0.9}}}}
  b: {{date: 2023-05-20, about: a, source: a, scale: {{compute.usable_share: 1.5}}}}
"""
    told = mistakes(write(x=text))
    assert told == [
        "x.yaml:10:76: timeline.b.scale.compute.usable_share: 1.35 must be at most 1"
        " after scaling by 1.5 (together with a)"
    ]
    apart = text.replace("2023-06-01", "2023-05-20")
    assert load(write(x=apart)).at(9).compute.usable_share == pytest.approx(0.9)


def test_the_effective_parameters_are_worked_out_once_and_never_in_place() -> None:
    scenario = load(write(x=event("set: {regulation.review_delay_weeks: 1}")))
    before = scenario.model_copy(deep=True)
    assert scenario.at(20) is scenario.at(30) is not scenario.at(0)
    assert scenario.at(20).users is scenario.users
    assert scenario == before and scenario.regulation == before.regulation
    longer = scenario.model_copy(update={"timeline": {}})
    assert longer.at(20).regulation == scenario.regulation


def test_dates_are_weeks_since_monday_17_april() -> None:
    scenario = load(
        write(x=event("set: {regulation.review_delay_weeks: 1}\n    until: 2023-06-08"))
    )
    ((name, ban),) = scenario.events
    assert (name, ban.week, ban.end_week) == ("ban", 7.0, 7 + 3 / 7)


def test_an_event_that_no_week_reaches_is_refused_where_it_is_given() -> None:
    """Not where a run is made shorter than what it was made from."""
    fine = write(x=event("shock: {log_hype: 1}") + "horizon_weeks: 8\n")
    load(fine)
    load(fine, ["horizon_weeks=7"])
    load(write(y="extends: x\nhorizon_weeks: 7\n"))
    end = "so it would never happen: give an earlier date or a later end"
    at_the_end = f"2023-06-05 is in week 7 and the run ends with week 7, {end}"
    later = f"2023-06-06 is in week 7 and the run ends with week 8, {end}"
    default = f"2024-10-14 is in week 78 and the run ends with week 78, {end}"
    write(
        child="extends: x\ntimeline: {ban: {date: 2023-06-06}}\n",
        end=event("shock: {log_hype: 1}") + "horizon_weeks: 7\n",
        late=event("set: {regulation.review_delay_weeks: -1}").replace("2023-06-05", "2024-10-14"),
    )
    faults = [
        (told, expected)
        for told, expected in (
            (mistakes("child.yaml"), [f"child.yaml:2:24: timeline.ban.date: {later}"]),
            (mistakes("end.yaml"), [f"end.yaml:9:11: timeline.ban.date: {at_the_end}"]),
            (mistakes("x.yaml", overrides=("timeline.ban.date=2023-06-06",)),
             [f"--set: timeline.ban.date: {later}"]),
            (mistakes("x.yaml", overrides=("timeline.ban.date=2023-06-05", "horizon_weeks=7")),
             [f"--set: timeline.ban.date: {at_the_end}"]),
            (mistakes("late.yaml")[:1], [f"late.yaml:9:11: timeline.ban.date: {default}"]),
        )
        if told != expected
    ]  # fmt: skip
    assert faults == []
    assert len(mistakes("late.yaml")) == 2, "what else is wrong in it is told too"


REFUSED = {
    "event without change": (
        event("until: 2023-07-01"),
        "x.yaml:9:5: timeline.ban: changes nothing: give it set, scale, shock or enter",
    ),
    "event without a date": (
        event("shock: {log_hype: 1}").replace("    date: 2023-06-05\n", ""),
        "x.yaml:8:3: timeline.ban: is incomplete: date must be given too",
    ),
    "no day": (
        event("shock: {log_hype: 1}").replace("06-05", "02-30"),
        'x.yaml:9:11: timeline.ban.date: "2023-02-30" must be a day, written 2023-08-15',
    ),
    "month": (
        event("shock: {log_hype: 1}").replace("-05\n", "\n"),
        'x.yaml:9:11: timeline.ban.date: "2023-06" must be a day, written 2023-08-15',
    ),
    "long ago": (
        event("set: {regulation.review_required: true}").replace("2023-06", "2022-06"),
        'x.yaml:9:11: timeline.ban.date: "2022-06-05" must be 2023-01-01 or later',
    ),
    "shock before week 0": (
        event("shock: {log_hype: 1}").replace("06-05", "04-16"),
        'x.yaml:9:11: timeline.ban.date: "2023-04-16" lies before week 0 (2023-04-17), so',
    ),
    "end before the beginning": (
        event("shock: {log_hype: 1}\n    until: 2023-06-05"),
        'x.yaml:13:12: timeline.ban.until: "2023-06-05" must be later than the date 2023-06-05',
    ),
    "end before week 0": (
        event("set: {regulation.review_required: true}\n    until: 2023-04-17").replace(
            "2023-06-05", "2023-03-01"
        ),
        'x.yaml:13:12: timeline.ban.until: "2023-04-17" lies before week 0 (2023-04-17), so',
    ),
    "wrong path": (
        event("set: {regulation.reveiw_delay_weeks: 3}"),
        'x.yaml:12:11: timeline.ban.set: "regulation.reveiw_delay_weeks" is not a parameter;'
        ' did you mean "regulation.review_delay_weeks"?',
    ),
    "wrong section": (
        event("set: {regulaton.review_delay_weeks: 3}"),
        'x.yaml:12:11: timeline.ban.set: "regulaton.review_delay_weeks" is not a parameter;'
        ' did you mean "regulation.review_delay_weeks"?',
    ),
    "not a parameter": (
        event("set: {horizon_weeks: 3}"),
        'x.yaml:12:11: timeline.ban.set: "horizon_weeks" is not a parameter; ',
    ),
    "too deep a path": (
        event("set: {regulation.review_delay_weeks.public: 3}"),
        'x.yaml:12:11: timeline.ban.set: "regulation.review_delay_weeks" is a single value',
    ),
    "segment in a path": (
        event("scale: {users.population.pubic: 3}"),
        'x.yaml:12:13: timeline.ban.scale: "users.population.pubic" is not a parameter;'
        ' did you mean "public"?',
    ),
    "firm in a path": (
        event("set: {compute.cluster_speed: {tencnt: 3}}"),
        'x.yaml:12:11: timeline.ban.set: "compute.cluster_speed.tencnt" is not a parameter;'
        ' did you mean "tencent"?',
    ),
    "set out of bounds": (
        event("set: {regulation.review_delay_weeks: -1}"),
        "x.yaml:12:42: timeline.ban.set.regulation.review_delay_weeks: -1 must be at least 0",
    ),
    "set to nothing": (
        event("set: {regulation.review_delay_weeks: }"),
        "x.yaml:12:42: timeline.ban.set.regulation.review_delay_weeks: is empty: write a value",
    ),
    "set of a wrong type": (
        event("set: {users.population: {public: few}}"),
        'x.yaml:12:29: timeline.ban.set.users.population: "few" must be a number (accounts)',
    ),
    "scaled out of bounds": (
        event("scale: {compute.usable_share: 2}"),
        "x.yaml:12:35: timeline.ban.scale.compute.usable_share: 1.2 must be at most 1"
        " after scaling by 2",
    ),
    "scaled yes or no": (
        event("scale: {regulation.review_required: 2}"),
        'x.yaml:12:13: timeline.ban.scale: "regulation.review_required" is not a number, so it',
    ),
    "unknown shock": (
        event("shock: {log_hpe: 2}"),
        'x.yaml:12:13: timeline.ban.shock: no state "log_hpe" that can be shocked;'
        ' did you mean "log_hype"?',
    ),
    "entry of an unknown firm": (
        event("enter: [iflytec]"),
        'x.yaml:12:13: timeline.ban.enter[0]: no firm "iflytec" in the roster;'
        ' did you mean "iflytek"?',
    ),
    "entry of a firm that is there": (
        event("enter: [iflytek, baidu]"),
        'x.yaml:12:22: timeline.ban.enter[1]: "baidu" is active; only firms with presence "pool"',
    ),
    "entry without a list": (
        event("enter: bytedance"),
        'x.yaml:12:12: timeline.ban.enter: "bytedance" must be a list: [first, second]',
    ),
    "number as a firm": (
        event("enter: [360]"),
        'x.yaml:12:13: timeline.ban.enter[0]: 360 must be a text: write "360"',
    ),
}  # fmt: skip


def test_one_mistake_is_shown_at_its_place() -> None:
    assert faults_in(REFUSED) == []
