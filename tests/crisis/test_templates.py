"""The templates: every event has its texts, and they say what was agreed on, word by word."""

import itertools
import re
from dataclasses import replace

import pytest

from bot.crisis import templates
from bot.crisis.facts import EVENTS, Kind
from bot.crisis.templates import NO_SIGN, Form, standing_advice
from tests.crisis.crises import EN, NOW, SV, crisis, told

STANDING = [event for event in EVENTS if event != "other"]
FIRST = ("web", "web.title", "short", "units", "phone")

WEB = (
    "Vattnet i Norra stan kan innehålla bakterier. Koka upp det tills det bubblar kraftigt innan du dricker det, "
    "lagar mat, borstar tänderna eller gör is. Det gäller dig som har kommunalt vatten i Norra stan. Centrum "
    "berörs inte. Du kan duscha, spola och tvätta som vanligt, men låt inte små barn svälja vattnet. Mår du "
    "dåligt, ring 1177. Nästa besked senast fredag kl. 16.50."
)
SHORT = (
    "Koka vattnet i Norra stan. Låt det bubbla kraftigt innan du dricker, lagar mat, borstar tänderna eller gör "
    "is. Duscha går bra. Centrum berörs inte. Nästa besked fredag kl. 16.50. {url}"
)
UNITS = (
    "Till kök, förskolor, skolor, hemtjänst och boenden i Norra stan: Använd kokt vatten till all dryck, mat och "
    "tandborstning från och med nu. Släng is och dryck gjord på kranvatten. Kvittera här när ni har läst."
)
PHONE = (
    "Du har kommit till Exempels kommun. Vattnet i Norra stan ska kokas innan du dricker det eller lagar mat. "
    "Centrum berörs inte. Nästa besked kommer fredag klockan 16.50 på kommunen.example."
)
END = (
    "Nu behöver du inte koka vattnet i Norra stan längre. Kokningsrekommendationen är hävd sedan fredag kl. 14.50, "
    "eftersom proverna är bra. Spola tills vattnet blir kallt. Släng is och dryck gjord på okokt vatten. Tack för "
    "att du hjälpte till. {url}"
)


@pytest.mark.parametrize(
    ("kind", "channel", "text"),
    [
        (Kind.FIRST, "web", WEB),
        (Kind.FIRST, "x", SHORT),
        (Kind.FIRST, "sign", "KOKA VATTNET\nNORRA STAN\nLYSSNA PÅ P4"),
        (Kind.FIRST, "kitchens", UNITS),
        (Kind.FIRST, "contact_centre", PHONE),
        (Kind.END, "facebook", END),
    ],
)
def test_the_water_texts_are_those_agreed_on(kind: Kind, channel: str, text: str) -> None:
    """What the water utility and the environmental office have confirmed is not to be reworded by a composer."""
    assert text == told(crisis(), kind)[channel].text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            Kind.FIRST,
            "Gasläcka i Norra stan. Gå därifrån. Vi vet ännu inte varför. "
            "Nästa besked senast fredag kl. 16.50. Senaste nytt: {url}",
        ),
        (
            Kind.UPDATE,
            "Uppdaterat fredag kl. 14.50: Fler prover är tagna. Det här gäller fortfarande: Gå därifrån. "
            "Vi vet ännu inte varför. Nästa besked senast fredag kl. 16.50. {url}",
        ),
        (
            Kind.NOTHING_NEW,
            "Fredag kl. 14.50: Inget nytt sedan förra beskedet. Det här gäller fortfarande: Gå därifrån. "
            "Nästa besked senast fredag kl. 16.50. {url}",
        ),
        (
            Kind.CORRECTION,
            "Rättelse kl. 14.50: Vi skrev att hela kommunen berörs. Det var fel. Rätt är: Bara Norra stan berörs. "
            "Vi beklagar felet. {url}",
        ),
        (
            Kind.END,
            "Fredag kl. 14.50: Gasläcka i Norra stan är över. Spola tills vattnet blir kallt. "
            "Tack för att du hjälpte till. {url}",
        ),
    ],
)
def test_any_event_is_told_in_the_general_words(kind: Kind, text: str) -> None:
    """Full stops are added where people left them out, and nowhere twice."""
    leak = crisis("other", what="gasläcka.", advice="Gå därifrån", where_not="", unknown="varför.")
    assert text == told(leak, kind)["mastodon"].text


def test_slack_is_told_what_to_do_and_where_to_refer_people() -> None:
    """In the words agreed on; at the end with the posts that wait."""
    first, end = told(crisis())["slack"].text, told(crisis(), Kind.END, paused="https://a.example/p")["slack"].text
    assert first == (
        f"*Krisläge: Bakterier i dricksvattnet, Norra stan.* {standing_advice(SV, 'water')} Pausa allt annat i "
        "sociala medier. Får du frågor? Hänvisa till {url}. Nästa besked fredag kl. 16.50."
    )
    assert end == (
        "*Krisläget är avslutat: Bakterier i dricksvattnet, Norra stan.* Spola tills vattnet blir kallt. Du kan "
        "publicera som vanligt igen. Gå igenom de pausade inläggen först: https://a.example/p"
    )


def test_a_correction_that_is_edited_in_place_still_says_what_to_do() -> None:
    """The announcement it replaces is gone: advice and next word stand in the new one."""
    assert told(crisis(), Kind.CORRECTION)["slack"].text == (
        "*Rättelse: Bakterier i dricksvattnet, Norra stan.* Vi skrev att hela kommunen berörs. Det var fel. Rätt "
        f"är: Bara Norra stan berörs. Det här gäller: {standing_advice(SV, 'water')} Får du frågor? Hänvisa till "
        "{url}. Nästa besked fredag kl. 16.50."
    )


def test_a_drill_says_so_before_anything_else() -> None:
    """In a paragraph of its own where there are paragraphs; in Slack with what those who practise may not do."""
    said, end = told(crisis(drill=True, ends_at=NOW)), told(crisis(drill=True), Kind.END)
    assert said["web"].text == f"ÖVNING. Det här har inte hänt.\n\n{WEB}"
    assert said["facebook"].text.startswith("ÖVNING. Det här har inte hänt.\n\nKoka vattnet i Norra stan\n\n")
    assert said["x"].text == f"ÖVNING. Det här har inte hänt. {SHORT}"
    assert said["slack"].text.startswith(
        "*ÖVNING. Det här har inte hänt.* Vi övar krisläge till kl. 14.50. Ring ingen utanför övningen och sprid "
        "inget vidare. *Krisläge: Bakterier i dricksvattnet, Norra stan.*"
    )
    assert end["slack"].text.startswith("ÖVNING. Det här har inte hänt. *Krisläget är avslutat:")
    assert "ÖVNING: Koka vattnet i Norra stan" == said["web"].title


def test_every_event_has_all_its_texts_in_both_languages() -> None:
    """A new event needs its words in the same change."""
    needed = {f"tmpl.{event}.{part}" for event in STANDING for part in (*FIRST, "advice", "end", "end.title")}
    needed |= {f"tmpl.{event}.sign" for event in STANDING if event not in NO_SIGN}
    needed |= {f"event.{event}" for event in EVENTS} | {f"kind.{kind}" for kind in Kind}
    assert set() == needed - set(SV.texts)
    assert set() == needed - set(EN.texts)


def test_every_event_and_kind_has_a_name_to_choose() -> None:
    """Different ones."""
    names = [templates.event_name(SV, event) for event in EVENTS] + [templates.kind_name(SV, one) for one in Kind]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("event", "kind"), list(itertools.product(EVENTS, Kind)))
def test_every_message_says_something_on_every_surface(event: str, kind: Kind) -> None:
    """But a sign is given back at the end, and shows nothing of a crisis of trust."""
    for key, fitted in told(crisis(event), kind).items():
        silent = key == "sign" and (kind is Kind.END or event in NO_SIGN)
        assert silent == (fitted.text == ""), key
        assert 0 == fitted.over, key


@pytest.mark.parametrize("event", STANDING)
def test_every_event_has_an_all_clear_of_its_own(event: str) -> None:
    """Not the general "is over"."""
    assert told(crisis(event), Kind.END)["x"].text != told(crisis("other"), Kind.END)["x"].text


@pytest.mark.parametrize("event", EVENTS)
def test_the_danger_is_over_only_when_the_rescue_service_says_so(event: str) -> None:
    """And then it is said who does."""
    over = re.compile(r"faran (är )?över", re.IGNORECASE)
    own = told(crisis(event), Kind.END).values()
    theirs = told(crisis(event, rescue=True), Kind.END)["web"]
    assert [] == [one for one in own if over.search(one.text + one.title)]
    assert "Faran är över i Norra stan. Det meddelar räddningstjänsten." in theirs.text
    assert "Faran är över i Norra stan" == theirs.title


def test_no_other_template_says_that_the_danger_is_over() -> None:
    """The words belong to the rescue service and its warning system."""
    outward = ((key, forms) for key, forms in SV.texts.items() if key.startswith("tmpl."))
    keys = {key for key, forms in outward if re.search(r"\bfaran\b", forms[0], re.IGNORECASE)}
    assert {"tmpl.rescue.end", "tmpl.rescue.end.title"} == keys


@pytest.mark.parametrize("kind", Kind)
def test_other_advice_than_the_standing_drives_out_the_events_own_texts(kind: Kind) -> None:
    """Who may not even touch the water must not read that showering is fine."""
    said = told(crisis(advice="Använd inte kranvattnet till något."), kind)
    assert [] == [key for key, one in said.items() if re.search("koka|duscha|bubbl", one.text, re.IGNORECASE)]


def test_the_standing_advice_typed_anew_is_still_the_standing_advice() -> None:
    """The form is filled in with it; sent back unchanged it keeps the event's own texts."""
    typed = f" {standing_advice(SV, 'water')} ".replace(" ", "  ")
    assert told(crisis()) == told(crisis(advice=typed))


@pytest.mark.parametrize(
    ("where", "title"),
    [
        ("Norra stan", "Koka vattnet i Norra stan"),
        ("i Norra stan.", "Koka vattnet i Norra stan"),
        ("på Hisingen", "Koka vattnet på Hisingen"),
        ("På Hisingen", "Koka vattnet på Hisingen"),
        ("vid torget", "Koka vattnet vid torget"),
        ("Påskbergsskolan", "Koka vattnet i Påskbergsskolan"),
    ],
)
def test_a_place_keeps_its_preposition(where: str, title: str) -> None:
    """ "i på Hisingen" would be read aloud by somebody."""
    assert title == told(crisis(where=where))["web"].title


def test_a_place_named_in_the_event_is_not_named_twice() -> None:
    """People type "Gasläcka på Storgatan" and then "Storgatan"."""
    leak = crisis("other", what="Gasläcka på Storgatan", where="Storgatan")
    assert "Gasläcka på Storgatan" == told(leak)["web"].title
    assert told(leak)["slack"].text.startswith("*Krisläge: Gasläcka på Storgatan.*")


def test_what_is_not_known_is_left_out_with_its_sentence() -> None:
    """No empty place, no half a promise."""
    bare = told(crisis("power", where_not="", next_at=None))
    assert [] == [key for key, one in bare.items() if re.search("berörs inte|Nästa besked|  ", one.text)]
    assert (
        told(crisis("power", unknown="när den kommer tillbaka"))["web"].text.count("Vi vet ännu inte när den") == 1
    )


def test_the_website_keeps_the_whole_advice_when_something_is_added() -> None:
    """A page with the news alone would hide what still applies."""
    update, correction = told(crisis(), Kind.UPDATE)["web"], told(crisis(), Kind.CORRECTION)["web"]
    assert update.text == f"Uppdaterat fredag kl. 14.50: Fler prover är tagna.\n\n{WEB}"
    assert correction.text.endswith(f"Vi beklagar felet.\n\n{WEB}")
    assert "Uppdaterat: Koka vattnet i Norra stan" == update.title


def test_languages_stand_where_there_is_room_and_are_the_persons_own_words() -> None:
    """After the Swedish, word by word."""
    typed = "Boil the water {hard} in Norra stan!"
    said = told(crisis(languages=(("English", typed),)))
    assert said["web"].text.endswith(f"\n\nEnglish: {typed}")
    assert {"web", "intranet", "feed", "facebook", "instagram", "linkedin", "county", "youtube"} == {
        key for key, one in said.items() if typed in one.text
    }


def test_who_confirmed_is_for_the_desk_alone() -> None:
    """The press learns when, not who."""
    said = told(crisis(confirmed_by="Driftledaren"))
    assert [] == [key for key, one in said.items() if "Driftledaren" in one.text]
    assert "Uppgifterna bekräftades fredag 27 november kl. 14.40." in said["press"].text


def test_staff_are_never_told_to_keep_quiet() -> None:
    """They may always talk to the media (TF 3 kap.)."""
    said = told(crisis("trust"))
    assert "du har alltid rätt att själv prata med dem" in said["kitchens"].text


def test_english_catalogues_compose_too() -> None:
    """For a municipality's demo in English; every value is there."""
    facts = replace(crisis(), where="in Norra stan", ends_at=NOW)
    for kind, form in itertools.product(Kind, Form):
        setting = templates.Setting("Example", NOW, "https://kommunen.example")
        voice = templates.Voice(facts, kind, EN, setting)
        assert form is Form.SIGN or voice.draft(form)
        assert "{" not in voice.title(form)
