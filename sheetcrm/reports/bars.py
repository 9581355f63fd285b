"""A chart's bars as the page draws them in SVG: places and sizes in a box of 560 by 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WIDTH, HEIGHT, FOOT, HEAD = 560, 200, 24, 22


def bars(chart: Mapping[str, Any]) -> dict[str, Any]:
    """`bars` (x, y, w, h, color, said), `texts` over them and `marks` under them (x, y, text)."""
    labels, series = chart["labels"], chart["series"]
    sums = [sum(values) for values in zip(*(one["values"] for one in series), strict=True)]
    heights = sums if chart["is_stacked"] else [value for one in series for value in one["values"]]
    scale = (HEIGHT - FOOT - HEAD) / (max(heights, default=0) or 1)
    step = WIDTH / max(len(labels), 1)
    drawn: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for place, label in enumerate(labels):
        top = float(HEIGHT - FOOT)
        for number, one in enumerate(series):
            size = one["values"][place] * scale
            width = step * (0.7 if chart["is_stacked"] else 0.8 / len(series))
            x = step * place + step * (0.15 if chart["is_stacked"] else 0.1 + 0.8 / len(series) * number)
            top = top - size if chart["is_stacked"] else HEIGHT - FOOT - size
            drawn.append(_bar(x, top, width, size, one["color"], f"{label}, {one['name']}"))
            if one["shown"][place] and (not chart["is_stacked"] or number == len(series) - 1):
                texts.append({"x": round(x + width / 2, 1), "y": round(top - 5, 1), "text": one["shown"][place]})
    marks = [{"x": round(step * (i + 0.5), 1), "y": HEIGHT - 7, "text": label} for i, label in enumerate(labels)]
    return {"bars": [one for one in drawn if one["h"]], "texts": texts, "marks": marks}


def _bar(x: float, y: float, width: float, height: float, color: str, said: str) -> dict[str, Any]:
    sizes = {"x": x, "y": y, "w": width * 0.94, "h": height}
    return {**{name: round(size, 1) for name, size in sizes.items()}, "color": color, "said": said}
