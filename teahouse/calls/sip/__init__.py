"""A SIP user agent (RFC 3261) without I/O of its own, and the sockets that carry it. Its door is `stack.py`.

It knows nothing of people, money or browsers, and imports nothing else of Teahouse: it can be used alone.
"""
