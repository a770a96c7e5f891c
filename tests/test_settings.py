"""Settings: the example loads and tells all, mistakes become one line, secrets are never shown."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot import settings
from bot.channels.errors import TokenDead
from bot.channels.settings import ChannelSettings, Keyring
from bot.clock import OfficeClock
from bot.settings import Environment, SettingsError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "deploy" / "kanalvakt.example.toml"
DOTENV_EXAMPLE = ROOT / ".env.example"
KEY = "k" * 32
SMALLEST = """
[municipality]
name = "Exempels kommun"
website = "https://www.example.se"
contact = "kontaktcenter@example.se"
records_url = "https://www.example.se/personuppgifter"
[slack]
department_channel = "C0123ABCD"
[department]
people = ["kommunikator@example.se"]
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file and gives its path."""

    def _write(content: str) -> Path:
        path = tmp_path / "kanalvakt.toml"
        path.write_text(content, "utf-8")
        return path

    return _write


def refusal(path: Path) -> str:
    """The one line a file is refused with, without the file's own name."""
    with pytest.raises(SettingsError) as caught:
        settings.read_settings(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


LINE = re.compile(r"(?:# )?(?:\[{1,2}(?P<table>[a-z_.]+)\]{1,2}|(?P<key>[a-z_]+) = (?P<value>.+))")
COMMON = set(ChannelSettings.model_fields) | {"platform"}


def lines_of(text: str) -> Iterator[tuple[str, re.Match[str] | None, str]]:
    """Each line of a TOML text with the table it stands in, whether switched off by "# " or not.

    A channel's table is named by its platform too, which is its first key.
    """
    table = ""
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        if found and found["table"]:
            table = found["table"]
        elif found and found["key"] == "platform":
            table = f"channels.{found['value'].strip(chr(34))}"
        yield table, found, line


def shown_keys(text: str) -> set[str]:
    """Every dotted key that stands in a TOML text, switched off or not."""
    found = set()
    for table, line, _ in lines_of(text):
        if line and line["key"]:
            found.add(f"{table}.{line['key']}")
            inside = re.findall(r"[{,] *([a-z_]+) = ", line["value"])
            found.update(f"{table}.{line['key']}.{inner}" for inner in inside)
        elif line:
            found.add(table)
    return found


def platforms() -> set[str]:
    """Every platform a channel may have."""
    return {key.split(".")[1] for key in settings.known_keys() if key.startswith("channels.")}


def unlike(keys: set[str]) -> set[str]:
    """The keys, with what every channel's table may have counted once: "channels.*.name"."""
    parts = [key.split(".") for key in keys]
    return {f"channels.*.{one[2]}" if len(one) == 3 and one[2] in COMMON else ".".join(one) for one in parts}


def test_the_example_loads() -> None:
    """Whoever copies it has a working file."""
    found = settings.read_settings(EXAMPLE)
    assert found.municipality.name == "Exempels kommun"
    assert found.units[1].parent == found.units[0].key
    assert OfficeClock(found.office).is_working_day(found.office.closed_dates[0]) is False


def test_the_example_shows_every_key() -> None:
    """A key that is not in the example is a key nobody finds; what all channels share needs one place."""
    assert unlike(set(settings.known_keys())) - unlike(shown_keys(EXAMPLE.read_text("utf-8"))) == set()


def test_the_example_shows_no_key_that_does_not_exist() -> None:
    """Nor does a switched-off line name one; platforms are the municipality's own."""
    shown = shown_keys(EXAMPLE.read_text("utf-8")) - set(settings.known_keys())
    assert {key for key in shown if not key.startswith("accounts.platforms.")} == set()


def explained_keys(text: str) -> set[str]:
    """The keys and tables whose line has a comment right above it."""
    told, found = False, set()
    for table, line, written in lines_of(text):
        if told and line:
            found.add(f"{table}.{line['key']}" if line["key"] else table)
        told = written.startswith("# ") and line is None
    return found


def test_every_key_of_the_example_is_explained() -> None:
    """A comment stands above each; weekdays, the end of a period and a mailbox explain themselves."""
    text = EXAMPLE.read_text("utf-8")
    clear = {*WEEKDAYS, "last", "email"}
    needing = {key for key in settings.known_keys() if key.rpartition(".")[2] not in clear}
    tables = {table for table, line, _ in lines_of(text) if line and line["table"]}
    needing -= tables - {
        "office",
        "office.eves",
        "accounts.platforms",
        "delivery",
        "department",
        "crisis",
        "channels",
    }
    needing -= {"department.registrar.name", "department.contact_centre.name"}
    assert unlike(needing) - unlike(explained_keys(text)) == set()


def test_switched_off_lines_of_the_example_load_too(write: Write) -> None:
    """Taking away the "# " leaves a valid file, with a channel of every platform."""
    lines = [line.removeprefix("# ") if found else line for _, found, line in lines_of(EXAMPLE.read_text("utf-8"))]
    found = settings.read_settings(write("\n".join(lines)))
    assert (found.slack.team_id, found.department.group) == ("T0123ABCD", "S0123ABCD")
    assert found.accounts.minimum_posts_per_week == 2
    assert sorted(one.platform for one in found.channels) == sorted(platforms())


def test_the_smallest_file_gets_the_defaults(write: Write) -> None:
    """Office hours, times, platforms and pace need no line."""
    found = settings.read_settings(write(SMALLEST))
    accounts = found.accounts
    assert (accounts.answer_days, accounts.reminder_days, accounts.deputy_after_days) == (5, (2, 4), 5)
    assert (accounts.expires_after_days, accounts.draft_days) == (30, 30)
    assert accounts.platforms["linkedin"] == "LinkedIn"
    assert len(accounts.platforms) == 11
    assert found.delivery.lease_s > found.delivery.http_timeout_s
    assert (found.slack.posts_per_minute, found.slack.language) == (240, "sv")
    assert found.office == settings.OfficeHours()


def test_the_example_repeats_the_built_in_values(write: Write) -> None:
    """What the example calls a default is one."""
    example, smallest = settings.read_settings(EXAMPLE), settings.read_settings(write(SMALLEST))
    assert example.accounts == smallest.accounts
    assert example.delivery == smallest.delivery
    assert example.crisis == smallest.crisis


MISTAKES = {
    "a misspelt key": (
        'contact = "kont',
        'kontact = "kont',
        'municipality.kontact: is not a known key; did you mean "contact"? (and 1 more)',
    ),
    "a misspelt table": (
        "[slack]",
        "[slakc]",
        'slakc: is not a known key; did you mean "slack"? (and 1 more)',
    ),
    "a key in the wrong table": (
        "[slack]",
        'group = "S0123ABCD"\n[slack]',
        "municipality.group: is not a known key; did you mean department.group?",
    ),
    "a key from nowhere": (
        "[slack]",
        "[slack]\nzzz = 1",
        "slack.zzz: is not a known key; known here: team_id, department_channel, posts_per_minute, language",
    ),
    "a missing key": ('department_channel = "C0123ABCD"', "", "slack.department_channel: is missing"),
    "an empty text": (
        'name = "Exempels kommun"',
        'name = " "',
        "municipality.name: String should have at least 1",
    ),
    "no web address": (
        '"https://www.example.se"',
        '"www.example.se"',
        "municipality.website: expected a web address",
    ),
    "a channel's name": ('"C0123ABCD"', '"#komm"', "slack.department_channel: expected a Slack channel id"),
    "a number in words": (
        "[slack]",
        '[slack]\nposts_per_minute = "många"',
        "slack.posts_per_minute: expected a valid",
    ),
    "too fast": (
        "[slack]",
        "[slack]\nposts_per_minute = 9000",
        "slack.posts_per_minute: expected less than or equal",
    ),
    "a language not spoken": ("[slack]", '[slack]\nlanguage = "no"', "slack.language: expected 'sv' or 'en'"),
    "a person by name": (
        '["kommunikator@example.se"]',
        '["kommunikator@example.se", "Kommunikatör"]',
        "department.people no. 2: expected an e-mail address or a Slack user id",
    ),
    "nobody": ('["kommunikator@example.se"]', "[]", "department: give people"),
    "half a file": (
        "[slack]",
        "[slack",
        "is not valid TOML: Expected ']' at the end of a table declaration (at line",
    ),
}


@pytest.mark.parametrize(("what", "instead", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_that_names_the_key(write: Write, what: str, instead: str, says: str) -> None:
    """File, key, what is expected, and the nearest known key."""
    assert what in SMALLEST
    assert refusal(write(SMALLEST.replace(what, instead, 1))).startswith(says)


UNIT = '[[units]]\nkey = "{key}"\nname = "{name}"\n'
ADDITIONS = {
    "never open": (
        "[office]\n" + "".join(f"{day} = []\n" for day in WEEKDAYS),
        "office: no day has opening hours",
    ),
    "hours": ('[office]\nmonday = ["8-17"]', 'office.monday: expected a time like "08:00", got "8"'),
    "an eve": (
        '[office.eves]\njulafton = "closed"',
        "office.eves.julafton: is not a known key; known here: epiphany",
    ),
    "summer": (
        '[office.summer]\nfirst = "9/1"\nlast = "10-01"',
        "office.summer.first: expected month and day",
    ),
    "reminders": ("[accounts]\nreminder_days = [4, 2]", "accounts.reminder_days: expected days that grow"),
    "no platforms": ("[accounts.platforms]", "accounts.platforms: Dictionary should have at least 1 item"),
    "a platform's key": (
        '[accounts.platforms]\n"Face Book" = "F"',
        "accounts.platforms.Face Book: expected a key of",
    ),
    "lease": ("[delivery]\nlease_s = 12", "delivery: lease_s must be at least 1.3 times http_timeout_s"),
    "looks": ("[delivery]\nlooks = 2", "delivery: look_wait_s needs one wait for each of the 2 looks"),
    "a unit's key": (
        '[[units]]\nkey = "a"\nname = "A"\nbord = "N"',
        "units no. 1.bord: is not a known key; did you mean",
    ),
    "units twice": (UNIT.format(key="a", name="A") * 2, 'units: two units have the key "a"'),
    "names twice": (
        UNIT.format(key="a", name="A") + UNIT.format(key="b", name="A"),
        'units: two units have the name "A"',
    ),
    "no such parent": (
        UNIT.format(key="kultur", name="A") + UNIT.format(key="b", name="B") + 'parent = "kultr"',
        'units: unit "b" has the unknown parent "kultr"; did you mean "kultur"?',
    ),
    "no platform": ('[[channels]]\nkey = "webb"', "channels no. 1: platform is missing"),
    "a platform nobody knows": (
        '[[channels]]\nplatform = "myspace"',
        'channels no. 1: platform "myspace" is not known; known here: bluesky, by_hand, facebook',
    ),
    "a channel's key": (
        '[[channels]]\nplatform = "feed"\nkey = "f"\nname = "F"\nresponsable = "U0"',
        'channels no. 1.feed.responsable: is not a known key; did you mean "responsible"?',
    ),
    "another platform's key": (
        '[[channels]]\nplatform = "feed"\nkey = "f"\nname = "F"\nrecipients = []',
        "channels no. 1.feed.recipients: is not a known key; did you mean channels.mail.recipients?",
    ),
    "a channel twice": (
        '[[channels]]\nplatform = "feed"\nkey = "f"\nname = "F"\n' * 2,
        'the file: two channels have the key "f"',
    ),
    "no such website": ('[crisis]\nwebsite = "webb"', 'the file: crisis.website names the unknown channel "webb"'),
    "a circle": (
        f'{UNIT.format(key="a", name="A")}parent = "b"\n{UNIT.format(key="b", name="B")}parent = "a"',
        'units: unit "b" and its parent "a" are above each other',
    ),
}


@pytest.mark.parametrize(("addition", "says"), ADDITIONS.values(), ids=ADDITIONS.keys())
def test_a_mistake_in_a_later_table_is_one_line_too(write: Write, addition: str, says: str) -> None:
    """Hours, platforms, pace and units."""
    assert refusal(write(f"{SMALLEST}\n{addition}\n")).startswith(says)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Missing, a folder, or not text in UTF-8."""
    latin = tmp_path / "latin.toml"
    latin.write_bytes("namn = 'Östra'".encode("latin-1"))
    assert "KANALVAKT_CONFIG" in refusal(tmp_path / "nope.toml")
    assert "KANALVAKT_CONFIG" in refusal(tmp_path)
    assert refusal(latin) == "expected text in UTF-8"


def test_an_empty_environment_has_defaults() -> None:
    """Slack's own address, a local SQLite file, and this machine only."""
    found = settings.read_environment({})
    assert found.slack_api_url == "https://slack.com/api/"
    assert found.database_url.get_secret_value() == "sqlite:///kanalvakt.db"
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert found.kanalvakt_config == Path("kanalvakt.toml")


@pytest.mark.parametrize(
    ("given", "public"),
    [
        ({"HOST": "10.0.0.5", "PORT": "9000"}, "http://10.0.0.5:9000"),
        ({"HOST": "0.0.0.0"}, "http://localhost:8080"),
        ({"HOST": "::1"}, "http://[::1]:8080"),
        ({"PUBLIC_URL": "https://kanalvakt.example.se/"}, "https://kanalvakt.example.se"),
        ({"HOST": "", "PUBLIC_URL": " "}, "http://127.0.0.1:8080"),
    ],
)
def test_the_public_address_follows_host_and_port_unless_given(given: dict[str, str], public: str) -> None:
    """An address that can be clicked, without a slash at the end."""
    assert settings.read_environment(given).public_url == public


SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-mycket-hemligt",
    "SLACK_APP_TOKEN": "xapp-mycket-hemligt",
    "SLACK_SIGNING_SECRET": "mycket-hemligt",
    "DATABASE_URL": "postgresql://desk:mycket-hemligt@db/desk",
    "ETJANST_SECRET": "mycket-hemligt",
    "LOG_KEY": "mycket-hemligt" * 3,
}


def test_secrets_are_never_printed() -> None:
    """Neither by str, repr nor a dump; only when asked for by name."""
    found = settings.read_environment(SECRETS)
    for printed in (str(found), repr(found), str(found.model_dump()), found.model_dump_json()):
        assert "hemligt" not in printed
    assert {name: found.secret(name.lower()) for name in SECRETS} == SECRETS


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xapp-hemligt", 'begins with "xoxb-"'),
        ("SLACK_APP_TOKEN", "xoxb-hemligt", 'begins with "xapp-"'),
        ("LOG_KEY", "hemligt", "at least 32"),
        ("DATABASE_URL", "mysql://u:hemligt@db/desk", "sqlite:///kanalvakt.db"),
        ("PORT", "hemligt", "valid integer"),
        ("PORT", "70000", "65535"),
        ("SLACK_API_URL", "hemligt", "web address"),
    ],
)
def test_a_bad_variable_is_one_line_without_its_value(name: str, value: str, says: str) -> None:
    """It names the variable and what is expected; the value may be a secret in the wrong place."""
    with pytest.raises(SettingsError) as caught:
        settings.read_environment({name: value})
    message = str(caught.value)
    assert message.startswith(f"environment or .env: {name}: ")
    assert says in message
    assert "hemligt" not in message
    assert "\n" not in message
    assert caught.value.__suppress_context__


def test_a_secret_is_not_shown_by_the_validation_itself_either() -> None:
    """For whoever builds an environment without `load`."""
    with pytest.raises(ValidationError) as caught:
        Environment(log_key="hemligt")  # type: ignore[arg-type]
    assert "hemligt" not in str(caught.value)


def test_the_api_address_ends_with_a_slash() -> None:
    """Methods are joined to it."""
    assert settings.read_environment({"SLACK_API_URL": "http://127.0.0.1:1/api"}).slack_api_url.endswith("/api/")


@pytest.mark.parametrize("lacking", ["SLACK_BOT_TOKEN", "LOG_KEY"])
def test_run_names_the_variable_it_lacks(lacking: str) -> None:
    """Commands that need no tokens may do without; `run` asks."""
    given = {name: value for name, value in SECRETS.items() if name != lacking}
    with pytest.raises(SettingsError, match=f"{lacking} is missing"):
        settings.read_environment(given).ready_to_run()


@pytest.mark.parametrize("door", ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
def test_run_needs_one_of_slacks_two_doors(door: str) -> None:
    """Socket Mode or signed HTTP; without either nothing can arrive."""
    doorless = {name: SECRETS[name] for name in ("SLACK_BOT_TOKEN", "LOG_KEY")}
    settings.read_environment(doorless | {door: SECRETS[door]}).ready_to_run()
    with pytest.raises(SettingsError, match=door):
        settings.read_environment(doorless).ready_to_run()


def test_dotenv_is_read_and_the_environment_goes_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only without an environment of one's own: a demo never meets somebody's real tokens."""
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text(f"LOG_KEY={KEY}\nPORT=9001\nHOST=10.0.0.5\nOTHER=1\nPUBLIC_URL=\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "9002")
    found = settings.read_environment()
    assert (found.secret("log_key"), found.port, found.public_url) == (KEY, 9002, "http://10.0.0.5:9002")
    assert settings.read_environment({}).log_key is None


def test_the_token_of_a_channel_may_stand_in_dotenv_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's own variables go before it; with an environment of one's own it is never read."""
    (tmp_path / ".env").write_text("FACEBOOK_TOKEN=fil\nX_TOKEN=fil\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FACEBOOK_TOKEN", raising=False)
    monkeypatch.setenv("X_TOKEN", "miljö")
    assert [Keyring().named(one) for one in ("FACEBOOK_TOKEN", "X_TOKEN")] == ["fil", "miljö"]
    with pytest.raises(TokenDead, match="FACEBOOK_TOKEN is not set"):
        Keyring({}).named("FACEBOOK_TOKEN")


def test_a_dotenv_that_is_not_text_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saved in another encoding."""
    (tmp_path / ".env").write_bytes("HOST=Östra".encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="UTF-8"):
        settings.read_environment()


def test_the_path_given_goes_before_the_variable(write: Write, tmp_path: Path) -> None:
    """`load` reads KANALVAKT_CONFIG unless told otherwise."""
    path = write(SMALLEST)
    other = tmp_path / "other.toml"
    other.write_text(SMALLEST.replace("Exempels", "Andra"), "utf-8")
    environ = {"KANALVAKT_CONFIG": str(path), "LOG_KEY": KEY}
    assert settings.load(None, environ)[0].municipality.name == "Exempels kommun"
    found, environment = settings.load(other, environ)
    assert (found.municipality.name, environment.secret("log_key")) == ("Andra kommun", KEY)


def test_the_dotenv_example_shows_every_variable_and_no_other() -> None:
    """A variable that is not in the example is a variable nobody finds; channels' are named in the other file."""
    shown = re.findall(r"^(?:# )?([A-Z_]+)=", DOTENV_EXAMPLE.read_text("utf-8"), re.MULTILINE)
    named = set(re.findall(r'^# [a-z_]+_env = "(\w+)"$', EXAMPLE.read_text("utf-8"), re.MULTILINE))
    assert {"WEBB_USER", "X_CONSUMER_SECRET", "SMTP_PASSWORD"} <= named
    assert sorted(shown) == sorted({name.upper() for name in Environment.model_fields} | named)


def test_the_examples_hold_no_secret() -> None:
    """Nothing that looks like a token in either file, and only reserved addresses and the public sources'."""
    for text in (EXAMPLE.read_text("utf-8"), DOTENV_EXAMPLE.read_text("utf-8")):
        assert not re.search(r"xox[a-z]-\w|xapp-\w|[0-9a-f]{32}", text)
        assert set(re.findall(r"[@.]([a-z]+\.se)\b", text)) <= {
            "example.se",
            "krisinformation.se",
            "smhi.se",
            "sr.se",
        }


def test_settings_cannot_be_changed_while_running() -> None:
    """What was checked at start stays as it was."""
    found = settings.read_settings(EXAMPLE)
    with pytest.raises(ValueError, match="frozen"):
        found.slack.posts_per_minute = 1  # type: ignore[misc]
    assert tomllib.loads(EXAMPLE.read_text("utf-8"))["slack"]["posts_per_minute"] == 240
