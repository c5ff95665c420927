"""The words of numbers: as accurate as they say, and the same in plain Python as compiled."""

import ast
import math
import re
from pathlib import Path

import numpy as np
import pytest
from numba import njit

from llm_market_sim.market import arithmetic
from llm_market_sim.market.arithmetic import (
    between,
    cosine_sine,
    exp,
    log,
    log10,
    power,
    total,
    whole_power,
)
from llm_market_sim.market.compiling import teach_words

RNG = np.random.default_rng(7)
WIDE = np.concatenate([RNG.uniform(-700, 700, 3000), RNG.normal(0, 1, 3000), [0.0, 1.0, -1.0]])
POSITIVE = np.concatenate([np.exp(RNG.uniform(-690, 690, 3000)), RNG.uniform(0.5, 2, 3000)])
ANGLES = np.concatenate([RNG.uniform(0, 7, 3000), np.arange(9) * math.pi / 4])


def off(found, exact):
    """Largest error relative to the exact value, or to 1 where that is smaller."""
    found, exact = np.asarray(found, dtype=float), np.asarray(exact, dtype=float)
    return float(np.max(np.abs(found - exact) / np.maximum(np.abs(exact), 1e-300)))


def test_accuracy():
    """Against the C library, whose own error is below 2e-16 of the value."""
    assert off([exp(x) for x in WIDE], [math.exp(x) for x in WIDE]) < 5e-16
    logs = np.array([math.log(x) for x in POSITIVE])
    far = np.abs(logs) > 0.1
    found = np.array([log(x) for x in POSITIVE])
    assert off(found[far], logs[far]) < 4e-16
    assert np.max(np.abs(found - logs)[~far]) < 1e-16
    assert off([log10(x) for x in POSITIVE[:3000]], np.log10(POSITIVE[:3000])) < 7e-16
    pairs = np.array([cosine_sine(x) for x in ANGLES])
    assert np.max(np.abs(pairs[:, 0] - np.cos(ANGLES))) < 4e-16
    assert np.max(np.abs(pairs[:, 1] - np.sin(ANGLES))) < 4e-16
    assert off([power(x, 0.37) for x in POSITIVE], POSITIVE**0.37) < 1e-13


def test_ends():
    assert exp(800.0) == exp(708.0) < math.inf and exp(-800.0) == exp(-708.0) > 0.0
    assert math.isnan(exp(math.nan))
    assert exp(0.0) == 1.0 and log(1.0) == 0.0
    assert whole_power(1.25, 4) == 1.25**4 and whole_power(2.0, 0) == 1.0
    assert 8.0 * whole_power(2.0, 3) == 64.0  # exact, where an exponential of a log is not
    assert between(3.0, 0.0, 1.0) == 1.0 and between(-3.0, 0.0, 1.0) == 0.0
    assert math.isnan(between(math.nan, 0.0, 1.0))


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 167])
def test_a_total_has_a_fixed_order(n):
    x = RNG.normal(0, 1, n)
    assert total(x) == pytest.approx(math.fsum(x), abs=1e-12)
    lanes = [0.0] * 8
    for j in range(n - n % 8):
        lanes[j % 8] += x[j]
    for j in range(n - n % 8, n):
        lanes[0] += x[j]
    a, b, c, d, e, f, g, h = lanes
    assert total(x) == ((a + b) + (c + d)) + ((e + f) + (g + h))


def test_compiled_words_give_the_same_bits():
    teach_words()
    for name, values in (
        ("exp", WIDE),
        ("log", POSITIVE),
        ("log10", POSITIVE),
        ("cosine_sine", ANGLES),
    ):
        word = getattr(arithmetic, name)
        compiled = np.array(_over(word)(values))
        plain = np.array([word(x) for x in values])
        np.testing.assert_array_equal(compiled, plain.reshape(compiled.shape), err_msg=name)


def _over(word):
    @njit
    def over(values):
        return [word(x) for x in values]

    return over


def given_away(source):
    """Names of sums by segment with which more is done than to read and write their numbers."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name != "segment_sums":
            said = ast.get_docstring(function) is not None
            lines = [line for one in function.body[said:] for line in ast.unparse(one).split("\n")]
            asks = [line for line in lines if "segment_sums()" in line]
            others = "\n".join(line for line in lines if line not in asks)
            for name in (name for line in asks for name in re.split(r"\W+", line.split("=")[0])):
                if name and re.search(rf"(?<![.\w]){name}\b(?!\[\w+\]|\[:\] = )", others):
                    found.append(name)
    return found


def test_sums_by_segment_end_with_the_function_that_asks():
    """Compiled, they stand on its stack: given away, they are memory that is somebody else's."""
    for file in Path(arithmetic.__file__).parent.rglob("*.py"):
        assert given_away(file.read_text("utf-8")) == [], file
    good = "def f():\n    a, b = segment_sums(), segment_sums()\n    a[:] = 1.0\n    a[g] += b[0]\n"
    assert given_away(good) == []
    for bad in ("return b", "keep(b)", "f.x = b", "f.x = b[:2]", "row.b, c = 1, b"):
        assert given_away(f"{good}    {bad}\n") == ["b"], bad
