import os
import subprocess
import sys
from pathlib import Path

from wecom_bot.telemetry import exposition

# Counts and measures, then shows what the group has counted and measured.
PROCESS = """
import os, sys, time
from wecom_bot.telemetry import exposition, metrics
metrics.TURNS.labels("faq").inc(int(sys.argv[1]))
metrics.WAITING.labels("ww1").set(int(sys.argv[1]))
metrics.MEASURED_AGE.labels("queue", "ww1").set(time.time())
body, content_type = exposition.render()
print(body.decode())
print(content_type)
print("pid", os.getpid())
"""


def run(count: int, folder: Path | None) -> str:
    environment = {**os.environ, **({exposition.FOLDER_VARIABLE: str(folder)} if folder else {})}
    command = [sys.executable, "-c", PROCESS, str(count)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_process_alone_shows_its_own() -> None:
    shown = run(3, None)
    assert 'wecom_bot_turns_total{answerer="faq"} 3.0' in shown
    assert "process_cpu_seconds_total" in shown
    assert "text/plain" in shown


def test_a_group_shows_the_sum_of_what_was_counted_and_the_newest_of_what_was_measured(tmp_path: Path) -> None:
    exposition.wipe(tmp_path)
    run(4, tmp_path)
    shown = run(3, tmp_path)
    assert 'wecom_bot_turns_total{answerer="faq"} 7.0' in shown
    assert 'wecom_bot_waiting_jobs{corp_id="ww1"} 3.0' in shown


def test_what_a_dead_process_had_measured_is_forgotten_and_what_it_counted_is_not(tmp_path: Path) -> None:
    first = run(9, tmp_path)
    exposition.forget(int(first.rpartition("pid ")[2]), tmp_path)
    shown = run(1, tmp_path)
    assert 'wecom_bot_turns_total{answerer="faq"} 10.0' in shown
    assert 'wecom_bot_waiting_jobs{corp_id="ww1"} 1.0' in shown


def test_a_new_group_starts_from_zero(tmp_path: Path) -> None:
    run(9, tmp_path)
    exposition.wipe(tmp_path)
    assert 'wecom_bot_turns_total{answerer="faq"} 1.0' in run(1, tmp_path)
