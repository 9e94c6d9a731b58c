"""Where the stories of coupons have their store."""

import pytest


@pytest.fixture
def store_url(request: pytest.FixtureRequest) -> str:
    is_sqlite = getattr(request, "param", "sqlite") == "sqlite"
    return "" if is_sqlite else str(request.getfixturevalue("new_database")())
