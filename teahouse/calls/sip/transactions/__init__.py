"""Transactions of RFC 3261 section 17 (with RFC 6026): retransmissions, timers and matching, without I/O.

Time is a parameter (seconds, any monotonic clock). What is to be sent gathers in `outbox`; what happened is said to the
transaction's user. Timers are named as in the RFC: A B D E F G H I J K, and L M of RFC 6026.
"""

from teahouse.calls.sip.transactions.layer import OPEN_MAX, TransactionLayer
from teahouse.calls.sip.transactions.model import (
    ClientTransaction,
    ClientUser,
    Core,
    Flow,
    ServerTransaction,
    new_branch,
)

__all__ = [
    "OPEN_MAX",
    "ClientTransaction",
    "ClientUser",
    "Core",
    "Flow",
    "ServerTransaction",
    "TransactionLayer",
    "new_branch",
]
