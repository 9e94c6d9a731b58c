"""Passwords: argon2id with the parameters of RFC 9106's second recommendation (64 MiB, 3 passes)."""

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from teahouse.people.slow import SlowWork


class Passwords:
    def __init__(self, slow: SlowWork, hasher: PasswordHasher) -> None:
        self._slow = slow
        self._hasher = hasher

    async def hash(self, password: str) -> str:
        return await self._slow.run(self._hasher.hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Whether it is the password. Takes as long when there is none (`encoded` is None)."""
        return await self._slow.run(self._verify, encoded, password)

    def is_outdated(self, encoded: str) -> bool:
        """Made with other parameters than today's: hash it again at the next sign-in."""
        return self._hasher.check_needs_rehash(encoded)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's password")

    def _verify(self, encoded: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(encoded or self._nobodys, password) and encoded is not None
        except (VerificationError, InvalidHashError):
            return False
