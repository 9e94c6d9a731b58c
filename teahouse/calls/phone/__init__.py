"""Calls to and from phone numbers, through the operator's SIP trunks, paid from the wallet by the second."""
