"""How far indexes are behind, as Prometheus is shown it."""

import re
from datetime import timedelta
from uuid import uuid4

from tests.service.knowledge.bench import Bench
from tests.service.knowledge.memory_engine import POISON
from wecom_bot.domain.message import CorpId
from wecom_bot.service.conversation.watch import WatchIndexes
from wecom_bot.telemetry import exposition


def shown(corp_id: CorpId) -> dict[str, int]:
    """What is shown of a tenant's indexes, in whole hours and articles."""
    text = exposition.render()[0].decode()
    found = re.findall(rf'^wecom_bot_index_(\w+)\{{corp_id="{corp_id}"\}} (\S+)$', text, re.MULTILINE)
    return {name: round(float(value) / (3600 if name == "age_seconds" else 1)) for name, value in found}


def test_what_no_index_has_is_shown_by_its_age_and_what_was_refused_by_number(made: Bench) -> None:
    corp_id = CorpId(f"ww{uuid4().hex}")
    made.clock.at -= timedelta(hours=2)
    made.write(range(3), corp_id)
    made.clock.forward(hours=2)
    watch = WatchIndexes(made.standings, made.poison, made.clock)
    watch()
    assert shown(corp_id) == {"age_seconds": 2, "refused_articles": 0}
    made.write([7], corp_id, answer=POISON)
    made.indexer()
    watch()
    assert shown(corp_id) == {"age_seconds": 0, "refused_articles": 1}
