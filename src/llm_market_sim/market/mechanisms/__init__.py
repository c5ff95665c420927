"""The rules of the market, one mechanism a file; every file of the folder is part of the market.

They are imported in the order of the week, which is the order of columns and events in tables.
"""

from importlib import import_module
from pkgutil import iter_modules

_ORDER = (
    "calendar",
    "frontier",
    "entry",
    "training",
    "cards",
    "compute",
    "products",
    "regulation",
    "users",
    "accounts",
    "pricing",
    "funding",
    "alliances",
    "hype",
    "exits",
    "imitation",
)

for _name in (*_ORDER, *sorted({m.name for m in iter_modules(__path__)} - {*_ORDER})):
    import_module(f"{__name__}.{_name}")
