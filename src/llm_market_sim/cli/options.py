"""Options that several commands share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click

from llm_market_sim.cli.tell import speak, spoken
from llm_market_sim.errors import InputError
from llm_market_sim.support.files import typable

if TYPE_CHECKING:
    from llm_market_sim.batch import Order, Shard

Command = TypeVar("Command", bound=Callable[..., Any])


class _Path(click.Path):
    """A path that can be typed again: not empty, in UTF-8, without line breaks and the like."""

    def convert(self, value: Any, option: Any, context: Any) -> Any:
        text = os.fspath(value)
        if not text.strip():
            self.fail("is empty; name a file or a folder, or . for this one", option, context)
        if not typable(text):
            self.fail(f"{text!r} has a line break or bytes that are not text", option, context)
        return super().convert(value, option, context)


PATH = _Path(path_type=Path)


def bounded(least: int, below: int) -> Callable[[Any, Any, int | None], int | None]:
    """A callback for bounds that are too wide to be worth printing in a help text."""

    def check(context: Any, option: Any, number: int | None) -> int | None:
        if number is not None and not least <= number < below:
            raise click.BadParameter(f"{number} must be {least} to {below - 1}")
        return number

    return check


def _once(context: Any, option: Any, given: tuple[str, ...]) -> tuple[str, ...]:
    """A callback: no value is set twice."""
    if len(given) > 1:
        from llm_market_sim.scenario.resolve import twice
        from llm_market_sim.scenario.tree import problems

        if mistakes := list(twice(given)):
            raise InputError(problems(mistakes))
    return given


def worlds(
    usual: int | None, least: int, text: str, below: int = 2**32
) -> Callable[[Command], Command]:
    """``--worlds``: how many by default, at least, and less than; what the help says of them."""
    return click.option(
        "-n",
        "--worlds",
        type=int,
        callback=bounded(least, below),
        default=usual,
        show_default=usual is not None,
        help=text,
    )


def claims(text: str) -> Callable[[Command], Command]:
    """``--claim``, any number of times; a command gets them as ``chosen``."""
    return click.option("--claim", "chosen", multiple=True, metavar="NAME", help=text)


def table(text: str) -> Callable[[Command], Command]:
    """``--out`` of a command that writes one table."""
    file = click.Path(path_type=Path, dir_okay=False)
    return click.option("--out", type=file, metavar="FILE.csv", help=text)


def uncertainty(text: str) -> Callable[[Command], Command]:
    """``--uncertainty defaults|posterior``."""
    return click.option(
        "--uncertainty",
        type=click.Choice(["defaults", "posterior"]),
        default="defaults",
        show_default=True,
        help=text,
    )


def settings(command: Command) -> Command:
    """``--set path=value``, any number of times."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="PATH=VALUE",
        callback=_once,
        help="Change one value, such as regulation.review_delay_weeks=26; may be repeated.",
    )(command)


def plugins(command: Command) -> Command:
    """``--with my_module.py``, any number of times."""
    return click.option(
        "--with",
        "plugins",
        multiple=True,
        metavar="FILE.py",
        help="Import your own Python file first: its policies, metrics, series and claims are "
        "then known.",
    )(command)


class _Seed(click.ParamType):  # type: ignore[type-arg]
    """A whole number, or the word draw."""

    name = "integer|draw"

    def convert(self, value: Any, option: Any, context: Any) -> int | str:
        text = str(value)
        if text == DRAW or (text.isdecimal() and text.isascii() and int(text) < 2**64):
            return DRAW if text == DRAW else int(text)
        self.fail(f'"{text}" must be {DRAW}, or a whole number from 0 to {2**64 - 1}')


DRAW = "draw"
_USUAL = 1  # the seed where none is given, so that the same line gives the same answer
_SEED = "Seed of all luck; draw picks a new one each time, and prints it.  [default: 1]"


def seed(command: Command) -> Command:
    """``--seed``, of a command that keeps no worlds: always a number."""

    def number(context: Any, option: Any, given: int | str | None) -> int:
        return _seed_of(given)

    return click.option("--seed", type=_Seed(), metavar="N|draw", callback=number, help=_SEED)(
        command
    )


def _seed_of(given: int | str | None) -> int:
    """The seed that is meant by what stood behind ``--seed``."""
    from llm_market_sim.market.luck import draw_seed

    return draw_seed() if given == DRAW else _USUAL if given is None else int(given)


@dataclass(frozen=True)
class How:
    """How a person wants worlds to be run, whatever is asked of them.

    worlds: None where not given. seed: None for that of the folder, or a drawn one. out: the folder
    to keep them in. order: see there; its plug-ins are those of ``--with``. begun: when the command
    was given, `time.perf_counter`.
    """

    worlds: int | None
    seed: int | None
    out: Path | None
    order: Order
    begun: float

    def start(self, scenarios: int, plugins: Sequence[str], worlds: int | None = None) -> How:
        """Start what takes a while as soon as the number of scenarios is known.

        worlds: of each, where it is not `worlds`. The same, with plug-ins that are loaded.
        """
        from llm_market_sim.batch import load_plugins, warm_up

        count = worlds or self.worlds
        if self.order.cluster is None and count is not None:
            warm_up(scenarios, count, self.order.jobs)
        load_plugins(plugins)
        return replace(self, order=replace(self.order, plugins=plugins))


def order(
    usual_worlds: int | None = 400,
    least: int = 1,
    *,
    of: str = "Worlds of each scenario.",
    seed: str = _SEED,
    usual: bool = True,
) -> Callable[[Command], Command]:
    """What all commands that run many worlds have in common; they get it as ``how``.

    usual_worlds, least: how many by default, and at least. of, seed: what the help says of them.
    usual: whether the seed is 1 where none is given, or a file says it.
    """
    options = (
        worlds(usual_worlds, least, of),
        click.option("--seed", type=_Seed(), metavar="N|draw", help=seed),
        click.option("-j", "--jobs", type=click.IntRange(1), help="Cores to use.  [default: all]"),
        click.option(
            "--out",
            type=PATH,
            metavar="FOLDER",
            help="Keep worlds, tables and figures in this folder; one begun before is continued.",
        ),
        click.option(
            "--force", is_flag=True, help="Delete results of something else that --out holds."
        ),
        click.option(
            "--fail",
            type=click.Choice(["slow", "fast"]),
            metavar="slow|fast",
            help="When worlds fail: note it and go on (slow, the default), or stop at once (fast); "
            "with --out.",
        ),
        click.option(
            "--shard",
            metavar="K/N",
            callback=_shard,
            help="Compute only the K-th of N parts, to be joined by merge; with --out.",
        ),
        click.option(
            "--cluster",
            metavar="ADDRESS",
            help="A Dask cluster: its address, or its scheduler file.",
        ),
    )

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(
            *,
            worlds: int | None,
            seed: int | str | None,
            jobs: int | None,
            out: Path | None,
            force: bool,
            fail: Literal["slow", "fast"] | None,
            shard: Any,
            cluster: str | None,
            **others: Any,
        ) -> Any:
            from llm_market_sim.batch import Order, all_cores

            begun = time.perf_counter()
            for name, given in (("--force", force), ("--fail", fail), ("--shard", shard)):
                if given and out is None:
                    raise click.UsageError(f"{name} needs --out.")
            asked = Order(jobs or all_cores(), force, fail or "slow", shard, cluster)
            number = None if seed is None else _seed_of(seed)
            if usual:
                kept = out is not None and (out / "manifest.json").exists()
                number = None if seed == DRAW or (kept and seed is None) else _seed_of(seed)
            return command(how=How(worlds, number, out, asked, begun), **others)

        done: Any = call
        for option in reversed(options):
            done = option(done)
        return cast(Command, done)

    return decorate


def _shard(context: Any, option: Any, text: str | None) -> Shard | None:
    """``3/16``: the third of sixteen."""
    if text is None:
        return None
    place, slash, of = text.partition("/")
    if not slash or not (place + of).isdecimal() or not 1 <= int(place) <= int(of):
        raise click.BadParameter(f"{text} must be written like 3/16, the third of sixteen parts")
    from llm_market_sim.batch import Shard

    return Shard(int(place), int(of))


def language(command: Command) -> Command:
    """``--language en|zh``."""
    return click.option(
        "--language",
        type=click.Choice(["en", "zh"]),
        default=spoken,
        callback=speak,
        help="English or Chinese, of help and figures, too.  "
        "[default: $LLM_MARKET_SIM_LANGUAGE, or en]",
    )(command)


def projector(command: Command) -> Command:
    """``--projector``: figures that a command writes are for a projector."""

    @wraps(command)
    def call(*, projector: bool, **others: Any) -> Any:
        if not projector:
            return command(**others)
        from llm_market_sim.figures import projector as seen

        with seen():
            return command(**others)

    text = "Draw for a projector: 16:9, large letters, at most seven rows, no small print."
    return cast(Command, click.option("--projector", is_flag=True, help=text)(call))


def page(command: Command) -> Command:
    """What commands that write a page have in common."""
    for option in (
        click.option("--force", is_flag=True, help="Overwrite a file that is not such a page."),
        click.option("--pdf", is_flag=True, help="Print it into a PDF beside it, too."),
        click.option("--out", type=PATH, metavar="FILE.html", help="Where to write it."),
        language,
    ):
        command = option(command)
    return command


def experiment(command: Command) -> Command:
    """What commands that answer an experiment file have in common."""
    for option in (
        plugins,
        order(
            None,
            of="Worlds at each point, in place of the file's.",
            seed="Seed of luck and design, in place of the file's.",
            usual=False,
        ),
        click.argument("file", type=PATH),
    ):
        command = option(command)
    return command
