"""The signed webhook against a receiver that checks every signature with its own means."""

import base64
import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.channels.errors import CannotLook, ChannelError, Gone, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.webhook import Webhook, WebhookSettings, secret_of, sign
from bot.sandbox.platforms.base import Platform
from bot.sandbox.platforms.receiver import LOCAL_SECRET, Receiver, genuine

SINCE = datetime.now(UTC) - timedelta(minutes=2)
WATER = Message("Koka vattnet i Träslövsläge.", title="Koka vattnet", link="https://varberg.se/v")
DRILL = Message("ÖVNING Koka", drill=True)


@pytest.fixture
def key():
    return uuid.uuid4().hex


@pytest.fixture
def vendor():
    return Receiver()


@pytest.fixture
async def open_channel(listen, vendor):
    """Opens the channel on the receiver as the settings say; closed at the end."""
    opened = []
    base = await listen(vendor)

    def make(*, secret=LOCAL_SECRET, address=f"{base}/hook", clock=None, **chosen):
        settings = WebhookSettings(key="intranet", name="Intranätet", api_url=address, token_env="S", **chosen)
        more = {"clock": clock} if clock else {}
        opened.append(Webhook(settings, Keyring({"S": secret}), **more))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()


async def test_a_published_message_says_everything_and_is_signed(open_channel, vendor, key):
    """The webhook's id is the delivery's key; text is plain, time has a zone."""
    sent = await open_channel(severity="Severe").send("intranet", None, WATER, key)
    [item] = vendor.visible()
    assert sent == Sent(item.id, "intranet", f"{vendor.base_url}/nyheter/{item.id}")
    said = {name: item.more[name] for name in ("type", "id", "severity", "headline", "text", "url", "drill")}
    assert said == {
        "type": "message.published",
        "id": key,
        "severity": "Severe",
        "headline": "Koka vattnet",
        "text": WATER.text,
        "url": WATER.link,
        "drill": False,
    }
    assert abs(datetime.now(UTC) - datetime.fromisoformat(item.more["sent"])) < timedelta(minutes=1)
    assert [key] == list(vendor.webhooks)


def test_the_signature_is_the_standards_own_example():
    """The vector that Standard Webhooks' libraries are tested with."""
    secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(("names_ids", "own"), [(True, True), (False, False)])
async def test_update_and_removal_reach_the_message_under_whichever_id(open_channel, vendor, key, names_ids, own):
    """The receiver's own id, which may hold a full stop, or ours; each change may be repeated."""
    vendor.names_ids = names_ids
    channel = open_channel()
    sent = await channel.send("intranet", None, WATER, key)
    assert own == (sent.remote != key)
    for _ in range(2):
        await channel.update("intranet", sent.remote, Message("Drick.", title="Över"))
    assert [("Över", "Drick.")] == [(item.title, item.text) for item in vendor.visible()]
    for _ in range(2):
        await channel.remove("intranet", sent.remote)
    assert [] == vendor.visible()
    with pytest.raises(Gone):
        await channel.update("intranet", sent.remote, WATER)


async def test_a_change_back_to_an_earlier_text_is_a_change(open_channel, vendor, key):
    """Every change has an id and a version of its own, so a receiver that knows ids once takes all three."""
    channel = open_channel(clock=itertools.count(int(vendor.clock())).__next__)
    sent = await channel.send("intranet", None, WATER, key)
    for text in ("A", "B", "A"):
        await channel.update("intranet", sent.remote, Message(text))
    assert ["A"] == [item.text for item in vendor.visible()]
    assert [WATER.text, "A", "B"] == vendor.items[0].edits
    assert 4 == len(vendor.webhooks)
    assert not any("." in webhook_id for webhook_id in vendor.webhooks)


async def test_a_receiver_may_say_nothing_but_yes(listen, key):
    """204 with an empty body: our key is the id, and there is no link."""
    answers = await _answers(listen, 204)
    assert Sent(key, "w", "") == await answers.send("w", None, WATER, key)
    await answers.close()


@pytest.mark.parametrize(
    "body", ['{"id": null}', '{"id": ["x"], "url": "javascript:x"}', "[1]", "OK", '{"id": true, "url": 5}']
)
async def test_a_receiver_that_talks_nonsense_is_believed_the_2xx_alone(listen, key, body):
    """What was taken is never made unknown by what is said of it."""
    answers = await _answers(listen, 200, body)
    sent = await answers.send("w", None, WATER, key)
    await answers.close()
    assert (key, "") == (sent.remote, sent.link)


@pytest.mark.parametrize(
    ("status", "act", "error"),
    [
        (301, "send", Refused("redirect", "https://elsewhere.example/")),
        (307, "update", Refused("redirect", "https://elsewhere.example/")),
        (400, "send", Refused("HTTP 400", "trasigt")),
        (401, "send", TokenDead("HTTP 401")),
        (401, "ping", TokenDead("HTTP 401")),
        (403, "send", Refused("HTTP 403", "trasigt")),
        (404, "send", Refused("HTTP 404", "no receiver at this address")),
        (404, "update", Gone("HTTP 404")),
        (408, "send", Unknown("HTTP 408")),
        (409, "send", Unknown("HTTP 409")),
        (410, "send", Refused("closed", "the receiver wants no more webhooks")),
        (410, "ping", Refused("closed", "the receiver wants no more webhooks")),
        (429, "send", Throttled(30.0)),
        (500, "send", Unknown("HTTP 500")),
        (500, "remove", Unknown("HTTP 500")),
        (503, "ping", Unknown("HTTP 503")),
    ],
)
async def test_each_answer_has_its_error(listen, key, status, act, error):
    """By type alone the delivery room knows what to do."""
    channel = await _answers(listen, status, '{"error": "trasigt"}')
    asked = {
        "send": lambda: channel.send("w", None, WATER, key),
        "update": lambda: channel.update("w", key, WATER),
        "remove": lambda: channel.remove("w", key),
        "ping": channel.ping,
    }
    with pytest.raises(ChannelError) as caught:
        await asked[act]()
    assert (type(error), str(error)) == (type(caught.value), str(caught.value))
    await channel.close()


@pytest.mark.parametrize(
    ("promises", "can_look"), [({}, False), ({"readable": True}, True), ({"idempotent": True}, False)]
)
async def test_what_it_can_do_follows_from_what_the_receiver_promises(open_channel, promises, can_look):
    """Finding is declared only where reading is."""
    channel = open_channel(**promises)
    assert can_look == (Can.FIND in channel.can)
    assert bool(promises.get("idempotent")) == channel.idempotent


async def test_a_lost_answer_is_unknown_and_the_finder_finds_exactly_that_one(open_channel, vendor, key):
    """The same text twice, one answer lost: the key tells them apart."""
    channel = open_channel(readable=True)
    await channel.send("intranet", None, WATER, uuid.uuid4().hex)
    assert await channel.find("intranet", None, key, SINCE, WATER) is None
    vendor.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await channel.send("intranet", None, WATER, key)
    found = await channel.find("intranet", None, key, SINCE, WATER)
    [item] = [item for item in vendor.visible() if item.key == key]
    assert found == Sent(item.id, "intranet", f"{vendor.base_url}/nyheter/{item.id}")


async def test_sent_again_to_a_receiver_that_keeps_its_promise_there_is_one(open_channel, vendor, key):
    """Not found by looking, so sent again with the same id."""
    channel = open_channel(idempotent=True)
    vendor.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await channel.send("intranet", None, WATER, key)
    vendor.faults.set(drop_after_store=0.0)
    assert await channel.find("intranet", None, key, SINCE, WATER) is None
    sent = await channel.send("intranet", None, WATER, key)
    assert [sent.remote] == [item.id for item in vendor.visible()]


async def test_where_nothing_is_promised_a_person_must_look(open_channel, vendor, key):
    """And the receiver is not even asked."""
    with pytest.raises(CannotLook):
        await open_channel().find("intranet", None, key, SINCE, WATER)
    assert [] == vendor.calls


async def test_a_site_that_answers_everything_with_a_page_has_not_got_the_message(listen, key):
    """200 and some HTML is what a site says to any address."""
    channel = await _answers(listen, 200, "<h1>Välkommen</h1>", readable=True)
    with pytest.raises(CannotLook):
        await channel.find("w", None, key, SINCE, WATER)
    await channel.close()


@pytest.mark.parametrize("act", ["send", "update"])
async def test_a_drill_reaches_only_a_receiver_marked_for_drills(open_channel, vendor, key, act):
    """And there it says that it is one."""
    channel = open_channel()
    asked = {
        "send": lambda: channel.send("intranet", None, DRILL, key),
        "update": lambda: channel.update("intranet", key, DRILL),
    }
    with pytest.raises(Refused, match="drill"):
        await asked[act]()
    assert [] == vendor.calls
    await open_channel(drill=True).send("intranet", None, DRILL, key)
    assert [True] == [item.more["drill"] for item in vendor.visible()]


async def test_ping_gives_the_receivers_name_or_its_host(open_channel):
    """A receiver that cannot be read is only knocked at."""
    assert "Intranätet" == await open_channel(readable=True).ping()
    assert "127.0.0.1" == await open_channel().ping()


@pytest.mark.parametrize("readable", [True, False])
async def test_ping_finds_a_wrong_secret(open_channel, readable):
    """Our receiver checks the signature of a knock, too."""
    wrong = "whsec_" + base64.b64encode(b"quite another secret than it is").decode()
    with pytest.raises(TokenDead) as caught:
        await open_channel(secret=wrong, readable=readable).ping()
    assert wrong not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "hemlig", "whsec_hemlig", "whsec_aGVtbGln", LOCAL_SECRET[6:]])
async def test_a_secret_of_the_wrong_form_is_a_dead_token_and_does_not_show(open_channel, vendor, key, secret):
    """Nothing is sent with it."""
    with capture_logs() as lines, pytest.raises(TokenDead) as caught:
        await open_channel(secret=secret).send("intranet", None, WATER, key)
    assert "hemlig" not in f"{caught.value}{lines}"
    assert [] == vendor.calls


@pytest.mark.parametrize("query", ["", "?code=x"])
async def test_the_address_is_used_as_written(listen, key, query):
    """No slash is added, a query stays; the key goes before it when reading."""
    porch = Porch(200, '{"id": "7"}')
    base = await listen(porch)
    channel = Webhook(_settings(f"{base}/hook{query}", readable=True), Keyring({"S": LOCAL_SECRET}))
    await channel.send("w", None, WATER, key)
    await channel.find("w", None, key, SINCE, None)
    await channel.ping()
    assert [f"POST /hook{query}", f"GET /hook/{key}{query}", f"GET /hook{query}"] == porch.asked
    await channel.close()


async def test_a_closed_door_is_surely_not_sent(key):
    """Nobody listens there."""
    channel = Webhook(_settings("http://127.0.0.1:9/hook"), Keyring({"S": LOCAL_SECRET}))
    with pytest.raises(NotSent):
        await channel.send("w", None, WATER, key)
    await channel.close()


@pytest.mark.parametrize(
    "address", ["", "ftp://kommun.se/x", "file:///etc/passwd", "kommun.se", "https://u:p@kommun.se"]
)
def test_an_address_must_be_http_and_hold_no_password(address):
    """A malformed setting stops before anything runs."""
    with pytest.raises(ValidationError):
        _settings(address)


@pytest.mark.parametrize("spoil", ["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
def test_a_signature_covers_id_time_and_body(spoil):
    """The local receiver is no pushover: whatever is changed on the way, it notices."""
    body = b'{"text": "Koka"}'
    headers = {"webhook-id": "a", "webhook-timestamp": "1614265330"}
    headers["webhook-signature"] = sign(secret_of(LOCAL_SECRET), "a", 1614265330, body)
    assert genuine(LOCAL_SECRET, headers, body)
    if spoil == "body":
        body = b'{"text": "Drick"}'
    else:
        headers[spoil] = headers[spoil] + "0"
    assert not genuine(LOCAL_SECRET, headers, body)


@pytest.mark.parametrize("away", [-301, 301])
async def test_an_old_or_future_stamp_is_turned_away(open_channel, vendor, key, away):
    """So that nobody can say tomorrow what was said today."""
    with pytest.raises(TokenDead):
        await open_channel(clock=lambda: vendor.clock() + away).send("intranet", None, WATER, key)
    assert [] == vendor.items


class Porch(Platform):
    """Answers everything alike."""

    name, title = "porch", "Porten"

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__()
        self.status, self.body = status, body
        self.asked: list[str] = []

    def routes(self):
        return [web.route("*", "/{any:.*}", self._answer)]

    def authorized(self, _request):
        return True

    def dead_token(self):
        return web.Response(status=401)

    def throttled(self):
        return web.Response(status=429)

    async def _answer(self, request):
        self.asked.append(f"{request.method} {request.path_qs}")
        headers = {"Location": "https://elsewhere.example/"} if self.status in (301, 307) else {}
        return web.Response(status=self.status, text=self.body or None, headers=headers)


def _settings(address, **chosen):
    return WebhookSettings(key="w", name="W", api_url=address, token_env="S", **chosen)


async def _answers(listen, status, body="", **chosen):
    """A channel to a receiver that answers everything alike."""
    base = await listen(Porch(status, body))
    return Webhook(_settings(base, **chosen), Keyring({"S": LOCAL_SECRET}))
