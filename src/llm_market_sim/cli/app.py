"""The command ``llm-market-sim``: a thin group whose commands are imported when they are used."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from keyword import iskeyword
from pkgutil import iter_modules
from types import ModuleType

import click

from llm_market_sim import __rules__, __version__
from llm_market_sim.cli import commands, options, terminal
from llm_market_sim.cli.help import Context, in_words
from llm_market_sim.cli.tell import asked, speak
from llm_market_sim.errors import InputError, MarketSimError, nearest
from llm_market_sim.support import chinese
from llm_market_sim.words import Language

_LAST = 1000  # the place of a command that names none

_EPILOG = """\b
Begin with:
  llm-market-sim run baseline         one world, told as a story
  llm-market-sim batch baseline       400 worlds, and what they say of a claim
  llm-market-sim describe baseline    every parameter with unit and source
  llm-market-sim batch baseline --set regulation.review_delay_weeks=26

\b
Exit codes: 0 done; 1 it went wrong while running; 2 a mistake in a file or an
option; 130 interrupted (Ctrl-C)."""


def _names() -> list[str]:
    """Of all commands: the files in `commands`."""
    return [one.name.rstrip("_").replace("_", "-") for one in iter_modules(commands.__path__)]


def _python(name: str) -> str:
    """What a command is called in Python, where ``class`` is a word of the language."""
    return f"{name}_" if iskeyword(name) else name.replace("-", "_")


def _file(name: str) -> ModuleType:
    return import_module(f"{commands.__name__}.{_python(name)}")


class _Lazy(click.Group):
    """A group whose commands are files: ``stylised_facts.py`` holds what runs as stylised-facts.

    A file is imported only when its command, or the list of all, is asked for. Its `PLACE` says
    where it stands there, small numbers first.
    """

    context_class = Context

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        speak(ctx, None, asked(args))
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_names(), key=lambda name: (getattr(_file(name), "PLACE", _LAST), name))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _names():
            return None
        command = getattr(_file(name), _python(name))
        if not isinstance(command, click.Command):
            return None
        command.context_class = Context
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _names():
            raise click.UsageError(f'no command "{args[0]}"; {nearest(args[0], _names())}', ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message=f"llm-market-sim %(version)s, rules {__rules__}")
@click.option("--debug", is_flag=True, help="Show the full traceback of an error.")
@options.language
def cli(debug: bool, language: Language) -> None:
    """Simulate a market of large language models under licensing, in many worlds at once.

    Big tech, listed firms and startups train models, wait for licences, court users and
    investors, and live or die, week by week from 17 April 2023. A scenario is a YAML file; a
    claim is somebody's sentence about the outcome; a batch says in how many worlds it holds.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; no traceback reaches a user."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    terminal.prepare()
    try:
        code = _run(given)
        if lost := terminal.lost_letters():
            print(chinese.told(lost, asked(given)), file=sys.stderr)
        return code
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nobody waits for a second one
        print(chinese.told("Interrupted.", asked(given)), file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has seen enough: llm-market-sim … | head
        return 0
    finally:
        terminal.let_go()


def _run(given: list[str]) -> int:
    names = _names()
    debug = "--debug" in takewhile(lambda word: word not in names, given)
    try:
        with cli.make_context("llm-market-sim", [*given]) as context:
            cli.invoke(context)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as end:
        sys.stdout.flush()
        return end.exit_code
    except click.ClickException as error:
        if asked(given) == "en" or not given:  # without a word, it is the help
            error.show()
        else:
            if where := getattr(error, "ctx", None):
                hint = chinese.told(f"Try '{where.command_path} --help' for help.", "zh")
                print(where.get_usage(), hint, sep="\n", end="\n\n", file=sys.stderr)
            what = error.format_message()
            what = in_words(what) if isinstance(error, click.MissingParameter) else what
            print(f"错误：{chinese.told(what, 'zh')}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        raise
    except MemoryError:
        if debug:
            raise
        text = "there is not enough memory; try fewer processes (--jobs 1), or fewer worlds"
        print(told(MarketSimError(text), asked(given)), file=sys.stderr)
        return 1
    except (MarketSimError, OSError) as error:
        if debug:
            raise
        print(told(error, asked(given)), file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except Exception as error:
        if debug:
            raise
        for text in (
            f"This is a mistake in the program, not yours: {type(error).__name__}: {error}",
            "Please report it with the command you gave and what "
            f"`llm-market-sim --debug {' '.join(given)}` prints.",
        ):
            print(chinese.told(text, asked(given)), file=sys.stderr)
        return 1


def told(error: MarketSimError | OSError, language: Language) -> str:
    """What went wrong, for a person."""
    if isinstance(error, InputError):
        lines = chinese.mistakes(error, language)
        count = len(lines)
        said = f"{count} mistake{'s' if count > 1 else ''}."
        return "\n".join([*lines, said if language == "en" else f"{count}处错误。"])
    what = chinese.told(getattr(error, "strerror", None) or str(error), language)
    if isinstance(error, OSError) and error.filename:
        what = f"{error.filename}: {what}"
    return f"Error: {what}" if language == "en" else f"错误：{what}"
