"""The history of a person's calls, member calls and phone calls in one list; ratings."""
