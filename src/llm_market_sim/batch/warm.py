"""Imported by the process that workers are forked from, so that they need not: Numba, awake."""

import numba

numba.njit("void()")(lambda: None)  # it reads what it knows of NumPy with the first thing compiled
