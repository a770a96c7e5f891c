"""The set piece: cards with lines under them, in channels and in direct messages."""

from bot.sandbox.seed import ChannelSeed, PersonSeed, Seed

THREADS, LINES = 24, 5
CHANNELS = [f"C{number:02}" for number in range(20)]
PEOPLE = [f"U{number:02}" for number in range(4)]
DESTS = [*CHANNELS, *PEOPLE]
POSTS = THREADS * (LINES + 1)


def seed() -> Seed:
    """A workspace with these destinations; the bot is a member of every third channel."""
    channels = [ChannelSeed(one, one.lower(), bot_is_member=number % 3 == 0) for number, one in enumerate(CHANNELS)]
    return Seed(channels=channels, people=[PersonSeed(one, f"Handläggare {one[1:]}") for one in PEOPLE])


def topic(number: int) -> str:
    """The topic of a thread's card."""
    return f"case/{number}"


def dest(number: int) -> str:
    """Where a thread stands."""
    return DESTS[number % len(DESTS)]


def line_topic(number: int, line: int) -> str:
    """The topic of a thread's line; of its card when ``line`` is 0."""
    return f"{topic(number)}/line/{line}" if line else topic(number)


def line_text(number: int, line: int) -> str:
    """What a line says."""
    return f"line {number}.{line}"


def card_text(of: str, lines: int) -> str:
    """What a card says as long as its thread has so many lines."""
    return f"card {of} with {lines} lines"
