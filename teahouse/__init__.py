"""Teahouse: a super app that people host themselves."""

__version__ = "0.1.0"
