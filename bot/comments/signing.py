"""The signature under an answer: who, or which unit, as the municipality chose."""

from bot.comments.rules import Case
from bot.desk import Desk


def of(desk: Desk, case: Case, name: str) -> str:
    """The signature of somebody with this name on this account; "" where answers have none."""
    known = {"name": name.split()[0] if name.split() else "", "unit": case.hands.unit}
    return desk.settings.comments.signature.format_map(known).strip()


def signed(desk: Desk, case: Case, name: str, text: str) -> str:
    """The text with its signature, which is added only where it is missing."""
    said, mark = text.strip(), of(desk, case, name)
    if not mark or not said or said.casefold().endswith(f"/{mark}".casefold()):
        return said
    return f"{said} /{mark}"
