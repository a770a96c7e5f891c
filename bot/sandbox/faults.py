"""Misfortune by switch: what a network and a vendor can do to a request."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAMES = ("drop_after_store", "error_5xx", "slow_ms", "throttle")


@dataclass(frozen=True)
class Fault:
    """One kind of misfortune. `methods` empty means every method; `ms` is for slowness only.

    `stored` is the share of server errors that come after the work was done.
    """

    probability: float = 0.0
    methods: tuple[str, ...] = ()
    ms: float = 0.0
    stored: float = 0.5

    @classmethod
    def read(cls, name: str, setting: Any) -> Fault:
        """Read a number (probability; milliseconds for slow_ms) or a mapping. Raises ValueError."""
        if isinstance(setting, (int, float)) and not isinstance(setting, bool):
            if name == "slow_ms":
                return cls(probability=1.0 if setting else 0.0, ms=setting)
            return cls(probability=setting).checked()
        if not isinstance(setting, Mapping) or not set(setting) <= {"probability", "methods", "ms", "stored"}:
            raise ValueError(f"{name} takes a probability or {{probability, methods, ms, stored}}")
        return cls(**{**setting, "methods": tuple(setting.get("methods", ()))}).checked()

    def checked(self) -> Fault:
        """Return self. Raises ValueError when a share is not between 0 and 1."""
        if not (0 <= self.probability <= 1 and 0 <= self.stored <= 1):
            raise ValueError("a probability lies between 0 and 1")
        return self


class Faults:
    """The switchboard. Draws come from a generator with a seed, so that a run can be repeated."""

    def __init__(self) -> None:
        self._faults = {name: Fault() for name in NAMES}
        self._seed = 0
        self._random = random.Random(0)  # noqa: S311 (misfortune need not be unguessable)
        self.history_lag_s = 0.0
        self.revoked = False

    def set(self, **settings: Any) -> None:
        """Change some switches and leave the rest. Raises ValueError on an unknown or odd one."""
        unknown = set(settings) - set(NAMES) - {"seed", "history_lag_s", "revoked"}
        if unknown:
            raise ValueError(f"unknown fault: {', '.join(sorted(unknown))}")
        fresh = {name: Fault.read(name, settings[name]) for name in NAMES if name in settings}
        self._faults |= fresh
        if "seed" in settings:
            self._seed = int(settings["seed"])
            self._random = random.Random(self._seed)  # noqa: S311
        self.history_lag_s = float(settings.get("history_lag_s", self.history_lag_s))
        self.revoked = bool(settings.get("revoked", self.revoked))

    def strikes(self, name: str, method: str) -> Fault | None:
        """Draw whether this misfortune hits this call."""
        fault = self._faults[name]
        if not fault.probability or (fault.methods and method not in fault.methods):
            return None
        return fault if self._random.random() < fault.probability else None

    def chance(self, probability: float) -> bool:
        """Draw once more from the same generator."""
        return self._random.random() < probability

    def to_json(self) -> dict[str, Any]:
        """Return the switches as they stand."""
        faults = {name: {**vars(fault), "methods": list(fault.methods)} for name, fault in self._faults.items()}
        return faults | {"seed": self._seed, "history_lag_s": self.history_lag_s, "revoked": self.revoked}
