"""Random words of the luck, as raw bytes on standard output, for a public battery of tests.

    python benchmarks/luck_battery.py worlds | dieharder -a -g 200

A generator that is keyed by names can fail where a sequential one cannot: between neighbouring
names. So each order below walks the names of the simulation along another axis, fastest first:

    worlds    neighbouring worlds of one firm, then the next firm, then the next k
    firms     neighbouring firms of one world, then the next world
    streams   neighbouring streams of one firm and world
    k         the first, second, third ... draw of one firm's stream
    seeds     the same name under neighbouring seeds
    words     all four words of every draw (the others take the first word of each only)

Writes until the reader stops; the output of one order and seed is always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from llm_market_sim.market.luck import key_of, philox

FIRMS = np.array([key_of(f"entrant-{i + 1:03d}") for i in range(256)], dtype=np.uint64)
STREAMS = np.array(
    [key_of(f"{event} {i}") for event in ("round", "review", "run", "taste") for i in range(64)],
    dtype=np.uint64,
)
WORLDS = np.arange(4096, dtype=np.uint64)
ORDERS = ("worlds", "firms", "streams", "k", "seeds", "words")


def blocks(order: str, seed: int) -> Iterator[np.ndarray]:
    """Endless blocks of 32-bit words, laid out so that the named axis runs fastest."""
    names = {"world": WORLDS, "firm": FIRMS, "stream": STREAMS[:1]}
    axes = {
        "worlds": ("firm", "world"), "firms": ("world", "firm"), "words": ("firm", "world"),
        "streams": ("world", "firm", "stream"),
    }  # fmt: skip
    if order == "k":  # 2**20 draws of one name, then of the next
        ks = np.arange(2**20, dtype=np.uint64)
        for firm in FIRMS:
            for world in WORLDS:
                yield _first(world, firm, STREAMS[0], ks, seed)
    if order == "seeds":
        for first in range(seed, 2**63, 256):
            runs = [_first(WORLDS[:, None], FIRMS[:1], STREAMS[0], 0, first + i)
                    for i in range(256)]  # fmt: skip
            yield np.stack(runs, axis=1)
    if order == "streams":
        names["stream"], names["world"] = STREAMS, WORLDS[:64]
    for k in range(2**31):
        grid = np.meshgrid(*(names[axis] for axis in axes[order]), indexing="ij")
        parts = names | dict(zip(axes[order], grid, strict=True))
        if order == "words":
            yield _words(parts["world"], parts["firm"], parts["stream"], k, seed).T
        else:
            yield _first(parts["world"], parts["firm"], parts["stream"], k, seed)


def _first(world, firm, stream, k, seed) -> np.ndarray:  # type: ignore[no-untyped-def]
    return _words(world, firm, stream, k, seed)[0]


def _words(world, firm, stream, k, seed) -> np.ndarray:  # type: ignore[no-untyped-def]
    parts = np.broadcast_arrays(world, firm, stream, np.asarray(k, dtype=np.uint64))
    counter = np.stack([part.ravel() for part in parts])
    key = (seed & 0xFFFFFFFF, seed >> 32)
    chunks = range(0, counter.shape[1], 4096)
    return np.concatenate([philox(counter[:, i : i + 4096], key) for i in chunks], axis=1)


def main() -> None:
    """Order and seed from the command line."""
    order = sys.argv[1] if len(sys.argv) > 1 else ""
    if order not in ORDERS:
        sys.exit(f"usage: luck_battery.py {'|'.join(ORDERS)} [seed]")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    try:
        for block in blocks(order, seed):
            sys.stdout.buffer.write(np.ascontiguousarray(block, dtype="<u4").tobytes())
    except BrokenPipeError:
        sys.stderr.close()  # the reader has had enough


if __name__ == "__main__":
    main()
