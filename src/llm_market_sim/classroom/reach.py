"""By which addresses phones reach this machine, and whether one has."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address

_PROBES = (  # an address in each net that schools and hotspots use; nothing is sent there
    "192.0.2.1 192.168.255.254 10.255.255.254 172.31.255.254 192.168.137.254 172.20.10.14 "
    "10.42.0.254 192.168.43.254"
).split()


def own_addresses() -> list[str]:
    """IPv4 addresses of this machine but for the loopback; the one of the usual route first."""
    found: list[str] = []
    for probe in _PROBES:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            try:
                one.connect((probe, 9))  # of datagrams, this only asks for the route
                found.append(one.getsockname()[0])
            except OSError:
                continue
    try:
        named = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        found += [str(one[4][0]) for one in named]
    except OSError:
        pass
    return [one for one in dict.fromkeys(found) if not ip_address(one).is_loopback]


class Reach:
    """The addresses that are shown, and the machines that came by them.

    names: addresses or names of this machine, the best first; this machine alone without any.
    """

    def __init__(self, names: Sequence[str], port: int) -> None:
        self.names = tuple(names) or ("127.0.0.1",)
        self.port = port
        self.chosen = 0  # which of them is shown to the class
        self.came: set[str] = set()
        self._own = {*own_addresses(), "127.0.0.1", "::1"}

    def address(self, place: int | None = None) -> str:
        """What to type into a phone."""
        return f"http://{self.names[self.chosen if place is None else place]}:{self.port}"

    def note(self, client: str) -> bool:
        """Somebody came; whether it is the first from another machine."""
        first = not self.came
        if client not in self._own and len(self.came) < 1000:
            self.came.add(client)
        return first and bool(self.came)

    @property
    def alone(self) -> bool:
        """Whether this machine has no network that phones could come by."""
        return self.names == ("127.0.0.1",)
