"""Numbers, lists and dates as people read them: one way for terminal, files, figures and pages."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
WEEK_0 = dt.date(2023, 4, 17)  # a Monday

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def number(value: float, figures: int = 4) -> str:
    """1,234 or 0.0123: so many significant figures, or all of a whole number; an estimate takes 3.

    What is no number is ``none``, what is endless ``never``.
    """
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "never" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}"
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.{figures}g} million"
    return f"{value:,.0f}" if abs(value) >= 10 ** (figures - 1) else f"{value:.{figures}g}"


def signed(value: float) -> str:
    """An estimated difference: three figures, with its sign."""
    return ("+" if value > 0 else "") + number(value, 3)


def points(share: float, digits: int | None = 0) -> str:
    """A share times 100; what is not quite 0 or 1 is not called so: 35, <1, >99.

    digits: after the point, or None for as many as the distance from 0 or 100 needs.
    """
    if digits is None:
        digits = _digits(share)
    text = f"{100.0 * share:.{digits}f}"
    if float(text) == 0.0:
        return f"<{10.0**-digits:g}" if share > 0.0 else f"{0.0:.{digits}f}"
    if float(text) == 100.0 and share < 1.0:
        return f">{100.0 - 10.0**-digits:.{digits}f}"
    return text


def _digits(share: float) -> int:
    """After the point, so that what is near 0 or 100 % is told from it."""
    edge = round(min(share, 1.0 - share), 9)
    return (0, 1, 2, 4)[sum(0.0 < edge < least for least in (0.1, 0.01, 1e-4))]


def percent(share: float, language: Language = "en", digits: int | None = 0) -> str:
    """``35 %``; Chinese leaves no space."""
    return points(share, digits) + ("%" if language == "zh" else " %")


def percents(low: float, high: float, digits: int | None = 0) -> str:
    """``35 to 90 %``, of shares, both with as many digits; digits: as in `points`."""
    if digits is None:
        digits = min(_digits(low), _digits(high))
    return f"{points(low, digits)} to {points(high, digits)} %"


def p_value(p: float) -> str:
    """Two or three digits, down to ``<0.001``."""
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def listed(parts: Sequence[str], language: Language = "en") -> str:
    """``a, b and c``."""
    if language == "zh":
        return "、".join(parts)
    return " and ".join([", ".join(parts[:-1]), *parts[-1:]] if len(parts) > 1 else parts)


def day_of(week: float) -> dt.date:
    """The day that lies so many weeks after Monday 17 April 2023."""
    return WEEK_0 + dt.timedelta(days=math.floor(week * 7 + 1e-6))


def date(week: float, language: Language = "en") -> str:
    """``31 Aug 2023``, whatever the language of the machine: so many weeks after week 0."""
    day = day_of(week)
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month(week: float, language: Language) -> str:
    """``Aug 2023``."""
    day = day_of(week)
    if language == "zh":
        return f"{day.year}年{day.month}月"
    return f"{_MONTHS[day.month - 1]} {day.year}"
