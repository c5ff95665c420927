"""Things that are known by a name, and the modules of a folder that bring them along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from llm_market_sim.errors import mistake, nearest

T = TypeVar("T")
Rule = TypeVar("Rule")


class Registry(Mapping[str, T]):
    """Things of one kind by their names, in the order in which they came.

    kind: what they are, in one word. hint: what an unknown name is told besides the nearest one.
    """

    def __init__(self, kind: str, hint: str = "") -> None:
        self.kind = kind
        self.hint = hint
        self._things: dict[str, T] = {}

    def register(self, name: str, thing: T) -> None:
        """Give a thing its name. ValueError if the name is taken."""
        if name in self._things:
            raise ValueError(f"a {self.kind} named {name!r} is already registered")
        self._things[name] = thing

    def registering(self, name: str, made: Callable[[Rule], T]) -> Callable[[Rule], Rule]:
        """A decorator that registers what is made of a rule, and leaves the rule as it is."""

        def register(rule: Rule) -> Rule:
            self.register(name, made(rule))
            return rule

        return register

    def find(self, name: str) -> T:
        """The thing of a name. InputError, with the nearest one, if there is none."""
        if name not in self._things:
            text = f'no {self.kind} "{name}"; {nearest(name, self._things)}{self.hint}'
            raise mistake("", text, self.kind)
        return self._things[name]

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)


def discover(package: str) -> None:
    """Import every module of a package, in the order of their names, so that what stands in them
    registers itself. A package calls it last, with its own ``__name__``."""
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
