"""Why something in a call cannot be done."""

from teahouse.errors import Conflict, NotFound, Refusal


class NoCallsHere(Conflict):
    """Channels and the direct chats with programs."""

    code = "no_calls_here"
    title = "This chat has no calls"


class ChatTooLarge(Conflict):
    """`fields["limit"]` is how many members are rung without being named."""

    code = "chat_too_large"
    title = "Say whom to call: this group is too large to ring all"


class NotAMember(Refusal):
    code = "not_a_member"
    title = "Only members of the chat can be called"


class NobodyToRing(Conflict):
    code = "nobody_to_ring"
    title = "There is nobody to call in this chat"


class InAnotherChat(Conflict):
    code = "in_another_chat"
    title = "This nonce began a call in another chat"


class CallCrowded(Conflict):
    """`fields["limit"]` is how many people may be in a call."""

    code = "call_crowded"
    title = "The call is full"


class CallOver(Conflict):
    code = "call_over"
    title = "The call is over"


class CallElsewhere(Conflict):
    code = "call_elsewhere"
    title = "Another of your devices is in this call"


class TooManyCalls(Conflict):
    """`fields["limit"]` is how many calls one may be in, all but one of them held."""

    code = "too_many_calls"
    title = "You are in too many calls"


class NotInCall(Conflict):
    code = "not_in_call"
    title = "This device is not in this call"


class NoSuchLeg(NotFound):
    code = "no_such_leg"
    title = "This leg is not in the call (any more)"
