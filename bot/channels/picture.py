"""A text as a picture, for platforms that take nothing else. The caption and the alt text repeat it."""

from __future__ import annotations

import importlib.util
import io
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1080, 1350  # four to five, the tallest that Instagram shows whole
MARGIN: Final = 72
GAP: Final = 56  # between band and text
STRIPE: Final = 40
LEADING: Final = 1.28
BLANK: Final = 0.5  # an empty line, in lines
TITLE_SIZES: Final = (96, 40)
TEXT_SIZES: Final = (80, 12)
LONGEST: Final = 8000  # characters; more would not fit in the smallest size either
WHOLE_WORDS_FROM: Final = 32  # px: rather smaller than this than a word in two
TITLE_SHARE: Final = 0.3  # of the height, for as long as the title may shrink

# On every pair here the contrast is above 7:1; WCAG AA asks for 4.5:1.
PAPER, INK = "#ffffff", "#1a1a1a"
REAL, DRILL, ON_BAND = "#8c1d18", "#0b3d66", "#ffffff"
WARNING = "#ffc400"

REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
NOTHING: Final = "\uffff"  # never a character: the font draws its empty box
RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


class NotPicturable(ValueError):
    """The text cannot be drawn whole: a script without a font here, or far too long."""


class NoFont(RuntimeError):
    """DejaVu Sans is not on this machine (Debian: fonts-dejavu-core)."""


@dataclass(frozen=True)
class _Set:
    """Lines that fit, and the font they fit in."""

    font: FreeTypeFont
    lines: list[str]

    @property
    def step(self) -> float:
        return float(self.font.size) * LEADING

    @property
    def height(self) -> float:
        return sum(self.step * (1 if line else BLANK) for line in self.lines)


def text_picture(title: str, text: str, *, drill: bool) -> bytes:
    """A JPEG of 1080 × 1350: the title on a band, the whole text below, as large as fits.

    A drill has another colour and barred edges; its word stands in the texts, as everywhere. The same
    texts give the same bytes. Takes up to a second of processor: call it in a thread. Raises
    NotPicturable for what cannot be drawn whole, NoFont without a font.
    """
    from PIL import Image, ImageDraw

    heading, body = _spelled(title), _spelled(text)
    if len(body) > LONGEST:
        raise NotPicturable("too long for a picture")
    for font, words in ((_font(BOLD), heading), (_font(REGULAR), body)):
        _demand(font, words)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    edge = STRIPE if drill else 0
    top = _band(draw, heading, edge, DRILL if drill else REAL)
    _write(draw, _fitted(_font(REGULAR), body, HEIGHT - edge - MARGIN - top - GAP, TEXT_SIZES), top + GAP, INK)
    if drill:
        _bar(draw, 0)
        _bar(draw, HEIGHT - STRIPE)
    return _jpeg(sheet)


def _band(draw: ImageDraw, title: str, edge: int, color: str) -> float:
    """Draw the band with the title; gives where it ends."""
    padding = GAP if title else GAP / 2
    if not title:
        draw.rectangle((0, edge, WIDTH, edge + padding), fill=color)
        return edge + padding
    heading = _fitted(_font(BOLD), title, HEIGHT * TITLE_SHARE, TITLE_SIZES)
    end = edge + padding + heading.height + padding
    draw.rectangle((0, edge, WIDTH, end), fill=color)
    _write(draw, heading, edge + padding, ON_BAND)
    return end


def _write(draw: ImageDraw, block: _Set, top: float, color: str) -> None:
    backwards = _direction(" ".join(block.lines)) in RIGHT_TO_LEFT
    left, anchor = (WIDTH - MARGIN, "ra") if backwards else (MARGIN, "la")
    direction = "rtl" if backwards else None
    for line in block.lines:
        if line:
            draw.text((left, top), line, fill=color, font=block.font, anchor=anchor, direction=direction)
        top += block.step * (1 if line else BLANK)


def _bar(draw: ImageDraw, top: int) -> None:
    """Slanting bars from edge to edge."""
    draw.rectangle((0, top, WIDTH, top + STRIPE), fill=WARNING)
    low, high = top + STRIPE, top
    for left in range(-STRIPE, WIDTH, 2 * STRIPE):
        middle, right = left + STRIPE, left + 2 * STRIPE
        draw.polygon([(left, low), (middle, high), (right, high), (middle, low)], fill=INK)


def _fitted(font: FreeTypeFont, text: str, height: float, sizes: tuple[int, int]) -> _Set:
    """The text in the largest size in which all of it fits. Raises NotPicturable."""
    largest, smallest = sizes

    def at(size: int) -> _Set:
        scaled = font.font_variant(size=size)
        return _Set(scaled, list(_wrapped(scaled, text, whole=size >= WHOLE_WORDS_FROM)))

    def fits(size: int) -> bool:
        block = at(size)
        widest = max(map(block.font.getlength, block.lines), default=0.0)
        return block.height <= height and widest <= WIDTH - 2 * MARGIN

    candidates = range(largest, smallest - 1, -2)
    index = bisect_left(candidates, True, key=fits)
    if index == len(candidates):
        raise NotPicturable("too long for a picture")
    return at(candidates[index])


def _wrapped(font: FreeTypeFont, text: str, *, whole: bool) -> Iterator[str]:
    """The text in lines; ``whole``: a word too wide for a line sticks out instead of being divided."""
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}" if line else word
            if font.getlength(joined) <= WIDTH - 2 * MARGIN:
                line = joined
                continue
            *full, line = [*([line] if line else []), *_divided(font, word, whole=whole)]
            yield from full
        yield line


def _divided(font: FreeTypeFont, word: str, *, whole: bool) -> list[str]:
    """A word in parts that fit: an address behind its signs, anything else only when it must."""
    if font.getlength(word) <= WIDTH - 2 * MARGIN:
        return [word]
    parts = re.findall(r"[^/.?&=_-]*[/.?&=_-]+|[^/.?&=_-]+", word) if "/" in word or whole else list(word)
    lines = [""]
    for part in parts:
        if lines[-1] and font.getlength(lines[-1] + part) > WIDTH - 2 * MARGIN:
            lines.append("")
        lines[-1] += part
    return lines


def _spelled(text: str) -> str:
    """One spelling: letters with their dots in one piece, nothing that has no shape."""
    composed = unicodedata.normalize("NFC", text.strip()).replace("\r\n", "\n").replace("\t", " ")
    return "".join(one for one in composed if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf"))


def _demand(font: FreeTypeFont, text: str) -> None:
    """Raise NotPicturable for characters that would come out as boxes, or in the wrong order."""
    from PIL import features

    box = _drawn(font, NOTHING)
    lacking = sorted({one for one in text if not one.isspace() and _drawn(font, one) == box})
    if lacking:
        raise NotPicturable(f"no letters for {' '.join(lacking[:10])}")
    if any(unicodedata.bidirectional(one) in RIGHT_TO_LEFT for one in text) and not features.check("raqm"):
        raise NotPicturable("no support for scripts from right to left")


@lru_cache(maxsize=2048)
def _drawn(font: FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


def _direction(text: str) -> str:
    """The direction of the first letter that has one."""
    return next((found for one in text if (found := unicodedata.bidirectional(one)) in ("L", "R", "AL")), "L")


@lru_cache(maxsize=2)
def _font(name: str) -> FreeTypeFont:
    """DejaVu Sans from the system, or the copy that matplotlib carries. Raises NoFont.

    Pillow's own font has no letters beyond English.
    """
    from PIL import ImageFont

    for file in (name, *_carried(name)):
        try:
            return ImageFont.truetype(str(file), 40)
        except OSError:
            continue
    raise NoFont(f"{name} is not on this machine")


def _carried(name: str) -> Iterator[Path]:
    found = importlib.util.find_spec("matplotlib")
    for place in (found.submodule_search_locations or []) if found else []:
        yield Path(place) / "mpl-data" / "fonts" / "ttf" / name


def _jpeg(sheet: object) -> bytes:
    from PIL.Image import Image

    assert isinstance(sheet, Image)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=90, subsampling=0, optimize=True)
    return file.getvalue()
