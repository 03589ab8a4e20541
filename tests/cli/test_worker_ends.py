"""How `wecom-bot worker` ends while the model computes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.deadlines import PATIENCE
from tests.fixtures.command_line import CommandLine
from wecom_bot import processes

ARTICLES = 500


def test_a_worker_that_is_told_to_stop_while_the_model_computes_ends_well(
    furnished: CommandLine, bundled_valkey_url: str, model_folder: Path
) -> None:
    lines = (
        json.dumps({"id": f"a{number}", "question": f"第{number}个问题怎么办", "answer": f"第{number}个回答"})
        for number in range(ARTICLES)
    )
    imported = furnished("articles", "import", "ww_acme", furnished.write("a.jsonl", "\n".join(lines)))
    assert imported.status == 0, imported.complaint
    said = {"REDIS_URL": bundled_valkey_url, "EMBEDDING_MODEL": str(model_folder.absolute()), "WORKER_PORT": "0"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "wecom_bot", "worker"],
        env=os.environ | {f"WECOM_BOT_{name}": value for name, value in said.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
    )
    assert worker.stdout is not None
    for line in worker.stdout:
        if b'"worker.started"' in line:  # and the model has begun with what was written
            break
    worker.send_signal(signal.SIGTERM)
    rest, _ = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0, rest
    assert b'"worker.stopped"' in rest
