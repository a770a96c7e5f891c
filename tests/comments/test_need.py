"""What starts the clock, and what a comment is marked as."""

import pytest

from bot.channels.heard import Heard
from bot.comment_settings import Comments
from bot.comments import marks, need
from bot.comments.marks import Mark
from bot.comments.states import TABLE, VISIBLE, Act, State, allowed

USUAL = Comments()


def heard(text: str, **more: object) -> Heard:
    return Heard(remote="1", post="2", text=text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("När öppnar badhuset", True),
        ("Öppet på lördag?", True),
        ("Det luktar konstigt i vattnet hos oss.", True),
        ("👍👍", False),
        ("❤️ 🎉 !!", False),
        ("@anna.andersson @bo_b", False),
        ("@anna ❤️", False),
        ("Tack!", False),
        ("Stort tack ❤️", False),
        ("Tack så mycket, toppen!", False),
        ("Tack, men när öppnar ni?", True),
        ("Tack för ingenting, vägen är fortfarande trasig", True),
        ("", False),
    ],
)
def test_what_starts_the_clock(text: str, expected: bool) -> None:
    """Thanks, emoji and tags of friends never do; everything else that a resident writes to us does."""
    assert expected == need.answer(heard(text), USUAL, to_resident=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jag håller med dig.", False),
        ("Nej, så var det inte alls", False),
        ("Vet du när de öppnar?", True),
        ("Det brinner ju där nu", True),
        ("Jag vet var du bor", True),
        ("Ring henne på 070-123 45 67", True),
    ],
)
def test_residents_among_themselves(text: str, expected: bool) -> None:
    """A resident answering a resident starts it only with a question or something graver."""
    assert expected == need.answer(heard(text), USUAL, to_resident=True)


def test_our_own_words_and_pictures_without_any() -> None:
    """What the account itself writes needs nothing; a picture without words may be a report of a fault."""
    assert not need.answer(heard("Hej! När?", own=True), USUAL, to_resident=False)
    assert need.answer(heard("", attached=True), USUAL, to_resident=False)
    assert not need.answer(heard("👍", attached=True), USUAL, to_resident=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hur gör jag?", {Mark.QUESTION}),
        ("https://example.se/?sok=1", set()),
        ("Det är akut, ring mig på 0701234567", {Mark.URGENT, Mark.PERSONAL}),
        ("Hennes personnummer är 19121212-1212", {Mark.PERSONAL}),
        ("Skriv till namn@example.se", {Mark.PERSONAL}),
        ("Vi ska utrota er", {Mark.UNLAWFUL}),
        ("Rutrotatet", set()),
        ("Var rädd om dig", {Mark.QUESTION}),
        ("Det var en bra dag", set()),
        ("Ärende 2026-0412 är klart", set()),
    ],
)
def test_marks(text: str, expected: set[Mark]) -> None:
    """Whole words and patterns; what a link contains asks nothing."""
    assert expected == set(marks.of(text, USUAL))


def test_every_state_and_act() -> None:
    """The whole table: an act is allowed exactly where it has a line, and what is away is never answered."""
    assert {(s, a) for s in State for a in Act if allowed(s, a)} == set(TABLE)
    assert not any(allowed(s, Act.ANSWER) for s in State if s not in VISIBLE)
    assert [s for s in State if allowed(s, Act.HIDE)] == list(VISIBLE)
    assert {State.REMOVED} == {s for s in State if not any(allowed(s, a) for a in Act)}
