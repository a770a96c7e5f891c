"""How long an answer may be, as the platform counts."""

import pytest

from bot.comments import lengths

LINK = "https://www.exempel.example/" + "x" * 80


@pytest.mark.parametrize(
    ("platform", "text", "length"),
    [
        ("mastodon", LINK, 23),
        ("mastodon", "å" * 5, 5),
        ("bluesky", "👨‍👩‍👧", 2),
        ("bluesky", "å" * 10, 10),
        ("wordpress", LINK, len(LINK)),
        ("instagram", "abc", 3),
    ],
)
def test_each_platform_counts_in_its_own_way(platform: str, text: str, length: int) -> None:
    """Mastodon counts every link alike; Bluesky counts signs as people see them, and bytes."""
    assert length == lengths.of(platform, text)


def test_there_is_room_for_whom_a_status_answers() -> None:
    """A Mastodon answer begins with a name of up to thirty characters, and fits all the same."""
    assert lengths.room("mastodon") + len("@" + "x" * 30 + " ") == 500
