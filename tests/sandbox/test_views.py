"""views.*: triggers, hashes, stacks, App Home."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from tests.sandbox.world import GONE, HEAD, STRANGER, Clock, field, modal, refusal, section

TYPED = {"type": "plain_text_input", "action_id": "text"}
FORM = modal(field("Syfte", TYPED, block_id="purpose"))


@pytest.fixture
def trigger(sandbox: Sandbox):
    return lambda: sandbox.hub.triggers.issue(HEAD)


async def test_a_trigger_opens_one_window_once(client: AsyncWebClient, head: Person, trigger):
    trigger_id = trigger()
    view = (await client.views_open(trigger_id=trigger_id, view=FORM))["view"]
    assert (await head.view())["id"] == view["id"]
    again = client.views_open(trigger_id=trigger_id, view=FORM)
    assert (await refusal(again))["error"] == "exchanged_trigger_id"


async def test_a_trigger_is_good_for_three_seconds(client: AsyncWebClient, trigger, clock: Clock):
    in_time, too_late = trigger(), trigger()
    clock.forward(3)
    assert (await client.views_open(trigger_id=in_time, view=FORM))["ok"]
    clock.forward(0.01)
    late = client.views_open(trigger_id=too_late, view=FORM)
    assert (await refusal(late))["error"] == "expired_trigger_id"


async def test_a_made_up_trigger_opens_nothing(client: AsyncWebClient, head: Person):
    assert (await refusal(client.views_open(trigger_id="1.2", view=FORM)))["error"] == "invalid_trigger_id"
    assert await head.view() is None


async def test_a_faulty_view_is_refused_and_leaves_the_trigger_unused(client: AsyncWebClient, trigger):
    trigger_id = trigger()
    long = client.views_open(trigger_id=trigger_id, view=modal(section("x"), title="x" * 25))
    answer = await refusal(long)
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert (await client.views_open(trigger_id=trigger_id, view=FORM))["ok"]


async def test_a_home_view_is_no_modal_and_the_other_way_round(client: AsyncWebClient, trigger):
    home = {"type": "home", "blocks": [section("Hem")]}
    assert (await refusal(client.views_open(trigger_id=trigger(), view=home)))["error"] == "invalid_arguments"
    assert (await refusal(client.views_publish(user_id=HEAD, view=FORM)))["error"] == "invalid_arguments"


async def test_three_views_stack_and_a_fourth_does_not(client: AsyncWebClient, head: Person, trigger):
    first = (await client.views_open(trigger_id=trigger(), view=FORM))["view"]
    await client.views_push(trigger_id=trigger(), view=FORM)
    third = (await client.views_push(trigger_id=trigger(), view=FORM))["view"]
    assert third["root_view_id"] == first["id"]
    assert third["previous_view_id"] not in (None, first["id"])
    fourth = client.views_push(trigger_id=trigger(), view=FORM)
    assert (await refusal(fourth))["error"] == "push_limit_reached"


async def test_nothing_is_pushed_upon_nothing(client: AsyncWebClient, trigger):
    assert (await refusal(client.views_push(trigger_id=trigger(), view=FORM)))["error"] == "not_found"


async def test_a_view_is_updated_by_id_or_by_the_apps_own_name(client: AsyncWebClient, head: Person, trigger):
    opened = modal(section("Läser in …"), submit=None, external_id="mine")
    view = (await client.views_open(trigger_id=trigger(), view=opened))["view"]
    await client.views_update(view_id=view["id"], view=FORM | {"external_id": "mine"})
    assert (await head.view())["blocks"][0]["block_id"] == "purpose"
    await client.views_update(external_id="mine", view=modal(section("Klart"), submit=None))
    assert (await head.view())["blocks"][0]["text"]["text"] == "Klart"
    assert (await head.view())["id"] == view["id"]


async def test_a_stale_hash_is_a_conflict(client: AsyncWebClient, trigger):
    old = (await client.views_open(trigger_id=trigger(), view=FORM))["view"]
    fresh = (await client.views_update(view_id=old["id"], hash=old["hash"], view=FORM))["view"]
    assert fresh["hash"] != old["hash"]
    late = client.views_update(view_id=old["id"], hash=old["hash"], view=FORM)
    assert (await refusal(late))["error"] == "hash_conflict"
    assert (await client.views_update(view_id=old["id"], view=FORM))["ok"]


async def test_a_closed_view_is_not_found(client: AsyncWebClient, head: Person, trigger):
    view = (await client.views_open(trigger_id=trigger(), view=FORM))["view"]
    await head.close()
    gone = client.views_update(view_id=view["id"], view=FORM)
    assert (await refusal(gone))["error"] == "not_found"


async def test_an_external_id_names_one_view(sandbox: Sandbox, client: AsyncWebClient, trigger):
    named = FORM | {"external_id": "mine"}
    await client.views_open(trigger_id=trigger(), view=named)
    other = client.views_open(trigger_id=sandbox.hub.triggers.issue("U0STAFF"), view=named)
    assert (await refusal(other))["error"] == "duplicate_external_id"


async def test_what_was_typed_survives_an_update_where_the_ids_stay(
    sandbox: Sandbox, client: AsyncWebClient, head: Person, trigger
):
    view = (await client.views_open(trigger_id=trigger(), view=FORM))["view"]
    open_view = sandbox.hub.screens.find(view["id"])
    open_view.typed = {"purpose": {"text": {"type": "plain_text_input", "value": "Böcker"}}}
    kept = modal(section("Nytt"), field("Syfte", TYPED, block_id="purpose"))
    await client.views_update(view_id=view["id"], view=kept)
    assert (await head.view())["state"]["values"]["purpose"]["text"]["value"] == "Böcker"
    select = {"type": "users_select", "action_id": "text"}
    await client.views_update(view_id=view["id"], view=modal(field("Vem", select, block_id="purpose")))
    assert (await head.view())["state"]["values"]["purpose"]["text"] == {
        "type": "users_select",
        "selected_user": None,
    }
    await client.views_update(view_id=view["id"], view=modal(field("Syfte", TYPED, block_id="other")))
    assert (await head.view())["state"]["values"] == {
        "other": {"text": {"type": "plain_text_input", "value": None}}
    }


async def test_home_is_published_to_one_person_and_kept(client: AsyncWebClient, head: Person, staff: Person):
    home = {"type": "home", "blocks": [section("Hem")]}
    early = client.views_publish(user_id=HEAD, view=home, hash="1.ABC")
    assert (await refusal(early))["error"] == "hash_conflict"
    first = (await client.views_publish(user_id=HEAD, view=home))["view"]
    assert (await head.home())["blocks"][0]["text"]["text"] == "Hem"
    assert await staff.home() is None
    fresh = (await client.views_publish(user_id=HEAD, view=home, hash=first["hash"]))["view"]
    assert fresh["id"] == first["id"]
    late = client.views_publish(user_id=HEAD, view=home, hash=first["hash"])
    assert (await refusal(late))["error"] == "hash_conflict"


@pytest.mark.parametrize("user", [GONE, STRANGER, "U0NONE"])
async def test_home_is_for_active_members(client: AsyncWebClient, user: str):
    home = {"type": "home", "blocks": [section("Hem")]}
    assert (await refusal(client.views_publish(user_id=user, view=home)))["error"] == "user_not_found"
