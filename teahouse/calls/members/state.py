"""A member call as the house leads it. The values never change: what happens to a call makes another one (`rules`)."""

from typing import Final

import msgspec

from teahouse.calls.members.model import Call, CallLeg, LegState
from teahouse.calls.model import Outcome

RUNG: Final = ("invited", "ringing")


class Leg(msgspec.Struct, frozen=True):
    """One person in a call. Instants are Unix ms; 0: never."""

    person: str
    state: LegState
    leg: str = ""
    """The name of their last joining."""
    device: str = ""
    nonce: str = ""
    """Of the `call.start` that brought them in."""
    rung_at: int = 0
    rings: int = 0
    """How often they were rung."""
    joined_at: int = 0
    left_at: int = 0
    seen_at: int = 0
    """When their device last said that it is there."""
    spared_from: int = 0
    """Their silence counts from here on at the earliest: the house itself may have been away. In memory only."""
    talked_ms: int = 0
    muted: bool = False
    camera: bool = False
    screen: bool = False
    held: bool = False

    @property
    def is_joined(self) -> bool:
        return self.state == "joined"

    @property
    def is_rung(self) -> bool:
        return self.state in RUNG

    @property
    def is_active(self) -> bool:
        return self.is_joined or self.is_rung


class CallState(msgspec.Struct, frozen=True):
    id: str
    chat: str
    direct: bool
    started_by: str
    at: int
    video: bool
    legs: tuple[Leg, ...]
    seq: int = 0
    """Of its card in the chat; 0: there is none."""
    answered_at: int = 0
    ended_at: int = 0
    outcome: Outcome = ""
    talked_ms: int = 0
    """Two or more were in it."""
    counted_at: int = 0
    """Up to when talk was counted."""

    def of(self, person: str) -> Leg | None:
        return next((leg for leg in self.legs if leg.person == person), None)

    def joined_on(self, person: str, device: str) -> Leg | None:
        """The person's leg, if they are in the call on this device."""
        leg = self.of(person)
        return leg if leg is not None and leg.is_joined and leg.device == device else None

    @property
    def joined(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.is_joined]

    @property
    def rung(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.is_rung]

    @property
    def people(self) -> tuple[str, ...]:
        """Who was in it, ever."""
        return tuple(leg.person for leg in self.legs if leg.joined_at)

    def shown(self) -> Call:
        return Call(
            id=self.id,
            chat=self.chat,
            started_by=self.started_by,
            at=self.at,
            video=self.video,
            answered_at=self.answered_at,
            ended_at=self.ended_at,
            outcome=self.outcome,
            legs=tuple(_shown(leg) for leg in self.legs),
        )


def _shown(leg: Leg) -> CallLeg:
    return CallLeg(
        person=leg.person,
        state=leg.state,
        leg=leg.leg if leg.is_joined else "",
        joined_at=leg.joined_at,
        left_at=leg.left_at,
        muted=leg.muted,
        camera=leg.camera,
        screen=leg.screen,
        held=leg.held,
    )
