"""Programs that deploy/ is checked with."""

import os
import shutil
import sys
from pathlib import Path

import pytest

_ROOTS_OWN = "/usr/local/sbin:/usr/sbin:/sbin"


def tool(name: str, package: str = "make", *, is_packaged: bool = True) -> str:
    """Its path, beside this Python or anywhere; without it the test is skipped, or fails on CI if it `is_packaged`."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name) or shutil.which(name, path=_ROOTS_OWN)
    if found is None:
        reason = f"{name} is not installed: {package}"
        if is_packaged and os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
