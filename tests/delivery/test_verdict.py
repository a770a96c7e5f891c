"""What each answer of a vendor means, line by line; pure."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.errors import (
    CannotLook,
    ChannelError,
    Gone,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    Unknown,
)
from bot.channels.protocol import Sent
from bot.delivery import verdict
from bot.delivery.settings import Settings

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TUNING = Settings()


@pytest.mark.parametrize(
    ("answer", "state", "due_in", "rests"),
    [
        (Sent("1.0", "C1"), "done", 0, None),
        (Throttled(7), "waiting", 7, ("send", 7)),
        (Throttled(0), "waiting", 1, ("send", 1)),
        (NotSent("refused"), "waiting", 5, ("all", 5)),
        (TokenDead("token_revoked"), "waiting", 60, ("all", 60)),
        (Refused("is_archived"), "refused", None, None),
        (Unknown("dropped"), "unknown", 5 + 2, None),
        (Gone("message_not_found"), "unknown", 5 + 2, None),
    ],
)
def test_an_answer_to_sending(
    answer: Sent | ChannelError, state: str, due_in: float | None, rests: tuple[str, float] | None
) -> None:
    """Only what is surely sent is done, and only what is surely not sent waits again."""
    found = verdict.of_sending(answer, NOW, TUNING, lag=2, card=False)
    assert found.state == state
    assert found.changes.get("due") == (None if due_in is None else NOW + timedelta(seconds=due_in))
    assert (found.rest and (found.rest.verb, found.rest.seconds)) == rests


def test_a_card_rests_after_it_was_sent() -> None:
    """The first change of a card comes no sooner than the interval after it was posted."""
    found = verdict.of_sending(Sent("1.0", "C1"), NOW, TUNING, lag=0, card=True)
    assert found.changes["due"] == NOW + timedelta(seconds=3)


@pytest.mark.parametrize(
    ("answer", "looks", "state", "due_in"),
    [
        (Sent("17.0", "C1"), 0, "done", 0),
        (None, 0, "unknown", 15 + 2),
        (None, 1, "unknown", 30 + 2),
        (None, 2, "waiting", 0),
        (CannotLook("not_in_channel"), 0, "asking", None),
        (Refused("is_archived"), 0, "asking", None),
        (Throttled(9), 1, "unknown", 9),
        (Unknown("dropped"), 1, "unknown", 5),
        (NotSent("refused"), 1, "unknown", 5),
        (TokenDead("token_revoked"), 1, "unknown", 60),
    ],
)
def test_an_answer_to_a_look(
    answer: Sent | ChannelError | None, looks: int, state: str, due_in: float | None
) -> None:
    """Three empty looks are needed; a look that failed is none."""
    found = verdict.of_look(answer, looks, NOW, TUNING, lag=2, card=False)
    assert found.state == state
    assert found.changes.get("due") == (None if due_in is None else NOW + timedelta(seconds=due_in))
    counted = found.changes.get("looks", looks)
    assert counted == (looks + 1 if answer is None and state == "unknown" else 0 if answer is None else looks)


@pytest.mark.parametrize(
    ("answer", "state", "shown"),
    [
        (None, "done", 4),
        (Refused("edit_window_closed"), "done", 4),
        (Gone("message_not_found"), "waiting", None),
        (Unknown("dropped"), "done", None),
        (Throttled(9), "done", None),
        (TokenDead("token_revoked"), "done", None),
    ],
)
def test_an_answer_to_showing_a_card_anew(answer: ChannelError | None, state: str, shown: int | None) -> None:
    """Shown counts only when it was; a lost answer is asked again; a message that is gone is posted anew."""
    found = verdict.of_update(answer, 4, NOW, TUNING)
    assert (found.state, found.changes.get("shown")) == (state, shown)
    assert ("remote" in found.changes) == isinstance(answer, Gone)


def test_waiting_for_a_place_delays_one_post_and_not_the_lane() -> None:
    """Too many direct messages opened at once: posts to channels go on."""
    found = verdict.of_place(Throttled(9), NOW, TUNING)
    assert (found.state, found.changes["due"], found.rest) == ("waiting", NOW + timedelta(seconds=9), None)
    assert verdict.of_place(Unknown("dropped"), NOW, TUNING).state == "waiting"
    assert verdict.of_place(Refused("account_deactivated"), NOW, TUNING).state == "refused"
