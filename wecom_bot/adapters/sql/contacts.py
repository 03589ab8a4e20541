"""What customers call themselves, in SQL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.schema import short
from wecom_bot.adapters.sql.upsert import replace_if_newer
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Contact

_TABLE = schema.contacts
_CHUNK = 500  # ids in one IN (...): SQLite before 3.32 takes 999 parameters


@dataclass(frozen=True, slots=True)
class SqlContacts:
    """Keeps the last that WeCom said of each customer."""

    engine: sa.Engine

    def load(self, corp_id: CorpId, customers: Iterable[str]) -> Mapping[str, tuple[Contact, datetime]]:
        by_key = {short(customer): customer for customer in customers}
        keys, found = sorted(by_key), {}
        with reading(self.engine) as connection:
            for start in range(0, len(keys), _CHUNK):
                these = _TABLE.c.customer.in_(keys[start : start + _CHUNK])
                for row in connection.execute(sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id, these)):
                    if row.customer in by_key:  # for MySQL, ids that differ only by spaces at the end are the same
                        found[by_key[row.customer]] = (Contact(row.nickname), row.fetched_at)
        return found

    def save(self, corp_id: CorpId, contacts: Mapping[str, Contact], at: datetime) -> None:
        rows = {
            short(customer): {"nickname": _writable(contact.nickname), "fetched_at": at}
            for customer, contact in contacts.items()
        }
        if not rows:
            return
        # writers of the same rows lock them in the same order
        in_order = [{"corp_id": corp_id, "customer": customer, **rows[customer]} for customer in sorted(rows)]
        with writing(self.engine) as connection:
            connection.execute(replace_if_newer(connection.dialect.name, _TABLE, "fetched_at"), in_order)


def _writable(text: str) -> str:
    """The text without the halves of emoji that JSON may hold, and that no database takes."""
    return text.encode(errors="replace").decode()
