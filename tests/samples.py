"""Small things that several tests are made of: a claim, a measure, the bytes of a folder."""

from dataclasses import dataclass

import numpy as np

from llm_market_sim.claims import Claim
from llm_market_sim.results import TABLES

FACTS = {
    "text": "Few are left.",
    "said_by": "a test",
    "source": "this file",
    "status": "emergent",
    "reason": "It is a test.",
    "metric": "n_general_platforms",
    "predicate": "x < 4",
    "horizon_week": 6,
}


def claim(name="few", **facts):
    return Claim(id=name, **FACTS | facts)


@dataclass(frozen=True)
class Alive:
    """A measure: firms alive at a week."""

    week: int = 2
    name: str = "alive"

    def __call__(self, run):
        return np.sum(run.at(float(self.week)).alive, axis=-1).astype(float)


def tables(folder):
    """The bytes of all tables of a folder, by file."""
    files = (path for table in TABLES for path in (folder / table).iterdir())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
