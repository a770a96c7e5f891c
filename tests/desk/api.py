"""Slack as far as the first hour asks it: answers or typed errors by method."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Slack:
    """A Web API in memory; an answer that is an exception is raised."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def call(self, method: str, **args: Any) -> dict[str, Any]:
        self.asked.append(method)
        answer = self.answers.get(method, {"channel": {"is_member": True}})
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, dict)
        return answer
