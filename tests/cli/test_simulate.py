"""The simulators as commands."""

import subprocess
import sys

import pytest
import requests

from tests.deadlines import PATIENCE


@pytest.mark.parametrize(("what", "path"), [("wecom", "/cgi-bin/gettoken"), ("coze", "/v1/bots/1")])
def test_a_simulator_says_where_it_is_and_answers_as_its_original_does(what: str, path: str) -> None:
    command = [sys.executable, "-m", "wecom_bot", "simulate", what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            answer = requests.get(url + path, timeout=PATIENCE).json()
        finally:
            process.terminate()
    assert answer.get("errcode") or answer.get("code")  # neither knows us
