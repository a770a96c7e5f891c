"""chat.*: who may post where, and what."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.sandbox.world import GONE, GUEST, HEAD, STAFF, STRANGER, Clock, actions, button, refusal, section


def revoke(sandbox: Sandbox, *scopes: str) -> None:
    sandbox.hub.workspace.scopes -= set(scopes)


PLACES = {
    "C0KOMM": None,
    "C0ALLA": None,
    "G0VI": None,
    HEAD: None,
    GONE: None,
    GUEST: None,
    STRANGER: None,
    "C0GRANN": None,
    "G0CHEF": "channel_not_found",
    "C0NOWHERE": "channel_not_found",
    "komm": "channel_not_found",
    "U0000000BOT": "channel_not_found",
    "C0OLD": "is_archived",
    "C0READ": "restricted_action_read_only_channel",
}


@pytest.mark.parametrize("place", PLACES)
async def test_the_bot_posts_where_it_may_and_is_told_why_not(client: AsyncWebClient, place: str):
    """A deactivated person's direct message is taken without a word, as in Slack."""
    call = client.chat_postMessage(channel=place, text="Hej")
    if PLACES[place] is None:
        assert (await call)["ok"]
    else:
        assert (await refusal(call))["error"] == PLACES[place]


async def test_a_public_channel_needs_membership_or_its_own_scope(sandbox: Sandbox, client: AsyncWebClient):
    revoke(sandbox, "chat:write.public")
    assert (await refusal(client.chat_postMessage(channel="C0ALLA", text="Hej")))["error"] == "not_in_channel"
    assert (await client.chat_postMessage(channel="C0KOMM", text="Hej"))["ok"]


async def test_a_person_as_channel_opens_their_direct_message(client: AsyncWebClient, head: Person):
    answer = await client.chat_postMessage(channel=HEAD, text="Hej")
    assert answer["channel"].startswith("D")
    assert answer["channel"] == await head.dm()
    assert (await client.conversations_open(users=HEAD))["channel"]["id"] == answer["channel"]
    assert [said["text"] for said in await head.messages()] == ["Hej"]


async def test_a_stranger_without_a_shared_channel_is_out_of_reach(sandbox: Sandbox, client: AsyncWebClient):
    del sandbox.hub.workspace.channels["C0GRANN"].members[STRANGER]
    call = client.chat_postMessage(channel=STRANGER, text="Hej")
    assert (await refusal(call))["error"] == "channel_not_found"


CONTENT = {
    "nothing": ({}, "no_text"),
    "empty blocks and no text": ({"blocks": []}, "no_text"),
    "bad block": ({"text": "x", "blocks": [{"type": "oops"}]}, "invalid_blocks"),
    "too long in all": ({"text": "x", "blocks": [section("x" * 3000)] * 4 + [section("x")]}, "msg_blocks_too_long"),
    "markdown and text": ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    "no such thread": ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
    "metadata of another kind": ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    "metadata without type": ({"text": "x", "metadata": {"event_payload": {}}}, "invalid_metadata_schema"),
    "metadata too large": (
        {"text": "x", "metadata": {"event_type": "a", "event_payload": {"a": "x" * 16_000}}},
        "metadata_too_large",
    ),
}


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
async def test_content_slack_refuses_is_refused(client: AsyncWebClient, name: str):
    given, error = CONTENT[name]
    answer = await refusal(client.api_call("chat.postMessage", json={"channel": "C0KOMM", **given}))
    assert answer["error"] == error


async def test_a_refused_block_names_its_place(client: AsyncWebClient):
    call = client.chat_postMessage(channel="C0KOMM", text="x", blocks=[section("x"), section("y" * 3001)])
    metadata = (await refusal(call))["response_metadata"]
    assert metadata["messages"] == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"]


async def test_blocks_may_come_as_text_in_a_form(client: AsyncWebClient):
    """Slack's clients send either JSON or a form with JSON inside."""
    form = {"channel": "C0KOMM", "text": "x", "blocks": '[{"type": "divider"}]'}
    assert (await client.api_call("chat.postMessage", data=form))["message"]["blocks"][0]["type"] == "divider"
    bad = await refusal(client.api_call("chat.postMessage", data=form | {"blocks": "[{"}))
    assert bad["error"] == "invalid_blocks_format"


async def test_ids_that_are_not_given_are_made_up(client: AsyncWebClient):
    blocks = [section("x"), actions({"type": "button", "text": {"type": "plain_text", "text": "x"}})]
    told = (await client.chat_postMessage(channel="C0KOMM", text="x", blocks=blocks))["message"]["blocks"]
    assert told[0]["block_id"]
    assert told[1]["elements"][0]["action_id"]


async def test_timestamps_never_repeat_within_one_instant(client: AsyncWebClient):
    stamps = [(await client.chat_postMessage(channel=place, text="x"))["ts"] for place in ("C0KOMM", "G0VI")]
    assert stamps == sorted(set(stamps))


async def test_an_edit_without_blocks_keeps_the_old_ones(client: AsyncWebClient):
    blocks = [actions(button("Godkänn", "approve"))]
    said = await client.chat_postMessage(channel="C0KOMM", text="Fråga", blocks=blocks)
    place = {"channel": "C0KOMM", "ts": said["ts"]}
    kept = (await client.chat_update(**place, text="Svar"))["message"]
    assert (kept["text"], kept["blocks"][0]["type"]) == ("Svar", "actions")
    bare = (await client.chat_update(**place, text="Svar", blocks=[]))["message"]
    assert "blocks" not in bare
    assert bare["edited"]["user"] == "U0000000BOT"


async def test_only_ones_own_messages_are_edited_and_deleted(client: AsyncWebClient, head: Person):
    theirs = {"channel": "C0KOMM", "ts": (await head.say("Mitt", "C0KOMM"))["ts"]}
    nobodys = {"channel": "C0KOMM", "ts": "1.000001"}
    mine = {"channel": "C0KOMM", "ts": (await client.chat_postMessage(channel="C0KOMM", text="x"))["ts"]}
    assert (await refusal(client.chat_update(**theirs, text="x")))["error"] == "cant_update_message"
    assert (await refusal(client.chat_delete(**theirs)))["error"] == "cant_delete_message"
    assert (await refusal(client.chat_update(**nobodys, text="x")))["error"] == "message_not_found"
    assert (await client.chat_delete(**mine))["ok"]
    assert (await refusal(client.chat_update(**mine, text="x")))["error"] == "message_not_found"
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Mitt"]


async def test_a_deleted_message_with_answers_leaves_a_tombstone(client: AsyncWebClient, head: Person):
    said = await client.chat_postMessage(channel="C0KOMM", text="x")
    await client.chat_postMessage(channel="C0KOMM", text="svar", thread_ts=said["ts"])
    await client.chat_delete(channel="C0KOMM", ts=said["ts"])
    (left,) = await head.messages("C0KOMM")
    assert (left["deleted"], left["reply_count"]) == (True, 1)


async def test_nothing_is_edited_in_an_archived_channel(sandbox: Sandbox, client: AsyncWebClient):
    said = await client.chat_postMessage(channel="C0KOMM", text="x")
    sandbox.hub.workspace.channels["C0KOMM"].archived = True
    call = client.chat_update(channel="C0KOMM", ts=said["ts"], text="y")
    assert (await refusal(call))["error"] == "is_inactive"


async def test_an_ephemeral_message_is_seen_by_one_and_cannot_be_edited(
    client: AsyncWebClient, head: Person, staff: Person
):
    said = await client.chat_postEphemeral(channel="C0KOMM", user=HEAD, text="Bara du")
    assert [one["ephemeral"] for one in await head.messages("C0KOMM")] == [True]
    assert await staff.messages("C0KOMM") == []
    call = client.chat_update(channel="C0KOMM", ts=said["message_ts"], text="x")
    assert (await refusal(call))["error"] == "message_not_found"


@pytest.mark.parametrize("user", [GONE, GUEST, "U0NOBODY"])
async def test_an_ephemeral_message_needs_an_active_member(client: AsyncWebClient, user: str):
    call = client.chat_postEphemeral(channel="C0KOMM", user=user, text="x")
    assert (await refusal(call))["error"] == "user_not_in_channel"


async def test_an_ephemeral_message_stands_in_a_thread_that_is_alive(client: AsyncWebClient, head: Person):
    first = await client.chat_postMessage(channel="C0KOMM", text="Fråga")
    private = {"channel": "C0KOMM", "user": HEAD, "thread_ts": first["ts"]}
    await client.chat_postEphemeral(**private, text="Ingen ser")
    await client.chat_postMessage(channel="C0KOMM", text="Svar", thread_ts=first["ts"])
    await client.chat_postEphemeral(**private, text="Bara du")
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Fråga"]
    assert [said["text"] for said in await head.messages("C0KOMM", first["ts"])] == ["Fråga", "Svar", "Bara du"]


async def test_answers_stand_in_their_thread_and_on_request_in_the_channel(client: AsyncWebClient, head: Person):
    first = await client.chat_postMessage(channel="C0KOMM", text="Fråga")
    await client.chat_postMessage(channel="C0KOMM", text="Svar", thread_ts=first["ts"])
    await client.chat_postMessage(channel="C0KOMM", text="Hört", thread_ts=first["ts"], reply_broadcast=True)
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Fråga", "Hört"]
    thread = await head.messages("C0KOMM", first["ts"])
    assert [said["text"] for said in thread] == ["Fråga", "Svar", "Hört"]
    assert thread[0]["reply_count"] == 2


async def test_a_permalink_leads_to_the_message(client: AsyncWebClient, sandbox: Sandbox, clock: Clock):
    said = await client.chat_postMessage(channel="C0KOMM", text="x")
    link = (await client.chat_getPermalink(channel="C0KOMM", message_ts=said["ts"]))["permalink"]
    assert link == f"{sandbox.base_url}/archives/C0KOMM/p{said['ts'].replace('.', '')}"
    nowhere = client.chat_getPermalink(channel="C0KOMM", message_ts="1.000001")
    assert (await refusal(nowhere))["error"] == "message_not_found"


async def test_what_people_write_is_stored_escaped(head: Person):
    await head.say(f"a < b & <!channel> @{STAFF}", "C0KOMM")
    (said,) = await head.messages("C0KOMM")
    assert said["text"] == f"a &lt; b &amp; &lt;!channel&gt; <@{STAFF}>"
