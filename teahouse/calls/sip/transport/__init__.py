"""Sockets that carry SIP: UDP, TCP, TLS."""
