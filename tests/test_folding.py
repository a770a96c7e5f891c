"""Folding: the same word however it was typed."""

import pytest

from bot.folding import fold


@pytest.mark.parametrize(
    "typed",
    ["Västra Hamnen", "  vastra   HAMNEN ", "va\u0308stra\thamnen", "Västra - hamnen", "Västra\u00a0hamnen"],
)
def test_case_accents_hyphens_and_spaces_do_not_matter(typed: str) -> None:
    """Whoever types a place in a hurry types the same place."""
    assert "vastra hamnen" == fold(typed)
