"""Topics: by word lists that anybody can read, for figures alone."""

import pytest
from pydantic import ValidationError
from sqlmodel import select

from bot.channels.heard import Heard, Verb
from bot.comment_settings import Comments
from bot.comments import taking, topics
from storage.comments import Comment
from tests.report.conftest import Here

CHOSEN = Comments()
OWN = Comments.model_validate(
    {"topics": [{"name": "Snö", "words": ["snö*", "halt"]}, {"name": "Bad", "words": ["bad"]}]}
)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("När plogas gatan?", "Trafik och gator"),
        ("Vägen till SKOLAN är trasig, och eleverna går där", "Skola och förskola"),
        ("Vilka öppettider har biblioteket?", "Kultur och fritid"),
        ("När kommer bygglovet för nya bostäder?", "Bygge och planer"),
        ("Soptunnan är full", "Avfall och vatten"),
        ("Hur når jag hemtjänsten?", "Vård och omsorg"),
        ("Jag vägrar!", None),
        ("Tomten kommer snart", None),
        ("Läs https://gator.example/skolan", None),
        ("❤️", None),
        ("", None),
    ],
)
def test_the_built_in_lists(text: str, topic: str | None) -> None:
    """Most words win, the list's first among equals; links say nothing."""
    assert topic == topics.of(text, CHOSEN)


@pytest.mark.parametrize(
    ("text", "topic"),
    [("Snöröjningen?", "Snö"), ("Det är halt.", "Snö"), ("halta", None), ("badet", None), ("bad", "Bad")],
)
def test_a_star_also_begins_longer_words(text: str, topic: str | None) -> None:
    """Without it a word stands alone."""
    assert topic == topics.of(text, OWN)


@pytest.mark.parametrize("name", ["", "x" * 41])
def test_a_topic_has_a_name_that_fits_its_column(name: str) -> None:
    """The settings say so before a comment does."""
    with pytest.raises(ValidationError):
        Comments.model_validate({"topics": [{"name": name, "words": ["x"]}]})


def test_two_topics_of_the_same_name_are_refused() -> None:
    """Nobody could tell them apart."""
    with pytest.raises(ValidationError, match="two topics have the same name"):
        Comments.model_validate({"topics": [{"name": "Snö", "words": ["a"]}, {"name": "Snö", "words": ["b"]}]})


async def test_a_comment_gets_its_topic_when_it_is_taken_in(here: Here) -> None:
    """From whatever channel it comes."""
    heard = Heard(
        remote="1_2", post="1", author="Invånare", written=here.clock(), text="När öppnar badhuset?", verb=Verb.ADD
    )
    await taking.take_in(here.desk, "facebook", [heard], now=here.clock())
    async with here.desk.db.read() as session:
        [row] = (await session.exec(select(Comment))).all()
    assert "Kultur och fritid" == row.topic
