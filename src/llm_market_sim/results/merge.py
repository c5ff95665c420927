"""Folders of one batch, made on several machines, as one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.results.blocks import Block
from llm_market_sim.results.folder import Folder
from llm_market_sim.results.manifest import Manifest
from llm_market_sim.results.results import Results, open_results

__all__ = ["merge"]


def merge(out: str | Path, parts: Sequence[str | Path]) -> Manifest:
    """Copy the blocks of all parts into a folder, which may hold some of them already.

    The folder is then the same, table by table and byte by byte, as if one machine had done it
    all. InputError where a part cannot be read, is damaged, or belongs to another batch.
    """
    opened = [open_results(part, thorough=True) for part in parts]
    whole = _of_all([one.manifest for one in opened], parts)
    with Folder(out) as folder:
        whole = folder.begin(whole, merged=[str(part) for part in parts])
        for part in opened:
            for block in part.blocks:
                missing = folder.missing(block.scenario, whole.worlds)
                if any(block.start <= start < block.stop for start, _ in missing):
                    folder.put(block, _contents(part, block))
                    folder.take([block])
        folder.note("ended", merged=len(parts))
    return whole


def _of_all(manifests: Sequence[Manifest], parts: Sequence[str | Path]) -> Manifest:
    whole = replace(manifests[0], shard=None)
    wrong = []
    for part, one in zip(parts, manifests, strict=True):
        against = list(whole.against(replace(one, shard=None)))
        missing = [name for name in whole.scenarios if name not in one.scenarios]
        against += [f"it lacks {name}" for name in missing]
        if against:
            text = f"is no part of the batch of {parts[0]}: {'; '.join(against)}"
            wrong.append(Problem(str(part), "", text))
    if wrong:
        raise InputError(wrong)
    return replace(whole, worlds=max(one.worlds for one in manifests))


def _contents(part: Results, block: Block) -> dict[str, bytes]:
    return {table: block.file(part.folder, table).read_bytes() for table in block.files}
