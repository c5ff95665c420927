"""Build the site without a network: ``python docs/site/build.py``, or ``make docs``.

The sources are the pages of docs/ and those at the root, in the same places, so that the same links
work here and on the site. What a page of docs/start or docs/how-to tells a reader to type is typed
while the site is built, and what is answered stands below it. Reference, gallery and llms.txt are
made from the code. A link that leads nowhere, or a page that loads something from elsewhere, fails
the build.
"""

from __future__ import annotations

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import click

from llm_market_sim.cli.app import cli
from llm_market_sim.figures.gallery import FIGURES
from llm_market_sim.words import Language

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
BUILD = ROOT / "build"
SOURCE = BUILD / "site-source"
SITE = BUILD / "site"
SCRATCH = BUILD / "site-scratch"
COPIED = (
    "README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE benchmarks docs experiments "
    "scenarios src"
).split()
TYPED = ("docs/start", "docs/how-to")
# What stands where on the site, in the order of reading; a folder stands for its pages, and what is
# named nowhere comes last.
SECTIONS = {
    "Start": ["docs/start"],
    "How to": ["docs/how-to"],
    "Teaching": ["docs/class", "docs/teaching"],
    "中文": ["docs/start", "docs/class", "docs/teaching", "docs/gallery"],
    "The model": ["docs/model", "docs/levers", "docs/parameters", "docs/engine"],
    "Claims and results": (
        "docs/claims docs/evidence docs/calibration docs/docking docs/results docs/cluster"
    ).split(),
    "Gallery": ["docs/gallery"],
    "Reference": ["docs/reference"],
    "The project": (
        "docs/adding docs/testing benchmarks/README CHANGELOG CONTRIBUTING SECURITY README"
    ).split(),
}
# Rooms whose front doors are described; what a script or notebook needs stands in them.
ROOMS = (
    "",
    "scenario",
    "simulation",
    "batch",
    "results",
    "claims",
    "metrics",
    "experiments",
    "stylised_facts",
    "figures",
)
_BLOCK = re.compile(
    r"(?:^In `(?P<file>[\w./-]+)`:\n\n)?^```(?P<kind>sh|yaml|python)\n(?P<body>.*?)^```\n",
    re.MULTILINE | re.DOTALL,
)
_SECONDS = 600
_ANSWERS: dict[str, str] = {}


def main() -> None:
    """Gather, type, draw, build, check."""
    for folder in (SOURCE, SITE, SCRATCH):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    gather()
    for folder in TYPED:
        for page in sorted((SOURCE / folder).glob("*.md")):
            print(f"typing {page.relative_to(SOURCE)}", flush=True)
            page.write_text(answered(page, SCRATCH / page.relative_to(SOURCE)), "utf-8")
    print("drawing the gallery", flush=True)
    gallery()
    command_line()
    python_doors()
    pages = contents()
    build()
    llms(pages)
    wrong = list(broken())
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{os.path.relpath(SITE)}/index.html: {len(pages)} pages, every link leads somewhere")


def gather() -> None:
    """Copy the sources; what Python leaves behind is no source."""
    skipped = shutil.ignore_patterns("__pycache__", "site", "*.pyc")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, SOURCE / name, ignore=skipped)
        else:
            shutil.copy(ROOT / name, SOURCE / name)
    for page in SOURCE.rglob("*.md"):
        page.write_text(without_folders(page), "utf-8")


def without_folders(page: Path) -> str:
    """A page whose links to folders, which the site has no page of, are their words alone."""

    def linked(found: re.Match[str]) -> str:
        return found[1] if (page.parent / found[2]).is_dir() else found[0]

    return re.sub(r"\[([^\]]+)\]\(([^)#:\s]+)\)", linked, page.read_text("utf-8"))


def answered(page: Path, place: Path) -> str:
    """A page with what its commands answer, and the figures that they draw."""
    place.mkdir(parents=True)

    def carried_out(block: re.Match[str]) -> str:
        if block["file"]:
            (place / block["file"]).write_text(block["body"], "utf-8")
            return block[0]
        return block[0] + (_said(block["body"], page, place) if block["kind"] == "sh" else "")

    return _BLOCK.sub(carried_out, page.read_text("utf-8"))


def _said(lines: str, page: Path, place: Path) -> str:
    """The answer to the commands of one block, in Markdown."""
    before = set(place.rglob("*.png"))
    said = ""
    for line in lines.replace("\\\n", " ").splitlines():
        said += typed(shlex.split(line, comments=True), place)
    shown = f"\n```text\n{said.rstrip()}\n```\n" if said.strip() else ""
    for number, picture in enumerate(sorted(set(place.rglob("*.png")) - before)):
        name = f"{page.stem}-{len(before) + number}-{picture.name}"
        shutil.copy(picture, page.parent / name)
        shown += f"\n![{picture.stem}]({name})\n"
    return shown


def typed(words: list[str], place: Path) -> str:
    """What a command answers on a terminal of 80 columns. SystemExit where it fails."""
    if not words:
        return ""
    if words[0] != "llm-market-sim":
        sys.exit(f"{place.name}: only llm-market-sim is typed on these pages, not {words[0]}")
    files = {file.name: file.read_bytes() for file in place.iterdir() if file.is_file()}
    asked = repr((words, sorted(files.items()))) if "--out" not in words else ""
    if asked in _ANSWERS:  # the same page in the other language
        return _ANSWERS[asked]
    done = subprocess.run(
        [sys.executable, "-m", "llm_market_sim", *words[1:]],
        cwd=place,
        env=os.environ | {"COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    if done.returncode:
        sys.exit(f"{place.relative_to(SCRATCH)}: {shlex.join(words)}\n{done.stderr}")
    if asked:
        _ANSWERS[asked] = done.stdout
    return done.stdout


# Figures that a command of its own draws: the command, and the picture's path. What it needs is
# drawn above it. Few worlds: the gallery shows what there is, and claims nothing.
_OWN = (
    ("compare baseline strict_review --worlds 64 --seed 1 --out compared", "compared/differences"),
    ("survival baseline --worlds 64 --seed 1 --out lives", "lives/survival"),
    ("survival baseline --worlds 64 --seed 1 --out lives", "lives/exits"),
    (
        "claims --claim three_to_five_survive --definitions --worlds 64 --seed 1 --out asked",
        "asked/definitions_three_to_five_survive",
    ),
    ("batch baseline --uncertainty posterior --worlds 200 --seed 1 --out open", "open/uncertainty"),
    ("map experiments/map_price_delay.yaml --worlds 8 --out map", "map/map"),
    (
        "sensitivity experiments/sensitivity_morris.yaml --worlds 2 --out drivers",
        "drivers/sensitivity",
    ),
)
_GALLERY: dict[Language, tuple[str, str, str]] = {
    "en": (
        "Gallery",
        "Every figure, with the command that drew it. This page was made with few worlds: "
        "it shows what there is, and is not a finding. Everything on one page: "
        "<a href='../report.html'>the report</a>.",
        "More",
    ),
    "zh": (
        "图库",
        "每一幅图，以及画出它的命令。本页只模拟了少量世界，仅作示例，并非结论。"
        "合为一页：<a href='../report.zh.html'>报告</a>。",
        "其他命令画的图",
    ),
}


def gallery() -> None:
    """Draw every figure in both languages, each below its command."""
    place = SCRATCH / "gallery"
    shutil.copytree(ROOT / "experiments", place / "experiments")
    kept = "batch baseline strict_review price_war --worlds 64 --seed 1 --out results"
    typed(["llm-market-sim", *kept.split()], place)
    for language, (title, lead, more) in _GALLERY.items():
        option = "" if language == "en" else f" --language {language}"
        ending = "" if language == "en" else f".{language}"
        parts = [f"# {title}\n\n{lead}\n", f"```text\nllm-market-sim {kept}\n```\n"]
        drawn = place / f"drawn{ending}"
        every = f"plot results --all --format png --out {drawn.name}{option}"
        typed(["llm-market-sim", *every.split()], place)
        for name, entry in FIGURES.items():
            command = f"plot results {name}{option}"
            parts.append(_figure(entry.title[language], command, _named(drawn, name), ending))
        page = f"report results --out report{ending}.html{option}"
        typed(["llm-market-sim", *page.split()], place)
        parts.append(f"## {more}\n")
        done: set[str] = set()
        for command, picture in _OWN:
            if command not in done:  # in a second language worlds are there already
                typed(["llm-market-sim", *command.split(), *option.split()], place)
            done.add(command)
            file = place / f"{picture}.png"
            title = f"{command.split()[0]}: {file.stem}"
            parts.append(_figure(title, command + option, file, ending))
        (SOURCE / f"docs/gallery{ending}.md").write_text("\n".join(parts), "utf-8")


def _named(folder: Path, name: str) -> Path:
    """The picture of a figure: its name, and behind it perhaps what it is of."""
    found = [file for file in folder.glob(f"{name}*.png") if file.stem.split("_")[0] == name]
    return min(found or folder.glob(f"{name}*.png"), key=lambda file: (len(file.name), file.name))


def _figure(title: str, command: str, picture: Path, ending: str) -> str:
    """A heading, the command, and the picture, copied beside the page."""
    name = f"gallery-{picture.parent.name}-{picture.stem}{ending}.png"
    shutil.copy(picture, SOURCE / "docs" / name)
    return f"## {title}\n\n```sh\nllm-market-sim {command}\n```\n\n![{title}]({name})\n"


def command_line() -> None:
    """One page of all commands, from what they say of themselves."""
    context = click.Context(cli, info_name="llm-market-sim", terminal_width=88)
    parts = ["# Commands\n", "Every command says the same with `--help`.\n"]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        own = click.Context(command, context, info_name=name, terminal_width=88)
        about = (command.help or "").strip()
        rest = command.get_help(own).partition("\nOptions:")[2]
        options = html.escape(f"Options:{rest}".rstrip(), quote=False)
        parts.append(f"## {name}\n\n{_prose(about)}\n")
        parts.append(f"```text\n{command.get_usage(own)}\n\n{html.unescape(options)}\n```\n")
    folder = SOURCE / "docs/reference"
    folder.mkdir(exist_ok=True)
    (folder / "commands.md").write_text("\n".join(parts), "utf-8")


def _prose(text: str) -> str:
    """A help text as a paragraph of Markdown."""
    return re.sub(r"([*_<>\[\]])", r"\\\1", " ".join(text.split()))


def python_doors() -> None:
    """A page of each room that a script may use: public names, described by their docstrings."""
    described: set[str] = set()
    for room in ROOMS:
        name = f"llm_market_sim.{room}" if room else "llm_market_sim"
        module = import_module(name)
        parts = [f"# `{name}`\n", (module.__doc__ or "").strip().partition("\n")[0] + "\n"]
        for public in module.__all__:
            thing = getattr(module, public)
            kind = "class" if isinstance(thing, type) else "function"
            if str(getattr(thing, "__module__", "")).startswith("llm_market_sim") and callable(
                thing
            ):
                home = f"{thing.__module__}.{thing.__qualname__}"
                again = "\n   :no-index:" if home in described else ""
                described.add(home)
                parts.append(f"```{{eval-rst}}\n.. auto{kind}:: {home}{again}\n```\n")
        (SOURCE / "docs/reference" / f"{room or 'llm_market_sim'}.md").write_text(
            "\n".join(parts), "utf-8"
        )


def contents() -> list[str]:
    """Write the first page with all others below it; their names, in order."""
    every = [
        page.relative_to(SOURCE).with_suffix("").as_posix()
        for folder in (SOURCE, SOURCE / "docs", SOURCE / "benchmarks")
        for page in sorted(folder.glob("*.md" if folder == SOURCE else "**/*.md"))
    ]
    lead = (SOURCE / "README.md").read_text("utf-8")
    parts = [re.split(r"\n```|\n## ", lead, maxsplit=1)[0].strip(), ""]
    seen: list[str] = []
    for title, names in SECTIONS.items():
        mine = [
            page
            for name in names
            for page in every
            if page.removesuffix(".zh") == name or page.startswith(f"{name}/")
            if page.endswith(".zh") == (title == "中文")
        ]
        if title == list(SECTIONS)[-1]:
            mine += [page for page in every if page not in (*seen, *mine, "index")]
        if names == ["docs/reference"]:
            mine.sort(key=lambda page: (not page.endswith(("commands", "/llm_market_sim")), page))
        mine.sort(key=lambda page: "docs/teaching" in page and "README" not in page)
        seen += mine
        listed = "\n".join(mine)
        parts.append(f"```{{toctree}}\n:caption: {title}\n:maxdepth: 1\n\n{listed}\n```\n")
    (SOURCE / "index.md").write_text("\n".join(parts), "utf-8")
    return seen


def build() -> None:
    """Let Sphinx make the pages; a warning is an error."""
    options = ["-b", "html", "-c", str(HERE), "-W", "--keep-going", "-q", "-j", "2"]
    command = [sys.executable, "-m", "sphinx", *options, str(SOURCE), str(SITE)]
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode:
        sys.exit("Sphinx found the mistakes above.")
    shutil.rmtree(SITE / ".doctrees", ignore_errors=True)
    for page in (SCRATCH / "gallery").glob("report*.html"):
        shutil.copy(page, SITE)


def llms(pages: list[str]) -> None:
    """A list of the pages as plain Markdown, for programs that read."""
    lines = ["# llm-market-sim\n", "> A simulated market of firms that build language models.\n"]
    for page in pages:
        text = (SOURCE / f"{page}.md").read_text("utf-8")
        found = re.search(r"^# (.+)$", text, re.MULTILINE)
        first = re.search(r"^(?![#\-|`<!>(\d])(.+?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
        said = re.sub(r"\[([^\]]+)\]\([^)]+\)|[*`]", r"\1", first[1] if first else "")
        said = re.split(r"(?<=[a-z)][.?])\s|(?<=。)", " ".join(said.split()), maxsplit=1)[0]
        lines.append(f"- [{found[1] if found else page}](_sources/{page}.md.txt): {said}")
    (SITE / "llms.txt").write_text("\n".join(lines) + "\n", "utf-8")


def broken() -> Iterator[str]:
    """Links and pictures of the made pages that lead nowhere, and what would be loaded from
    elsewhere."""
    texts = {page: page.read_text("utf-8") for page in sorted(SITE.rglob("*.html"))}
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    for page, text in texts.items():
        shown = page.relative_to(SITE)
        for tag, kind, raw in re.findall(r'<(\w+)\b[^>]*?\b(href|src)="([^"]*)"', text):
            target = unquote(html.unescape(raw))
            if re.match(r"(https?:)?//", target):
                if kind == "src" or tag == "link":
                    yield f"{shown} loads {target}"
                continue
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            path = path.partition("?")[0]
            file = (page.parent / path).resolve() if path else page
            if file.is_dir():
                file = file / "index.html"
            if not file.exists():
                yield f"{shown} links to {target}"
            elif anchor and file in anchors and anchor not in anchors[file]:
                yield f"{shown} links to {target}, where there is no such place"


if __name__ == "__main__":
    main()
