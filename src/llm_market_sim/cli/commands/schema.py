"""``schema``: a JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell
from llm_market_sim.errors import mistake

if TYPE_CHECKING:
    from llm_market_sim.words import Language

PLACE = 190  # in the list of commands


@click.command(
    short_help="Print a JSON Schema of scenario files, for editors.",
    epilog="""\b
Examples:
  llm-market-sim schema --out scenario.schema.json
  llm-market-sim schema | jq .properties.regulation

In a scenario file, this first line tells many editors to complete names and
underline mistakes:

\b
  # yaml-language-server: $schema=scenario.schema.json""",
)
@click.option("--out", type=options.PATH, help="Write it here.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@options.language
def schema(out: Path | None, force: bool, language: Language) -> None:
    """Print the JSON Schema of scenario files."""
    from llm_market_sim.scenario import json_schema
    from llm_market_sim.support.files import whole

    text = json.dumps(json_schema(language), ensure_ascii=False, indent=2)
    if out is None:
        if force:
            raise click.UsageError("--force needs --out: the file to replace")
        click.echo(text)
        return
    if out.is_dir():
        raise mistake("--out", f"{out} is a folder; name a file in it")
    if out.exists() and not force:
        raise mistake("--out", f"{out} exists already; add --force to replace it")
    with whole(out) as part:
        part.write_text(text + "\n", encoding="utf-8")
    click.echo(tell("Written to {folder}", folder=out))
