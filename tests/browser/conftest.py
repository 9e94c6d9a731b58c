"""A house that the stories of one file share: each brings its own people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.visitors import Visitors
from tests.harness.server import Server

# People of many tests come from one address, faster than people do.
BUSY = {"RATE_PERSON": "5000", "RATE_ADDRESS": "5000", "RATE_SIGN_IN": "100"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """For stories in which the server lives through; one that kills it takes `own_house`."""
    with Server(tmp_path_factory.mktemp("shared") / "house", settings=BUSY) as server, Visitors(server) as visitors:
        yield visitors


@pytest.fixture
def own_house(server: Server) -> Iterator[Visitors]:
    with Visitors(server) as visitors:
        yield visitors
