"""What the cache of answers saves: a stream of questions, of which 72 % were asked before, thought over twice.

One process with a real server, and the model if there is one: what a turn's thinking takes of CPU and of time, trips to
the cache included. `hot_share` is how many of all answers came from the cache.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from tests.quality.questions import DATA, RETAIL, questions
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.redis.hot_answers import RedisHotAnswers
from wecom_bot.adapters.search.likeness import PhraseLikeness
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap import workbench
from wecom_bot.bootstrap.rehearsal import Drawer, Somebody
from wecom_bot.dialog.hot_questions import HotPath, HotQuestions
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.dialog.wished import wish_phrases
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.settings import Settings
from wecom_bot.worker.pace import time_limit

KEYS = ("hot_repeated", "hot_share", "hot_saved_ms", "hot_saved_cpu_ms", "hot_thinking_ms")
MODEL = Path(__file__).parents[2] / "data" / "model"
REPEATED, ASKED, SEED = 0.72, 500, 72
_CORP = CorpId("ww_hot")
_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class Spent:
    """What so many turns took, in milliseconds each, and how many of them were hot."""

    turns: int
    hot: int
    took: float
    cpu: float


def stream(known: Sequence[str], count: int, repeated: float, seed: int) -> list[str]:
    """So many questions, of which that share was asked before in it: some far more often than others.

    Raises ValueError where too few are known.
    """
    new = count - round(count * repeated)
    if len(known) < new:
        raise ValueError(f"{new} different questions are needed; {len(known)} are known")
    draw = random.Random(seed)  # noqa: S311 - the same one each time
    firsts = {0, *draw.sample(range(1, count), new - 1)}
    fresh, said = iter(draw.sample(list(known), new)), list[str]()
    for number in range(count):
        said.append(next(fresh) if number in firsts else draw.choice(said))
    return said


def share_repeated(said: Sequence[str]) -> float:
    """How many of them stand in the stream before."""
    return 1 - len({*said}) / len(said)


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    known = [each.text for name in ("retail_queries", "far_questions") for each in questions(DATA / f"{name}.jsonl")]
    said = stream(list(dict.fromkeys(known)), ASKED, REPEATED, SEED)
    with _pipelines() as (mode, plain, cached):
        _thought(plain, said[:50])  # what is learnt at first use
        without, with_it = _thought(plain, said), _thought(cached, said)
    share, saved = with_it.hot / with_it.turns, without.took - with_it.took
    print(f"  {share:.1%} of the answers from the cache, {share_repeated(said):.1%} of the questions repeated ({mode})")
    print(f"  thinking {without.took:.2f} ms a turn without, {with_it.took:.2f} with it: {saved:.2f} ms saved a turn")
    return {
        "hot_repeated": share_repeated(said),
        "hot_share": share,
        "hot_saved_ms": saved,
        "hot_saved_cpu_ms": without.cpu - with_it.cpu,
        "hot_thinking_ms": {"without": without.took, "with": with_it.took},
    }


@contextmanager
def _pipelines() -> Iterator[tuple[SearchMode, Pipeline, Pipeline]]:
    """The same shop without the cache and with it."""
    tenant = Tenant(corp_id=_CORP)
    with tempfile.TemporaryDirectory() as name, EmbeddedValkey(Path(name) / "valkey") as server:
        settings = Settings(data=Path(name), embedding_model=MODEL if MODEL.exists() else None)
        with workbench.bench(settings, None) as made:
            made.shelf.save(_CORP, workbench.read_articles(RETAIL))
            made.search.prepare(_CORP)
            recognizer = RulesRecognizer(made.model)
            recognizer.prepare(tenant)
            likeness = PhraseLikeness(made.model) if made.model else None
            if likeness:
                likeness.prepare(wish_phrases(tenant))
            client = connect(server.url, timeout=timedelta(seconds=1), most=4)
            answers = RedisHotAnswers(lambda: client, time_limit, LocalCircuitBreaker(), SystemClock())
            hot = HotPath(answers, HotQuestions(made.search), SystemClock(), _LIFE, _LIFE)
            asked = made.search, recognizer, Drawer(), Somebody()
            yield made.mode, standard(*asked, likeness=likeness), standard(*asked, likeness=likeness, hot=hot)
            client.close()


def _thought(think: Pipeline, said: Sequence[str]) -> Spent:
    """Each is said by another customer, who has said nothing yet."""
    tenant, hot = Tenant(corp_id=_CORP), 0
    began, cpu = perf_counter(), process_time()
    for number, text in enumerate(said):
        now = datetime.now(UTC)
        where = ConversationId(_CORP, Channel.KF, "wk1", f"wm{number}")
        message = InboundMessage(MessageId(f"m{number}"), where, "shop", MessageKind.TEXT, now, text)
        hot += think(tenant, Turn(where, (message,), "", now, DialogState(f"wm{number}", now, now))).hot
    each = 1000 / len(said)
    return Spent(len(said), hot, each * (perf_counter() - began), each * (process_time() - cpu))
