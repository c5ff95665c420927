"""A person's own Python file (``--with my_module.py``), whose policies, metrics, series and claims
register."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from llm_market_sim.errors import MarketSimError, mistake

_LOADED: dict[Path, None] = {}  # in their order


def load_plugins(files: Sequence[str | Path]) -> None:
    """Import Python files by their paths, each once a process.

    Raises InputError, with the line, where a file is none or cannot be imported. A scenario
    never does this: only what a person names runs code.
    """
    for file in files:
        path = Path(file).resolve()
        if path in _LOADED:
            continue
        if path.suffix != ".py" or not path.is_file():
            what = "no such file" if not path.exists() else "is not a Python file (.py)"
            raise mistake("--with", f"{file}: {what}")
        if path.stem in sys.modules:
            if getattr(sys.modules[path.stem], "__file__", None) == str(path):
                _LOADED[path] = None  # imported by Python code, as any module
                continue
            message = f'{file}: a module named "{path.stem}" is loaded already; rename the file'
            raise mistake("--with", message)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[path.stem]
            line = _line(error, path)
            message = f"{type(error).__name__}: {error}"
            if isinstance(error, SystemExit):
                message = "ends the program (sys.exit) while it is imported"
            elif isinstance(error, MarketSimError):
                message = str(error)
            raise mistake(f"{file}{line}", message) from error
        _LOADED[path] = None


def loaded() -> tuple[str, ...]:
    """The files that this process has imported, in their order."""
    return tuple(map(str, _LOADED))


def _line(error: BaseException, path: Path) -> str:
    """``:12``, the last line of the file that the error went through."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}" if error.lineno else ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f":{lines[-1]}" if lines else ""
