"""The hash of what was read: every word counts, the order of channels does not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crisis.binding import content_hash
from bot.crisis.compose import Fitted
from bot.crisis.facts import Kind
from tests.crisis.crises import crisis, told

TEXTS = told(crisis())
ANNOUNCED = TEXTS["slack"].text
READ = content_hash(Kind.FIRST, TEXTS, announcement=ANNOUNCED, drill=False)


@settings(deadline=None)
@given(st.permutations(list(TEXTS)))
def test_the_order_of_the_channels_does_not_matter(keys: list[str]) -> None:
    """Dictionaries come back from the database as they please."""
    again = {key: TEXTS[key] for key in keys}
    assert READ == content_hash(Kind.FIRST, again, announcement=ANNOUNCED, drill=False)


def test_the_same_content_has_the_same_hash_for_ever() -> None:
    """Approvals outlive a restart and an upgrade."""
    texts = {"x": Fitted(text="Koka vattnet. {url}"), "sign": Fitted(text="KOKA", rows=("KOKA",))}
    known = "07ece5ac6e26192895a25980a3e2b3a926f19a0038b11bad65fbde272b555992"
    assert known == content_hash(Kind.FIRST, texts, announcement="*Krisläge*", drill=False)


def test_measurements_are_no_part_of_what_is_read() -> None:
    """A vendor's new limit does not void an approval; a changed text does."""
    texts = TEXTS | {"x": replace(TEXTS["x"], over=7, marked=(0, 4))}
    assert READ == content_hash(Kind.FIRST, texts, announcement=ANNOUNCED, drill=False)


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize(
    "changed", [{"title": "Annat"}, {"text": "Annat"}, {"alt": "Annat"}, {"rows": ("ANNAT",)}], ids=str
)
def test_every_part_of_every_channel_is_bound(key: str, changed: dict[str, object]) -> None:
    """One word elsewhere, and it is another message."""
    texts = TEXTS | {key: replace(TEXTS[key], **changed)}  # type: ignore[arg-type]
    assert READ != content_hash(Kind.FIRST, texts, announcement=ANNOUNCED, drill=False)


def test_kind_drill_announcement_and_the_choice_of_channels_are_bound() -> None:
    """All that the approver saw."""
    fewer = {key: one for key, one in TEXTS.items() if key != "x"}
    others = {
        content_hash(Kind.UPDATE, TEXTS, announcement=ANNOUNCED, drill=False),
        content_hash(Kind.FIRST, TEXTS, announcement=ANNOUNCED, drill=True),
        content_hash(Kind.FIRST, TEXTS, announcement="", drill=False),
        content_hash(Kind.FIRST, fewer, announcement=ANNOUNCED, drill=False),
        READ,
    }
    assert 5 == len(others)


def test_words_cannot_move_between_places_unseen() -> None:
    """Title "A" with text "B" is not title "" with text "AB"."""
    one = content_hash(Kind.FIRST, {"a": Fitted("A", "B")}, announcement="", drill=False)
    other = content_hash(Kind.FIRST, {"a": Fitted("", "AB")}, announcement="", drill=False)
    assert one != other
