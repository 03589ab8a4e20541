"""Named queries: what a tenant's own database is asked, how its rows are told, and to whom."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from wecom_bot.domain import query_owner, query_shape
from wecom_bot.domain.intent import STORED, IntentName, IntentSpec, SlotName
from wecom_bot.domain.proved import PASTED, Proved
from wecom_bot.domain.query_shape import CUSTOMER
from wecom_bot.text import query_template

ColumnName = Annotated[str, PASTED, StringConstraints(pattern=r"^[^\W\d]\w{0,63}$")]

Row = Mapping[str, object]
"""A row of the tenant's database: its columns by name, as the driver reads them."""


class Business(Proved):
    """How the tenant's own database is called; where it is, with user and password, is a secret (TenantSecrets).

    `connections`: how many a worker process may have open to it at once.
    """

    connections: Annotated[int, Field(ge=1, le=64)] = 4


class SecondFactor(Proved):
    """A second factor: the answer to `slot` has to match the row's `column`, which is never shown.

    `match`: the last four digits (of a phone), or the whole text. Wrong answers are counted, per customer and per
    record; when they are used up the tenant's phrase is said, or with `handoff` a human is called.
    """

    slot: SlotName
    column: ColumnName
    match: Literal["last4", "exact"] = "last4"
    handoff: bool = False


class QuerySpec(Proved):
    """A query by its name. Its `sql` is one SELECT with :named parameters: slots, `fixed` values, :customer.

    Who may see its rows has to be said: `owner` "customer" (it compares a column with :customer), a second factor to
    `verify`, or `public` for what is anybody's. `template` tells the rows, `no_rows` that there are none.
    """

    name: IntentName
    sql: Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
    template: Annotated[str, StringConstraints(min_length=1, max_length=query_template.LONGEST)]
    no_rows: Annotated[str, StringConstraints(max_length=500)] = ""
    fixed: dict[SlotName, str | int] = Field(default_factory=dict)
    owner: Literal["", "customer"] = ""
    verify: SecondFactor | None = None
    public: bool = False
    rows: Annotated[int, Field(ge=1, le=query_shape.MOST_ROWS)] = 5
    timeout: Annotated[float, Field(ge=0.1, le=5)] = 2.0  # seconds, of the statement

    @field_validator("fixed")
    @classmethod
    def _of_ours(cls, value: dict[str, str | int]) -> dict[str, str | int]:
        if CUSTOMER in value:
            raise ValueError(f":{CUSTOMER} 是客户本人，不能写进 fixed / is who asks, and never a fixed value")
        return value

    @model_validator(mode="after")
    def _proved(self, info: ValidationInfo) -> "QuerySpec":
        if info.context != STORED and (wrong := next(self._complaints(), None)):
            raise ValueError(f"查询 / query {self.name}: {wrong}")
        return self

    @property
    def parameters(self) -> frozenset[str]:
        """The names of what its SQL binds."""
        return query_shape.parameters(self.sql)

    @property
    def slots(self) -> frozenset[str]:
        """The slots that its SQL binds."""
        return self.parameters - self.fixed.keys() - {CUSTOMER}

    def _complaints(self) -> Iterator[str]:
        pieces = query_shape.tokens(self.sql)
        yield from filter(None, [query_shape.complaint(pieces), *self._of_owner(pieces)])
        if unused := self.fixed.keys() - self.parameters:
            yield f"fixed 里的 {sorted(unused)} 没有用在 SQL 里 / not used in the SQL"
        try:
            names = query_template.names(self.template)
        except query_template.NotATemplate as e:
            yield f"template: {e}"
            return
        yield from self._of_columns({each.text.strip("`'\"").casefold() for each in pieces})
        if self.verify and self.verify.column in names:
            yield (
                f"template 不能显示用来核对的 {self.verify.column}"
                f" / it must not show {self.verify.column}, which only the right person knows"
            )

    def _of_columns(self, said: Collection[str]) -> Iterator[str]:
        """`said` is every piece of the SQL, in small letters."""
        needed = query_template.columns(self.template)
        if "*" not in said and (lacking := sorted(each for each in needed if each.casefold() not in said)):
            yield (
                f"template 用到的列 SQL 里没有 / the SQL does not select what the template names: {', '.join(lacking)}"
                "；改正列名，或在 SELECT 里查出来 / correct the name, or select it"
            )

    def _of_owner(self, pieces: Sequence[query_shape.Piece]) -> Iterator[str | None]:
        if not (self.owner or self.verify or self.public):
            yield (
                '谁能看到？写 owner = "customer"（SQL 里比较 :customer）或 verify（核对尾号），人人可看写 public = true'
                ' / say who may see its rows: owner = "customer", verify, or public = true for what is anybody\'s'
            )
        elif self.public and (self.owner or self.verify):
            yield "public = true 与 owner、verify 不能同时写 / public = true goes with neither owner nor verify"
        if self.owner:
            yield query_owner.complaint(pieces)
        if self.verify:
            yield from self._of_proof(self.verify, {each.text.strip("`") for each in pieces})

    def _of_proof(self, verify: SecondFactor, said: Collection[str]) -> Iterator[str]:
        """`said` is every piece of the SQL."""
        if verify.slot in self.parameters:
            yield (
                f"verify.slot {verify.slot} 由程序核对，不要写进 SQL"
                " / it is compared by the bot: leave it out of the SQL"
            )
        if "*" not in said and verify.column not in said:
            yield f"SQL 里没有查出核对用的 {verify.column} / its SELECT lacks {verify.column}, to verify by"


def unfit(intents: Iterable[IntentSpec], queries: Sequence[QuerySpec]) -> Iterator[str]:
    """What of the intents' look-ups does not fit the queries."""
    known = {query.name: query for query in queries}
    if len(known) < len(queries):
        yield "queries.name must be unique within the tenant"
    for intent in intents:
        if intent.query is None:
            continue
        query, slots = known.get(intent.query), {slot.name for slot in intent.slots}
        named = f"意图 / intent {intent.name}, lookup {intent.lookup!r}: "
        if query is None:
            yield f"{named}没有这个查询，现有 / there is no such query, only: {', '.join(sorted(known)) or '-'}"
            continue
        if CUSTOMER in slots:
            yield f"{named}槽位不能叫 {CUSTOMER}：那是客户本人 / no slot may be called {CUSTOMER}: that is who asks"
        if lacking := query.slots - slots:
            yield (
                f"{named}SQL 用了 {sorted(lacking)}，既不是槽位也不在 fixed 里"
                " / the SQL binds these, which are neither slots of the intent nor fixed"
            )
        if query.verify and query.verify.slot not in slots:
            yield f"{named}缺少核对用的槽位 {query.verify.slot} / it needs this slot, to be verified"
