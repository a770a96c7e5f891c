"""Charts: they decode, they show something, and they need no colour."""

import io
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pytest
from PIL import Image, ImageChops

from bot.report import charts, month, words
from bot.report.month import Rows, Source
from bot.report.numbers import Numbers
from bot.texts import Texts
from tests.report import example
from tests.report.example import GOAL, MADE, OCTOBER, OFFICE, post

T = Texts.load().language("sv")
EN = Texts.load().language("en")


def opened(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    assert "PNG" == image.format
    return image.convert("RGB")


def drawn(name: str, numbers: Numbers) -> Image.Image:
    return opened(charts.draw(name, T, numbers))


@pytest.mark.parametrize("name", charts.NAMES)
@pytest.mark.parametrize("speak", [T, EN], ids=["sv", "en"])
def test_every_chart_is_a_picture_of_something(name: str, speak: Any) -> None:
    """Of a readable size, neither blank nor drawn over its edge."""
    image = opened(charts.draw(name, speak, example.numbers()))
    assert 1100 < image.width < 1300
    assert 300 < image.height < image.width * 1.3
    blank = Image.new("RGB", image.size, charts.PAPER)
    box = ImageChops.difference(image, blank).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert right - left > image.width * 0.8
    assert bottom - top > image.height * 0.8
    assert min(left, top, image.width - right, image.height - bottom) > 0


@pytest.mark.parametrize("name", charts.NAMES)
def test_the_same_numbers_give_the_same_picture(name: str) -> None:
    """So that it can be kept by its content, and two replicas show one."""
    assert charts.draw(name, T, example.numbers()) == charts.draw(name, T, example.numbers())


def test_two_series_differ_without_colour() -> None:
    """In black and white a line across the bars meets seven that are filled, and seven that are hatched."""
    image = drawn("weekdays", example.numbers()).convert("L").point(lambda tone: 255 * (tone > 128))
    row = [image.getpixel((x, int(image.height * 0.7))) for x in range(image.width)]
    dark = [len(list(run)) for tone, run in groupby(row) if tone == 0]
    filled = [one for one in dark if one > 30]
    assert 7 == len(filled)
    assert len(dark) - len(filled) >= 3 * 7
    assert max(one for one in dark if one not in filled) * 3 < min(filled)


def test_the_colours_contrast_with_the_paper() -> None:
    """WCAG asks for 4.5:1 of text and 3:1 of bars."""

    def luminance(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: str, b: str) -> float:
        light, dark = sorted((luminance(a), luminance(b)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(charts.INK, charts.PAPER) > 7
    assert contrast(charts.DARK, charts.PAPER) > 7
    assert contrast(charts.DARK, charts.PALE) > 4.5


NAMES = [
    "$x^2$ & <b>",
    "😀🏽‍♀️",
    "Ett mycket långt namn på ett konto som någon har hittat på en fredag",
    "العربية",
    "a\nb",
]


def test_any_name_can_be_drawn() -> None:
    """No formula, no empty box, no warning; warnings are errors here."""
    sources = [Source(str(n), name, name) for n, name in enumerate(NAMES)]
    followers = {one.channel: dict.fromkeys(OCTOBER.days, 100) for one in sources}
    posts = [post(one.channel, MADE - 100 * example.HOUR, 5) for one in sources]
    found = month.compiled(Rows(sources, followers, posts), OCTOBER, OFFICE, GOAL, MADE)
    for name in charts.shown(found):
        assert drawn(name, found).width > 1000


def test_a_month_with_nothing_has_no_charts() -> None:
    """An empty frame tells nobody anything."""
    assert () == charts.shown(month.compiled(Rows(), OCTOBER, OFFICE, GOAL, MADE))


def test_hundreds_of_accounts_make_no_taller_chart() -> None:
    """The rest stands in the workbook."""
    sources = [Source(str(n), f"Konto {n}", f"Enhet {n}") for n in range(300)]
    followers = {one.channel: dict.fromkeys(OCTOBER.days, 100) for one in sources}
    posts = [post(one.channel, MADE - 100 * example.HOUR, 5) for one in sources]
    found = month.compiled(Rows(sources, followers, posts), OCTOBER, OFFICE, GOAL, MADE)
    for name in charts.shown(found):
        image = drawn(name, found)
        assert image.height < image.width * 1.1


def _alts(numbers: Numbers) -> Sequence[str]:
    return [words.alt(T, name, numbers) for name in charts.NAMES]


def test_the_alternative_text_says_what_the_chart_shows() -> None:
    """The same figures, and what is withheld is withheld there too."""
    engagement, topics, weekdays, balance = _alts(example.numbers())
    assert "Biblioteket berättar 9 %" in engagement.replace("\u00a0", " ")
    assert "Skola och förskola 20; Trafik och gator 20; Vård och omsorg färre än 5; Övrigt 20" in topics
    assert "mån 8; tis 8; ons 8; tors 11; fre 9; lör 9; sön 9" in weekdays
    assert "Ungdomsrådgivningen: inlägg 25 %, kommentarer färre än 5" in balance.replace("\u00a0", " ")
