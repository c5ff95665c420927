"""The site: its pages say only what can be typed, and it is built without a network."""

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest
from programs import load_program

from llm_market_sim.cli.app import cli

ROOT = Path(__file__).resolve().parents[1]
TYPED = [*ROOT.glob("docs/start/*.md"), *ROOT.glob("docs/how-to/*.md")]
SPHINX = ("sphinx", "myst_parser", "furo", "latex2mathml")
lacking = [name for name in SPHINX if importlib.util.find_spec(name) is None]
needs_sphinx = pytest.mark.skipif(bool(lacking), reason=f"not installed: {', '.join(lacking)}")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The program that builds, with folders of its own."""
    module = load_program(ROOT / "docs" / "site" / "build.py")
    for name in ("SOURCE", "SITE", "SCRATCH"):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    return module


def commands(page):
    """What a page tells a reader to type, as lists of words."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_what_a_page_tells_to_type_is_a_command(page):
    """Options and their values are read as click does; nothing runs."""
    for program, *words in commands(page):
        assert program == "llm-market-sim"
        if words == ["--version"]:
            continue
        command = cli.get_command(click.Context(cli), words[0])
        assert command is not None, words
        command.make_context(words[0], words[1:]).close()


def test_both_languages_tell_to_type_the_same():
    for page in ROOT.glob("docs/start/*.zh.md"):
        english = commands(page.with_name(page.name.replace(".zh", "")))
        told = ("batch", "claims", "compare", "describe", "run", "validate")  # what speaks Chinese
        chinese = [[*words, *["--language", "zh"] * (words[1] in told)] for words in english]
        assert commands(page) == chinese
    pages = [page.name for page in ROOT.glob("docs/start/*.md")]
    assert len(pages) >= 10 and 2 * sum(".zh." in name for name in pages) == len(pages)


def test_answers_and_pictures_stand_below_what_was_typed(site, monkeypatch):
    def typed(words, place):
        (place / "new.png").touch()
        return f"{words[1]}: {(place / 'a.yaml').read_text()}"

    monkeypatch.setattr(site, "typed", typed)
    page = site.SOURCE / "p.md"
    page.write_text("In `a.yaml`:\n\n```yaml\nx: 1\n```\n\n```sh\nllm-market-sim run\n```\nEnd\n")
    made = site.answered(page, site.SCRATCH / "p")
    assert made.endswith("```\n\n```text\nrun: x: 1\n```\n\n![new](p-0-new.png)\nEnd\n")
    assert (site.SOURCE / "p-0-new.png").exists()


def test_a_command_that_fails_or_is_none_ends_the_build(site, monkeypatch):
    with pytest.raises(SystemExit, match="no command"):
        site.typed(["llm-market-sim", "nothing"], site.SCRATCH)
    with pytest.raises(SystemExit, match="not rm"):
        site.typed(["rm", "x"], site.SCRATCH)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<a href="b.html">', "links to b.html"),
        ('<a href="a.html#there">', "no such place"),
        ('<img src="p.png">', "links to p.png"),
        ('<script src="https://x.org/x.js">', "loads"),
        ('<link href="//x.org/x.css">', "loads"),
        ('<a href="https://x.org"><a href="a.html?v=1#here"><a href="mailto:a">', ""),
    ],
)
def test_links_that_lead_nowhere_are_found(site, text, said):
    (site.SITE / "a.html").write_text(f'<p id="here">{text}')
    assert [said in one for one in site.broken()] == ([True] if said else [])


def test_a_folder_has_no_page_to_link_to(site):
    (site.SOURCE / "rules").mkdir()
    page = site.SOURCE / "a.md"
    page.write_text("[rules](rules), [a](a.md), [b](https://x.org), [c](#c)\n")
    assert site.without_folders(page) == "rules, [a](a.md), [b](https://x.org), [c](#c)\n"


def test_every_page_stands_in_a_section(site):
    site.gather()
    (site.SOURCE / "docs/reference").mkdir()
    pages = site.contents()
    assert "docs/class.zh" in pages and "docs/start/1-one-world" in pages
    (site.SOURCE / "docs/new.md").write_text("# New\n")
    again = site.contents()
    assert again == [*pages, "docs/new"] and len(set(again)) == len(again)
    assert "docs/new\n" in (site.SOURCE / "index.md").read_text("utf-8")


@needs_sphinx
def test_equations_are_drawn_by_the_browser():
    conf = load_program(ROOT / "docs" / "site" / "conf.py")
    made = conf.mathml(r"a \lt \frac{b}{2}", "block")
    assert made.startswith("<math") and "<mfrac>" in made and 'display="block"' in made
    equations = re.findall(r"\$\$(.+?)\$\$", (ROOT / "docs/model.md").read_text("utf-8"), re.DOTALL)
    left = [one for one in equations if re.search(r"\\[a-zA-Z]{2,}", conf.mathml(one, "block"))]
    assert len(equations) > 15 and left == []


def test_nothing_of_the_theme_is_fetched():
    """The theme's licence and the font's travel with the site; no address stands in its sources."""
    texts = [path.read_text("utf-8") for path in (ROOT / "docs/site").glob("*.*")]
    assert not any("https://" in text or "http://" in text for text in texts)


@needs_sphinx
@pytest.mark.slow
def test_it_is_built(site):
    """All of it; the network is not asked for, which `broken` sees to."""
    site.main()
    index = (site.SITE / "index.html").read_text("utf-8")
    assert "docs/start/1-one-world.html" in index and "docs/start/1-one-world.zh.html" in index
    model = (site.SITE / "docs/model.html").read_text("utf-8")
    assert model.count("<math") > 200 and "$$" not in model
    pictures = list((site.SITE / "_images").glob("gallery-*.png"))
    assert len(pictures) >= 2 * len(site.FIGURES)
    assert "docs/model.md.txt" in (site.SITE / "llms.txt").read_text("utf-8")
