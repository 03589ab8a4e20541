"""Programs that deploy/ is checked with."""

import os
import shutil
import sys
from pathlib import Path

import pytest


def tool(name: str, package: str = "make") -> str:
    """Its path, beside this Python or anywhere; where there is none the test is skipped, and fails on CI."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        reason = f"{name} is not installed: {package}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
