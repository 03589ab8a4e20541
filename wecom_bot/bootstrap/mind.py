"""The mind of a worker: who recognises, who finds, who words."""

import hashlib

import sqlalchemy as sa

from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.media import CozeMediaReader, Download
from wecom_bot.adapters.coze.nlu import NluClient
from wecom_bot.adapters.coze.recognizers import HttpRecognizer, WorkflowRecognizer
from wecom_bot.adapters.coze.writer import CozeWriter
from wecom_bot.adapters.search.likeness import PhraseLikeness
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.adapters.search.synonyms import SynonymSearch
from wecom_bot.adapters.sql.secrets import master_key
from wecom_bot.adapters.system import SystemClock
from wecom_bot.bootstrap.hot import falls_back, knowledge_states
from wecom_bot.bootstrap.neighbours import Neighbours
from wecom_bot.bootstrap.search import embedder, watched_search
from wecom_bot.bootstrap.stores import orders
from wecom_bot.dialog.hot_questions import HotPath, HotQuestions
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.dialog.wished import wish_phrases
from wecom_bot.ports import BusinessQueries, Contacts, Duty, HotAnswers, Tenants, Tries
from wecom_bot.service.conversation.timely_orders import TimelyOrders
from wecom_bot.settings import Settings
from wecom_bot.text.reading import read


def pipeline(
    settings: Settings,
    engine: sa.Engine,
    tenants: Tenants,
    duty: Duty,
    download: Download,
    contacts: Contacts,
    neighbours: Neighbours,
    queries: BusinessQueries,
    tries: Tries,
    answers: HotAnswers,
) -> Pipeline:
    """The stages, with what they ask; the search follows the articles from now on."""
    # what stands for a customer at Coze must not be guessed by who knows the customer's id
    master = master_key(settings.master_key.get_secret_value(), settings.data)
    key = hashlib.sha256(b"pseudonyms" + master).digest()
    egress, breaker = settings.egress, neighbours.breaker
    coze = CozeClient(settings.coze_base_url, settings.concurrency, egress=egress, breaker=breaker)
    nlu = NluClient(settings.concurrency, egress=egress, breaker=breaker)
    neighbours.add("Coze", coze.usage)
    neighbours.add("NLU", nlu.usage)
    model = embedder(settings)
    recognizer = Chain(
        {
            "http": HttpRecognizer(nlu, tenants, settings.nlu_timeout),
            "coze_workflow": WorkflowRecognizer(coze, tenants, settings.coze_token, settings.workflow_timeout, key),
            "rules": RulesRecognizer(model),
        }
    )
    writer = CozeWriter(coze, tenants, settings.coze_token, settings.chat_timeout, key)
    index = watched_search(settings, engine, model, tenants, neighbours)
    index.start()
    media = CozeMediaReader(download, coze, tenants, settings.coze_token, settings.chat_timeout)
    rehearse()
    likeness = PhraseLikeness(model) if model else None
    if likeness:
        likeness.learn(wish_phrases())
    asked = SynonymSearch(index, tenants.get)
    kept = TimelyOrders(orders(settings, engine), neighbours.time_limit, settings.order_timeout)
    questions = HotQuestions(knowledge_states(engine, index, model))
    life, unknown = settings.hot_answers, settings.hot_unknown
    hot = HotPath(answers, questions, SystemClock(), life, unknown, falls_back(index))
    return standard(asked, recognizer, kept, duty, writer, media, contacts, likeness, queries, tries, hot)


def rehearse() -> None:
    """Build what the text engines build at first use, so that no customer waits for it; before a fork it is shared."""
    read("你好").courtesy  # noqa: B018 - patterns and dictionaries
