"""Programs that stand outside the package."""

import importlib.util
from pathlib import Path
from typing import Any


def load_program(path: Path) -> Any:
    """One of them, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
