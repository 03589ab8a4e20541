"""The named queries of a tenant, tried out: what a customer would be told, without one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wecom_bot.dialog.template import render
from wecom_bot.dialog.verification import matching
from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.query_shape import CUSTOMER
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput, Unknown
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.text.query_template import told

Run = Callable[[Tenant, QuerySpec, Mapping[str, str | int]], Sequence[Row]]
"""ports.BusinessQueries.run."""


@dataclass(frozen=True, slots=True)
class TriedQuery:
    """What came of it: how many rows the database gave, how many of them may be told, and in which words."""

    found: int
    told: int
    text: str


@dataclass(frozen=True, slots=True)
class TryQuery:
    """Run a named query as if a customer had asked: nothing is sent or kept, and no try is counted."""

    admission: Admission
    run: Run

    def __call__(
        self, actor: Actor, corp_id: CorpId, name: str, values: Mapping[str, str], *, whole: bool = False
    ) -> TriedQuery:
        """`values` are the slots by name, and `customer`. What names people in the words is masked unless `whole`.

        Raises InvalidInput where values are missing or too many; NotPermitted, Unknown, TemporaryFailure, and
        Misconfigured where the database refuses.
        """
        with self.admission(actor, Right.LOOK, "queries.try", corp_id, [name]) as visit:
            tenant = self.admission.find(corp_id)
            query = tenant.query(name)
            if query is None:
                known = ", ".join(sorted(each.name for each in tenant.queries)) or "-"
                raise Unknown(f"{corp_id} 没有查询 / has no query {name!r}；现有 / there are: {known}")
            bound = _bound(query, values)
            found = self.run(tenant, query, bound)
            own = matching(query, found, values[query.verify.slot] if query.verify else "")
            text = told(query.template, own) if own else render(query.no_rows or tenant.phrases.nothing_found, values)
            return TriedQuery(len(found), len(own), visit.words(text, whole=whole))


def _bound(query: QuerySpec, values: Mapping[str, str]) -> Mapping[str, str | int]:
    """What the query binds. Raises InvalidInput."""
    needed = query.slots | (query.parameters & {CUSTOMER}) | ({query.verify.slot} if query.verify else frozenset())
    if missing := sorted(needed - values.keys()):
        raise InvalidInput(f"还要 / it also needs: {', '.join(missing)}（--set 名字=值；customer 用 --customer）")
    if strange := sorted(values.keys() - needed):
        raise InvalidInput(f"这个查询不用 / the query does not use: {', '.join(strange)}")
    return {name: values.get(name, query.fixed.get(name, "")) for name in query.parameters}
