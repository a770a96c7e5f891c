"""Crises to write about, the surfaces they are written on, and how the tests ask for texts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.crisis.compose import Fitted, Surface, compose
from bot.crisis.facts import EVENTS, Facts, Kind
from bot.crisis.templates import Form
from bot.texts import Texts

TEXTS = Texts.load()
SV, EN = TEXTS.language("sv"), TEXTS.language("en")
NOW = datetime(2026, 11, 27, 13, 50, tzinfo=UTC)  # fredag 27 november kl. 14.50
SITE = "https://kommunen.example"

SURFACES = (
    Surface("web", "Webbplatsen", "wordpress"),
    Surface("intranet", "Intranätet", "webhook"),
    Surface("feed", "Flödet", "feed"),
    Surface("facebook", "Facebook", "facebook"),
    Surface("instagram", "Instagram", "instagram"),
    Surface("linkedin", "LinkedIn", "linkedin"),
    Surface("x", "X", "x"),
    Surface("mastodon", "Mastodon", "mastodon"),
    Surface("bluesky", "Bluesky", "bluesky"),
    Surface("press", "Presslistan", "mail", Form.PRESS),
    Surface("kitchens", "Kök och boenden", "mail", Form.UNITS),
    Surface("contact_centre", "Kontaktcenter", "mail", Form.PHONE),
    Surface("county", "Länsstyrelsen", "mail"),
    Surface("youtube", "YouTube", "by_hand"),
    Surface("sign", "Infarten", "sign"),
    Surface("slack", "Slack", "slack"),
)
ON = {surface.key: surface for surface in SURFACES}


def crisis(event: str = "water", **changed: Any) -> Facts:
    """Facts that are whole, for every kind of message."""
    given: dict[str, Any] = {
        "what": "Bakterier i dricksvattnet",
        "where": "Norra stan",
        "where_not": "Centrum",
        "advice": "Håll dig borta från området." if event == "other" else "",
        "confirmed_by": "VA-jouren",
        "confirmed_at": NOW - timedelta(minutes=10),
        "next_at": NOW + timedelta(hours=2),
        "news": "Fler prover är tagna.",
        "wrong": "hela kommunen berörs",
        "right": "Bara Norra stan berörs.",
        "now": "Spola tills vattnet blir kallt.",
    }
    return Facts(event, **given | changed)


def told(facts: Facts, kind: Kind = Kind.FIRST, **more: Any) -> dict[str, Fitted]:
    """Every surface's text, in Swedish."""
    given: dict[str, Any] = {"municipality": "Exempels kommun", "now": NOW, "link": SITE}
    return compose(facts, kind, SURFACES, SV, **given | more)


WORDS = st.text(st.sampled_from("abcdeåäö ÅÄÖ.,:!?/-0157€字😀👩\u200d🚒é"), max_size=120).map(
    lambda s: " ".join(s.split())
)
SAID = WORDS.filter(lambda s: any(sign.isalpha() for sign in s))


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Facts as people may type them: some of them much too long."""
    event = draw(st.sampled_from(EVENTS))
    own = draw(SAID) if event == "other" else draw(st.one_of(st.just(""), SAID))
    return crisis(
        event,
        what=draw(SAID),
        where=draw(SAID),
        where_not=draw(WORDS),
        danger=draw(WORDS),
        unknown=draw(WORDS),
        advice=own * draw(st.integers(1, 3)),
        next_at=draw(st.sampled_from([None, NOW + timedelta(hours=2)])),
        more=draw(st.sampled_from(["", "https://vattenbolaget.example/lage"])),
        languages=draw(st.sampled_from([(), (("English", "Boil the water."),)])),
        rescue=draw(st.booleans()),
        drill=draw(st.booleans()),
    )
