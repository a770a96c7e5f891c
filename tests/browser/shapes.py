"""Cards, forms and a home for the toy app to show, and the ids they mention."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]
LOBBY, DESK, OTHER, CLOSED = "C000000LOBBY", "C0000000DESK", "C00000000BIB", "C0000000GONE"
HEAD, COMMS, WRITER, GUEST, ENGLISH = "U00000HEAD", "U0000COMMS", "U000WRITER", "U0000GUEST", "U00ENGLISH"
PURPOSE = "Vi berättar om programmet, visar nya böcker och svarar på frågor om öppettider."
TWIN = "Tvillingen"
PLATFORMS = ["Facebook", "Instagram", "YouTube"]
UNITS = ["Biblioteket", "Centralskolan", "Kulturskolan", "Simhallen", "Vatten och avlopp", "Äldreomsorgen"]


def text(words: str) -> JSON:
    """Return a plain text object."""
    return {"type": "plain_text", "text": words}


def option(words: str, value: str | None = None, **more: Any) -> JSON:
    """Return an option."""
    return {"text": text(words), "value": value or words, **more}


def button(action_id: str, words: str, **more: Any) -> JSON:
    """Return a button."""
    return {"type": "button", "action_id": action_id, "text": text(words), "value": "14", **more}


def field(block_id: str, label: str, element: JSON, **more: Any) -> JSON:
    """Return an input block; its element's action id is "it"."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": text(label),
        "element": {"action_id": "it", **element},
        **more,
    }


def application() -> JSON:
    """Return the first form: what an application asks for."""
    return {
        "type": "modal",
        "callback_id": "application",
        "title": text("Ansök om konto"),
        "submit": text("Fortsätt"),
        "close": text("Avbryt"),
        "notify_on_close": True,
        "blocks": [
            {
                "type": "section",
                "block_id": "intro",
                "text": {
                    "type": "mrkdwn",
                    "text": "Tar ungefär tio minuter. Vi sparar efter varje steg, så du kan pausa och "
                    "fortsätta från `/konto mina`.",
                },
            },
            field(
                "unit",
                "Vilken enhet gäller det?",
                {"type": "external_select", "min_query_length": 0, "placeholder": text("Sök enhet")},
            ),
            field(
                "platform",
                "Plattform",
                {
                    "type": "static_select",
                    "options": [option(name) for name in PLATFORMS],
                },
            ),
            field("name", "Kontots namn", {"type": "plain_text_input", "max_length": 30}),
            field(
                "purpose",
                "Vad ska kontot vara bra för?",
                {"type": "plain_text_input", "multiline": True, "max_length": 400},
                hint=text("Minst 40 tecken. Syftet visas i kommunens förteckning."),
            ),
            {
                "type": "actions",
                "block_id": "more",
                "elements": [
                    button("push", "Läs riktlinjerna"),
                    button("grow", "Lägg till fält"),
                ],
            },
        ],
    }


def with_twin() -> JSON:
    """Return the first form with a question at its end: there is an account of that name."""
    view = application()
    words = {"type": "mrkdwn", "text": "*Det finns redan ett konto som heter så.*"}
    tick = field("twin", "Liknande konto", {"type": "checkboxes", "options": [option("Vi behöver ändå ett eget")]})
    return {**view, "blocks": [*view["blocks"], {"type": "section", "text": words}, tick]}


def everything() -> JSON:
    """Return a form with the remaining kinds of fields."""
    options = [option("Ja"), option("Nej"), option("Vet inte", description=text("Vi hör av oss"))]
    return {
        "type": "modal",
        "callback_id": "everything",
        "title": text("Steg 2 av 3"),
        "submit": text("Skicka"),
        "close": text("Tillbaka"),
        "blocks": [
            field("editors", "Redaktörer", {"type": "multi_users_select"}),
            field("substitute", "Vem svarar när du är borta?", {"type": "users_select"}),
            field("children", "Kommer barn eller elever att synas?", {"type": "radio_buttons", "options": options}),
            field(
                "promises",
                "Det här lovar vi",
                {
                    "type": "checkboxes",
                    "options": [
                        option("Alla kan läsa utan att logga in"),
                        option("Kontot sköts inte privat", description=text("Det är kommunens konto.")),
                    ],
                },
            ),
            field(
                "hours", "Timmar i veckan", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}
            ),
            field("mail", "E-postadress", {"type": "email_text_input"}, optional=True),
            field("site", "Webbsida", {"type": "url_text_input"}, optional=True),
            field("start", "Från och med", {"type": "datepicker"}, optional=True),
            field("time", "Klockan", {"type": "timepicker"}, optional=True),
            field(
                "topics",
                "Ämnen",
                {"type": "multi_static_select", "options": [option(unit) for unit in UNITS]},
                optional=True,
            ),
        ],
    }


def guidelines() -> JSON:
    """Return a view that is pushed above the form."""
    words = "Svara inom *en arbetsdag*.\n• Kritik ska få stå kvar\n• Inga personuppgifter"
    return {
        "type": "modal",
        "callback_id": "guidelines",
        "title": text("Riktlinjer"),
        "close": text("Tillbaka"),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": words}}],
    }


def card(state: str = "Väntar på två beslut", *, buttons: bool = True) -> list[JSON]:
    """Return the blocks of a case card."""
    confirm = {
        "title": text("Godkänn ansökan"),
        "text": text("Du godkänner Sjöviks bibliotek för Biblioteket. Alla berörda ser ditt beslut."),
        "confirm": text("Ja, godkänn"),
        "deny": text("Inte än"),
    }
    fields = [
        ("Enhet", "Biblioteket"),
        ("Sökande", f"<@{WRITER}>"),
        ("Timmar i veckan", "4"),
        ("Svarar vid frånvaro", f"<@{HEAD}>"),
    ]
    blocks: list[JSON] = [
        {"type": "header", "block_id": "head", "text": text("Ansökan: Sjöviks bibliotek på Instagram")},
        {
            "type": "section",
            "block_id": "facts",
            "text": {"type": "mrkdwn", "text": f"*Syfte*\n{PURPOSE}"},
            "fields": [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in fields],
        },
        {
            "type": "context",
            "block_id": "state",
            "elements": [{"type": "mrkdwn", "text": f":hourglass_flowing_sand: {state} · ärende 2026-014"}],
        },
    ]
    if buttons:
        blocks.append(
            {
                "type": "actions",
                "block_id": "decide",
                "elements": [
                    button("approve", "Godkänn", style="primary", confirm=confirm),
                    {
                        "type": "button",
                        "action_id": "reject",
                        "text": text("Avslå"),
                        "style": "danger",
                        "value": "14",
                    },
                    {"type": "button", "action_id": "return", "text": text("Begär komplettering"), "value": "14"},
                    {
                        "type": "overflow",
                        "action_id": "rest",
                        "options": [option("Fel chef?", "wrong"), option("Visa hela ansökan", "full")],
                    },
                ],
            }
        )
    return blocks


def home() -> JSON:
    """Return App Home."""
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": text("Det här väntar på dig")},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*Sjöviks bibliotek på Instagram*\nVäntar på ditt beslut sedan igår",
                },
                "accessory": button("open", "Öppna"),
            },
            {"type": "divider"},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": ":white_check_mark: Allt fungerar"}]},
        ],
    }


def buttons(*names: str) -> list[JSON]:
    """Return one row of buttons, each called by its action id."""
    return [{"type": "actions", "block_id": "row", "elements": [button(name, name) for name in names]}]


def crowded() -> list[JSON]:
    """Return a message with every kind of block that is wide or odd."""
    long = "Kommunikationsavdelningenskrisinformationssamordnare" * 2
    choices = [option(unit) for unit in UNITS]
    cells = [[{"type": "raw_text", "text": word} for word in (name, "3", "fredag 27 november")] for name in UNITS]
    written = [{"type": "text", "text": f"Skrivet: {long}"}]
    rich = [{"type": f"rich_text_{kind}", "elements": written} for kind in ("section", "preformatted", "quote")]
    linked = f":warning: {long} <https://sjovik.example/a/b|länk> `/konto mina`\n> citat"
    return [
        {"type": "header", "text": text("Dagens läge, lördag 2026-11-21")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": linked},
            "accessory": {"type": "static_select", "action_id": "pick", "options": choices},
        },
        {"type": "section", "fields": [{"type": "mrkdwn", "text": f"*{unit}*\n{long}"} for unit in UNITS]},
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<@{COMMS}> i <#{LOBBY}> :bell:"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "datepicker", "action_id": "day"},
                {"type": "users_select", "action_id": "who", "placeholder": text("Vem?")},
                {"type": "button", "action_id": "long", "text": text("En knapp med en ganska lång text på")},
            ],
        },
        {"type": "table", "rows": cells},
    ]
