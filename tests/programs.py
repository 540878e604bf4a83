"""Programs of the machine that some tests need: without one, a workstation skips them; integration fails."""

from __future__ import annotations

import os

import pytest


def need(found: object, reason: str) -> None:
    """Go on when `found`; otherwise skip the test, or fail it where everything must run (CI=true). `reason`: in French,
    with what to install."""
    if found:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
