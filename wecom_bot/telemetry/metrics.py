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
LATE = Counter(
    "wecom_bot_late_messages_total", "Messages that had waited too long to be answered as if nothing had been"
)
HANDOFFS = Counter(
    "wecom_bot_handoffs_total",
    "Handoffs by reason and who attends after them (servicer, queue, nobody)",
    ["reason", "to"],
)
REQUESTS = Counter("wecom_bot_requests_total", "Requests left for people to look at, by reason", ["reason"])
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
WAITING = Gauge("wecom_bot_waiting_jobs", "Jobs in a tenant's inbox", ["corp_id"], multiprocess_mode="livemostrecent")
OUTBOX = Gauge(
    "wecom_bot_outbox_records",
    "Records that still have to reach SQL",
    ["corp_id"],
    multiprocess_mode="livemostrecent",
)
