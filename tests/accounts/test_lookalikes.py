"""Accounts that look like each other."""

import pytest

from bot.accounts import lookalikes
from bot.accounts.lookalikes import Known

LIBRARY = Known("Biblioteket berättar", "https://www.facebook.com/biblioteketberattar", "facebook", "Biblioteket")
BATHS = Known("Simhallen", "https://www.instagram.com/simhallen_exempel", "instagram", "Simhallen")


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("Biblioteket berättar", "facebook"),
        ("biblioteket BERATTAR!", "instagram"),
        ("@biblioteketberattar", "x"),
        ("Biblioteket berättat", "facebook"),
    ],
)
def test_the_same_name_in_other_clothes_is_pointed_out(name: str, platform: str) -> None:
    """Case, accents, signs and a leading @ are clothes."""
    assert lookalikes.alike(name, platform, [BATHS, LIBRARY]) == LIBRARY


@pytest.mark.parametrize("name", ["Badhuset", "Kulturskolan", "Bibliotekarien på Centralskolan", "!!!", ""])
def test_other_names_are_left_alone(name: str) -> None:
    """A warning that comes always is no warning."""
    assert lookalikes.alike(name, "facebook", [BATHS, LIBRARY]) is None


@pytest.mark.parametrize(
    "address",
    [
        "facebook.com/biblioteketberattar",
        "http://m.facebook.com/BiblioteketBerattar/",
        "https://fb.com/biblioteketberattar?ref=page",
    ],
)
def test_one_address_has_many_spellings(address: str) -> None:
    """Scheme, www, mobile host, query and slash do not make another account."""
    assert lookalikes.same_address(address, [BATHS, LIBRARY]) == LIBRARY


def test_show_finds_what_is_meant() -> None:
    """`/konto visa bibl` is enough."""
    assert lookalikes.nearest("bibl", [BATHS, LIBRARY]) == 1
    assert lookalikes.nearest("xyzzy", [BATHS, LIBRARY]) is None
