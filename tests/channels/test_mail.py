"""Mail, against a real mail server on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.channels.errors import CannotLook, ChannelError, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.mail import Mail, MailSettings, message_id
from bot.channels.message import Message
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.sandbox.platforms.mailbox import Mailbox

PRESS = ("tidningen@press.example", "radion@press.example", "tv@press.example")
WATER = Message(
    "Koka vattnet i Åsbo.\n.\nEn punkt ensam på raden är också text.",
    title="Viktigt om dricksvattnet i Åsbo",
    link="https://www.exempel.example/k/7F3",
)
NOW = datetime.now(UTC)
KEYRING = Keyring({"MAIL_USER": "kris", "MAIL_PASSWORD": "hemligt-losenord"})


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    server = Mailbox()
    await server.start()
    yield server
    await server.stop()


def settings(box: Mailbox, **changed: Any) -> MailSettings:
    values = {
        "key": "press",
        "name": "Presslistan",
        "host": box.host,
        "port": box.port,
        "security": "none",
        "sender": "kris@exempel.example",
        "sender_name": "Exempelkommunen",
        "reply_to": "kommunikation@exempel.example",
        "recipients": PRESS,
        "kind": "press",
        **changed,
    }
    return MailSettings.model_validate(values)


def channel(box: Mailbox, timeout_s: float = 2.0, **changed: Any) -> Mail:
    return Mail(settings(box, **changed), KEYRING, timeout_s=timeout_s)


async def test_everybody_on_the_list_gets_one_mail_and_sees_nobody_else(box: Mailbox) -> None:
    """One message, with its recipients on the envelope alone."""
    sent = await channel(box).send("press", None, WATER, "77")
    [letter] = box.items
    assert list(PRESS) == letter.more["recipients"]
    assert "Presslistan <kris@exempel.example>" == letter.more["headers"]["To"]
    assert "Exempelkommunen <kris@exempel.example>" == letter.more["headers"]["From"]
    assert not any(address in str(letter.more["headers"]) for address in PRESS)
    assert (letter.key, "press", "") == (sent.remote, sent.place, sent.link)


async def test_the_text_arrives_as_it_was_written(box: Mailbox) -> None:
    """Swedish letters, a full stop alone on a row, and the link that the text lacks."""
    await channel(box).send("press", None, WATER, "77")
    [letter] = box.items
    assert WATER.title == letter.title
    assert f"{WATER.text}\n\n{WATER.link}" == letter.text
    assert letter.more["headers"]["Content-Type"] == 'text/plain; charset="utf-8"'
    assert letter.more["headers"]["Content-Language"] == "sv"


async def test_a_mail_says_that_a_machine_sent_it_and_who_reads_the_answers(box: Mailbox) -> None:
    """So that no holiday reply comes back, and a journalist's question does."""
    await channel(box).send("press", None, WATER, "77")
    headers = box.items[0].more["headers"]
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Reply-To"] == "kommunikation@exempel.example"
    assert abs(parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert "List-Unsubscribe" not in headers


async def test_a_way_off_the_list_stands_in_the_mail_when_there_is_one(box: Mailbox) -> None:
    """For lists that people put themselves on."""
    address = "https://www.exempel.example/press/av"
    await channel(box, list_unsubscribe=address).send("press", None, WATER, "77")
    headers = box.items[0].more["headers"]
    assert headers["List-Unsubscribe"] == f"<{address}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_the_id_is_the_delivery_s_own(box: Mailbox) -> None:
    """The same at every try, another for another delivery or another list."""
    chosen = settings(box)
    assert message_id(chosen, "77") == message_id(settings(box), "77")
    assert 3 == len({message_id(chosen, "77"), message_id(chosen, "78"), message_id(settings(box, key="b"), "77")})
    await channel(box).send("press", None, WATER, "77")
    assert message_id(chosen, "77") == box.items[0].key
    assert box.items[0].key.endswith("@exempel.example>")


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        (Message("\n  Strömavbrott i Vik\nmer text"), "Strömavbrott i Vik"),
        (Message("text", title="Rubrik\r\nBcc: nagon@annan.example"), "Rubrik Bcc: nagon@annan.example"),
        (Message("\x00halvt \ud83d tecken\x07"), "halvt ? tecken"),
        (Message("Läget " * 100), ("Läget " * 100)[:200].rstrip()),
    ],
    ids=["first line", "smuggled header", "unstorable", "long"],
)
async def test_any_text_makes_one_mail_with_one_subject(box: Mailbox, message: Message, subject: str) -> None:
    """The headline, else the first line; never a header of somebody else's making."""
    await channel(box).send("press", None, message, "1")
    [letter] = box.items
    assert subject == letter.title
    assert "Bcc" not in letter.more["headers"]


async def test_who_cannot_be_reached_is_counted_and_the_others_get_theirs(box: Mailbox) -> None:
    """The log has the number and the server's codes, and no address."""
    box.strangers, box.full = {PRESS[0]}, {PRESS[1]}
    with capture_logs() as logged:
        sent = await channel(box).send("press", None, WATER, "77")
    assert sent.remote == box.items[0].key
    assert [PRESS[2]] == box.items[0].more["recipients"]
    [line] = [one for one in logged if one["action"] == "mail_recipients_refused"]
    assert (2, [452, 550], "press") == (line["count"], line["codes"], line["channel"])
    assert "@" not in str(logged)


@pytest.mark.parametrize("full", [0, 1], ids=["all unknown", "one only full"])
async def test_a_list_that_reaches_nobody_is_refused_unless_waiting_helps(box: Mailbox, full: int) -> None:
    """With somebody merely full it is worth another try; nothing has been sent."""
    box.strangers, box.full = set(PRESS[full:]), set(PRESS[:full])
    with pytest.raises(Throttled if full else Refused) as raised:
        await channel(box).send("press", None, WATER, "77")
    assert [] == box.items
    assert ("452" if full else "550") == raised.value.reason
    assert "@" not in str(raised.value)


FAULTS: list[tuple[dict[str, Any], type[ChannelError], int]] = [
    ({"throttle": 1.0}, Throttled, 0),
    ({"error_5xx": {"probability": 1.0, "stored": 0.0}}, Throttled, 0),
    ({"error_5xx": {"probability": 1.0, "stored": 1.0}}, Unknown, 1),
    ({"drop_after_store": 1.0}, Unknown, 1),
    ({"slow_ms": 1500}, Unknown, 0),
]


@pytest.mark.parametrize(("fault", "expected", "arrived"), FAULTS, ids=lambda one: str(one)[:40])
async def test_misfortune_has_a_type(
    box: Mailbox, fault: dict[str, Any], expected: type[ChannelError], arrived: int
) -> None:
    """An answer in numbers is sure; silence after the letter is not."""
    box.faults.set(**fault)
    with pytest.raises(ChannelError) as raised:
        await channel(box, timeout_s=0.5).send("press", None, WATER, "77")
    assert expected is type(raised.value)
    assert arrived == len(box.items)


@pytest.mark.parametrize(
    ("answer", "expected", "reason"),
    [
        ("451 4.3.0 Scanner is resting", Throttled, "451"),
        ("552 5.3.4 Too large", Refused, "552"),
        ("554 5.7.1 Policy, ask postmaster@exempel.example", Refused, "554"),
    ],
)
async def test_a_refused_letter_is_surely_not_sent(
    box: Mailbox, answer: str, expected: type[ChannelError], reason: str
) -> None:
    """The server's own number goes on, its addresses do not."""
    box.refuses = answer
    with pytest.raises(expected) as raised:
        await channel(box).send("press", None, WATER, "77")
    assert reason == getattr(raised.value, "reason", "")
    assert "@" not in str(raised.value)
    assert [] == box.items


async def test_a_closed_door_means_not_sent(box: Mailbox) -> None:
    """Connection refused."""
    await box.stop()
    with pytest.raises(NotSent):
        await channel(box).send("press", None, WATER, "77")
    with pytest.raises(NotSent):
        await channel(box).ping()


async def test_a_server_that_never_greets_means_not_sent(box: Mailbox) -> None:
    """Silence before the letter is handed over is harmless."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silence, "127.0.0.1", 0) as mute:
        port = mute.sockets[0].getsockname()[1]
        with pytest.raises(NotSent):
            await channel(box, timeout_s=0.2, port=port).send("press", None, WATER, "77")


async def test_a_drill_goes_only_to_lists_marked_for_it(box: Mailbox) -> None:
    """The contact centre takes part; the press does not."""
    drill = Message("ÖVNING Koka vattnet.", drill=True)
    with pytest.raises(Refused):
        await channel(box).send("press", None, drill, "77")
    assert [] == box.items
    await channel(box, drill=True).send("press", None, drill, "77")
    assert ["ÖVNING Koka vattnet."] == [one.title for one in box.items]


async def test_a_mail_cannot_be_changed_taken_back_or_looked_for(box: Mailbox) -> None:
    """It says so instead of trying."""
    mail = channel(box)
    assert frozenset({Can.PUBLISH, Can.PING}) == mail.can
    with pytest.raises(Refused, match="cannot_edit"):
        await mail.update("press", "<1@x>", WATER)
    with pytest.raises(Refused, match="cannot_remove"):
        await mail.remove("press", "<1@x>")
    with pytest.raises(CannotLook):
        await mail.find("press", None, "77", NOW, WATER)


async def test_the_ping_disturbs_nobody(box: Mailbox) -> None:
    """It connects, greets and leaves."""
    assert "kris@exempel.example" == await channel(box).ping()
    assert [] == box.items + box.calls


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1: the server's context, and the file that makes it trusted."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    key.write_bytes(secret.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return context, pem


SECURE = {"host": "localhost", "user_env": "MAIL_USER", "password_env": "MAIL_PASSWORD"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_password_and_letter_travel_encrypted(tls: tuple[ssl.SSLContext, Path], security: str) -> None:
    """Both ways of encryption, with a certificate of the municipality's own authority."""
    box = Mailbox(user="kris", token="hemligt-losenord", tls=tls[0], implicit=security == "tls")
    await box.start()
    mail = channel(box, security=security, ca_file=tls[1], **SECURE)
    assert "kris@exempel.example" == await mail.ping()
    await mail.send("press", None, WATER, "77")
    assert [WATER.title] == [one.title for one in box.items]
    box.faults.set(revoked=True)
    with pytest.raises(TokenDead, match=r"^535$"):
        await mail.ping()
    with pytest.raises(TokenDead, match=r"^535$"):
        await mail.send("press", None, WATER, "78")
    assert 1 == len(box.items)
    await box.stop()


async def test_an_unknown_certificate_or_no_encryption_at_all_stops_the_mail(
    tls: tuple[ssl.SSLContext, Path],
) -> None:
    """Neither password nor text is shown to who cannot prove who it is."""
    for context in (tls[0], None):
        box = Mailbox(user="kris", token="hemligt-losenord", tls=context)
        await box.start()
        with pytest.raises(NotSent):
            await channel(box, security="starttls", **SECURE).send("press", None, WATER, "77")
        assert [] == box.items + box.calls
        await box.stop()


async def test_a_missing_password_is_told_as_a_dead_token(box: Mailbox) -> None:
    """By the name of its variable."""
    mail = Mail(settings(box, security="starttls", **SECURE), Keyring({"MAIL_USER": "kris"}))
    with pytest.raises(TokenDead, match="MAIL_PASSWORD is not set"):
        await mail.send("press", None, WATER, "77")


async def test_a_server_that_wants_a_password_we_do_not_have_says_so() -> None:
    """The person responsible is told, nothing is tried again and again."""
    box = Mailbox(user="kris", token="x")
    await box.start()
    with pytest.raises(TokenDead, match="530"):
        await channel(box).send("press", None, WATER, "77")
    await box.stop()


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipients": []},
        {"recipients": ["a@b.example"] * 101},
        {"recipients": ["inte en adress"]},
        {"recipients": ["a@b.example\r\nRCPT TO:<c@d.example>"]},
        {"sender": "Kris <kris@exempel.example>"},
        {"user_env": "MAIL_USER"},
        {"user_env": "MAIL_USER", "password_env": "MAIL_PASSWORD"},
        {"list_unsubscribe": "javascript:alert(1)"},
        {"kind": "everybody"},
    ],
)
def test_settings_that_cannot_work_stop_at_the_start(wrong: dict[str, Any]) -> None:
    """A password without encryption, more recipients than a server must take, addresses that are none."""
    box = Mailbox()
    box.port = 25
    with pytest.raises(ValidationError):
        settings(box, **wrong)
