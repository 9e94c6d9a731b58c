"""The history of the sample house as one list of lines in the order of time, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from teahouse.chat.model import ChatKind
from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from teahouse.demo import cast

MARKET_LINES: Final = 2000
SPAN_MS: Final = 9 * DAY_MS
NEIGHBOURS: Final = tuple(role.handle for role in cast.CAST)


class Room(NamedTuple):
    """A chat to be made. `guest_unread` of its last lines the guest has not seen yet."""

    key: str
    kind: ChatKind
    name: str
    topic: str
    members: tuple[str, ...]
    """The first is the owner."""
    guest_unread: int = 0


class Line(NamedTuple):
    at: int
    room: str
    speaker: str
    text: str
    number: int
    """Place among the lines of its room: 0, 1, 2 …"""
    reply: int | None = None
    """The number of the line it replies to."""
    reactions: tuple[tuple[str, str], ...] = ()
    """Who puts which emoji on it."""


ROOMS: Final = (
    Room("house", "group", "Riverside common room", "Everybody who lives here", NEIGHBOURS, 6),
    Room("books", "group", "Book club 📚", "Wednesdays at seven", ("carla", "alice", "xiaoyu", "david", "noor"), 0),
    Room("hike", "group", "周末爬山", "渡口集合", ("wangwei", "linmei", "zhangjun", "david", "xiaoyu", "alice"), 3),
    Room("dacha", "group", "Дача и рыбалка", "", ("dmitri", "pavel", "olga", "anna", "alice"), 0),
    Room("market", "group", "Town market", "Give, take, swap. No shops.", NEIGHBOURS, 42),
    Room("news", "channel", "House news", "What is on", NEIGHBOURS, 1),
    *(
        Room(f"direct:{handle}", "direct", "", "", ("alice", handle), unread)
        for handle, unread in (("ben", 2), ("linmei", 0), ("anna", 1), ("noor", 0), ("david", 0))
    ),
)
TALKS: Final = {
    "house": cast.HOUSE,
    "books": cast.BOOKS,
    "hike": cast.HIKE,
    "dacha": cast.DACHA,
    "news": tuple(("alice", text) for text in cast.NEWS),
    "direct:ben": cast.BEN,
    "direct:linmei": cast.LINMEI,
    "direct:anna": cast.ANNA,
    "direct:noor": cast.NOOR,
    "direct:david": cast.DAVID,
}


def write(now: int, seed: int) -> list[Line]:
    """Return all lines, the newest a few minutes before `now` (Unix ms)."""
    chance = random.Random(seed)
    lines = [line for room, talk in TALKS.items() for line in spoken(room, talk, now, chance)]
    lines += market(now, chance)
    return sorted(lines, key=lambda line: line.at)


def spoken(room: str, talk: Sequence[tuple[str, str]], now: int, chance: random.Random) -> Iterator[Line]:
    """Put a talk in time: it ends a little before now, in bursts of a few lines with quiet hours between."""
    at, times = now - chance.randrange(2 * MINUTE_MS, 90 * MINUTE_MS), []
    for _ in talk:
        times.append(at)
        quiet = chance.random() < 0.25
        at -= chance.randrange(4 * HOUR_MS, 20 * HOUR_MS) if quiet else chance.randrange(20 * SECOND_MS, 6 * MINUTE_MS)
    members = next(one.members for one in ROOMS if one.key == room)
    for number, (speaker, text) in enumerate(talk):
        yield Line(times[-1 - number], room, speaker, text, number, None, reactions(members, speaker, chance, 0.3))


def market(now: int, chance: random.Random) -> Iterator[Line]:
    """Offers and wishes, each with answers that reply to it, until there are MARKET_LINES."""
    gap = SPAN_MS // MARKET_LINES
    number = 0
    while number < MARKET_LINES:
        opener = chance.choice(cast.CAST)
        words = {
            "thing": chance.choice(cast.THINGS[opener.language]),
            "price": chance.randrange(1, 9) * 5,
            "hour": chance.randrange(9, 20),
        }
        first = number
        openings = chance.choice((cast.OFFERS, cast.WISHES))[opener.language]
        talk = [(opener, chance.choice(openings))]
        for answer in chance.sample(cast.CAST, k=chance.randrange(0, 4)):
            talk.append((answer, chance.choice(cast.ANSWERS[answer.language])))
        if len(talk) > 1:
            talk.append((opener, chance.choice(cast.THANKS[opener.language])))
        for role, text in talk[: MARKET_LINES - number]:
            at = now - SPAN_MS + number * gap + chance.randrange(gap // 2)
            reply = first if number > first and chance.random() < 0.4 else None
            put = reactions(NEIGHBOURS, role.handle, chance, 0.05)
            yield Line(at, "market", role.handle, text.format(**words), number, reply, put)
            number += 1


def reactions(members: Sequence[str], speaker: str, chance: random.Random, share: float) -> tuple[tuple[str, str], ...]:
    if chance.random() >= share:
        return ()
    emoji = chance.sample(cast.EMOJI, k=chance.choice((1, 1, 2)))
    others = [handle for handle in members if handle != speaker]
    return tuple((handle, chance.choice(emoji)) for handle in chance.sample(others, k=min(len(others), 3)))
