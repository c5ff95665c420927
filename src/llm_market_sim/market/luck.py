"""Luck by name: every random number is a pure function of (seed, world, stream, firm, k).

The generator is Philox4x32-10 used as a hash (Salmon, Moraes, Dror & Shaw 2011, "Parallel
random numbers: as easy as 1, 2, 3"): the seed is its key, and (world, firm, stream, k) is its
counter. Nothing is ever drawn "next", so the luck of world 7 does not depend on how many other
worlds, firms, weeks, blocks or processes there are, a new stream disturbs no other, and two
scenarios share their luck draw by draw (common random numbers).

A firm's key is a digest of its id, never its place in an array.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["THE_WORLD", "Luck", "draw_seed", "key_of", "philox"]

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

THE_WORLD = 0  # the "firm" of draws that belong to the world as a whole
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], dtype=np.uint64)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_CHUNK = 4096  # elements a pass: the ten rounds stay in the processor's cache


def draw_seed() -> int:
    """A fresh seed, for when nobody gave one; callers record and print it."""
    return secrets.randbelow(2**31)


def key_of(name: str) -> int:
    """32-bit key of a stream or a firm (CRC-32 of its UTF-8 name; 0 is the world itself)."""
    return zlib.crc32(name.encode()) or 1


def philox(counter: Words, key: tuple[int, int]) -> Words:
    """Ten rounds of Philox4x32: (4, n) words of 32 bits, held in uint64, to (4, n) random ones."""
    even, odd = counter[0::2], counter[1::2]
    for round_key in _round_keys(key):
        product = even * _MULTIPLIERS
        even, odd = (product >> _SHIFT)[::-1] ^ odd ^ round_key, (product & _LOW)[::-1]
    return np.stack([even[0], odd[0], even[1], odd[1]])


@lru_cache(maxsize=16)
def _round_keys(key: tuple[int, int]) -> Words:
    """The ten keys (10, 2, 1) that a key runs through."""
    return np.array(
        [[[(k + i * weyl) & 0xFFFFFFFF] for k, weyl in zip(key, _WEYL, strict=True)]
         for i in range(10)], dtype=np.uint64,
    )  # fmt: skip


class Luck:
    """The luck of a block of worlds, drawn by identity.

    seed: 0 to 2**64 - 1. worlds: ids (W,), each below 2**32. firms: keys (F,) from `key_of`.
    Every method gives shape (W, F) (or (W, 4, F) for `segment_normals`), or (W, 1) with
    ``world=True``. ``k`` numbers the draws of one stream: a
    whole number, or an array of them (W, F).
    ``where`` names the elements that are needed; the others are 0 and cost nothing.
    """

    def __init__(self, seed: int, worlds: NDArray[np.integer], firms: NDArray[np.integer]) -> None:
        self.seed = seed
        self.worlds = np.asarray(worlds, dtype=np.uint64)
        self.firms = np.asarray(firms, dtype=np.uint64)
        self._key = (seed & 0xFFFFFFFF, seed >> 32)
        pairs = np.broadcast_arrays(self.worlds[:, None], self.firms[None, :])
        self._who = np.stack([part.ravel() for part in pairs])
        self._world = np.stack([self.worlds, np.full_like(self.worlds, THE_WORLD)])

    def _words(
        self, stream: str, k: int | NDArray[Any], where: NDArray[np.bool_] | None, world: bool
    ) -> tuple[Words, NDArray[np.intp] | None, tuple[int, int]]:
        """Four words for each element asked for, the places they belong to, and the shape."""
        shape = (len(self.worlds), 1 if world else len(self.firms))
        who = self._world if world else self._who
        ks = np.asarray(k)
        places = None
        if where is not None:
            places = np.flatnonzero(np.broadcast_to(where, shape))
            who = who[:, places]
            ks = ks.ravel()[places] if ks.shape == shape else ks
        return self._draw(stream, who, ks.ravel()), places, shape

    def _draw(self, stream: str, who: Words, ks: NDArray[Any]) -> Words:
        """Words (4, n) for n pairs of world and firm (2, n)."""
        n = who.shape[1]
        counter = np.empty((4, n), dtype=np.uint64)
        counter[:2], counter[2], counter[3] = who, key_of(stream), ks
        if n == 0:
            return counter
        if n <= _CHUNK:
            return philox(counter, self._key)
        parts = [philox(counter[:, i : i + _CHUNK], self._key) for i in range(0, n, _CHUNK)]
        return np.concatenate(parts, axis=1)

    @staticmethod
    def _place(values: Array, places: NDArray[np.intp] | None, shape: tuple[int, int]) -> Array:
        if places is None:
            return values.reshape(shape)
        full = np.zeros(shape[0] * shape[1])
        full[places] = values
        return full.reshape(shape)

    def uniform(
        self, stream: str, k: int | NDArray[Any] = 0,
        where: NDArray[np.bool_] | None = None, world: bool = False,
    ) -> Array:  # fmt: skip
        """Uniform on (0, 1), 52 bits, never 0 or 1."""
        words, places, shape = self._words(stream, k, where, world)
        return self._place(_unit52(words[0], words[1]), places, shape)

    def two_uniforms(
        self, stream: str, k: int | NDArray[Any] = 0, where: NDArray[np.bool_] | None = None
    ) -> tuple[Array, Array]:
        """Two independent uniforms on (0, 1) from one draw, for decisions made together."""
        words, places, shape = self._words(stream, k, where, world=False)
        first, second = _unit52(words[0], words[1]), _unit52(words[2], words[3])
        return self._place(first, places, shape), self._place(second, places, shape)

    def exponential(
        self, stream: str, k: int | NDArray[Any] = 0,
        where: NDArray[np.bool_] | None = None, world: bool = False,
    ) -> Array:  # fmt: skip
        """Exponential with mean 1."""
        words, places, shape = self._words(stream, k, where, world)
        return self._place(-np.log(_unit52(words[0], words[1])), places, shape)

    def normal(
        self, stream: str, k: int | NDArray[Any] = 0,
        where: NDArray[np.bool_] | None = None, world: bool = False,
    ) -> Array:  # fmt: skip
        """Standard normal (Box & Muller 1958)."""
        words, places, shape = self._words(stream, k, where, world)
        radius = np.sqrt(-2.0 * np.log(_unit52(words[0], words[1])))
        return self._place(radius * np.cos(2.0 * np.pi * _unit32(words[2])), places, shape)

    def erlang4(
        self, stream: str, k: int | NDArray[Any] = 0,
        where: NDArray[np.bool_] | None = None,
    ) -> Array:  # fmt: skip
        """Gamma with shape 4 and mean 1: the mean of four exponentials."""
        words, places, shape = self._words(stream, k, where, world=False)
        total = sum(np.log(_unit32(word)) for word in words)
        return self._place(np.asarray(-0.25 * total), places, shape)

    def segment_normals(self, stream: str, k: int = 0) -> Array:
        """Four standard normals a firm, one a user segment; shape (W, 4, F).

        In single precision, where sine and cosine are cheap: seven digits of a taste will do.
        """
        words, _, shape = self._words(stream, k, None, world=False)
        parts = []
        for u, v in ((words[0], words[1]), (words[2], words[3])):
            radius = np.sqrt(-2.0 * np.log(_unit32(u)))
            angle = (2.0 * np.pi * _unit32(v)).astype(np.float32)
            parts += [radius * np.cos(angle), radius * np.sin(angle)]
        return np.stack([part.reshape(shape) for part in parts], axis=1)

    def choose(
        self, stream: str, k: int | NDArray[Any], where: NDArray[np.bool_],
        candidates: Sequence[int], wealth: Array, need: Array,
    ) -> NDArray[np.int16]:  # fmt: skip
        """Slot of one of the candidates that have wealth above the need, -1 where none has.

        candidates: slots (C). wealth: (W, C). need: (W, F). The choice is the largest of Gumbel
        variates keyed by the candidate too, so that one candidate's fall does not reshuffle the
        others.
        """
        shape = (len(self.worlds), len(self.firms))
        places = np.flatnonzero(where)
        chosen = np.full(shape[0] * shape[1], -1, dtype=np.int16)
        if len(places) and len(candidates):
            who = np.repeat(self._who[:, places], len(candidates), axis=1)
            ks = np.broadcast_to(k, shape).ravel()[places].astype(np.uint64)
            keys = np.tile(self.firms[list(candidates)], len(places))
            counter = np.stack(
                [who[0], who[1], keys ^ np.uint64(key_of(stream)), np.repeat(ks, len(candidates))]
            )
            words = philox(counter, self._key)
            taste = -np.log(-np.log(_unit52(words[0], words[1])))
            able = wealth[places // shape[1]] > need.ravel()[places][:, None]
            taste = np.where(able, taste.reshape(able.shape), -np.inf)
            best = np.asarray(candidates, dtype=np.int16)[np.argmax(taste, axis=1)]
            chosen[places] = np.where(np.any(able, axis=1), best, -1)
        return chosen.reshape(shape)

    def flows(
        self, stream: str, tick: int, users: Array, unaware: Array, idle: Array, again: Array,
        first: Array, keeps: Array, inside: Array, inside_new: Array, parts: Array,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        """Draw one segment's movements user by user; (W, F) or (W, 1) each, counts in whole users.

        again, first: chances of choosing this tick, for those in the market and those not yet.
        keeps: of those who choose again, share that keeps its product out of habit. inside: share
        that takes any product (inside_new: of newcomers). parts: where the movers go (sums to 1).
        Returns (users, unaware, idle). The numbers are NumPy's, the same for one NumPy version.
        """
        new_users, new_unaware, new_idle = users.copy(), unaware.copy(), idle.copy()
        for w, world in enumerate(self.worlds):
            key = self.seed | key_of(stream) << 64
            rng = np.random.Generator(
                np.random.Philox(key=key, counter=int(world) << 64 | tick << 128)
            )
            chooses = rng.binomial(np.floor(users[w]).astype(np.int64), again[w, 0])
            kept = rng.binomial(chooses, np.clip(keeps[w], 0.0, 1.0))
            rest = np.clip((1.0 - inside[w]) / np.maximum(1.0 - keeps[w], 1e-300), 0.0, 1.0)
            left = rng.binomial(chooses - kept, rest)
            fresh = rng.binomial(int(unaware[w, 0]), first[w, 0])
            drifting = rng.binomial(int(idle[w, 0]), again[w, 0])
            enters = rng.binomial(fresh + drifting, inside_new[w, 0])
            moves = int(np.sum(chooses - kept - left)) + enters
            goes = rng.multinomial(moves, parts[w]) if np.any(parts[w] > 0.0) else 0 * chooses
            new_users[w] += goes + kept - chooses
            new_unaware[w] -= fresh
            new_idle[w] += np.sum(left) + fresh - enters
        return new_users, new_unaware, new_idle


def _unit52(high: Words, low: Words) -> Array:
    return np.asarray(((high << np.uint64(20)) + (low >> np.uint64(12)) + 0.5) * 2.0**-52)


def _unit32(word: Words) -> Array:
    return np.asarray((word + 0.5) * 2.0**-32)
