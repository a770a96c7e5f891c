"""stub"""
from typing import Any
from bot.sandbox.problems import Problem
def check_message(payload: dict[str, Any]) -> list[Problem]:
    return []
def check_view(view: dict[str, Any]) -> list[Problem]:
    return []
def length(blocks: list[dict[str, Any]]) -> int:
    return 0
