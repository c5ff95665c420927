"""How the pages of the site are made from Markdown; Sphinx reads this file."""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert

import llm_market_sim

project = "llm-market-sim"
author = "llm-market-sim authors"
version = release = llm_market_sim.__version__
html_title = f"llm-market-sim {version}"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["src", "scenarios", "experiments", "tests"]

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_dmath_double_inline = True
myst_heading_anchors = 5  # links name headings as GitHub does
suppress_warnings = ["misc.highlighting_failure"]  # a snippet may leave something out

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "model_config"}
python_maximum_signature_line_length = 72

html_theme = "furo"
html_copy_source = True  # for llms.txt
html_show_sourcelink = False
_FONTS = "../../src/llm_market_sim/figures/fonts"
html_static_path = ["site.css", f"{_FONTS}/MarketSansSC-Regular.otf", f"{_FONTS}/OFL.txt"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
templates_path: list[str] = []


def mathml(latex: str, display: str) -> str:
    """An equation as browsers draw it by themselves."""
    for name, sign in ((r"\lt", "<"), (r"\gt", ">"), (r"\sim", "∼")):
        latex = re.sub(rf"{re.escape(name)}(?![a-zA-Z])", sign, latex)
    return convert(" ".join(latex.split()), display=display)


def visit_math(self: Any, node: Any) -> None:
    """In a line of text."""
    from docutils.nodes import SkipNode

    self.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def visit_block(self: Any, node: Any) -> None:
    """On a line of its own, which a narrow screen scrolls."""
    from docutils.nodes import SkipNode

    self.body.append(f'<div class="equation">{mathml(node.astext(), "block")}</div>')
    raise SkipNode


def signature(app: Any, what: str, name: str, obj: Any, *rest: Any) -> tuple[str, None] | None:
    """What a file holds is checked field by field; nobody calls such a class with all of them."""
    return ("", None) if what == "class" and hasattr(obj, "model_fields") else None


def plain(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Our docstrings are plain text with ``code``: nothing else in them is markup."""
    text = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", "\n".join(lines))
    parts = re.split(r"(``.+?``)", text, flags=re.DOTALL)
    text = "".join(
        part if place % 2 else re.sub(r"([\\*|`])|_(?=\W|$)", _escaped, part)
        for place, part in enumerate(parts)
    )
    paragraphs = [" ".join(one.split()) for one in text.split("\n\n")]
    lines[:] = "\n\n".join(paragraphs).split("\n")


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[0]


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_block, None))
    app.connect("autodoc-process-docstring", plain)
    app.connect("autodoc-process-signature", signature)
