"""deploy/Dockerfile as it is written: its lint, and what has to agree with the program."""

import subprocess

import pytest

from tests.deploy.built_image import in_context
from tests.deploy.dockerfile import PATH, read
from tests.deploy.tools import tool
from wecom_bot.adapters.search.model import ARTEFACT
from wecom_bot.settings import Settings

FIELDS = Settings.model_fields


def test_its_lint_has_nothing_to_say() -> None:
    done = subprocess.run([tool("hadolint"), "--no-color", PATH], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_model_is_the_one_that_the_program_knows() -> None:
    stage = read().named("jar")
    assert stage is not None
    assert any(f"-Dartifact={ARTEFACT}" in step.rest for step in stage.steps)


@pytest.mark.parametrize("model", ["with", "without"])
def test_what_runs_is_nobody_of_the_machine_and_says_how_it_is(model: str) -> None:
    steps = {step.word: step for step in read().final(MODEL=model)}
    assert steps["USER"].rest == "10001:10001"
    assert steps["VOLUME"].rest == "/var/lib/wecom-bot"
    assert steps["STOPSIGNAL"].rest == "SIGTERM"
    assert steps["EXPOSE"].words() == [str(FIELDS["port"].default), str(FIELDS["worker_port"].default)]
    command = steps["CMD"].argv()
    assert command is not None
    assert command[0] == "gunicorn", "a shell would stand between it and SIGTERM"
    assert steps["HEALTHCHECK"].argv() is not None


def test_the_model_can_be_left_out() -> None:
    named = {
        model: [step for step in read().final(MODEL=model) if "WECOM_BOT_EMBEDDING_MODEL" in step.rest]
        for model in ("with", "without")
    }
    assert named["without"] == []
    assert len(named["with"]) == 1


def test_no_secret_and_no_data_is_sent_to_the_engine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PATH.parents[1], capture_output=True, text=True, check=False)
    sent = {name.partition("/")[0] for name in listed.stdout.split("\n") if name and in_context(name)}
    assert sent <= {"LICENSE", "README.md", "deploy", "pyproject.toml", "requirements.lock", "wecom_bot"}
    for name in (".env", "data/master.key", "deploy/compose.env", "tenants.toml", ".git/config", "tests/conftest.py"):
        assert not in_context(name)
    assert in_context("wecom_bot/adapters/redis/scripts/lease.lua")


def test_no_pipe_hides_a_failure() -> None:
    """The steps are for /bin/sh, which knows no `pipefail` in Debian's images."""
    assert not [step for stage in read().stages for step in stage.steps if step.word == "RUN" and " | " in step.rest]
