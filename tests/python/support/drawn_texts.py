"""The texts of a rendered picture, and where they stand."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from spymaster.plot import canvas, picture
from spymaster.plot.scene import Scene

# extents have room for letters that reach below the line
_DESCENDER_PX = 3


def draw_texts(
    scene: Scene, path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Bbox], Bbox]:
    """Draw a scene; return the extents of its texts in pixels, and of the picture.

    Each text has its number before it, as texts may repeat.
    """
    extents: dict[str, Bbox] = {}
    whole: list[Bbox] = []

    def save(drawing: canvas.Canvas, path: Path) -> None:
        real_save(drawing, path)
        for number, text in enumerate(drawing._figure.findobj(Text)):
            if text.get_text() and text.get_visible():
                extents[f"{number} {text.get_text()}"] = drawing.extent_of(text)
        whole.append(drawing._figure.bbox)

    real_save = canvas.Canvas.save
    monkeypatch.setattr(canvas.Canvas, "save", save)
    picture.draw_picture(scene, path)
    return extents, whole[0]


def assert_none_is_cut_or_covers_another(extents: dict[str, Bbox], whole: Bbox) -> None:
    """Fail if a text leaves the picture or two texts overlap."""
    for name, extent in extents.items():
        assert extent.x0 >= 0 and extent.y0 >= 0, name
        assert extent.x1 <= whole.x1 and extent.y1 <= whole.y1, name
    for (name, extent), (other_name, other) in combinations(extents.items(), 2):
        across = min(extent.x1, other.x1) - max(extent.x0, other.x0)
        up = min(extent.y1, other.y1) - max(extent.y0, other.y0)
        assert across <= 0 or up <= _DESCENDER_PX, (name, other_name)
