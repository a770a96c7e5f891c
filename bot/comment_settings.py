"""What the municipality chose for comments."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.clock import Spans
from bot.fields import Channel, Email, Key, Table, Text, WebAddress, Who, matching

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
TOPICS = (
    ("Trafik och gator", ("gata*", "gator*", "väg", "vägen", "vägar*", "trafik*", "parkering*", "cykel*", "buss*")),
    ("Skola och förskola", ("skola*", "skolor*", "förskol*", "elev*", "lärare*", "rektor*", "dagis*", "fritids")),
    ("Kultur och fritid", ("bibliotek*", "badet", "badhus*", "simhall*", "idrott*", "konsert*", "lekplats*")),
    ("Bygge och planer", ("bygga*", "bygge*", "bygger", "bygglov*", "detaljplan*", "bostad*", "bostäder*")),
    ("Avfall och vatten", ("sopor*", "soptunn*", "sophämtning*", "avfall*", "återvinning*", "vatten*", "avlopp*")),
    ("Vård och omsorg", ("äldreboende*", "hemtjänst*", "äldreomsorg*", "omsorg*", "färdtjänst*")),
)
PERSONAL = ("personnummer", "adress är", "bor på", "sjukskriven", "diagnos", "soc", "orosanmälan", "vårdnad")


class Topic(Table):
    """What comments may be about, for figures. A word that ends in * also begins longer words."""

    name: Annotated[Text, Field(max_length=40)]
    words: tuple[Text, ...] = Field(min_length=1)


class Place(Table):
    """One channel's own ways. ``channel``: the Slack channel its comments land in, instead of the unit's.
    ``sensitive``: only flag, time and link are shown, and only figures to the department.
    """

    key: Key
    channel: Channel | None = None
    responsible: Who | None = None
    answer_hours: Hours | None = None
    sensitive: bool = False


TargetKind = Literal["expert", "contact_centre", "fault", "views", "registrar", "authority"]
Signature = Annotated[str, matching(r"(\{name\}|\{unit\})?", '"{name}", "{unit}" or nothing')]


class Target(Table):
    """Where a comment can be sent on. ``who`` is in Slack; ``email`` a mailbox, when nobody there is.

    ``hours``: open then on working days; left out: always. ``contact`` and ``url`` go into ready replies.
    """

    key: Key
    name: Text
    kind: TargetKind
    who: Who | None = None
    email: Email | None = None
    hours: Spans | None = None
    contact: str = ""
    url: WebAddress | None = None


class Comments(Table):
    """``answer_hours`` are counted on working days, day and night; reminders come at the shares ``warn_at``
    (percent) and when the time is out. ``next_after_hours`` (office hours) later it is the next person's.
    ``watch_answer_hours``: of what is written on a day off that somebody watches; None: as usual.
    The word lists only mark; people judge.
    """

    answer_hours: Hours = 24.0
    crisis_answer_hours: Hours = 2.0
    watch_answer_hours: Hours | None = None
    session_answer_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    warn_at: tuple[Percent, Percent] = (50, 80)
    next_after_hours: Hours = 4.0
    burst: Annotated[int, Field(ge=2, le=100)] = 5
    poll_s: Annotated[int, Field(ge=10, le=3600)] = 120
    inbox_poll_s: Annotated[int, Field(ge=60, le=86400)] = 900
    thanks: tuple[Text, ...] = THANKS
    questions: tuple[Text, ...] = QUESTIONS
    urgent: tuple[Text, ...] = URGENT
    unlawful: tuple[Text, ...] = UNLAWFUL
    personal: tuple[Text, ...] = PERSONAL
    topics: tuple[Topic, ...] = tuple(Topic(name=name, words=words) for name, words in TOPICS)
    places: tuple[Place, ...] = ()
    signature: Signature = ""
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.warn_at[0] >= self.warn_at[1]:
            raise ValueError("warn_at has two shares that grow, like [50, 80]")
        if len({one.key for one in self.places}) < len(self.places):
            raise ValueError("two places have the same key")
        if len({one.name for one in self.topics}) < len(self.topics):
            raise ValueError("two topics have the same name")
        if len({one.key for one in self.targets}) < len(self.targets):
            raise ValueError("two targets have the same key")
        return self

    def place(self, key: str) -> Place:
        """The channel's own ways, or the usual ones."""
        usual = Place.model_construct(
            key=key
        )  # also what was entered by hand asks, which is no channel of the file
        return next((one for one in self.places if one.key == key), usual)

    def hours(self, key: str, *, crisis: bool = False, watch: bool = False) -> float:
        """How long an answer on this channel may take."""
        usual = self.place(key).answer_hours or self.answer_hours
        if watch and self.watch_answer_hours:
            return self.watch_answer_hours
        return min(usual, self.crisis_answer_hours) if crisis else usual
