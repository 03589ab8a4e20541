"""Whole conversations with the shop of the how-to: with the cache of answers every customer hears what they would."""

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import MemoryHotAnswers, SettableClock
from tests.quality.questions import DATA, RETAIL
from tests.quality.test_talk import EXAMPLE
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.bootstrap import rehearsal, workbench
from wecom_bot.bootstrap.rehearsal import Drawer, Somebody
from wecom_bot.dialog.hot_questions import HotPath, HotQuestions
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Cut
from wecom_bot.service.conversation.think import Think
from wecom_bot.service.evaluation.conversation import Conversation
from wecom_bot.settings import Settings

MARKS = ("", "？", "。", "!!", " ", "?!", "~")
SHARE = 5  # one in so many: all of them take seconds, and say no more


@dataclass(frozen=True)
class Bots:
    """The same bot without the cache and with it."""

    tenant: Tenant
    plain: Pipeline
    cached: Pipeline
    clock: SettableClock

    def held(self, think: Pipeline, texts: tuple[str, ...]) -> list[Turn]:
        """A customer says these, one after the other."""
        where = ConversationId(self.tenant.corp_id, Channel.KF, "wk1", "wm1")
        thinking = Think(think, lambda _: nullcontext(), timedelta(seconds=12))
        half_an_hour = timedelta(minutes=30)
        talk = Conversation(self.tenant, where, thinking, _whole, self.clock, half_an_hour)
        return [replace(talk.say(text), spent={}) for text in texts]


def _whole(_conversation: ConversationId, reply: Reply) -> Cut:
    return Cut((reply,), "")


@pytest.fixture(scope="module")
def bots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bots]:
    folder = tmp_path_factory.mktemp("hot_talk")
    (folder / "tenant.toml").write_text(f'[[tenants]]\ncorp_id = "ww_shop"\n{EXAMPLE}', "utf-8")
    tenant = rehearsal.read_tenant(folder / "tenant.toml")
    with workbench.bench(Settings(data=folder), SearchMode.LEXICAL) as made:
        clock = SettableClock()
        made.shelf.save(tenant.corp_id, workbench.read_articles(RETAIL))
        made.search.prepare(tenant.corp_id)
        hot = HotPath(MemoryHotAnswers(), HotQuestions(made.search), clock, timedelta(minutes=5), timedelta(minutes=1))
        asked = made.search, RulesRecognizer(), Drawer(), Somebody()
        yield Bots(tenant, standard(*asked), standard(*asked, hot=hot), clock)


def test_every_customer_hears_what_they_would_without_it(bots: Bots) -> None:
    hot = Counter[bool]()
    files: list[Path] = [DATA / "talk.jsonl", DATA / "more_talk.jsonl"]
    talks = [case.said for file in files for case in rehearsal.read_cases(file)][::SHARE]
    for number, texts in enumerate(talks):
        for said in (texts, tuple(text + MARKS[number % len(MARKS)] for text in texts)):
            would_hear = bots.held(bots.plain, said)
            for _ in range(2):
                heard = bots.held(bots.cached, said)
                hot.update(turn.hot for turn in heard)
                assert [replace(turn, hot=False) for turn in heard] == would_hear, said
    assert hot[True] > 60
