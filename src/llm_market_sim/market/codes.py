"""What the codes in the state mean: kinds of firm, routes, segments, and where a firm stands."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "ACQUIRED", "AT_COST", "BANKRUPT", "BETA", "BIGTECH", "BRIDGE", "BUILDING", "BY_PAYOFF",
    "BY_RULE", "CLOSED", "CONSUMER", "DEAD", "DEVELOPER", "ENTERPRISE", "FINE_TUNE",
    "FLOP_PER_HOUR", "FOREIGN", "FOUNDATION", "FREE", "GUEST", "HOURS", "LISTED", "MATCH",
    "MORE_GPUS", "NEVER", "NOBODY", "NO_MODEL", "NO_NICHE", "OPEN", "PREMIUM", "PUBLIC",
    "REFERENCE_OOM", "SEGMENT_COUNT", "STARTUP", "SUSPENDED", "VERTICAL", "WAITING", "WEEKS",
    "WRAPPER", "Kind", "PriceWish", "Route", "Segment", "Status",
]  # fmt: skip


class Kind(IntEnum):
    """What sort of firm; the order of `parameters.KINDS`."""

    BIGTECH = 0
    LISTED = 1
    STARTUP = 2
    FOREIGN = 3


class Route(IntEnum):
    """How a firm comes by a model; the order of `parameters.ROUTES`."""

    FOUNDATION = 0  # trains its own from scratch
    FINE_TUNE = 1  # adapts open weights
    WRAPPER = 2  # sells another firm's model
    VERTICAL = 3  # serves one segment only


class Segment(IntEnum):
    """Who uses it; the order of `parameters.SEGMENTS`."""

    CONSUMER = 0
    DEVELOPER = 1
    ENTERPRISE = 2
    PUBLIC = 3


class Status(IntEnum):
    """Where a firm stands. From ACQUIRED on it is gone."""

    WAITING = 0  # has not entered
    BUILDING = 1  # at work, no product shown
    BETA = 2  # product shown, closed beta
    OPEN = 3  # open to the public
    SUSPENDED = 4  # taken down for a while after an incident
    ACQUIRED = 5
    BANKRUPT = 6
    CLOSED = 7  # the owner shut the unit down


class PriceWish(IntEnum):
    """What a firm wants to charge in a segment."""

    BY_RULE = 0  # best reply to cost and rivals, less the discount
    MATCH = 1  # what the segment's leader charges, where that is less
    PREMIUM = 2  # with a mark-up half as high again
    AT_COST = 3
    FREE = 4


DEAD = Status.ACQUIRED

# The same codes as plain numbers, which is how rules say them.
BIGTECH, LISTED, STARTUP, FOREIGN = map(int, Kind)
FOUNDATION, FINE_TUNE, WRAPPER, VERTICAL = map(int, Route)
CONSUMER, DEVELOPER, ENTERPRISE, PUBLIC = map(int, Segment)
WAITING, BUILDING, BETA, OPEN, SUSPENDED, ACQUIRED, BANKRUPT, CLOSED = map(int, Status)
BY_RULE, MATCH, PREMIUM, AT_COST, FREE = map(int, PriceWish)

BRIDGE = 2.0  # the wish for money that is sought in haste
BY_PAYOFF = -1  # the route that a firm wishes where it leaves that to the rules
SEGMENT_COUNT = len(Segment)
WEEKS = 52.0  # in a year
HOURS = 168.0  # in a week
MORE_GPUS = 1  # the place of "more_gpus" in what a faster cluster can mean
NEVER = float("inf")  # the week of something that has not happened
FLOP_PER_HOUR = 1.42e18  # one H100 hour at 40 % utilisation
API_MARGIN = 0.3  # mark-up of the model that wrappers buy
REFERENCE_OOM = 24.4  # the capability that counts as 0 to users, between GPT-3.5 and GPT-4
NO_MODEL = 20.0  # the capability of a firm that has no model of its own
NO_NICHE = -1  # the segment of a firm that serves all of them
GUEST = -1  # the policy of a firm that is asked in Python
NOBODY = -1  # the slot of a partner that there is not
