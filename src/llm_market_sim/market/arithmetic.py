"""Numbers that come out the same, to the last bit, on every processor and in plain Python.

The exponential, the logarithm and the angles of the C library differ between systems in the last
bit, and a sum differs with the order in which its terms are added. These words are made of
additions, multiplications and shifts only, in a fixed order and without a branch, so that loops
over them also use the processor's wide registers. Relative errors against exact values: `exp`
below 3e-16, `log` below 4e-16 (near 1 below 1e-16 absolute), `cosine_sine` below 4e-16
absolute. `tests/test_arithmetic.py` holds them to that.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from llm_market_sim.market.codes import SEGMENT_COUNT
from llm_market_sim.market.rule import word

__all__ = [
    "LOG_TEN", "TWO_PI", "between", "cosine_sine", "exp", "log", "log10", "power",
    "segment_sums", "total", "whole_power", "whole_rows",
]  # fmt: skip

LOG_TEN = math.log(10.0)
TWO_PI = 2.0 * math.pi

_MAGIC = 6755399441055744.0  # 1.5 * 2**52: added and taken away, it rounds to a whole number
_LOG_2_HIGH, _LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_PER_LOG_2 = 1.4426950408889634
_MANTISSA = np.int64(52)
_BIAS = np.int64(1023)
_ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)  # bits of the root of a half
_MAGIC_BITS = np.int64(0x4338000000000000)
_PER_QUARTER = 0.63661977236758134308
_QUARTER_HIGH, _QUARTER_LOW = 1.57079632673412561417e00, 6.07710050650619224932e-11
_ONE, _TWO = np.int64(1), np.int64(2)
# of (e^r - 1 - r - r^2/2) / r^3, by Chebyshev interpolation for |r| up to half of log 2
_E3, _E4, _E5 = 0.16666666666666657, 0.04166666666665117, 0.008333333333361306
_E6, _E7, _E8 = 0.001388888890605385, 0.0001984126972727878, 2.4801536132635495e-05
_E9, _E10, _E11 = 2.755745740860496e-06, 2.761391254023124e-07, 2.5018099467765688e-08


@word
def exp(x: float) -> float:
    """e to the x; beyond 708 either way, the value there."""
    x = -708.0 if x < -708.0 else x  # in this order, so that no number stays no number
    x = 708.0 if x > 708.0 else x
    t = x * _PER_LOG_2 + _MAGIC
    k = t - _MAGIC
    r = (x - k * _LOG_2_HIGH) - k * _LOG_2_LOW
    q = _E10 + r * _E11
    q = _E9 + r * q
    q = _E8 + r * q
    q = _E7 + r * q
    q = _E6 + r * q
    q = _E5 + r * q
    q = _E4 + r * q
    q = _E3 + r * q
    q = 0.5 + r * q
    q = 1.0 + r * q
    q = 1.0 + r * q
    bits = np.float64(t).view(np.int64)
    return q * np.int64((bits + _BIAS) << _MANTISSA).view(np.float64)


@word
def log(x: float) -> float:
    """Natural logarithm of a number that is positive and not below 1e-307 (after fdlibm)."""
    bits = np.float64(x).view(np.int64)
    k = (bits - _ROOT_HALF) >> _MANTISSA
    m = np.int64(bits - (k << _MANTISSA)).view(np.float64)
    e = np.int64(k + _MAGIC_BITS).view(np.float64) - _MAGIC
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    v = z * z
    even = v * (
        3.999999999940941908e-01 + v * (2.222219843214978396e-01 + v * 1.531383769920937332e-01)
    )
    odd = z * (
        6.666666666666735130e-01
        + v
        * (2.857142874366239149e-01 + v * (1.818357216161805012e-01 + v * 1.479819860510658591e-01))
    )
    half = 0.5 * f * f
    return e * _LOG_2_HIGH - ((half - (s * (half + (odd + even)) + e * _LOG_2_LOW)) - f)


@word
def log10(x: float) -> float:
    """Decimal logarithm of a positive number."""
    return log(x) / LOG_TEN


@word
def power(x: float, y: float) -> float:
    """A positive number to any power; the relative error grows with y log x."""
    return exp(y * log(x))


@word
def whole_power(x: float, n: int) -> float:
    """A number to a whole power from 0 on, factor by factor: exact where the result can be."""
    result = 1.0
    for _ in range(n):
        result *= x
    return result


@word
def cosine_sine(x: float) -> tuple[float, float]:
    """Cosine and sine of an angle from 0 to 7."""
    t = x * _PER_QUARTER + _MAGIC
    k = t - _MAGIC
    turn = np.float64(t).view(np.int64)
    r = (x - k * _QUARTER_HIGH) - k * _QUARTER_LOW
    z = r * r
    s = 1.58969099521155010221e-10
    s = -2.50507602534068634195e-08 + z * s
    s = 2.75573137070700676789e-06 + z * s
    s = -1.98412698298579493134e-04 + z * s
    s = 8.33333333332248946124e-03 + z * s
    s = -1.66666666666666324348e-01 + z * s
    s = r + r * z * s
    c = -1.13596475577881948265e-11
    c = 2.08757232129817482790e-09 + z * c
    c = -2.75573143513906633035e-07 + z * c
    c = 2.48015872894767294178e-05 + z * c
    c = -1.38888888888741095749e-03 + z * c
    c = 4.16666666666666019037e-02 + z * c
    c = 1.0 - 0.5 * z + z * z * c
    odd = (turn & _ONE) != 0
    cosine = s if odd else c
    sine = c if odd else s
    cosine = -cosine if ((turn + _ONE) & _TWO) != 0 else cosine
    sine = -sine if (turn & _TWO) != 0 else sine
    return cosine, sine


@word
def between(x: float, low: float, high: float) -> float:
    """The number, or the bound that it passes."""
    return low if x < low else (high if x > high else x)


def segment_sums() -> Any:
    """Four zeros, one for each segment, to sum up in; gone when the rule or word that asked ends.

    Compiled, they stand in the processor's registers (`compiling`), where `np.zeros` would fetch
    memory and give it back.
    """
    return np.zeros(SEGMENT_COUNT)


@word
def whole_rows(n: int) -> int:
    """Length of a row for n numbers that is a multiple of eight.

    A processor takes eight numbers at a time and the few that are left over one by one, which costs
    as much; so rows go on beyond n, with numbers that mean nothing and do no harm.
    """
    return (n + 7) // 8 * 8


@word
def total(x: Any) -> float:
    """Sum of an array in eight lanes: a fixed order, and as fast as one can add."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    n = len(x)
    whole = n - n % 8
    for j in range(0, whole, 8):
        a += x[j]
        b += x[j + 1]
        c += x[j + 2]
        d += x[j + 3]
        e += x[j + 4]
        f += x[j + 5]
        g += x[j + 6]
        h += x[j + 7]
    for j in range(whole, n):
        a += x[j]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))
