"""Charts as PNG for mails, drawn by matplotlib: small multiples that read the same on a phone and on a screen."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

WIDTH, HEIGHT = 290, 165
"""In the pixels of a mail; the PNG has twice as many each way."""
_SCALE = 2
_LEFT, _FOOT, _TALLEST = 3, 22, 102
"""Where bars begin, and how high the tallest one is."""
_INK, _QUIET, _LINE = "#0f172a", "#64748b", "#e2e8f0"
_SMALL, _NORMAL = 10, 10.5


def draw(chart: Mapping[str, Any]) -> bytes:
    """A chart as PNG. `labels` stand under the bars, each of `series` has `name`, `color`, `values` and `shown`.

    `shown` are the texts over the bars, empty for none: those of the first series over bars side by side, those of the
    last over piles (`is_stacked`). The same chart gives the same bytes on the same matplotlib.
    """
    canvas, series = _Canvas(), chart["series"]
    tops, shown, color = (_pile if chart["is_stacked"] else _stand)(canvas, len(chart["labels"]), series)
    for i, (label, top) in enumerate(zip(chart["labels"], tops, strict=True)):
        middle = _slot(i, len(tops))
        canvas.text(label, middle, _FOOT - 13, _NORMAL, _QUIET)
        canvas.text(shown[i] if shown else "", middle, top + 3, _SMALL, color)
    canvas.bar(_LEFT, _FOOT - 0.5, WIDTH - 2 * _LEFT, 0.5, _LINE)
    _legend(canvas, series)
    return canvas.png()


def _slot(place: float, count: int) -> float:
    """Where the middle of a label lies: each has as much room as the next, with a little more at both ends."""
    return _LEFT + (place + 0.6) * _wide(count)


def _wide(count: int) -> float:
    return (WIDTH - 2 * _LEFT) / (count + 0.2)


def _stand(canvas: _Canvas, count: int, series: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[str], str]:
    """Bars side by side; gives how high the highest reaches at each label, and what stands over it in which colour."""
    if not series:
        return [_FOOT] * count, [], _INK
    width = 0.8 / len(series)
    high = _TALLEST / (max(max(one["values"], default=0) for one in series) or 1)
    for number, one in enumerate(series):
        for i, value in enumerate(one["values"]):
            left = _slot(i - 0.4 + width * (number + 0.04), count)
            canvas.bar(left, _FOOT, width * 0.92 * _wide(count), value * high, one["color"])
    highest = [max(values) for values in zip(*(one["values"] for one in series), strict=True)]
    # Over both bars: over its own only, a text would run into the bar beside it.
    return [_FOOT + value * high for value in highest], series[0]["shown"], series[0]["color"]


def _pile(canvas: _Canvas, count: int, series: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[str], str]:
    """Bars one on the other; gives the same."""
    sums = [sum(values) for values in zip(*(one["values"] for one in series), strict=True)] or [0.0] * count
    high = _TALLEST / (max(sums, default=0) or 1)
    tops: list[float] = [_FOOT] * count
    for one in series:
        for i, value in enumerate(one["values"]):
            canvas.bar(_slot(i - 0.33, count), tops[i], 0.66 * _wide(count), value * high, one["color"])
            tops[i] += value * high
    return tops, series[-1]["shown"] if series else [], _INK


def _legend(canvas: _Canvas, series: Sequence[Mapping[str, Any]]) -> None:
    left: float = _LEFT
    for one in series:
        canvas.bar(left, HEIGHT - 14, 8, 8, one["color"])
        left += 12
        left += canvas.text(one["name"], left, HEIGHT - 14, _NORMAL, _QUIET, is_centered=False) + 11


class _Canvas:
    """A white picture to draw on: lengths are the pixels of a mail, counted from the lower left corner.

    It is matplotlib's renderer without its figures and axes, which nothing here needs and which take as long to import
    as pandas.
    """

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import RendererAgg

        # matplotlib tells no types here.
        self._renderer: Any = RendererAgg(WIDTH * _SCALE, HEIGHT * _SCALE, 72 * _SCALE)  # type: ignore[no-untyped-call]
        self._colors: dict[str, tuple[float, float, float]] = {}
        self.bar(0, 0, WIDTH, HEIGHT, "white")

    def bar(self, left: float, bottom: float, width: float, height: float, color: str) -> None:
        """A rectangle, its edges on whole pixels."""
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D

        look = self._renderer.new_gc()
        look.set_linewidth(0)
        edges = [round(one * _SCALE) for one in (left, bottom, left + width, bottom + height)]
        place = Affine2D().scale(edges[2] - edges[0], edges[3] - edges[1]).translate(*edges[:2])
        self._renderer.draw_path(look, Path.unit_rectangle(), place, self._rgb(color))

    def text(
        self, text: str, left: float, bottom: float, size: float, color: str, *, is_centered: bool = True
    ) -> float:
        """A text on its base line, from its left or around its middle; gives its width."""
        from matplotlib.font_manager import FontProperties

        if not text:
            return 0.0
        font, look = FontProperties(size=size), self._renderer.new_gc()
        look.set_foreground(self._rgb(color))
        width = self._renderer.get_text_width_height_descent(text, font, ismath=False)[0]
        x = left * _SCALE - (width / 2 if is_centered else 0)
        self._renderer.draw_text(look, x, (HEIGHT - bottom) * _SCALE, text, font, 0)
        return float(width / _SCALE)

    def png(self) -> bytes:
        """The picture with 64 colours, a third of the bytes; a mail has room for 100 KB."""
        from PIL import Image  # matplotlib needs it as well

        small = io.BytesIO()
        picture = Image.frombuffer("RGBA", (WIDTH * _SCALE, HEIGHT * _SCALE), self._renderer.buffer_rgba())
        few = picture.convert("RGB").quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.putpalette(self._exact(few.getpalette() or []))
        few.save(small, "png")
        return small.getvalue()

    def _exact(self, palette: Sequence[int]) -> list[int]:
        """The palette with those colours as they are that were drawn; white would be a little grey."""
        found = [tuple(palette[i : i + 3]) for i in range(0, len(palette), 3)]
        for drawn in (tuple(round(255 * part) for part in one) for one in self._colors.values()):
            found[found.index(min(found, key=partial(math.dist, drawn)))] = drawn
        return [part for one in found for part in one]

    def _rgb(self, color: str) -> tuple[float, float, float]:
        from matplotlib.colors import to_rgb

        return self._colors.setdefault(color, to_rgb(color))
