"""Phone calls, led from the tap to the hang-up: money, SIP and media brought together."""
