"""Sessions of requests that obey a HardDeadline and nothing of the machine they run on."""

from http.cookiejar import DefaultCookiePolicy

import requests

from wecom_bot.outbound.connections import DeadlineAdapter
from wecom_bot.outbound.egress import DIRECT, Egress

_HOSTS = 4  # for which connections are kept


def session(pool: int, egress: Egress = DIRECT) -> requests.Session:
    """A session whose calls go on `pool` at once, and which keeps no cookie."""
    made = requests.Session()
    made.trust_env = False  # a .netrc of the machine is none of our neighbours' business, and our proxy is a setting
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = DeadlineAdapter(egress, pool_connections=_HOSTS, pool_maxsize=pool, max_retries=0)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made
