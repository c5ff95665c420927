"""Luck by the array: draws for many worlds and firms at once, by the words that rules use."""

from functools import cache

import numpy as np
from numba import njit

from llm_market_sim.market import luck
from llm_market_sim.market.compiling import teach_words

__all__ = ["draw"]

WORLD = np.dtype([("id", "u8"), ("seed_low", "u8"), ("seed_high", "u8")])


@cache
def _loop(name):
    """The word of a name over worlds and firms."""
    teach_words()
    word, many = getattr(luck, name), name in ("four_normals", "two_uniforms", "words")

    @njit
    def one(worlds, keys, stream, ks, out):
        for i in range(len(worlds)):
            for j in range(len(keys)):
                out[i, 0, j] = word(worlds[i], keys[j], stream, ks[i, j])

    @njit
    def several(worlds, keys, stream, ks, out):
        for i in range(len(worlds)):
            for j in range(len(keys)):
                drawn = word(worlds[i], keys[j], stream, ks[i, j])
                for part in range(out.shape[1]):
                    out[i, part, j] = drawn[part]

    return several if many else one


def draw(name, stream, k=0, *, seed=9, worlds=50, firms=40):
    """Draws (W, F), or (W, n, F) where one draw is n numbers. worlds, firms: counts, or ids and
    keys; firms are called firm-0, firm-1, …"""
    ids = np.arange(worlds) if np.isscalar(worlds) else np.asarray(worlds)
    keys = [luck.key_of(f"firm-{i}") for i in range(firms)] if np.isscalar(firms) else firms
    keys = np.asarray(keys, dtype=np.uint64)
    records = np.zeros(len(ids), WORLD)
    records["id"], records["seed_low"], records["seed_high"] = ids, seed & 0xFFFFFFFF, seed >> 32
    width = {"four_normals": 4, "two_uniforms": 2, "words": 4}.get(name, 0)
    dtype = np.uint64 if name == "words" else float
    out = np.empty((len(ids), max(width, 1), len(keys)), dtype)
    ks = np.ascontiguousarray(np.broadcast_to(np.asarray(k, dtype=float), (len(ids), len(keys))))
    _loop(name)(records, keys, luck.stream(stream), ks, out)
    return out if width else out[:, 0]
