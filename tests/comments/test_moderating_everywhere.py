"""Every place in Slack where a comment's text stands: it is taken out there within a minute of the hiding."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import stage
from bot.app import Kanalvakt
from bot.channels.heard import Heard, Verb
from bot.comments import acting, forwarding, moderating, reading, replying, taking, tell
from bot.comments.ladder import Step
from bot.comments.moderating import HIDE, REMOVE
from bot.delivery import outbox
from bot.delivery.settings import Settings as Tuning
from bot.demo import town
from bot.digest import owing
from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from storage import comments
from storage.comments import Comment

pytestmark = pytest.mark.heavy
CHANNEL, POST = "facebook", "104000000000000_900"
TEXT, BEFORE, AUTHOR = "Ni som bor på Åvägen 7 ska få", "Ni på Åvägen ska få", "Ilsken Granne"
QUOTE = "Personen skrev: Ni som bor på Åvägen 7 ska få. Vad säger vi?"
HURRY = Tuning(
    posts_per_minute=60_000,
    updates_per_minute=60_000,
    reads_per_minute=60_000,
    dest_interval_s=0.01,
    card_interval_s=0.05,
)


class Scene:
    """The whole desk beside the sandbox workspace, with one comment everywhere it can be."""

    def __init__(self, sandbox: Sandbox, desk: Kanalvakt) -> None:
        self.sandbox, self.roof, self.desk = sandbox, desk, desk.desk

    @property
    def now(self) -> Any:
        return self.desk.now()

    async def row(self, remote: str) -> Comment:
        async with self.desk.db.write() as session:
            found = await comments.by_remote(session, CHANNEL, remote)
            assert found is not None
            return found

    async def hears(self, remote: str, text: str, **more: Any) -> Comment:
        given = {"author": AUTHOR, "written": self.now - timedelta(hours=1), "link": f"https://fb.example/{remote}"}
        heard = Heard(remote=remote, post=POST, text=text, post_text="Nu öppnar badet.", **{**given, **more})
        await taking.take_in(self.desk, CHANNEL, [heard], now=self.now)
        return await self.row(remote)

    def messages(self) -> list[dict[str, Any]]:
        """Every message of the workspace as it stands, also in direct messages and threads."""
        lines = [channel.timeline for channel in self.sandbox.hub.workspace.channels.values()]
        found = [one for line in lines for root in line.roots() for one in (root, *line.replies(root.ts))]
        return [one.to_record() for one in found]

    def holding(self, *words: str) -> list[str]:
        """The messages in which one of these words stands."""
        shown = [json.dumps(one, ensure_ascii=False) for one in self.messages()]
        return [one for one in shown if any(word in one for word in words)]

    async def settle(self, wanted: Callable[[], bool], what: str) -> None:
        """Wait until the delivery room has got there; a minute is what the promise says."""
        await Person(self.sandbox.base_url, town.SOCIAL).eventually(wanted, what=what, timeout=60)


@pytest.fixture
async def scene(database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    chosen = stage.Stage(tmp_path / "demo", database_url=database_url, tuning=HURRY, outside=True)
    async with stage.set_up(chosen) as (sandbox, desk):
        sandbox.hub.limits.on = False
        yield Scene(sandbox, desk)


async def everywhere(scene: Scene) -> tuple[Comment, Comment]:
    """One comment in every kind of message that can hold it, and a neighbour in its thread."""
    desk, now = scene.desk, scene.now
    row = await scene.hears(f"{POST}_1", BEFORE)
    await scene.hears(f"{POST}_1", TEXT, verb=Verb.EDIT)
    beside = await scene.hears(f"{POST}_2", "Vad menar du?", parent=f"{POST}_1")
    number = row.id or 0
    await acting.need(desk, town.SOCIAL, beside.id or 0, now=now) if beside.state == "quiet" else None
    await scene.roof.directory.all_known([town.LIBRARIAN, town.PRINCIPAL])
    await acting.hand_over(desk, town.SOCIAL, number, town.PRESS, now=now)
    expert = forwarding.Given("expert", person=town.PRINCIPAL, note=QUOTE)
    made = await forwarding.forward(desk, town.SOCIAL, number, expert, now=now)
    await forwarding.answer(desk, town.PRINCIPAL, made.id or 0, QUOTE, now=now)
    await reading.ask(desk, town.SOCIAL, number, town.WEB, QUOTE, now=now)
    await replying.send(desk, town.WEB, number, QUOTE, now=now, holding=True)
    await moderating.order(desk, town.WEB, number, HIDE, moderating.Given("d", why="Reklam"), now=now)
    async with desk.db.write() as session:
        held = await comments.locked(session, number)
        assert held is not None
        for step, who in ((Step.HALF, town.PRESS), (Step.OVERDUE, town.DESIGN), (Step.HEAD, town.MANAGER)):
            await tell.remind(session, held, step, (who,), now, at_once=True)
        for kind, dest in ((owing.DEPARTMENT, town.DEPARTMENT_CHANNEL), (owing.MINE, town.PRESS)):
            await outbox.send(session, kind=kind, dest=dest, topic=f"digest:{dest}", args={}, now=now)
    await scene.settle(lambda: len(scene.holding("Åvägen")) >= 10, "the text stands everywhere")
    return await scene.row(row.remote), beside


@pytest.mark.parametrize(("act", "klass"), [(HIDE, "a"), (HIDE, "b"), (REMOVE, "c"), (HIDE, "child")])
async def test_the_text_is_in_no_message_of_the_workspace(scene: Scene, act: str, klass: str) -> None:
    """Cards, reminders, what was handed over, sent on, read: each says where the evidence is instead."""
    row, _ = await everywhere(scene)
    given = moderating.Given(klass, why="Hot", no_shot="Borta")
    made = await moderating.order(scene.desk, town.SOCIAL, row.id or 0, act, given, now=scene.now)
    before = len(scene.messages())
    await scene.settle(lambda: not scene.holding("Åvägen"), "the text is taken out everywhere")
    assert len(scene.messages()) >= before > 9
    assert len(scene.holding(f"Borttagen, bevis {made.ref}")) >= 8


async def test_a_neighbour_s_form_does_not_bring_it_back(scene: Scene) -> None:
    """The turns of the conversation leave out what was hidden."""
    row, beside = await everywhere(scene)
    open_now = await replying.begin(scene.desk, town.SOCIAL, beside.id or 0, now=scene.now)
    assert [TEXT] == [turn.text for turn in open_now.turns]
    await moderating.order(scene.desk, town.SOCIAL, row.id or 0, HIDE, moderating.Given("a"), now=scene.now)
    later = await replying.begin(scene.desk, town.SOCIAL, beside.id or 0, now=scene.now)
    assert () == later.turns


async def test_what_was_edited_before_it_was_taken_out_never_shows_again(scene: Scene) -> None:
    """An edit on the platform, and the platform's showing it again, of a class that stands nowhere in Slack."""
    row, _ = await everywhere(scene)
    await moderating.order(scene.desk, town.SOCIAL, row.id or 0, HIDE, moderating.Given("b"), now=scene.now)
    await scene.hears(row.remote, f"{TEXT} nu", verb=Verb.EDIT)
    await scene.hears(row.remote, TEXT, verb=Verb.SHOW)
    await scene.settle(lambda: not scene.holding("Åvägen"), "the text is taken out everywhere")
    assert "closed" == (await scene.row(row.remote)).state


async def test_notices_never_name_who_wrote(scene: Scene) -> None:
    """The name stands with the comment in its thread, and nowhere else: no reminder, no digest, no message."""
    row, _ = await everywhere(scene)
    named = [one for one in scene.messages() if AUTHOR in json.dumps(one, ensure_ascii=False)]
    assert {town.DEPARTMENT_CHANNEL} == {one["channel"] for one in named}
    assert all("thread_ts" in one for one in named)
    await moderating.order(scene.desk, town.SOCIAL, row.id or 0, HIDE, moderating.Given("child"), now=scene.now)
    await scene.settle(lambda: bool(scene.holding("Misstänkt övergrepp")), "the manager is told")
    [alarm] = scene.holding("Misstänkt övergrepp")
    assert (False, False, True) == (AUTHOR in alarm, "Åvägen" in alarm, row.link in alarm)
