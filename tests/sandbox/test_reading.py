"""conversations.*, users.*, usergroups.*, auth: what the bot may know."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.api.gate import methods
from bot.sandbox.driver import Person
from bot.sandbox.seed import ChannelSeed, PersonSeed, Seed
from bot.sandbox.server import Sandbox
from tests.sandbox.world import GONE, GUEST, HEAD, STAFF, STRANGER, Clock, client_for, refusal

NEEDED = [(name, method.scopes) for name, method in methods().items() if method.scopes]


@pytest.mark.parametrize(("name", "scopes"), NEEDED)
async def test_without_its_scope_a_method_is_closed(sandbox: Sandbox, client: AsyncWebClient, name, scopes):
    sandbox.hub.workspace.scopes -= set(scopes)
    answer = await refusal(client.api_call(name))
    assert (answer["error"], answer["needed"]) == ("missing_scope", ",".join(scopes))
    assert answer["provided"] == ",".join(sorted(sandbox.hub.workspace.scopes))


async def test_the_granted_scopes_are_told_in_a_header(client: AsyncWebClient):
    answer = await client.auth_test()
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")


async def test_the_token_is_checked(sandbox: Sandbox, client: AsyncWebClient):
    assert (await refusal(client_for(sandbox, "xoxb-other").auth_test()))["error"] == "invalid_auth"
    assert (await refusal(client_for(sandbox, "").auth_test()))["error"] == "not_authed"
    assert (await refusal(client_for(sandbox, "xapp-sandbox").auth_test()))["error"] == "not_allowed_token_type"
    opened = client.apps_connections_open(app_token="xoxb-sandbox")
    assert (await refusal(opened))["error"] == "not_allowed_token_type"
    sandbox.hub.faults.set(revoked=True)
    assert (await refusal(client.auth_test()))["error"] == "token_revoked"


async def test_an_unknown_method_says_so(client: AsyncWebClient):
    answer = await refusal(client.api_call("admin.everything"))
    assert (answer["error"], answer["req_method"]) == ("unknown_method", "admin.everything")


async def test_the_bot_learns_who_it_is(client: AsyncWebClient):
    told = await client.auth_test()
    assert (told["user_id"], told["bot_id"], told["team_id"]) == ("U0000000BOT", "B0000000BOT", "T0000000001")
    assert (await client.team_info())["team"]["name"] == "Sandbox"
    assert (await client.api_test())["ok"]


READING = {
    "C0KOMM": None,
    "G0VI": None,
    "C0OLD": None,
    "C0ALLA": "not_in_channel",
    "G0CHEF": "channel_not_found",
    "C0NONE": "channel_not_found",
}


@pytest.mark.parametrize("place", READING)
@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
async def test_history_is_for_members_only(sandbox: Sandbox, client: AsyncWebClient, place: str, method: str):
    """Also in public channels, where the bot may post without being a member."""
    answer = client.api_call(method, params={"channel": place, "ts": "1.000001"})
    if READING[place] is not None:
        assert (await refusal(answer))["error"] == READING[place]
    elif method == "conversations.history":
        assert (await answer)["messages"] == []
    else:
        assert (await refusal(answer))["error"] == "thread_not_found"


async def test_metadata_is_kept_and_told_in_full_on_request(client: AsyncWebClient):
    mark = {"event_type": "delivery", "event_payload": {"id": "7"}}
    await client.chat_postMessage(channel="C0KOMM", text="x", metadata=mark)
    (brief,) = (await client.conversations_history(channel="C0KOMM"))["messages"]
    (full,) = (await client.conversations_history(channel="C0KOMM", include_all_metadata=True))["messages"]
    assert (brief["metadata"], full["metadata"]) == ({"event_type": "delivery"}, mark)


async def test_history_comes_in_pages_newest_first(client: AsyncWebClient, head: Person):
    stamps = [(await head.say(f"{n}", "C0KOMM"))["ts"] for n in range(7)]
    seen, cursor = [], None
    while cursor != "":
        answer = await client.conversations_history(channel="C0KOMM", limit=3, cursor=cursor)
        seen.append([said["text"] for said in answer["messages"]])
        cursor = answer.get("response_metadata", {}).get("next_cursor", "")
        assert answer["has_more"] is bool(cursor)
    assert seen == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    between = {"channel": "C0KOMM", "oldest": stamps[2], "latest": stamps[4]}
    outside = (await client.conversations_history(**between))["messages"]
    inside = (await client.conversations_history(**between, inclusive=True))["messages"]
    assert [said["text"] for said in outside] == ["3"]
    assert [said["text"] for said in inside] == ["4", "3", "2"]


async def test_a_thread_comes_in_pages_its_beginning_first(client: AsyncWebClient, head: Person):
    first = (await head.say("Fråga", "C0KOMM"))["ts"]
    for n in range(4):
        await head.say(f"{n}", "C0KOMM", first)
    page = await client.conversations_replies(channel="C0KOMM", ts=first, limit=3)
    assert [said["text"] for said in page["messages"]] == ["Fråga", "0", "1"]
    following = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_replies(channel="C0KOMM", ts=first, limit=3, cursor=following)
    assert [said["text"] for said in rest["messages"]] == ["2", "3"]
    (told,) = (await client.conversations_history(channel="C0KOMM"))["messages"]
    assert (told["reply_count"], told["thread_ts"]) == (4, first)


async def test_history_lags_behind_when_told_to(sandbox: Sandbox, client: AsyncWebClient, clock: Clock):
    sandbox.hub.faults.set(history_lag_s=5)
    said = await client.chat_postMessage(channel="C0KOMM", text="x")
    assert (await client.conversations_history(channel="C0KOMM"))["messages"] == []
    replies = client.conversations_replies(channel="C0KOMM", ts=said["ts"])
    assert (await refusal(replies))["error"] == "thread_not_found"
    clock.forward(5)
    assert len((await client.conversations_history(channel="C0KOMM"))["messages"]) == 1


async def test_channels_are_listed_as_far_as_the_bot_may_know(sandbox: Sandbox, client: AsyncWebClient):
    public = (await client.conversations_list())["channels"]
    assert [channel["id"] for channel in public] == ["C0ALLA", "C0KOMM", "C0OLD", "C0READ", "C0GRANN"]
    private = (await client.conversations_list(types="private_channel"))["channels"]
    assert [channel["id"] for channel in private] == ["G0VI"]
    sandbox.hub.workspace.scopes -= {"groups:read"}
    assert (await refusal(client.conversations_list(types="private_channel")))["needed"] == "groups:read"
    assert (await refusal(client.conversations_list(types="every")))["error"] == "invalid_types"


async def test_archived_channels_are_left_out_after_the_page_was_cut(client: AsyncWebClient):
    """So a page may be empty and still have a successor."""
    pages, cursor = [], None
    while cursor != "":
        answer = await client.conversations_list(limit=1, exclude_archived=True, cursor=cursor)
        pages.append([channel["id"] for channel in answer["channels"]])
        cursor = answer["response_metadata"]["next_cursor"]
    assert pages == [["C0ALLA"], ["C0KOMM"], [], ["C0READ"], ["C0GRANN"]]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"limit": 1001}, "invalid_limit"),
        ({"limit": "många"}, "invalid_limit"),
        ({"cursor": "x"}, "invalid_cursor"),
    ],
)
async def test_bad_pages_are_refused(client: AsyncWebClient, given: dict, error: str):
    assert (await refusal(client.api_call("conversations.list", params=given)))["error"] == error


async def test_a_channel_is_described(client: AsyncWebClient):
    told = (await client.conversations_info(channel="C0GRANN", include_num_members=True))["channel"]
    assert (told["is_ext_shared"], told["is_member"], told["num_members"]) == (True, True, 3)
    read_only = (await client.conversations_info(channel="C0READ"))["channel"]
    assert read_only["properties"]["posting_restricted_to"] == {"type": ["admin"]}
    assert (await refusal(client.conversations_info(channel="G0CHEF")))["error"] == "channel_not_found"


async def test_members_come_in_pages(client: AsyncWebClient):
    page = await client.conversations_members(channel="C0KOMM", limit=2)
    following = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_members(channel="C0KOMM", limit=2, cursor=following)
    assert page["members"] + rest["members"] == [HEAD, STAFF, "U0000000BOT"]


@pytest.mark.parametrize(
    ("place", "error"),
    [("C0OLD", "is_archived"), ("G0VI", "method_not_supported_for_channel_type"), ("G0CHEF", "channel_not_found")],
)
async def test_the_bot_does_not_join_everywhere(client: AsyncWebClient, place: str, error: str):
    assert (await refusal(client.conversations_join(channel=place)))["error"] == error


async def test_joining_shows_a_line_and_opens_the_history(client: AsyncWebClient, head: Person):
    assert (await client.conversations_join(channel="C0ALLA"))["channel"]["is_member"]
    assert (await client.conversations_join(channel="C0ALLA"))["warning"] == "already_in_channel"
    (line,) = (await client.conversations_history(channel="C0ALLA"))["messages"]
    assert line["subtype"] == "channel_join"
    assert [said["subtype"] for said in await head.messages("C0ALLA")] == ["channel_join"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"users": "U0NONE"}, "user_not_found"),
        ({"users": GONE}, "user_disabled"),
        ({"channel": "C0KOMM"}, "method_not_supported_for_channel_type"),
    ],
)
async def test_a_direct_message_needs_somebody(client: AsyncWebClient, given: dict, error: str):
    assert (await refusal(client.conversations_open(**given)))["error"] == error


async def test_people_are_described_as_far_as_the_scopes_go(sandbox: Sandbox, client: AsyncWebClient):
    plain = (await client.users_info(user=STAFF))["user"]
    assert "locale" not in plain
    assert plain["profile"]["email"] == "bibliotekarie@kommunen.test"
    assert (await client.users_info(user=STAFF, include_locale=True))["user"]["locale"] == "en-GB"
    sandbox.hub.workspace.scopes -= {"users:read.email"}
    assert "email" not in (await client.users_info(user=STAFF))["user"]["profile"]
    assert (await refusal(client.users_info(user="U0NONE")))["error"] == "user_not_found"


async def test_guests_strangers_and_the_deactivated_are_told_apart(client: AsyncWebClient):
    people = {one["id"]: one for one in (await client.users_list(include_locale=True))["members"]}
    assert people[GUEST]["is_restricted"]
    assert people[GONE]["deleted"]
    assert "real_name" not in people[GONE]
    assert (people[STRANGER]["is_stranger"], people[STRANGER]["team_id"]) == (True, "T0OTHER")
    assert "locale" not in people[STRANGER]
    assert "email" not in people[STRANGER]["profile"]
    assert people["U0000000BOT"]["is_bot"]


@pytest.mark.parametrize("email", ["borta@kommunen.test", "granne@grannen.test", "ingen@kommunen.test"])
async def test_only_active_members_are_found_by_address(client: AsyncWebClient, email: str):
    assert (await refusal(client.users_lookupByEmail(email=email)))["error"] == "users_not_found"


async def test_an_address_is_found_whatever_its_case(client: AsyncWebClient):
    assert (await client.users_lookupByEmail(email="Chef@Kommunen.test"))["user"]["id"] == HEAD


async def test_user_groups_are_listed_with_their_members(client: AsyncWebClient):
    (group,) = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (group["handle"], group["users"], group["date_delete"]) == ("komm", [HEAD], 0)
    every = (await client.usergroups_list(include_disabled=True, include_count=True))["usergroups"]
    assert [(one["id"], one["date_delete"] > 0, one["user_count"]) for one in every] == [
        ("S0KOMM", False, 1),
        ("S0OLD", True, 0),
    ]
    assert (await client.usergroups_users_list(usergroup="S0KOMM"))["users"] == [HEAD]
    assert (await refusal(client.usergroups_users_list(usergroup="S0NONE")))["error"] == "no_such_subteam"


async def test_a_missing_argument_is_named(client: AsyncWebClient):
    answer = await refusal(client.api_call("conversations.info"))
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


async def test_a_large_workspace_is_listed_to_the_last(clock: Clock):
    """Two thousand channels and a thousand people, in pages, none twice."""
    seed = Seed(
        people=tuple(PersonSeed(f"U{n:05}", f"Medarbetare {n}") for n in range(1_000)),
        channels=tuple(ChannelSeed(f"C{n:05}", f"kanal-{n}") for n in range(2_000)),
    )
    sandbox = Sandbox(seed, signing_secret="hemligt", clock=clock)
    await sandbox.start()
    try:
        client = client_for(sandbox)
        channels = [c["id"] async for page in await client.conversations_list(limit=300) for c in page["channels"]]
        people = [p["id"] async for page in await client.users_list(limit=300) for p in page["members"]]
    finally:
        await sandbox.stop()
    assert (len(channels), len(set(channels))) == (2_000, 2_000)
    assert (len(people), len(set(people))) == (1_001, 1_001)
