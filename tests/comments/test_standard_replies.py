"""The book of standard replies: what is filled in, what is left to fill in, and who may change it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.comments import book, replying, signing
from bot.comments.book import Book, Standard
from bot.comments.rules import Case
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.texts import Texts
from storage import log, posts, replies
from tests import town
from tests.comments.conftest import Desks

SV = Texts.load().language("sv")


def with_comments(desk: Desk, **chosen: Any) -> Desk:
    """The same desk with other settings for comments."""
    fresh = desk.settings.comments.model_validate({**desk.settings.comments.model_dump(), **chosen})
    return replace(desk, settings=desk.settings.model_copy(update={"comments": fresh}))


@pytest.fixture
def shelf(here: Desks) -> Book:
    return Book(here.desk, SV)


async def filled(here: Desks, shelf: Book, key: str, case: Case, **known: str) -> str:
    one = await shelf.get(key)
    return shelf.filled(one, {**shelf.known(one, case, "Kommunikatör ett", here.clock()), **known})


async def test_the_catalogues_texts_stand_in_the_book(shelf: Book) -> None:
    """Nobody has to write anything before the first answer."""
    every = await shelf.every()
    assert list(book.KEYS) == [one.key for one in every]
    assert {0} == {one.version for one in every}


async def test_what_is_known_is_filled_in(here: Desks, shelf: Book) -> None:
    """First name as shown, unit, and when the answer is due; no signature where none is chosen."""
    case = await here.comment(author="Åsa-Lena Exempel")
    said = await filled(here, shelf, "received", case)
    assert case.due is not None
    due = SV.moment(case.due)
    assert f"Hej Åsa-Lena! Tack för din fråga. Vi kollar med Biblioteket och svarar dig här senast {due}." == said


@pytest.mark.parametrize("author", ["", "kalle_73", "xX Dragon Xx", "A", "@Kalle", "{unit}"])
async def test_what_is_no_name_is_left_out(here: Desks, shelf: Book, author: str) -> None:
    """A greeting without a name is better than one with a user name."""
    assert (await filled(here, shelf, "received", await here.comment(author=author))).startswith("Hej! Tack")


async def test_a_due_time_that_has_passed_is_no_promise(here: Desks, shelf: Book) -> None:
    """What cannot be promised any more is left to fill in."""
    case = await here.comment()
    here.later(days=7)
    said = await filled(here, shelf, "received", case)
    assert "senast [fyll i: tid]." in said


async def test_another_authority_is_not_reached_at_the_municipality(here: Desks, shelf: Book) -> None:
    """Its name and contact are to be filled in; ours would lead people astray."""
    case = await here.comment()
    assert "[fyll i: kontakt]" in await filled(here, shelf, "wrong_authority", case)
    said = await filled(here, shelf, "wrong_authority", case, authority="Försäkringskassan", contact="0771-524 524")
    assert "Försäkringskassan" in said
    assert "[fyll i" not in said
    assert "kontaktcenter@exempel.example" in await filled(here, shelf, "case", case)


async def test_hours_and_addresses_come_from_the_settings(here: Desks, shelf: Book) -> None:
    """What the municipality has written once need not be typed."""
    case = await here.comment()
    assert "vardagar 08.00–16.30" in await filled(here, shelf, "closed", case)
    assert "https://www.exempel.example/riktlinjer" in await filled(here, shelf, "removed", case)
    assert "https://www.exempel.example," in await filled(here, shelf, "private", case)
    assert "[fyll i: länk]" in await filled(here, shelf, "fault", case)
    target = {"key": "gata", "name": "Gata", "kind": "fault", "url": "https://fel.example"}
    shelf = Book(with_comments(here.desk, targets=[target]), SV)
    assert "https://fel.example" in await filled(here, shelf, "fault", case)


@pytest.mark.parametrize("text", ["Ring [fyll i: kontakt]", "ring [FYLL I", "Hej {name}!"])
async def test_what_is_left_to_fill_in_is_not_sent(shelf: Book, text: str) -> None:
    """Neither a mark of the desk's nor a placeholder that somebody typed."""
    with pytest.raises(Invalid) as refused:
        shelf.check(text)
    assert {"text": Problem("book.left")} == refused.value.problems
    shelf.check("Hej! {Inget} att fylla i [sic].")


@pytest.mark.parametrize(
    ("chosen", "text", "expected"),
    [
        ("{name}", "Klockan tio.", "Klockan tio. /Kommunikatör"),
        ("{name}", "Klockan tio. /kommunikatör", "Klockan tio. /kommunikatör"),
        ("{unit}", "Klockan tio.", "Klockan tio. /Biblioteket"),
        ("", "Klockan tio.", "Klockan tio."),
        ("{name}", "  ", ""),
    ],
)
async def test_the_signature_is_added_where_it_is_missing(
    here: Desks, chosen: str, text: str, expected: str
) -> None:
    """By the municipality's choice, and never twice."""
    desk = with_comments(here.desk, signature=chosen)
    assert expected == signing.signed(desk, await here.comment(), "Kommunikatör ett", text)


async def test_the_signature_is_counted(here: Desks) -> None:
    """A text that just fits without it does not fit with it."""
    desk, case = with_comments(here.desk, signature="{name}"), await here.comment()
    with pytest.raises(Invalid) as refused:
        await replying.send(desk, town.COMMS, case.id, "a" * 8000, now=here.clock())
    assert len(" /Kommunikatör") == refused.value.problems["text"].values["n"]
    sent = await replying.send(desk, town.COMMS, case.id, "Klockan tio.", now=here.clock())
    assert ("Klockan tio. /Kommunikatör", replies.WRITTEN) == (sent.text, sent.state)


async def test_the_department_edits_the_book(here: Desks, shelf: Book) -> None:
    """An edit is seen by all, with who and when; a reply of their own stands beside the others."""
    one = await shelf.get("closed")
    saved = await shelf.save(town.COMMS, replace(one, text="Hej! Vi svarar {hours}."), now=here.clock())
    own = await shelf.save(town.COMMS, Standard("", " Öppet hus ", "Välkommen! /{signature}"), now=here.clock())
    assert (1, "Hej! Vi svarar {hours}.") == (saved.version, (await shelf.get("closed")).text)
    assert ("Öppet hus", "Kommunikatör ett") == ((await shelf.get(own.key)).title, (await shelf.get(own.key)).by)
    async with here.desk.db.read() as session:
        assert ["reply.edited"] * 2 == [entry.action for entry in await log.of_case(session, book.LOG)]


@pytest.mark.parametrize("who", [town.REQUESTER, town.HEAD, town.GUEST, "U0NOBODY"])
async def test_others_do_not_edit_the_book(here: Desks, shelf: Book, who: str) -> None:
    """What the municipality answers is the department's to word."""
    with pytest.raises(Refused):
        await shelf.open_for(who, now=here.clock())
    with pytest.raises(Refused):
        await shelf.save(who, await shelf.get("case"), now=here.clock())
    assert 0 == (await shelf.get("case")).version


@pytest.mark.parametrize(
    ("title", "text", "field", "key"),
    [
        ("", "Hej!", "title", "form.needed"),
        ("x" * 76, "Hej!", "title", "book.too_long"),
        ("Svar", " ", "text", "form.needed"),
        ("Svar", "Hej {nman}!", "text", "book.placeholder"),
        ("Svar", "Hej {name:>10}!", "text", "book.placeholder"),
        ("Svar", "Hej {name!r}!", "text", "book.placeholder"),
        ("Svar", "Hej {", "text", "book.placeholder"),
        ("Svar", "Hej {}", "text", "book.placeholder"),
    ],
)
async def test_what_cannot_be_kept_says_so_at_its_field(
    here: Desks, shelf: Book, title: str, text: str, field: str, key: str
) -> None:
    """A placeholder that nobody can fill in would stand in an answer to a resident."""
    with pytest.raises(Invalid) as refused:
        await shelf.save(town.COMMS, Standard("", title, text), now=here.clock())
    assert {field: key} == {name: one.key for name, one in refused.value.problems.items()}


@pytest.mark.parametrize("version", [0, 1])
async def test_two_edits_of_one_version(here: Desks, shelf: Book, version: int) -> None:
    """The second hears of the first; nothing is overwritten."""
    one = await shelf.get("fault")
    for _ in range(version):
        one = await shelf.save(town.COMMS, one, now=here.clock())
    both = (shelf.save(who, replace(one, text=f"Av {who}"), now=here.clock()) for who in (town.COMMS, town.COMMS2))
    done = await asyncio.gather(*both, return_exceptions=True)
    [refused] = [result for result in done if isinstance(result, Refused)]
    [saved] = [result for result in done if isinstance(result, Standard)]
    kept = await shelf.get("fault")
    assert ("book.stale", saved.text, version + 1) == (refused.key, kept.text, kept.version)


async def test_a_draft_waits_until_the_comment_is_settled(here: Desks) -> None:
    """What was typed stands in the form again, for the one who typed it; then it is gone."""
    case = await here.comment()
    await replying.begin(here.desk, town.COMMS, case.id, now=here.clock())
    await replying.keep_draft(here.desk, town.COMMS, case.id, " Klockan ", now=here.clock())
    await replying.keep_draft(here.desk, town.COMMS, case.id, " Klockan tio ", now=here.clock())
    opened = await replying.begin(here.desk, town.COMMS2, case.id, now=here.clock())
    assert ("", "") == (opened.draft, opened.other)
    assert "Klockan tio" == (await replying.begin(here.desk, town.COMMS, case.id, now=here.clock())).draft
    await here.take(here.heard("Klockan tio.", own=True, parent=case.remote))
    assert "" == (await replying.begin(here.desk, town.COMMS, case.id, now=here.clock())).draft


async def test_a_holding_answer_leaves_the_comment_waiting(here: Desks) -> None:
    """Neither its delivery nor its echo from the platform counts as the answer."""
    case = await here.comment()
    sent = await replying.send(here.desk, town.COMMS, case.id, "Vi kollar.", now=here.clock(), holding=True)
    await here.take(here.heard("Vi  kollar.", own=True, parent=case.remote))
    async with here.desk.db.write() as session:
        assert sent.post_id is not None
        for before, after in ((posts.WAITING, posts.SENDING), (posts.SENDING, posts.DONE)):
            await posts.move(session, sent.post_id, before, after, started=here.clock(), remote="104_9")
        post = await session.get_one(posts.Post, sent.post_id)
        await replying.settled(session, here.desk, post, posts.DONE)
    waiting = await here.case(case.remote)
    assert ("waiting", case.due, town.COMMS) == (waiting.state, waiting.due, waiting.taken)
    await here.take(here.heard("Klockan tio.", own=True, parent=case.remote))
    assert "answered" == (await here.case(case.remote)).state


async def test_placeholders_are_written_in_the_language_of_the_house(here: Desks, shelf: Book) -> None:
    """The department reads and writes {namn}; what is kept is the same in every language."""
    shown = shelf.shown(await shelf.get("received"))
    assert shown.text.startswith("Hej {namn}! Tack för din fråga. Vi kollar med {verksamhet}")
    saved = await shelf.save(town.COMMS, replace(shown, text="Hej {namn}! {länk} {time}"), now=here.clock())
    assert "Hej {name}! {url} {time}" == saved.text
    with pytest.raises(Invalid):
        shelf.check("Hej {namn}!")
