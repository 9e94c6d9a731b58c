"""What the history of calls refuses."""

from teahouse.errors import NotFound


class NoSuchCall(NotFound):
    """There is none, or it is not one's own."""

    code = "no_such_call"
    title = "There is no such call"
