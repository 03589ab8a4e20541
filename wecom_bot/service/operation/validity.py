"""From when until when an article is valid, as operators write it: in days of the tenant's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.domain.knowledge import Article
from wecom_bot.service.operation.moments import day, moment

NONE = {"无", "none", "-"}
"""What takes away what was there: a line that says nothing leaves it."""

_FORM = "应形如 2026-12-31 或 2026-12-31 18:00 / should look like 2026-12-31 or 2026-12-31 18:00"


@dataclass(frozen=True, slots=True)
class Period:
    """The first moment, and the first one after the last; None for always."""

    begin: datetime | None
    end: datetime | None

    @classmethod
    def of(cls, draft: ArticleDraft, before: Article | None, zone: tzinfo) -> "Period":
        """As the line has it, and where it says nothing as it was before. Whatever cannot be read counts as none."""
        begin, end = (before.valid_from, before.valid_until) if before else (None, None)
        if draft.valid_from:
            begin = _instant(draft.valid_from, zone)
        if draft.valid_until:
            end = _instant(draft.valid_until, zone, through=timedelta(days=1))
        return cls(begin, end)

    def flaws(self, draft: ArticleDraft) -> Iterator[str]:
        """What is wrong with it."""
        for name, english, said, found in (
            ("生效", "valid_from", draft.valid_from, self.begin),
            ("失效", "valid_until", draft.valid_until, self.end),
        ):
            if said and found is None and said.casefold() not in NONE:
                yield f"{name}{_FORM}: {english}"
        if self.begin and self.end and self.begin >= self.end:
            yield "失效不晚于生效 / valid_until is not after valid_from"


def _instant(text: str, zone: tzinfo, through: timedelta = timedelta()) -> datetime | None:
    """A day as its beginning or, `through` it, as the next one's; a moment as it is. None for what says none."""
    if whole := day(text):
        return datetime.combine(whole + through, time(), zone).astimezone(UTC)
    return moment(text, zone)
