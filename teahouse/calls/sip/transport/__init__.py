"""The sockets: UDP, and connections of TCP and TLS. They know bytes and flows, nothing of calls."""
