"""One server of the fake analyst for all tests that need one."""

import pytest

from .running import running_fake


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with running_fake(tmp_path_factory.mktemp("served")) as running:
        yield running
