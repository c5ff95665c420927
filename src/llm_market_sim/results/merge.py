"""Folders of one batch, made on several machines, as one folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.results.blocks import Block
from llm_market_sim.results.manifest import Manifest
from llm_market_sim.results.parameters import DRAWS_FILE, write_parameters
from llm_market_sim.results.results import Results, open_results
from llm_market_sim.results.writer import Folder
from llm_market_sim.support.files import whole_files


def merge(out: str | Path, parts: Sequence[str | Path]) -> Manifest:
    """Copy the blocks of all parts into a folder, which may hold some of them already.

    The folder is then the same, table by table and byte by byte, as if one machine had done it
    all. InputError where a part cannot be read, is damaged, or belongs to another batch.
    """
    opened = [open_results(part, thorough=True) for part in parts]
    whole = _of_all([one.manifest for one in opened], parts)
    with Folder(out) as folder:
        if folder.there is not None:
            whole = _of_all([whole, folder.there], [parts[0], out])
        whole = folder.begin(whole, None, merged=[str(part) for part in parts])
        write_parameters(folder.path, whole)
        if whole.drawn:
            with whole_files(folder.path) as place:
                (place / DRAWS_FILE).write_bytes((opened[0].folder / DRAWS_FILE).read_bytes())
        for part in opened:
            for block in part.blocks:
                missing = folder.missing(block.scenario, whole.rows(block.scenario))
                if any(block.start <= start < block.stop for start, _ in missing):
                    folder.put(block, _contents(part, block))
                    folder.take([block])
        folder.note("ended", merged=len(parts))
    return whole


def _of_all(manifests: Sequence[Manifest], parts: Sequence[str | Path]) -> Manifest:
    whole = replace(max(manifests, key=lambda one: one.worlds), shard=None)
    wrong = [
        Problem(str(part), "", f"is not a part of the batch in {parts[0]}: {'; '.join(against)}")
        for part, one in zip(parts, manifests, strict=True)
        if (against := list(_against(manifests[0], one)))
    ]
    if wrong:
        raise InputError(wrong)
    return whole


def _against(whole: Manifest, one: Manifest) -> Iterator[str]:
    yield from replace(whole, shard=None).against(replace(one, shard=None))
    for name, facts in whole.scenarios.items():
        if name not in one.scenarios:
            yield f"it lacks {name}"
        elif facts.get("draws") != one.scenarios[name].get("draws"):
            yield "its worlds have other parameters"


def _contents(part: Results, block: Block) -> dict[str, bytes]:
    return {table: block.file(part.folder, table).read_bytes() for table in block.files}
