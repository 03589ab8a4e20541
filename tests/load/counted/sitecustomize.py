"""Python reads this first in every process of a house whose PYTHONPATH names the folder: it notes each SQL statement.

By an event of SQLAlchemy, as soon as that is imported; a line for each in the file that STATEMENTS names.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from typing import Any


class _OnceImported(MetaPathFinder):
    """Finds nothing. SQLAlchemy itself is there as soon as one of its dialects is looked for."""

    def find_spec(self, fullname: str, *_: Any) -> None:
        if fullname != "sqlalchemy.dialects.sqlite":
            return
        sys.meta_path.remove(self)
        from sqlalchemy import Engine, event  # noqa: PLC0415

        file = os.open(os.environ["STATEMENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            os.write(file, (" ".join(statement.split())[:200] + "\n").encode())

        event.listen(Engine, "before_cursor_execute", note)


sys.meta_path.insert(0, _OnceImported())
