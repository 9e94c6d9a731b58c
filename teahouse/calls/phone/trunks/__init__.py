"""Trunks and numbers, as the operator sets them up."""
