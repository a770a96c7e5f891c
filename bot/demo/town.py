"""The municipality of the demo: people named by their function, never invented persons."""

from typing import Any

from bot.sandbox.seed import BotSeed, ChannelSeed, GroupSeed, PersonSeed, Seed, TeamSeed

TEAM = "T0EXEMPEL0"
PAGE = "https://www.facebook.com/exempelkommunen"  # the municipality's own, as it stands in the register
SITE = "https://www.exempel.example"
PROFILES = {  # its other accounts
    "instagram": "https://www.instagram.com/exempelkommunen",
    "mastodon": "https://social.exempel.example/@kommunen",
    "bluesky": "https://bsky.app/profile/kommunen.example",
}
DEPARTMENT_CHANNEL, DRILL_CHANNEL = "C0KOMM0001", "C0OVNING01"
MANAGER, SOCIAL, WEB, PRESS, DESIGN = (f"U0KOMM00{n}" for n in range(1, 6))
DEPARTMENT = (MANAGER, SOCIAL, WEB, PRESS, DESIGN)
CULTURE, LIBRARY, LIBRARY_DEPUTY, LIBRARIAN, EDUCATOR = (f"U0KULT00{n}" for n in range(1, 6))
PRINCIPAL, VICE, TEACHER = (f"U0SKOL00{n}" for n in range(1, 4))
YOUTH, COUNSELLOR = (f"U0UNGD00{n}" for n in range(1, 3))
REGISTRAR, CONTACT, IT, CONSULTANT, OFFICER = (f"U0OVRI00{n}" for n in range(1, 6))

_PEOPLE = {
    MANAGER: ("Kommunikationschef", "kommunikationschef"),
    SOCIAL: ("Kommunikatör sociala medier", "sociala.medier"),
    WEB: ("Kommunikatör webb", "webb"),
    PRESS: ("Kommunikatör press", "press"),
    DESIGN: ("Grafisk formgivare", "formgivare"),
    CULTURE: ("Verksamhetschef kultur", "kulturchef"),
    LIBRARY: ("Enhetschef biblioteket", "bibliotekschef"),
    LIBRARY_DEPUTY: ("Ställföreträdare biblioteket", "stf.bibliotek"),
    LIBRARIAN: ("Bibliotekarie", "bibliotekarie"),
    EDUCATOR: ("Bibliotekspedagog", "pedagog"),
    PRINCIPAL: ("Rektor Centralskolan", "rektor"),
    VICE: ("Biträdande rektor", "bitr.rektor"),
    TEACHER: ("Lärare", "larare"),
    YOUTH: ("Enhetschef ungdomsrådgivningen", "ungdomschef"),
    COUNSELLOR: ("Ungdomsrådgivare", "radgivare"),
    REGISTRAR: ("Registrator", "registrator"),
    CONTACT: ("Kontaktcenter", "kontaktcenter"),
    IT: ("IT-tekniker (läser engelska)", "it"),
    CONSULTANT: ("Byråkonsult (gäst)", "konsult"),
    OFFICER: ("Tjänsteperson i beredskap", "tib"),
}

PHONES = {  # of those who decide in a crisis; from the numbers that the authority keeps for fiction
    MANAGER: "070-174 06 05",
    PRESS: "070-174 06 06",
    WEB: "070-174 06 07",
}


def address(slug: str) -> str:
    """A mailbox in the demo's domain."""
    return f"{slug}@exempel.example"


def workspace() -> Seed:
    """The Slack workspace: people, channels, one user group."""
    people = [
        PersonSeed(
            id=one,
            name=name,
            email=address(slug),
            phone=PHONES.get(one, ""),
            locale="en-GB" if one == IT else "sv-SE",
            guest=one == CONSULTANT,
        )
        for one, (name, slug) in _PEOPLE.items()
    ]
    everyone = tuple(_PEOPLE)
    channels = [
        ChannelSeed("C0ALLMANT1", "allmänt", members=everyone, general=True),
        ChannelSeed(DEPARTMENT_CHANNEL, "kommunikation", members=(*DEPARTMENT, IT)),
        ChannelSeed("C0SOCIALA1", "sociala-medier", members=(*DEPARTMENT, LIBRARIAN, TEACHER, COUNSELLOR)),
        ChannelSeed(DRILL_CHANNEL, "krisövning", members=(*DEPARTMENT, CONTACT)),
        ChannelSeed("C0BIBLIO01", "biblioteket", members=(LIBRARY, LIBRARY_DEPUTY, LIBRARIAN, EDUCATOR)),
    ]
    return Seed(
        team=TeamSeed(TEAM, "Exempelkommunen", "exempelkommunen"),
        bot=BotSeed(name="Kanalvakt"),
        people=people,
        groups=[GroupSeed("S0KOMM0001", "komm", DEPARTMENT, "Kommunikationsavdelningen")],
        channels=channels,
    )


def settings() -> dict[str, Any]:
    """What the municipality's kanalvakt.toml would hold."""
    return {
        "municipality": {
            "name": "Exempelkommunen",
            "website": "https://www.exempel.example",
            "contact": "Kontaktcenter, " + address("kontaktcenter"),
            "records_url": "https://www.exempel.example/personuppgifter",
            "guidelines_url": "https://www.exempel.example/riktlinjer-sociala-medier",
            "guidelines_version": "2026-02",
        },
        "slack": {"department_channel": DEPARTMENT_CHANNEL},
        "report": {"to": [address("kulturchef"), address("rektor")]},
        "accounts": {"relay_account": "@exempelkommunen (stafettkontot på Instagram)"},
        "department": {
            "people": [address(_PEOPLE[one][1]) for one in DEPARTMENT],
            "manager": address(_PEOPLE[MANAGER][1]),
            "registrar": {"name": "Registrator", "email": address("registrator")},
            "contact_centre": {"name": "Kontaktcenter", "email": address("kontaktcenter")},
            "crisis_deciders": [address(_PEOPLE[one][1]) for one in (MANAGER, PRESS, WEB)],
        },
        "units": _units(),
    }


def _units() -> list[dict[str, Any]]:
    board = "Kultur- och fritidsnämnden"
    return [
        _unit("kultur", "Kultur och fritid", board, "kulturchef", "verksamhetschef"),
        _unit(
            "bibliotek",
            "Biblioteket",
            board,
            "bibliotekschef",
            "enhetschef",
            parent="kultur",
            deputy="stf.bibliotek",
            channel="C0BIBLIO01",
        ),
        {
            "key": "simhall",
            "name": "Simhallen",
            "board": board,
            "head": address("simhallschef"),
            "head_name": "Enhetschef simhallen",
            "head_title": "enhetschef",
        },
        _unit(
            "centralskolan",
            "Centralskolan",
            "Barn- och utbildningsnämnden",
            "rektor",
            "rektor",
            deputy="bitr.rektor",
        ),
        _unit("ungdom", "Ungdomsrådgivningen", "Socialnämnden", "ungdomschef", "enhetschef"),
        _unit("komm", "Kommunikationsavdelningen", "Kommunstyrelsen", "kommunikationschef", "kommunikationschef"),
    ]


def _unit(key: str, name: str, board: str, head: str, title: str, **more: Any) -> dict[str, Any]:
    given = {"key": key, "name": name, "board": board, "head": address(head), "head_title": title}
    if "deputy" in more:
        more["deputy"] = address(more["deputy"])
    return {**given, **more}
