"""How the messages of RFC 4475 are written down here: LF for CRLF, `«…»` for what the RFC gives as hex."""

import re


def wire(text: str) -> bytes:
    """The bytes of a message. Its first line follows the opening quotes."""
    found = b""
    for at, part in enumerate(re.split("[«»]", text)):
        found += bytes.fromhex(part) if at % 2 else part.replace("\n", "\r\n").encode()
    return found


def sdp(address: str, start: str = "0") -> str:
    """The session that most of them describe."""
    return f"""v=0
o=mhandley 29739 7272939 IN IP4 {address}
s=-
c=IN IP4 {address}
t={start} 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
"""
