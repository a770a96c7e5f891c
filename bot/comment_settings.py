"""What the municipality chose for comments."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.fields import Channel, Key, Table, Text, Who

Hours = Annotated[float, Field(gt=0, le=240)]
Percent = Annotated[int, Field(ge=1, le=99)]

THANKS = ("tack", "tackar", "tack så mycket", "stort tack", "bra", "jättebra", "toppen", "super", "grattis", "wow")
QUESTIONS = (
    "när",
    "var",
    "hur",
    "varför",
    "vad",
    "vem",
    "vilka",
    "vilken",
    "kan ni",
    "kan man",
    "får man",
    "finns det",
)
URGENT = (
    "akut",
    "brinner",
    "livsfara",
    "olycka",
    "farligt",
    "översvämning",
    "läcka",
    "112",
    "hjälp mig",
    "strömlös",
)
UNLAWFUL = ("döda", "skjuta dig", "vet var du bor", "hänga dig", "spränga", "utrota", "knivhugga")
PERSONAL = ("personnummer", "adress är", "bor på", "sjukskriven", "diagnos", "soc", "orosanmälan", "vårdnad")


class Place(Table):
    """One channel's own ways. ``channel``: the Slack channel its comments land in, instead of the unit's.
    ``sensitive``: only flag, time and link are shown, and only figures to the department.
    """

    key: Key
    channel: Channel | None = None
    responsible: Who | None = None
    answer_hours: Hours | None = None
    sensitive: bool = False


class Comments(Table):
    """``answer_hours`` are counted on working days, day and night; reminders come at the shares ``warn_at``
    (percent) and when the time is out. ``next_after_hours`` (office hours) later it is the next person's.
    The word lists only mark; people judge.
    """

    answer_hours: Hours = 24.0
    crisis_answer_hours: Hours = 2.0
    warn_at: tuple[Percent, Percent] = (50, 80)
    next_after_hours: Hours = 4.0
    burst: Annotated[int, Field(ge=2, le=100)] = 5
    poll_s: Annotated[int, Field(ge=10, le=3600)] = 120
    thanks: tuple[Text, ...] = THANKS
    questions: tuple[Text, ...] = QUESTIONS
    urgent: tuple[Text, ...] = URGENT
    unlawful: tuple[Text, ...] = UNLAWFUL
    personal: tuple[Text, ...] = PERSONAL
    places: tuple[Place, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.warn_at[0] >= self.warn_at[1]:
            raise ValueError("warn_at has two shares that grow, like [50, 80]")
        if len({one.key for one in self.places}) < len(self.places):
            raise ValueError("two places have the same key")
        return self

    def place(self, key: str) -> Place:
        """The channel's own ways, or the usual ones."""
        return next((one for one in self.places if one.key == key), Place(key=key))

    def hours(self, key: str, *, crisis: bool = False) -> float:
        """How long an answer on this channel may take."""
        usual = self.place(key).answer_hours or self.answer_hours
        return min(usual, self.crisis_answer_hours) if crisis else usual
