"""Comments under load: how fast they are taken in, and whether what lies behind slows what is open."""

from typing import Any

from tests.bench import growth, intake


async def measure(rounds: int, seconds: float) -> dict[str, Any]:
    """``ratio`` of the intake and ``growth`` of tick, queue and digest, with what they are made of."""
    return {**await intake.measure(rounds, seconds), **await growth.measure()}
