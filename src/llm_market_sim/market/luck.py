"""Luck by name: every random number is a pure function of (seed, world, stream, firm, k).

The generator is Philox4x32-10 used as a hash (Salmon, Moraes, Dror & Shaw 2011, "Parallel
random numbers: as easy as 1, 2, 3"): the seed is its key, and (world, firm, stream, k) is its
counter. Nothing is ever drawn "next", so the luck of world 7 does not depend on how many other
worlds, firms, weeks, blocks or processes there are, a new stream disturbs no other, and two
scenarios share their luck draw by draw (common random numbers).

A firm's key is a digest of its id, never its place in an array. A rule draws where it needs to:
``exponential(w, f.key, INCIDENT, f.incidents)`` with ``INCIDENT = stream("incident")``.
"""

from __future__ import annotations

import math
import secrets
import zlib
from typing import Any, TypeAlias

import numpy as np

from llm_market_sim.market.arithmetic import TWO_PI, cosine_sine, log
from llm_market_sim.market.rule import word

__all__ = [
    "THE_WORLD", "draw_exponentials", "draw_seed", "erlang4", "exponential",
    "four_normals", "gumbel", "key_of", "normal", "normals_by_segment", "philox", "stream",
    "two_uniforms", "uniform", "unit32", "unit52", "words",
]  # fmt: skip

World: TypeAlias = Any  # anything that has an id and the two halves of a seed
Word: TypeAlias = Any  # 32 random bits, held in an np.uint64
Words: TypeAlias = tuple[Word, Word, Word, Word]

THE_WORLD = np.uint64(0)  # the "firm" of draws that belong to the world as a whole
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_BITS_20, _BITS_12 = np.uint64(20), np.uint64(12)


def draw_seed() -> int:
    """A fresh seed, for when nobody gave one; callers record and print it."""
    return secrets.randbelow(2**31)


def key_of(name: str) -> int:
    """32-bit key of a stream or a firm (CRC-32 of its UTF-8 name; 0 is the world itself)."""
    return zlib.crc32(name.encode()) or 1


def stream(name: str) -> Any:
    """A stream of draws, by its name."""
    return np.uint64(key_of(name))


@word
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> Words:
    """Ten rounds of Philox4x32: a counter of four words and a key of two to four random words."""
    for _ in range(10):
        p0 = c0 * _MULTIPLIER_0
        p1 = c2 * _MULTIPLIER_1
        c0 = (p1 >> _HALF) ^ c1 ^ k0
        c1 = p1 & _LOW
        c2 = (p0 >> _HALF) ^ c3 ^ k1
        c3 = p0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@word
def unit52(high: Word, low: Word) -> float:
    """Two words as a number between 0 and 1, of 52 bits, never 0 or 1."""
    return (np.float64((high << _BITS_20) + (low >> _BITS_12)) + 0.5) * 2.0**-52


@word
def unit32(word: Word) -> float:
    """One word as a number between 0 and 1, never 0 or 1."""
    return (np.float64(word) + 0.5) * 2.0**-32


@word
def words(w: World, key: Word, stream: Word, k: float) -> Words:
    """Four words of 32 bits. k: numbers the draws of the stream, from 0."""
    return philox(w.id, key, stream, np.uint64(k), w.seed_low, w.seed_high)


@word
def uniform(w: World, key: Word, stream: Word, k: float) -> float:
    """Uniform between 0 and 1, of 52 bits, never 0 or 1."""
    a = words(w, key, stream, k)
    return unit52(a[0], a[1])


@word
def two_uniforms(w: World, key: Word, stream: Word, k: float) -> tuple[float, float]:
    """Two independent uniforms from one draw, for decisions made together."""
    a = words(w, key, stream, k)
    return unit52(a[0], a[1]), unit52(a[2], a[3])


@word
def exponential(w: World, key: Word, stream: Word, k: float) -> float:
    """Exponential with mean 1."""
    return -log(uniform(w, key, stream, k))


def draw_exponentials(worlds: Any, firms: Any, stream: Word, out: Any) -> None:
    """The first exponential of a stream for every firm (W, F) of some worlds (W,)."""
    for k in range(len(worlds)):
        for i in range(firms.shape[1]):
            out[k, i] = exponential(worlds[k], firms[k, i].key, stream, 0)


@word
def normal(w: World, key: Word, stream: Word, k: float) -> float:
    """Standard normal (Box & Muller 1958)."""
    a = words(w, key, stream, k)
    cosine, _ = cosine_sine(TWO_PI * unit32(a[2]))
    return math.sqrt(-2.0 * log(unit52(a[0], a[1]))) * cosine


@word
def erlang4(w: World, key: Word, stream: Word, k: float) -> float:
    """Gamma with shape 4 and mean 1: the mean of four exponentials."""
    a = words(w, key, stream, k)
    return -0.25 * (log(unit32(a[0])) + log(unit32(a[1])) + log(unit32(a[2])) + log(unit32(a[3])))


@word
def four_normals(w: World, key: Word, stream: Word, k: float) -> tuple[float, float, float, float]:
    """Four standard normals from one draw, one a user segment."""
    a = words(w, key, stream, k)
    one, other = math.sqrt(-2.0 * log(unit32(a[0]))), math.sqrt(-2.0 * log(unit32(a[2])))
    c1, s1 = cosine_sine(TWO_PI * unit32(a[1]))
    c2, s2 = cosine_sine(TWO_PI * unit32(a[3]))
    return one * c1, one * s1, other * c2, other * s2


@word
def normals_by_segment(w: World, firms: Any, slots: Any, n: int, stream: Word, k: float) -> Any:
    """The same four of each of n firms, by their slots (4, n): side by side, at half the cost."""
    drawn = np.empty((4, n))
    for j in range(n):
        a = words(w, firms[slots[j]].key, stream, k)
        for g in range(4):
            drawn[g, j] = unit32(a[g])
    for g in (0, 2):
        for j in range(n):
            c, s = cosine_sine(TWO_PI * drawn[g + 1, j])
            long = math.sqrt(-2.0 * log(drawn[g, j]))
            drawn[g, j], drawn[g + 1, j] = long * c, long * s
    return drawn


@word
def gumbel(w: World, key: Word, candidate: Word, stream: Word, k: float) -> float:
    """Gumbel variate of a firm's liking for a candidate: the largest of them is a fair choice."""
    a = philox(w.id, key, candidate ^ stream, np.uint64(k), w.seed_low, w.seed_high)
    return -log(-log(unit52(a[0], a[1])))
