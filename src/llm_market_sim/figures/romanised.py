"""Texts in the Latin alphabet, as well as the names of their letters in Unicode tell."""

from __future__ import annotations

import unicodedata


def romanised(text: str) -> str:
    """The text in letters of ASCII, such as ``honggildong`` for ``홍길동``; of signs and emoji
    their names in brackets."""
    found = ""
    for letter in text:
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        if plain or letter.isascii():
            found += plain or letter
            continue
        name = unicodedata.name(letter, "").lower()
        if "vowel sign" in name or "virama" in name:  # takes the place of the vowel before it
            found = found.removesuffix("a") + ("" if "virama" in name else name.split()[-1])
        elif unicodedata.category(letter)[0] in "LN" or " sara " in name:  # a vowel of Thai
            found += _sound(name) or f"[U+{ord(letter):X}]"
        elif unicodedata.category(letter)[0] not in "MC":  # marks above and below have no sound
            found += f"({name})" if name else f"[U+{ord(letter):X}]"
    return found


def _sound(name: str) -> str:
    """How a letter is spoken, by its name, such as ``hangul syllable hong``."""
    words = name.split()
    for kind in ("syllable", "letter", "digit"):
        if kind in words:
            return words[-1]
    if "character" in words:  # Thai and Lao: ko kai, sara aa
        first, *more = words[words.index("character") + 1 :]
        return more[0] if first == "sara" and more else first.removesuffix("o")
    return ""
