"""Prometheus metrics. Named here, once, so that the docs can list them all (a test holds the two together)."""

from prometheus_client import Counter, Gauge, Histogram

CALLBACKS = Counter(
    "wecom_bot_callbacks_total", "Callbacks by outcome: accepted, verified, off, or the class of refusal", ["outcome"]
)
JOBS = Counter(
    "wecom_bot_jobs_total",
    "Jobs by kind and outcome (done, retried, parked, buried, given_back, lost)",
    ["kind", "outcome"],
)
TURNS = Counter("wecom_bot_turns_total", "Turns by who answered", ["answerer"])
SEARCHES = Counter("wecom_bot_searches_total", "Turns for which articles were found, by how they were ranked", ["mode"])
HOT_ANSWERS = Counter(
    "wecom_bot_hot_answers_total",
    "Questions that may have a hot answer, by outcome: hit, hit_unknown (kept that we do not know), miss; answers kept:"
    " kept, kept_unknown; failed: the cache did not answer",
    ["outcome"],
)
SEARCH_FALLBACKS = Counter(
    "wecom_bot_search_fallbacks_total",
    "Searches that the search engine failed, by who answered instead: the copy on this machine, or nobody",
    ["by"],
)
LATE = Counter(
    "wecom_bot_late_messages_total", "Messages that had waited too long to be answered as if nothing had been"
)
HANDOFFS = Counter(
    "wecom_bot_handoffs_total",
    "Handoffs by reason and who attends after them (servicer, queue, nobody)",
    ["reason", "to"],
)
TICKETS = Counter("wecom_bot_requests_total", "Requests left for people to look at, by reason", ["reason"])
EVENTS = Counter("wecom_bot_events_total", "Events of WeCom by what happened and what came of it", ["what", "outcome"])
TURN_SECONDS = Histogram(
    "wecom_bot_turn_seconds",
    "From a job's lease to its end, of every kind, failures too",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
WECOM_CALLS = Counter(
    "wecom_bot_wecom_calls_total",
    "Calls to WeCom by API and outcome (ok, errcode, or class of failure)",
    ["api", "outcome"],
)
TOKEN_REFUSED = Gauge(
    "wecom_bot_token_refused",
    "1 while WeCom refuses an app's secret, address or access token, and only a person can help",
    ["corp_id", "app"],
    multiprocess_mode="livemostrecent",
)
SLOW_PATTERNS = Counter(
    "wecom_bot_slow_patterns_total", "Texts on which a slot's pattern was given up: it took too long"
)
COZE_CALLS = Counter(
    "wecom_bot_coze_calls_total",
    "Calls to Coze and intent services by call and outcome (ok, or kind of failure)",
    ["call", "outcome"],
)
CIRCUITS = Gauge(
    "wecom_bot_circuits",
    "Circuit breakers that are not closed, by neighbour, what of it (host, token, or a call) and state",
    ["neighbour", "part", "state"],
    multiprocess_mode="livesum",  # each process finds out for itself
)
BUSINESS_QUERIES = Counter(
    "wecom_bot_business_queries_total",
    "Named queries on tenants' own databases by outcome (ok, late, away, busy, login, refused, open)",
    ["outcome"],
)
BUSINESS_SECONDS = Histogram(
    "wecom_bot_business_seconds",
    "Named queries by step: the wait for a connection, and the query",
    ["step"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
ENGINE_UP = Gauge(
    "wecom_bot_engine_up",
    "1 while an engine (redis, sql, search) answers its health check, 0 while it does not",
    ["engine"],
    multiprocess_mode="livemin",  # one process that does not reach it is enough to look
)
CONNECTIONS = Gauge(
    "wecom_bot_connections",
    "Connections to a neighbour: in use now, and the most there may be or that are kept",
    ["neighbour", "state"],
    multiprocess_mode="livesum",
)
CONNECTION_WAITS = Counter(
    "wecom_bot_connection_waits_total", "How often all connections to a neighbour were in use", ["neighbour"]
)
CONNECTION_FAILURES = Counter(
    "wecom_bot_connection_failures_total",
    "Connections to a neighbour that could not be made or had, broke, or brought no answer in time",
    ["neighbour"],
)
SEARCH_MODE = Gauge(
    "wecom_bot_search_mode",
    "1 for each way of searching that a worker has in force (hybrid, lexical)",
    ["mode"],
    multiprocess_mode="livemax",  # of a group whose processes differ, each of theirs
)
INDEXED = Counter(
    "wecom_bot_indexed_articles_total",
    "Changes of articles that an index was brought: written, refused (the article), failed (a try, for now)",
    ["outcome"],
)

# What is measured now and then. Where it says "age" the gauge holds a moment (Unix time; 0: there is none) and
# exposition.py shows how long ago that was: an age that nobody renews goes on growing.
WAITING = Gauge("wecom_bot_waiting_jobs", "Jobs in a tenant's inbox", ["corp_id"], multiprocess_mode="livemostrecent")
OUTBOX = Gauge(
    "wecom_bot_outbox_records",
    "Records that still have to reach SQL",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
QUEUE_AGE = Gauge(
    "wecom_bot_queue_age_seconds",
    "How long a tenant's oldest job that is due has waited since then; 0 when none is due",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
DEAD_LETTERS = Gauge(
    "wecom_bot_dead_letters", "A tenant's dead letters", ["corp_id"], multiprocess_mode="livemostrecent"
)
OPEN_TICKETS = Gauge(
    "wecom_bot_open_requests",
    "A tenant's requests that still wait for a person",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
OLDEST_TICKET_AGE = Gauge(
    "wecom_bot_oldest_request_seconds",
    "How long the oldest of a tenant's open requests has waited; 0 when there is none",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
SWEEP_AGE = Gauge(
    "wecom_bot_sweep_age_seconds",
    "How long ago a worker last went through all kf accounts to see which are due",
    multiprocess_mode="livemostrecent",
)
INDEX_AGE = Gauge(
    "wecom_bot_index_age_seconds",
    "How long ago the oldest change was saved that an index of a tenant's does not have; 0 when each has everything",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
INDEX_REFUSED = Gauge(
    "wecom_bot_index_refused_articles",
    "A tenant's articles that an index did not take, as they are now",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
MEASURED_AGE = Gauge(
    "wecom_bot_measured_age_seconds",
    "How long ago a tenant's numbers were last measured, by what they are of (queue, requests, index)",
    ["what", "corp_id"],
    multiprocess_mode="livemostrecent",
)

MEASURED = {
    "queue": (WAITING, OUTBOX, QUEUE_AGE, DEAD_LETTERS),
    "requests": (OPEN_TICKETS, OLDEST_TICKET_AGE),
    "index": (INDEX_AGE, INDEX_REFUSED),
}
"""By MEASURED_AGE's `what`: the gauges that are shown only while that is young."""

AGES = (QUEUE_AGE, OLDEST_TICKET_AGE, INDEX_AGE, SWEEP_AGE, MEASURED_AGE)
"""The gauges that hold a moment, and are shown as the seconds since."""

SINCE_START = (SWEEP_AGE, MEASURED_AGE)
"""Those of them that a process which never set them does not show: 0 would look as if it had just been done."""
