"""A column of words and bars in whole pixels, written from above to below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from matplotlib.text import Text

from spymaster.plot.canvas import LABEL_PX, Canvas
from spymaster.plot.colours import Colour

# height of a line of words, and of their base line below its top
LINE_PX = 16
_BASE_PX = 12
_BELOW_PARAGRAPH_PX = 3
_OPAQUE = 255
# words, their size in pixels and their weight -> their width in pixels
Ruler = Callable[[str, float, str], float]


@dataclass(frozen=True)
class Words:
    """One line of words.

    Attributes:
        left: pixels from the left of the sheet, of the start of the words.
        top: pixels from the top of the sheet.
        text: the words.
        colour: red, green and blue.
        size_px: size of the letters.
        weight: ``normal`` or ``bold``.
        is_label: whether they belong to a drawing, not to the sentences.
    """

    left: float
    top: int
    text: str
    colour: Colour
    size_px: float = LABEL_PX
    weight: str = "normal"
    is_label: bool = False


@dataclass(frozen=True)
class Block:
    """A filled rectangle.

    Attributes:
        name: what it stands for, e.g. ``bid`` or ``break``.
        left: pixels from the left of the sheet.
        top: pixels from the top of the sheet.
        width: pixels.
        height: pixels.
        colour: red, green and blue.
    """

    name: str
    left: int
    top: int
    width: int
    height: int
    colour: Colour


@dataclass
class Sheet:
    """Words and blocks, and how far down they reach.

    Attributes:
        width: pixels.
        ruler: measures words.
        height: pixels that are written.
        words: in the order of reading.
        blocks: back to front.
    """

    width: int
    ruler: Ruler
    height: int = 0
    words: list[Words] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def sentences(self) -> str:
        """All words but labels in the order of reading, with spaces between lines."""
        return " ".join(words.text for words in self.words if not words.is_label)

    @property
    def labels(self) -> list[str]:
        """Words of the drawings in the order of reading."""
        return [words.text for words in self.words if words.is_label]

    def block(self, name: str, left: int, top: int, size: tuple[int, int], colour: Colour) -> None:
        """Add a rectangle of width and height ``size``; one without pixels is left out."""
        width, height = size
        if width > 0 and height > 0:
            self.blocks.append(Block(name, left, top, width, height, colour))

    def outline(self, name: str, left: int, top: int, size: tuple[int, int], line: Colour) -> None:
        """Add the four edges of a rectangle, one pixel each, inside of it."""
        width, height = size
        for at in (top, top + height - 1):
            self.block(name, left, at, (width, 1), line)
        for at in (left, left + width - 1):
            self.block(name, at, top, (1, height), line)

    def line(
        self,
        left: float,
        top: int,
        text: str,
        colour: Colour,
        *,
        size_px: float = LABEL_PX,
        weight: str = "normal",
        is_label: bool = False,
        ends: bool = False,
    ) -> float:
        """Add words on one line.

        Args:
            left: where they start; where they end with ``ends``.
            top: top of the line.
            text: the words; empty ones are left out.
            colour: red, green and blue.
            size_px: size of the letters.
            weight: ``normal`` or ``bold``.
            is_label: whether they belong to a drawing.
            ends: whether ``left`` is where they end.

        Returns:
            Where they end, pixels from the left.
        """
        if not text:
            return left
        width = self.ruler(text, size_px, weight)
        start = left - width if ends else left
        self.words.append(Words(start, top, text, colour, size_px, weight, is_label))
        return start + width

    def column(self, left: int, top: int, width: int, text: str, colour: Colour) -> int:
        """Add words in lines of a width; return how many lines there are."""
        lines = wrapped(text, width, self.ruler)
        for place, words in enumerate(lines):
            self.line(left, top + place * LINE_PX, words, colour)
        return len(lines)

    def paragraph(
        self, text: str, colour: Colour, *, size_px: float = LABEL_PX, weight: str = "normal"
    ) -> None:
        """Add words below all others, in lines of the width of the sheet."""
        for words in wrapped(text, self.width, self.ruler, size_px, weight):
            self.line(0, self.height, words, colour, size_px=size_px, weight=weight)
            self.height += round(LINE_PX * size_px / LABEL_PX)
        self.height += _BELOW_PARAGRAPH_PX

    def draw(self, canvas: Canvas, left: int, top: int) -> list[Text]:
        """Draw the sheet; return its words as they are drawn.

        Args:
            canvas: the picture.
            left: left of the sheet, pixels from the left of the picture.
            top: top of the sheet, pixels from the top of the picture.
        """
        for block in self.blocks:
            image = np.full((block.height, block.width, 4), (*block.colour, _OPAQUE), np.uint8)
            bottom = canvas.height - top - block.top - block.height
            canvas.paint(image, left + block.left, bottom)
        return [
            canvas.text(
                left + words.left,
                canvas.height - top - words.top - _BASE_PX * words.size_px / LABEL_PX,
                words.text,
                colour=words.colour,
                size_px=words.size_px,
                fontweight=words.weight,
                va="baseline",
                parse_math=False,
            )
            for words in self.words
        ]


def wrapped(
    text: str, width: int, ruler: Ruler, size_px: float = LABEL_PX, weight: str = "normal"
) -> list[str]:
    """Return words in lines no wider than ``width`` pixels, as many in a line as fit."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and ruler(longer, size_px, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
