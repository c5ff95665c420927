"""The main claim in full, in sentences: for the terminal, the report and the handout."""

from __future__ import annotations

from collections.abc import Iterator

from llm_market_sim.experiments.headline import Headline, Reading
from llm_market_sim.pages.words import Say, sayer
from llm_market_sim.summary.said import estimate
from llm_market_sim.words import Language, listed, number, percents

__all__ = ["sentences"]


def sentences(found: Headline, language: Language) -> Iterator[str]:
    """The verdict, each reading with both uncertainties and its null models, and who is left."""
    say = sayer(language)
    worlds = max(one.verdict.held.worlds for one in found.readings if one.verdict.held)
    verdict = say(f"verdict.{found.wording}")
    yield say("headline.verdict", verdict=verdict)
    for one in found.readings:
        yield _told(one, say, language)
    if found.who is not None:
        means = {name: f"{x:.1f}" for name, x in found.who.means.items() if "share" not in name}
        yield say(
            "headline.who",
            startup=estimate(found.who.startup, language),
            three=f"{100 * found.who.means['top_three_share']:.0f}",
            five=f"{100 * found.who.means['top_five_share']:.0f}",
            **means,
        )
    yield say(
        "headline.how" if found.draws else "headline.how_defaults",
        worlds=f"{worlds:,}",
        draws=found.draws,
    )


def _told(one: Reading, say: Say, language: Language) -> str:
    held = one.verdict.held
    assert held is not None
    key = "platforms" if one.claim.metric == "n_general_platforms" else "g67"
    text = say(
        f"headline.{key}",
        share=estimate(held, language),
        interval=_span(held.interval, language),
        mean=number(one.x.mean, 2) if one.x else "–",
    )
    verdict = say(f"verdict.{one.wording}")
    if one.drivers:
        verdict += say("headline.drivers", names=listed(list(one.drivers), language))
    if one.over is not None and one.over.share is not None:
        text += say(
            "headline.over",
            share=f"{100 * one.over.share.mean:.0f}",
            band=_span(percents(*one.over.share.parameters), language),
            verdict=verdict,
        )
    else:
        text += say("headline.only", verdict=verdict)
    if one.same:
        names = listed([say(f"null.{name}") for name in one.same], language)
        text += say("headline.null_same", names=names)
    elif one.nulls:
        told = [f"{say(f'null.{name}')} {estimate(x, language)}" for name, x in one.nulls.items()]
        text += say("headline.null", list=listed(told, language))
    return text


def _span(text: str, language: Language) -> str:
    low, high = text.removesuffix(" %").split(" to ") if " to " in text else (text, text)
    return f"{low}–{high}%" if language == "zh" else f"{low} to {high} %"
