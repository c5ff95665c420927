"""From rules to machine code, once on each machine.

Every rule is compiled by itself, for one layout of worlds, firms and parameters, and called by its
address, so that a phase can be left out or put in its place without compiling the others. What is
compiled is kept in a folder whose name is a digest of everything that could change it: the source
of the rule and of all that rules share, the codes of events, and the versions of Python, Numba and
NumPy. So it is never stale.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import lower_builtin, register_jitable, type_callable

from llm_market_sim.errors import MarketSimError
from llm_market_sim.market.arithmetic import segment_sums
from llm_market_sim.market.codes import SEGMENT_COUNT
from llm_market_sim.market.columns import COLUMNS, EVENTS, FACTS, SERIES
from llm_market_sim.market.layout import DAY, EVENT, FIRM, WORLD, dtype_of, dtype_of_series
from llm_market_sim.market.luck import draw_exponentials
from llm_market_sim.market.rule import OBSERVERS, PHASES, STARTS, WORDS, Phase
from llm_market_sim.market.week import (
    NO_GUESTS,
    Guests,
    Span,
    call_guests,
    call_observer,
    call_rule,
    run_ticks,
)

Task = tuple[Any, Any, Path]  # a rule, for which types, and where its machine code is kept

__all__ = ["Compiled", "cache_folder", "compiled", "teach_words"]

_HOME = Path(__file__).parent
_IN_C = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)  # takes the GIL while it lasts
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}  # and no fast-math


@type_callable(call_rule)  # type: ignore[untyped-decorator]
def _type_of_rule(context: Any) -> Any:
    return lambda rule, w, firms, p, day, book: types.none


@type_callable(call_observer)  # type: ignore[untyped-decorator]
def _type_of_observer(context: Any) -> Any:
    return lambda rule, w, firms, row: types.none


@lower_builtin(call_rule, *[types.Any] * 6)  # type: ignore[untyped-decorator]
@lower_builtin(call_observer, *[types.Any] * 4)  # type: ignore[untyped-decorator]
def _by_address(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Call compiled code by its address, in Numba's own convention."""
    given, convention = signature.args[1:], context.call_conv
    pointer = convention.get_function_type(types.none, given).as_pointer()
    function = builder.inttoptr(values[0], pointer)
    lent = [_lent(context, builder, *one) for one in zip(given, values[1:], strict=True)]
    status, _ = convention.call_function(builder, function, types.none, given, lent)
    with builder.if_then(status.is_error):
        convention.return_status_propagate(builder, status)
    return context.get_dummy_value()


@type_callable(call_guests)  # type: ignore[untyped-decorator]
def _type_of_guests(context: Any) -> Any:
    return lambda ask, world: types.int64


@lower_builtin(call_guests, types.Any, types.Any)  # type: ignore[untyped-decorator]
def _by_c_address(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Call a C function of a whole number by its address."""
    whole = ir.IntType(64)
    pointer = ir.FunctionType(whole, [whole]).as_pointer()
    return builder.call(builder.inttoptr(values[0], pointer), [values[1]])


def _lent(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """An array without its owner, so that nobody counts who holds it: that costs a tenth of a
    rule's time, and whoever calls a rule holds it anyway."""
    if not isinstance(kind, types.Array):
        return value
    array = context.make_array(kind)(context, builder, value)
    array.meminfo = array.meminfo.type(None)
    return array._getvalue()


@type_callable(segment_sums)  # type: ignore[untyped-decorator]
def _type_of_sums(context: Any) -> Any:
    return lambda: types.Array(types.float64, 1, "C")


@lower_builtin(segment_sums)  # type: ignore[untyped-decorator]
def _sums_on_stack(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """On the stack of the function that asks, so that nothing is fetched or counted."""
    zeros = context.get_constant_null(types.UniTuple(types.float64, SEGMENT_COUNT))
    room = cgutils.alloca_once_value(builder, zeros)
    array = context.make_array(signature.return_type)(context, builder)
    context.populate_array(
        array,
        data=builder.bitcast(room, array.data.type),
        shape=[context.get_constant(types.intp, SEGMENT_COUNT)],
        strides=[context.get_constant(types.intp, 8)],
        itemsize=context.get_constant(types.intp, 8),
        meminfo=None,
    )
    return array._getvalue()


def compiled(params: np.dtype[Any]) -> Compiled:
    """The market's machine code for parameters of this layout; made, or read, on first use."""
    return _compiled(params, len(COLUMNS) + len(FACTS), len(SERIES), len(WORDS))


@lru_cache
def _compiled(params: np.dtype[Any], columns: int, series: int, words: int) -> Compiled:
    return Compiled(params)


_KNOWN: set[Callable[..., Any]] = set()


def teach_words() -> None:
    """Let Numba know the words that rules use, each once."""
    for one in WORDS:
        if one not in _KNOWN:
            register_jitable(**_OPTIONS)(one)
            _KNOWN.add(one)


class Compiled:
    """All rules as machine code for one layout of the records."""

    def __init__(self, params: np.dtype[Any]) -> None:
        teach_words()
        world, firm = (numba.from_dtype(dtype_of(kind)) for kind in (WORLD, FIRM))
        p, day, event, row = map(numba.from_dtype, (params, DAY, EVENT, dtype_of_series()))
        firms, book = types.Array(firm, 1, "C"), types.Array(event, 1, "C")
        addresses, observers = types.Array(types.int64, 1, "C"), types.Array(types.int64, 1, "C")
        driver = (
            types.Array(world, 1, "C"),
            types.Array(firm, 2, "C"),
            types.Array(p, 2, "C"),
            types.Array(day, 1, "C"),
            types.int64,
            types.int64,
            types.Array(event, 2, "C"),
            types.Array(row, 2, "C"),
            types.Array(types.float32, 4, "C"),
            addresses,
            observers,
            types.boolean,
            types.int64,
            types.int64,
        )
        tasks: list[tuple[Any, Any]] = [
            (one.rule, (world, firms, p, day, book)) for one in _phases()
        ]
        tasks += [(one.rule, (world, firms, row)) for one in OBSERVERS.values()]
        draw = (driver[0], driver[1], types.uint64, types.Array(types.float64, 2, "C"))
        tasks += [(draw_exponentials, draw), (run_ticks, driver)]
        self._made = {}
        with _compiling([(*one, cache_folder(one[0])) for one in tasks]) as each:
            for rule, signature, folder in each:
                self._made[rule] = _machine_code(rule, signature, folder)
        self._address = {rule: _address(made) for rule, made in self._made.items()}
        self.draw = self._made[draw_exponentials]
        self._tables: dict[tuple[Any, ...], Any] = {}
        self._run = self._made[run_ticks]

    def run(
        self,
        span: Span,
        rules: Sequence[Phase],
        observers: Sequence[Phase],
        closes: bool = True,
        guests: Guests = NO_GUESTS,
    ) -> None:
        """As `week.run_ticks`."""
        ask = _IN_C(guests.ask)  # must live as long as its address is in use
        address = ctypes.cast(ask, ctypes.c_void_p).value
        tables = self._table(rules), self._table(observers)
        self._run(*span, *tables, closes, guests.after, address)

    def _table(self, phases: Sequence[Phase]) -> Any:
        rules = tuple([one.rule for one in phases])
        if rules not in self._tables:
            self._tables[rules] = np.array([self._address[one] for one in rules], np.int64)
        return self._tables[rules]


def _phases() -> list[Phase]:
    return list({**PHASES, **STARTS}.values())


def _machine_code(rule: Callable[..., None], signature: tuple[Any, ...], folder: Path) -> Any:
    """A rule compiled for a signature, from the folder that belongs to its sources."""
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
    try:
        made = njit(cache=True, **_OPTIONS)(rule)
    finally:
        config.CACHE_DIR = before
    made.compile(signature)
    return made


def _address(made: Any) -> int:
    """Where the machine code of a rule stands in memory, as long as the rule is kept."""
    (result,) = made.overloads.values()
    return int(result.library.get_pointer_to_function(result.fndesc.llvm_func_name))


# ---- where machine code is kept ----


@lru_cache
def _home() -> Path:
    """The first folder for machine code that can be written. MarketSimError where there is none."""
    with suppress(OSError):
        for folder in _folders():
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=folder):
                    return folder
    raise MarketSimError(
        "compiled rules can be kept nowhere, neither at home nor with temporary files; "
        "name a folder that can be written in NUMBA_CACHE_DIR"
    )


def _folders() -> Iterator[Path]:
    """NUMBA_CACHE_DIR or the user's cache, a temporary folder of the user's, one of this process's.

    OSError where there are no temporary files.
    """
    user = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    given = os.environ.get("NUMBA_CACHE_DIR")
    yield Path(given) if given else Path(user, "llm-market-sim")
    yield Path(tempfile.gettempdir(), f"llm-market-sim-{os.getuid()}")
    yield Path(tempfile.mkdtemp(prefix="llm-market-sim-"))


def _digest(files: Sequence[Path]) -> str:
    """Of everything that could change what is compiled from some files."""
    versions = (sys.version, numba.__version__, np.__version__, config.BOUNDSCHECK, config.OPT)
    digest = hashlib.sha256(repr((versions, list(EVENTS))).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _with_what_it_takes(file: Path) -> list[Path]:
    """A file and the mechanisms and policies that it imports from, theirs too."""
    found: list[Path] = []
    waiting = [file]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            names = re.findall(
                r"^from llm_market_sim\.market\.(mechanisms|policies)\.(\w+) import",
                one.read_text("utf-8"),
                re.M,
            )
            waiting += [_HOME / folder / f"{name}.py" for folder, name in names]
    return sorted(found)


def cache_folder(rule: Callable[..., Any]) -> Path:
    """Where the machine code of a rule is kept.

    A rule of the package depends on its own file, on the mechanisms and policies whose words it
    takes, and on what all share; anybody else's may use a word of any file.
    """
    shared = [
        f for f in sorted(_HOME.rglob("*.py")) if f.parent.name not in ("mechanisms", "policies")
    ]
    own = Path(rule.__code__.co_filename)
    if own.is_relative_to(_HOME):
        return _home() / _digest(sorted({*_with_what_it_takes(own), *shared}))
    guests = {Path(one.__code__.co_filename) for one in WORDS} | {own}
    return _home() / _digest(sorted({*guests, *_HOME.rglob("*.py")}))


@contextmanager
def _compiling(tasks: list[Task]) -> Iterator[Iterator[Task]]:
    """The tasks one by one: silently where all is there, else alone and with a word about it."""
    text = repr([(folder.name, str(signature)) for _, signature, folder in tasks])
    target = repr((config.CPU_NAME, config.CPU_FEATURES))
    done = _home() / f"{hashlib.sha256((text + target).encode()).hexdigest()[:16]}.made"
    if done.exists():
        yield iter(tasks)
        return
    with _alone(done.with_suffix(".lock")):
        if done.exists():
            yield iter(tasks)
        else:
            yield _told(tasks)
            done.touch()


def _told(tasks: list[Task]) -> Iterator[Task]:
    for place, task in enumerate(tasks, 1):
        what = f"compiling the rules for this machine, once: {place} of {len(tasks)}"
        print(f"\r{what}", end="" if place < len(tasks) else "\n", file=sys.stderr, flush=True)
        yield task


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time, as far as the system knows locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
