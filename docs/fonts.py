"""Cut the fonts of the figures out of Noto Sans CJK: Latin, punctuation and common Chinese.

    python docs/fonts.py NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc

Needs fontTools, which comes with matplotlib. Both files are in Debian's package fonts-noto-cjk. The
licence (OFL 1.1) allows it and asks for another name than the original's reserved one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "src" / "llm_market_sim" / "plots" / "fonts"
FAMILY = "Market Sans SC"
SYMBOLS = "‐–—‘’“”…μσβ●■◆▲★○□€−"
LEFT_OUT = "×÷±°·≤≥≠≈→"  # as wide as a Chinese character here; DejaVu Sans has them, too


def letters() -> set[int]:
    """Latin with its accents, CJK punctuation, GB 2312 level 1, and all that our data use."""
    common = bytes(b for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)
                   for b in (high, low))  # fmt: skip
    files = [*(ROOT / "scenarios").rglob("*.yaml"), *FOLDER.parent.glob("*.yaml")]
    texts = [common.decode("gb2312", "ignore"), SYMBOLS]
    texts += [file.read_text("utf-8") for file in files]
    found = {ord(letter) for text in texts for letter in text}
    found |= {*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x3000, 0x3030),
              *range(0xFF01, 0xFF5F)}  # fmt: skip
    return found - {ord(letter) for letter in LEFT_OUT}


def _narrow(font: TTFont, marks: str) -> None:
    """Give some marks their proportional form, which suits both languages."""
    table = font["GSUB"].table
    places = {index for record in table.FeatureList.FeatureRecord if record.FeatureTag == "pwid"
              for index in record.Feature.LookupListIndex}  # fmt: skip
    narrow: dict[str, str] = {}
    for index in places:
        for part in table.LookupList.Lookup[index].SubTable:
            narrow |= getattr(part, "ExtSubTable", part).mapping
    for cmap in font["cmap"].tables:
        for mark in marks:
            name = cmap.cmap.get(ord(mark)) if cmap.format != 14 else None
            if name is not None:
                cmap.cmap[ord(mark)] = narrow.get(name, name)


def cut(source: Path, style: str) -> None:
    """Write the subset of one weight."""
    fonts = TTCollection(str(source)).fonts
    font: TTFont = next(f for f in fonts if f["name"].getDebugName(1) == "Noto Sans CJK SC")
    _narrow(font, SYMBOLS)
    options = Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 4, 6, 7, 8, 11, 13, 14]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters())
    subsetter.subset(font)
    plain = FAMILY.replace(" ", "")
    names = {1: FAMILY, 2: style, 4: f"{FAMILY} {style}", 6: f"{plain}-{style}"}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    top = font["CFF "].cff
    top.fontNames[0] = names[6]
    top[0].FullName, top[0].FamilyName = names[4], FAMILY
    os2 = font["OS/2"]  # matplotlib sets lines by these: 1.2 times the size apart
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = 930, -270, 0
    font["head"].modified = font["head"].created  # the same bytes every time
    font.recalcTimestamp = False
    font.save(FOLDER / f"{plain}-{style}.otf")


if __name__ == "__main__":
    for given, weight in zip(sys.argv[1:3], ("Regular", "Bold"), strict=True):
        cut(Path(given), weight)
