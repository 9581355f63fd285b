"""Charts as PNG for mails, drawn by matplotlib: small multiples that read the same on a phone and on a screen."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 290, 165
"""In the pixels of a mail; the PNG has twice as many each way."""
_DPI = 100
_POINTS = 72 / _DPI
_INK, _QUIET, _LINE = "#0f172a", "#64748b", "#e2e8f0"


def draw(chart: Mapping[str, Any]) -> bytes:
    """A chart as PNG. `labels` stand under the bars, each of `series` has `name`, `color`, `values` and `shown`.

    `shown` are the texts over the bars, empty for none: those of the first series over bars side by side, those of the
    last over piles (`is_stacked`). The same chart gives the same bytes on the same matplotlib.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=2 * _DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, 0.13, 0.98, 0.72))
    largest = (_stacked if chart["is_stacked"] else _beside)(axes, chart["labels"], chart["series"])
    axes.set_ylim(0, (largest or 1) * 1.16)
    axes.set_xlim(-0.6, len(chart["labels"]) - 0.4)
    axes.set_xticks(range(len(chart["labels"])), chart["labels"])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, labelsize=10.5 * _POINTS, colors=_QUIET, pad=2)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    _legend(figure, chart["series"])
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return _fewer_colors(file)


def _fewer_colors(png: io.BytesIO) -> bytes:
    """The picture with 64 colours, a third of the bytes; a mail has room for 100 KB."""
    from PIL import Image  # matplotlib needs it as well

    small = io.BytesIO()
    with Image.open(png) as picture:
        picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def _beside(axes: Axes, labels: Sequence[str], series: Sequence[Mapping[str, Any]]) -> float:
    width = 0.8 / max(len(series), 1)
    for number, one in enumerate(series):
        places = [i - 0.4 + width * (number + 0.5) for i in range(len(labels))]
        axes.bar(places, one["values"], width * 0.92, color=one["color"])
    highest = [max(values) for values in zip(*(one["values"] for one in series), strict=True)]
    if series:
        # Over both bars: over its own only, a text would run into the bar beside it.
        _label(axes, list(range(len(labels))), highest, series[0]["shown"], series[0]["color"])
    return max(highest, default=0.0)


def _stacked(axes: Axes, labels: Sequence[str], series: Sequence[Mapping[str, Any]]) -> float:
    bottom = [0.0] * len(labels)
    for one in series:
        axes.bar(range(len(labels)), one["values"], 0.66, bottom=bottom, color=one["color"])
        bottom = [below + value for below, value in zip(bottom, one["values"], strict=True)]
    if series:
        _label(axes, list(range(len(labels))), bottom, series[-1]["shown"])
    return max(bottom, default=0.0)


def _label(
    axes: Axes, places: Sequence[float], heights: Sequence[float], shown: Sequence[str], color: str = _INK
) -> None:
    for place, height, text in zip(places, heights, shown, strict=True):
        if text:
            axes.annotate(
                text, (place, height), (0, 1.5), textcoords="offset points", ha="center", va="bottom",
                fontsize=10 * _POINTS, color=color,
            )  # fmt: skip


def _legend(figure: Any, series: Sequence[Mapping[str, Any]]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=one["color"], label=one["name"]) for one in series]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 1.01), ncols=len(series), frameon=False,
        fontsize=10.5 * _POINTS, labelcolor=_QUIET, handlelength=0.8, handleheight=0.8, borderpad=0.2,
        columnspacing=1.0, handletextpad=0.4,
    )  # fmt: skip
