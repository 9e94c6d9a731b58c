"""The embedded engine: a process of its own, on aiortc's ICE and DTLS-SRTP transports."""
