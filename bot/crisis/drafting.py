"""Drafting: from facts to the texts of every channel, and back from what people made of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channels.outlet import Outlet
from bot.crisis import compose, plan
from bot.crisis.compose import AUDIENCES, Fitted, Surface
from bot.crisis.facts import Facts, Kind
from bot.desk import Desk
from bot.errors import Problem
from bot.texts import Speak

SLACK = Surface("slack", "Slack", "slack")  # the announcement; its text stands beside the channels'


def surfaces(desk: Desk, *, drill: bool) -> list[Surface]:
    """Every channel the message reaches, in the file's order, and the announcement in Slack."""
    outlets = plan.reached(desk.outlets, (), drill=drill)
    return [*map(surface, outlets), *([SLACK] if desk.settings.crisis.announce else [])]


def surface(outlet: Outlet) -> Surface:
    """A channel as the composer sees it."""
    return Surface(
        outlet.key,
        outlet.name,
        outlet.platform,
        form=AUDIENCES.get(outlet.audience),
        rows=outlet.rows or None,
        characters=outlet.characters or None,
    )


def compose_all(desk: Desk, t: Speak, kind: Kind, facts: Facts, *, now: datetime) -> dict[str, Fitted]:
    """The proposal for every channel. ``t`` is the language of those who read."""
    town = desk.settings.municipality
    return compose.compose(
        facts,
        kind,
        surfaces(desk, drill=facts.drill),
        t,
        municipality=town.name,
        now=now,
        link=town.website,
    )


def refit_all(
    desk: Desk, values: Mapping[str, Any], *, drill: bool
) -> tuple[dict[str, Fitted], dict[str, Problem]]:
    """What people made of the texts, and what is too long at which field."""
    fitted: dict[str, Fitted] = {}
    problems: dict[str, Problem] = {}
    for one in surfaces(desk, drill=drill):
        given = [str(values.get(f"{part}:{one.key}") or "") for part in ("text", "title", "alt")]
        fitted[one.key] = found = compose.refit(one, *given)
        too_long = compose.too_long(one, found)
        problems |= {f"{part}:{one.key}": problem for part, problem in too_long.items()}
        if not found.text and not one.rows:
            problems[f"text:{one.key}"] = Problem("form.needed")
    return fitted, problems
