"""A place is kept, a password never."""

import pytest

from bot.accounts import secrecy

PLACES = [
    "lösenordsvalvet, mapp Bibliotek",
    "Lösenordsvalvet, mapp Bibliotek",
    "Bitwarden, samling Kommunikation",
    "KeePass hos kommunikationsavdelningen",
    "https://valv.example.se/poster/bibliotek",
    "valv.kommun.se",
    "Valv/Bibliotek/Facebook",
    "Kuvert 3 i kassaskåpet, rum 214",
    "Meta Business Suite, kopplat till funktionsbrevlådan sociala.medier@example.se",
    "1Password, Kommunikation",
    "hos IT, ärende 2026-1234",
]
SECRETS = [
    "lösenord: Hemligt123!",
    "Lösenordet är sommar26",
    "pwd=abc123",
    "Sommar2026!",
    "xoxb-1234567890-abcdefgh",
    "EAABsbCS1iHgBO0123456789abcdefghij",
    "valvet, Tr0ub4dor&3",
    "kod: 123456",
    "https://admin:hemligt@valv.example.se",
    "9f86d081884c7d659a2feaa0c55ad015",
    "token = sk-abcdefghijklmnop1234",
]


@pytest.mark.parametrize("text", PLACES)
def test_a_place_is_taken(text: str) -> None:
    """People write where it is in many ways."""
    assert not secrecy.looks_secret(text)


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_refused(text: str) -> None:
    """Spoken out, of a known shape, or plainly no word."""
    assert secrecy.looks_secret(text)
