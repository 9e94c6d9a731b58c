"""Calls: between members (WebRTC), and to and from any phone through a SIP trunk."""
