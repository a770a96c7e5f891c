"""The form for absences, with those that are coming."""

from collections.abc import Sequence

from bot.absence import Away, Listed
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage.absences import Absence

SAVE, REMOVE = "away.save", "away.remove"
SHOWN = 15


def form(t: Speak, listed: Listed, me: str, today: str) -> Block:
    """Whose, from when, until when; and what is already known, each with a button that takes it away."""
    who = []
    if listed.for_others:
        who = [forms.field("person", t("away.person"), forms.person(me), hint=t("away.person.hint"))]
    blocks = [
        kit.section(t("away.intro")),
        *who,
        forms.field("first", t("away.first"), forms.date(today)),
        forms.field("last", t("away.last"), forms.date(today), hint=t("away.last.hint")),
        *_coming(t, listed.absences),
    ]
    return forms.view(t, SAVE, t("away.modal.title"), blocks, submit=t("btn.save"))


def _coming(t: Speak, absences: Sequence[tuple[Absence, str]]) -> list[Block]:
    if not absences:
        return []
    left = len(absences) - SHOWN
    rows = [_row(t, one, name) for one, name in absences[:SHOWN]]
    more = [kit.context(t.n("away.more", left))] if left > 0 else []
    return [kit.divider(), kit.section(f"*{t('away.coming')}*"), *rows, *more]


def _row(t: Speak, one: Absence, name: str) -> Block:
    shown = kit.cut(name, 100)
    if one.first == one.last:
        words = kit.say(t, "away.row.day", name=shown, date=t.iso(one.first))
    else:
        words = kit.say(t, "away.row", name=shown, from_=t.iso(one.first), to=t.iso(one.last))
    return kit.section(words, kit.button(t("btn.away.remove"), REMOVE, {"i": one.id}))


def answer(t: Speak, away: Away) -> str:
    """That it is set, who answers meanwhile, and for what nobody does. Plain text."""
    who = list(dict.fromkeys(one.who for one in away.stand_ins if one.who))
    alone = [_alone(t, one.what, one.account) for one in away.stand_ins if not one.who]
    return "\n".join([_set(t, away, t.names(who)), *alone])


def _set(t: Speak, away: Away, substitute: str) -> str:
    """Who is away when: one day is said once."""
    first, last = t.iso(away.absence.first), t.iso(away.absence.last)
    if first == last and substitute:
        return t("away.set.day.covered", name=away.name, date=first, substitute=substitute)
    if first == last:
        return t("away.set.day", name=away.name, date=first)
    if substitute:
        return t("absence.set", name=away.name, from_=first, to=last, substitute=substitute)
    return t("away.set", name=away.name, from_=first, to=last)


def _alone(t: Speak, what: str, account: bool) -> str:
    return t("away.nobody.account", account=what) if account else t("away.nobody.unit", unit=what)
