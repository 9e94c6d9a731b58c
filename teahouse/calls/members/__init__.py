"""Calls between members: who rings, who is in, and the words by which browsers find each other (WebRTC signalling)."""
