"""Red packets: who may send and open one, and how a sum is split. Pure: the draw's randomness is a parameter."""

from collections.abc import Collection, Sequence
from random import Random
from typing import Literal

from teahouse import clock
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal

Split = Literal["equal", "lucky"]

SHARES_MAX = 500
OPEN_FOR_MS = clock.DAY_MS
"""What is left after this goes back."""


class NoSuchPacket(NotFound):
    code = "no_such_packet"
    title = "There is no such red packet, or you may not read its message"


class BadCount(Refusal):
    """`fields["max"]` is how many shares it may have."""

    code = "bad_count"
    title = "A red packet cannot have so many shares here"


class ShareTooSmall(Refusal):
    code = "share_too_small"
    title = "Every share is at least one minor unit"


class NotInChannels(Forbidden):
    code = "not_in_channels"
    title = "Red packets are for chats whose members all may answer"


class NotAMember(Refusal):
    code = "not_a_member"
    title = "A red packet is for another member of its chat"


class NotForYou(Forbidden):
    code = "not_for_you"
    title = "This red packet is for somebody else"


class PacketEmpty(Conflict):
    code = "packet_empty"
    title = "Others were quicker: the red packet is empty"


class PacketOver(Conflict):
    code = "packet_over"
    title = "The red packet's day is over"


def may_send(kind: str, members: Collection[str], sender: str, to: str, amount: int, count: int) -> str:
    """Return for whom alone a packet in a chat of this kind is; empty: for all its members."""
    if kind == "channel":
        raise NotInChannels()
    if kind == "direct":
        to = to or next((each for each in members if each != sender), "")
        if not to:
            raise NotAMember()
    if to and (to == sender or to not in members):
        raise NotAMember()
    most = 1 if to else SHARES_MAX
    if not 1 <= count <= most:
        raise BadCount(max=most)
    if amount < count:
        raise ShareTooSmall()
    return to


def may_open(person: str, to: str, opened: int, count: int, is_over: bool) -> None:
    if to and person != to:
        raise NotForYou()
    if opened >= count:
        raise PacketEmpty()
    if is_over:
        raise PacketOver()


def split(total: int, count: int, how: Split, random: Random) -> tuple[int, ...]:
    """Return `count` shares, each at least 1, that are `total` together, in the order in which they are handed out.

    Whoever opens first, in the middle or last draws from the same distribution: what is drawn is shuffled.
    """
    if not 1 <= count <= total:
        raise ShareTooSmall()
    shares = _equal(total, count) if how == "equal" else _lucky(total, count, random)
    random.shuffle(shares)
    return tuple(shares)


def best_of(shares: Sequence[int]) -> int:
    """Return the place of the largest share, of the first one where there are several."""
    return max(range(len(shares)), key=lambda place: (shares[place], -place))


def _equal(total: int, count: int) -> list[int]:
    share, left_over = divmod(total, count)
    return [share + 1] * left_over + [share] * (count - left_over)


def _lucky(total: int, count: int, random: Random) -> list[int]:
    """Draw each share between 1 and just below twice the mean of what is left; that always leaves 1 for each other."""
    shares = []
    for left in range(count, 1, -1):
        share = random.randint(1, max(1, 2 * total // left - 1))
        shares.append(share)
        total -= share
    return [*shares, total]
