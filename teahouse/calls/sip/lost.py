"""A call whose process died: its dialog was written down, and BYE is said for it, so that the carrier does not go on
counting."""

from typing import TYPE_CHECKING, Final

from teahouse.calls.sip.call import Call
from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.line import TrunkLine

if TYPE_CHECKING:
    from teahouse.calls.sip.agent import Agent

REASON: Final = "restarted"


class LostCall(Call):
    """Nobody leads it: it is there to be hung up."""

    def __init__(self, agent: "Agent", line: TrunkLine, dialog: Dialog) -> None:
        super().__init__(agent, line, dialog.call_id, dialog.local_tag, None)
        self.dialog = dialog
        self.was_answered = True

    def hang_up(self, reason: str = REASON) -> None:
        self.hang_up_answered(reason)
