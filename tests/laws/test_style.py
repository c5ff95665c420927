"""Rules stay in the subset of operations that every array library shares.

Luck is the exception: it is a service that rules call, and hands them finished arrays.
"""

from __future__ import annotations

import ast
from pathlib import Path

import array_api_strict

import llm_market_sim

SOURCE = Path(llm_market_sim.__file__).parent
RULES = sorted(
    path
    for folder in ("mechanisms", "policies")
    for path in (SOURCE / "market" / folder).glob("*.py")
    if path.name != "registry.py"  # builds arrays for rules that are written for one firm
)
# NumPy's names of what the standard has under another name or as an operator
ALSO = {
    "clip": "in the standard", "cumulative_sum": "in the standard", "inf": "a constant",
    "integer": "a type, for annotations", "bool_": "a type, for annotations",
}  # fmt: skip


def faults(text):
    """(line, what) of everything in a module that an array library may refuse."""
    found = []
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [
                (node.lineno, "writes into an array")
                for target in targets
                for part in ast.walk(target)
                if isinstance(part, ast.Subscript) and not _text_key(part)
            ]
        if isinstance(node, ast.AugAssign):
            found.append((node.lineno, "augmented assignment"))
        if isinstance(node, ast.Call):
            found += [(node.lineno, "out=") for k in node.keywords if k.arg == "out"]
        if isinstance(node, ast.Attribute) and _is_numpy(node.value):
            name = node.attr
            if not hasattr(array_api_strict, name) and name not in ALSO:
                found.append((node.lineno, f"np.{name}"))
    return found


def _text_key(node):
    return isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)


def _is_numpy(node):
    return isinstance(node, ast.Name) and node.id == "np"


def test_rules_use_what_array_libraries_share():
    assert len(RULES) > 14
    found = {path.name: faults(path.read_text("utf-8")) for path in RULES}
    assert {name: some for name, some in found.items() if some} == {}


def test_faults_are_found():
    for line, what in (
        ("x[0] = 1", "writes into an array"), ("x[m] += 1", "writes into an array"),
        ("x += y", "augmented assignment"), ("np.add(x, y, out=x)", "out="),
        ("np.copyto(x, y)", "np.copyto"), ("np.ix_(a)", "np.ix_"),
    ):  # fmt: skip
        assert what in [fault for _, fault in faults(line)], line


def test_a_dict_is_no_array():
    assert faults("changes['cash'] = x") == []
