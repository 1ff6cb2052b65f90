"""Text of others made fit for a terminal: no character that acts on it, no endless value."""

from __future__ import annotations

import unicodedata

# longest name or reason that a line repeats; its two ends are enough to find it
LONGEST = 400
_KEPT = "\n\t"
# control and format characters, among them marks of direction; surrogates stand for bytes of a file
# name that are no UTF-8; separators of lines and paragraphs; characters without a meaning
_ACTING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def plain(text: str) -> str:
    """Return a text whose control and format characters are written as numbers.

    Line breaks and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _number(character)
        if character not in _KEPT and unicodedata.category(character) in _ACTING
        else character
        for character in text
    )


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text of at most ``longest`` characters, without its middle if it is longer."""
    if len(text) <= longest:
        return text
    gap = f"...({len(text):,} characters)..."
    kept = longest - len(gap)
    return f"{text[: kept - kept // 3]}{gap}{text[-(kept // 3) :]}"


def _number(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
