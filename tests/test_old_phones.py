"""Pages for phones of 2018 (Chrome 70, Safari 12): nothing newer stands in what they are served."""

import re
from importlib.resources import files

import pytest

STATIC = files("llm_market_sim.classroom") / "static"
NEWER = {  # what one of the two does not know, each with an example
    "js": {
        r"\?\.[^\d]": "a?.b",
        r"\?\?": "a ?? b",
        r"(\|\||&&|\*\*)=": "a ||= b",
        r"catch \{": "try { a(); } catch { b(); }",
        r"\(\?<": "/(?<=a)b/",
        r"\.#\w|\bstatic\b": "this.#a",
        r"\b\d+(_\d+|n\b)": "1_000",
        r"\bimport\(|\bimport\.meta|^(await|export \* as)\b": 'import("./a.js")',
        r"\.(at|flat|flatMap|matchAll|replaceAll|replaceChildren|trimStart|trimEnd|findLast"
        r"|toSorted|toReversed|toSpliced|requestSubmit|showModal|showPicker)\(": "a.at(-1)",
        r"\b(fromEntries|allSettled|hasOwn|structuredClone|globalThis|queueMicrotask|randomUUID)\b"
        r"|Promise\.any|AbortSignal\.(any|timeout)|\b(Resize|Intersection)Observer"
        r"|Intl\.(?!NumberFormat|DateTimeFormat)": "Object.fromEntries(a)",
    },
    "css": {
        r"(?<!grid-)\b(row-|column-)?gap:": "p { gap: 8px }",
        r":(has|is|where|focus-visible)\b": "p:has(b) { margin: 0 }",
        r"\d[dsl]v[hwb]\b|\d(lh|cq\w)\b": "p { height: 100dvh }",
        r"\b(clamp|min|max|color-mix|light-dark)\(": "p { width: min(1px, 2vw) }",
        r"\b(inset|aspect-ratio|scrollbar-gutter)\b": "p { inset: 0 }",
        r"\boverflow(-wrap: anywhere|: clip)\b": "p { overflow: clip }",
        r"@(container|layer|property|scope)|&": "@layer a;",
    },
}


def newer(kind, text):
    """What stands in a text that a phone of 2018 does not know."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    if kind == "js":
        bare = re.sub(r"(?<!:)//.*", "", bare)
    return [found for one in NEWER[kind] for found in re.findall(one, bare, re.MULTILINE)]


@pytest.mark.parametrize("kind", NEWER)
def test_nothing_is_served_that_a_phone_of_2018_does_not_know(kind):
    for sign, example in NEWER[kind].items():
        assert re.search(sign, example, re.MULTILINE), sign
    for file in STATIC.iterdir():
        if file.name.endswith(f".{kind}"):
            assert not newer(kind, file.read_text("utf-8")), file.name
