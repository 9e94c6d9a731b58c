"""A house that the stories of uploads and media share: to start one takes longer than most of them."""

from collections.abc import Iterator

import pytest

from tests.harness.server import Server


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house for those who neither kill it nor look into its folder."""
    settings = {"REGISTRATION": "open", "RATE_ADDRESS": "1000", "RATE_SIGN_IN": "1000"}
    with Server(tmp_path_factory.mktemp("media") / "house", settings=settings) as running:
        yield running
