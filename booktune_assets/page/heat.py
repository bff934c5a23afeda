"""A heat-map of small cells as inline SVG, and the same in words.

Belongs here: geometry, shades, ranges of what is unused. Does not: what is counted (``data.py``).

Shades are attributes and each cell shows its figure, so the map reads without colours and without
the page's style sheet; each cell names itself when it is pointed at.
"""

from __future__ import annotations

from html import escape

from booktune_assets.page.data import Cell, Used

__all__ = ["heat_map", "legend", "runs", "summary"]

SIDE, GAP, ACROSS, WIDTH = 25, 3, 30, 860
SHADES = ("#c9def0", "#93bfe2", "#5b9bd0", "#2f74b0")  # 1–2, 3–5, 6–9, 10 and more examples
STEPS = (3, 6, 10)
OVER = "#d9822b"


def heat_map(used: Used) -> str:
    """One cell for each place, in order, thirty to a row, the row's first number beside it."""
    left = 44 if used.what != "concept" else 0
    rows = -(-len(used.cells) // ACROSS)
    parts: list[str] = []
    for row in range(rows):
        if left:
            y = row * (SIDE + GAP) + 17
            parts.append(_words(left - 8, y, str(row * ACROSS + 1), "end", "currentColor", 11))
    for number, cell in enumerate(used.cells):
        row, column = divmod(number, ACROSS)
        x, y = left + column * (SIDE + GAP), row * (SIDE + GAP)
        parts.append(_cell(cell, x, y, used.what))
    height = rows * (SIDE + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + ACROSS * (SIDE + GAP)} '
        f'{height}" role="img" width="100%" style="max-width:{WIDTH}px" fill="currentColor">'
        f"<title>{escape(summary(used))}</title>{''.join(parts)}</svg>"
    )


def summary(used: Used) -> str:
    """The map in one sentence."""
    with_text = len(used.cells) - used.count("blank")
    taken = used.count("used", "over")
    share = f"{100 * taken / with_text:.0f} %" if with_text else "none"
    over = used.count("over")
    many = "s" if with_text != 1 else ""
    return (
        f"{used.title}: {taken} of {with_text} {used.what}{many} used ({share}), "
        f"{used.count('unused')} unused, {over} over-mined"
    )


def runs(used: Used, state: str, most: int = 60) -> str:
    """Names of the cells in a state; pages that follow each other as ranges."""
    if used.what != "page":
        names = [cell.name for cell in used.cells if cell.state == state]
        more = f" … and {len(names) - most} more" if len(names) > most else ""
        return ", ".join(names[:most]) + more
    found: list[list[int]] = []
    for number, cell in enumerate(used.cells, start=1):
        if cell.state != state:
            continue
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    names = [str(a) if a == b else f"{a}–{b}" for a, b in found]
    more = f" … and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def legend() -> str:
    """What the shades mean, as a picture of its own."""
    shades = [
        ("1–2 examples", SHADES[0]), ("3–5", SHADES[1]), ("6–9", SHADES[2]),
        ("10 and more", SHADES[3]), ("over-mined", OVER), ("unused", "none"), ("no text", ""),
    ]  # fmt: skip
    parts: list[str] = []
    x = 0.0
    for words, shade in shades:
        parts.append(_box(x, 2, 16, shade))
        parts.append(_words(x + 22, 15, words, "start", "currentColor", 13))
        x += 42 + 7.2 * len(words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 22" role="img" '
        f'width="100%" style="max-width:{WIDTH}px" fill="currentColor">'
        f"<title>Shades of the maps</title>{''.join(parts)}</svg>"
    )


def _cell(cell: Cell, x: float, y: float, what: str) -> str:
    shade = {"over": OVER, "unused": "none", "blank": ""}.get(cell.state, "")
    if cell.state == "used":
        shade = SHADES[sum(cell.examples >= step for step in STEPS)]
    many = "" if cell.examples == 1 else "s"
    told = {"blank": "no text", "over": f"{cell.examples} examples, over-mined"}.get(
        cell.state, f"{cell.examples} example{many}"
    )
    figure = ""
    if cell.examples:
        dark = cell.state == "used" and shade in SHADES[:2]
        ink = "#10202e" if dark or cell.state == "over" else "#ffffff"
        size = 11 if cell.examples < 100 else 9
        figure = _words(x + SIDE / 2, y + 16.5, str(cell.examples), "middle", ink, size)
    named = f"<title>{escape(cell.name)}: {told}</title>"
    return f"<g>{named}{_box(x, y, SIDE, shade)}{figure}</g>"


def _box(x: float, y: float, side: float, shade: str) -> str:
    """A filled box; an outline where nothing is used; a faint dot where nothing could be."""
    if not shade:
        return (
            f'<circle cx="{x + side / 2:.1f}" cy="{y + side / 2:.1f}" r="1.8" fill-opacity="0.35"/>'
        )
    line = ' stroke="currentColor" stroke-opacity="0.4" pointer-events="all"' * (shade == "none")
    inset = 0.5 if line else 0.0
    return (
        f'<rect x="{x + inset:.1f}" y="{y + inset:.1f}" width="{side - 2 * inset:.1f}" '
        f'height="{side - 2 * inset:.1f}" rx="3" fill="{shade}"{line}/>'
    )


def _words(x: float, y: float, words: str, anchor: str, ink: str, size: int) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{ink}" '
        f'font-family="system-ui, sans-serif">{escape(words)}</text>'
    )
