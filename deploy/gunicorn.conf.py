"""For `gunicorn -c gunicorn.conf.py`: the front door alone, with Redis and SQL elsewhere.

The numbers and their reasons are in wecom_bot/web/gunicorn_conf.py; assign one here to change it. What the rest of
deploy/ builds on: SIGTERM ends a gateway within graceful_timeout (6 s), so whoever stops it waits longer (systemd's
TimeoutStopSec, Compose's stop_grace_period, Kubernetes's terminationGracePeriodSeconds); keepalive is longer than
nginx's own, so that nginx closes first; no header is taken as a proxy's word. SIGHUP is not used: a rolling restart
goes from gateway to gateway, and the proxy in front asks the other one.
"""

import os
import sys

from wecom_bot.beginning import begin
from wecom_bot.errors import ConfigurationError
from wecom_bot.telemetry import exposition
from wecom_bot.web import gunicorn_door
from wecom_bot.web.gunicorn_conf import *  # noqa: F403 - this file is read for its names

try:
    _settings = begin()
except ConfigurationError as e:
    sys.exit(f"wecom-bot: {e}")

# One /metrics for all processes of this gateway: set before prometheus_client is imported. The folder is emptied at
# each start, so gateways that share a data folder are each told another one (deploy/systemd does).
os.environ.setdefault(exposition.FOLDER_VARIABLE, str(_settings.data / "metrics" / "gateway"))

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.gateway_processes

# Beside another gateway: refuse who comes before the app is loaded, so that the proxy asks the other one
when_ready, post_worker_init = gunicorn_door.shut, gunicorn_door.unlock
