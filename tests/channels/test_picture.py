"""The picture of a text: whole, readable, and the same every time."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from bot.channels import picture
from bot.channels.picture import NoFont, NotPicturable, text_picture
from bot.sandbox.platforms.instagram import NARROWEST, WIDEST

WATER = "Dricksvattnet i Ängby kan vara smittat.\n\nKoka vattnet innan du dricker det."


def opened(title: str, text: str, *, drill: bool = False) -> Image.Image:
    return Image.open(io.BytesIO(text_picture(title, text, drill=drill)))


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def block(text: str, height: float = 900) -> picture._Set:
    return picture._fitted(picture._font(picture.REGULAR), text, height, picture.TEXT_SIZES)


def dark(area: Image.Image) -> int:
    return sum(area.convert("L").histogram()[:100])


def test_it_is_a_jpeg_that_instagram_takes() -> None:
    """Four to five, well below 8 MB."""
    one = opened("Koka vattnet", WATER)
    assert ("JPEG", (1080, 1350), "RGB") == (one.format, one.size, one.mode)
    assert NARROWEST <= one.width / one.height <= WIDEST
    assert len(text_picture("Koka vattnet", WATER, drill=False)) < 2_000_000


def test_the_same_texts_give_the_same_bytes() -> None:
    """So the address of a picture can be the hash of its texts."""
    assert text_picture("Å", WATER, drill=False) == text_picture("Å", WATER, drill=False)


def test_decomposed_letters_look_like_composed_ones() -> None:
    """Text typed on a Mac may bring its dots along separately."""
    assert text_picture("Ängby", "å", drill=False) == text_picture("A\u0308ngby", "a\u030a", drill=False)


@pytest.mark.parametrize("name", [picture.REGULAR, picture.BOLD])
@pytest.mark.parametrize(("letter", "bare"), ["åa", "äa", "öo", "ÅA", "ÄA", "ÖO", "ée", "üu", "–-", "€E"])
def test_swedish_letters_are_drawn(name: str, letter: str, bare: str) -> None:
    """Each as itself: neither as the empty box, nor without its dots."""
    font = picture._font(name)
    assert picture._drawn(font, letter) not in (
        picture._drawn(font, picture.NOTHING),
        picture._drawn(font, bare),
    )


@pytest.mark.parametrize(
    ("front", "back"),
    [
        (picture.INK, picture.PAPER),
        (picture.ON_BAND, picture.REAL),
        (picture.ON_BAND, picture.DRILL),
        (picture.INK, picture.WARNING),
    ],
)
def test_the_contrast_is_enough(front: str, back: str) -> None:
    """WCAG AA asks for 4.5:1; the stronger AAA for 7:1."""
    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 7


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("abcåäöÅ.-/ \n", min_size=1, max_size=60), max_size=25).map(" ".join))
def test_nothing_is_ever_cut(text: str) -> None:
    """Every letter stands in a line, in order, and every line within the margins."""
    spelled = picture._spelled(text)
    found = block(spelled)
    assert "".join(spelled.split()) == "".join("".join(found.lines).split())
    assert max(map(found.font.getlength, found.lines)) <= 1080 - 2 * picture.MARGIN
    assert found.height <= 900


def test_the_longest_caption_still_fits() -> None:
    """What Instagram takes as a caption can be shown whole, in letters of at least 20 pixels."""
    text = ("Vattnet är avstängt på flera platser i kommunen. " * 50)[:2200]
    found = block(picture._spelled(text))
    assert found.font.size >= 20
    assert text_picture("Vattnet är avstängt", text, drill=False)


def test_short_texts_are_large() -> None:
    """A crisis is read in passing."""
    assert 80 == block("Koka vattnet.").font.size
    assert block(WATER * 4).font.size < 80


def test_a_long_word_is_shown_whole_in_smaller_letters() -> None:
    """Swedish makes long words; dividing them at random would change them."""
    word = "Dricksvattenförsörjningsanläggningen"
    found = block(word)
    assert [word] == found.lines
    assert found.font.size >= picture.WHOLE_WORDS_FROM


def test_a_long_address_is_divided_behind_its_signs() -> None:
    """It stays readable, and large."""
    address = "https://www.kommunen.example/kris/stromavbrott/centrala-delarna/2026-11-21"
    found = block(address)
    assert address == "".join(found.lines)
    assert {True} == {line[-1] in "/.-" for line in found.lines[:-1]}
    assert found.font.size > 60


def test_paragraphs_are_kept() -> None:
    """An empty line is a pause for the eye."""
    assert ["Ett.", "", "Två.", "Tre."] == block("Ett.\n\nTvå.\nTre.").lines


@pytest.mark.parametrize("text", ["Koka vattnet 中文", "ሰላም"])
def test_letters_that_no_font_has_are_named_not_boxed(text: str) -> None:
    """A picture full of boxes helps nobody; the sender is told instead."""
    with pytest.raises(NotPicturable, match="no letters for"):
        text_picture("Viktigt", text, drill=False)


@pytest.mark.skipif(not features.check("raqm"), reason="this Pillow cannot shape Arabic")
def test_arabic_stands_to_the_right() -> None:
    """Where Swedish would begin, nothing is written."""
    one = opened("", "اغلِ الماء")
    left, right = one.crop((0, 100, 540, 400)), one.crop((540, 100, 1080, 400))
    assert dark(left) < dark(right)
    swedish = opened("", "Koka")
    assert dark(swedish.crop((0, 100, 540, 400))) > dark(swedish.crop((540, 100, 1080, 400)))


def test_scripts_from_right_to_left_need_their_shaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the letters would stand in the wrong order."""
    monkeypatch.setattr(features, "check", lambda feature: False)
    with pytest.raises(NotPicturable, match="right to left"):
        text_picture("", "اغلِ الماء", drill=False)


@pytest.mark.parametrize(
    ("title", "text"),
    [("", "vatten " * 2500), ("vatten " * 200, ""), ("Koka vattnet", "\n".join("vatten " * 120))],
    ids=["characters", "title", "lines"],
)
def test_what_is_far_too_long_is_refused(title: str, text: str) -> None:
    """Rather no picture than one that nobody can read."""
    with pytest.raises(NotPicturable, match="too long"):
        text_picture(title, text, drill=False)


def test_a_drill_looks_different_from_the_edge_in() -> None:
    """Another colour, and barred edges above and below."""
    real, drill = opened("Koka vattnet", WATER), opened("Koka vattnet", WATER, drill=True)
    yellow = [sum(1 for x in range(1080) if _is_yellow(one, x, y)) for one in (real, drill) for y in (20, 1330)]
    assert [0, 0] == yellow[:2]
    assert min(yellow[2:]) > 400
    assert _near((0x8C, 0x1D, 0x18), real.getpixel((20, 80)))
    assert _near((0x0B, 0x3D, 0x66), drill.getpixel((20, 80)))


def _is_yellow(one: Image.Image, x: int, y: int) -> bool:
    return _near((0xFF, 0xC4, 0x00), one.getpixel((x, y)))


def _near(expected: tuple[int, int, int], actual: object) -> bool:
    assert isinstance(actual, tuple)
    return all(abs(a - b) < 30 for a, b in zip(expected, actual, strict=True))


def test_without_a_font_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's own would show boxes for å, ä and ö."""
    with pytest.raises(NoFont, match="Nowhere.ttf"):
        picture._font("Nowhere.ttf")
