"""Fixtures that every suite shares."""

import pytest


@pytest.fixture(autouse=True)
def _isolated_search_index(tmp_path, settings):
    """Each test writes its own index: none may depend on what another left."""
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
