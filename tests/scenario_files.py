"""What the tests of scenario files share: the shortest file, a file with an event, its mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from llm_market_sim.errors import InputError
from llm_market_sim.scenario import load_all

TEXTS = """\
label: {en: Base, zh: 基准}
about: what
how: how
notice: look
try: try
extend: more
"""


def event(text: str) -> str:
    """A scenario with one event; the text is its line 12."""
    return f"""{TEXTS}timeline:
  ban:
    date: 2023-06-05
    about: it happens
    source: assumption
    {text}
"""


def write(**texts: str | bytes) -> Path:
    """Write scenario files into the current folder; the path of the last one."""
    for name, text in texts.items():
        data = text.encode() if isinstance(text, str) else text
        Path(f"{name}.yaml").write_bytes(data)
    return Path(f"{name}.yaml")


def mistakes(*paths: Path | str, overrides: tuple[str, ...] = ()) -> list[str]:
    """What loading says, a line a mistake."""
    with pytest.raises(InputError) as caught:
        load_all(paths, overrides)
    return [str(problem) for problem in caught.value.problems]


def faults_in(cases: Mapping[str, tuple[str | bytes, str]]) -> list[tuple[str, list[str]]]:
    """Cases of (a file's text, how its one mistake begins) of which something else is said."""
    told = {name: mistakes(write(x=text)) for name, (text, _) in cases.items()}
    return [
        (name, said) for name, said in told.items()
        if len(said) != 1 or not said[0].startswith(cases[name][1])
    ]  # fmt: skip
