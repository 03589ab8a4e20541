"""The scan of all logs at the end of the run finds what it looks for: each of it is planted, and found."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.forbidden_words import ROOT, Forbidden, forbidden_in, sentences
from tests.fixtures.log_scan import HEARD, log_files, scan

SENTENCE = "我想问一下会员卡怎么办理"
PHONE, ID_CARD = "13912345678", "11010519491231002X"
TENANTS = """
[[tenants]]
corp_id = "ww_acme"
[tenants.coze]
token = "pat_of_acme"
[[tenants.apps]]
name = "shop"
secret = "s3cret-of-shop"
token = "callback0token"
encoding_aes_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
"""
INNOCENT = """
{"trace_id": "9f86d081884c7d659a2feaa0c55ad015", "message_id": "1391234567812345678", "took": 0.13912345678}
{"event": "turn.closed", "at": "2026-11-23T09:30:41.139123Z", "number": 110105194912310021, "ms": 1763890241391}
{"event": "serve.ready", "text": "已就绪 / ready", "token": "***", "url": "https://qyapi.example/cgi-bin/gettoken"}
{"event": "coze.failed", "error": "Authorization: Bearer ***", "query": "access_token=***", "pid": 139123}
"""


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that the scan of this very run does not see."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def found(folder: Path, text: str, *said: str) -> list[tuple[int, str]]:
    """What a scan finds in a log with this text, after customers have said this."""
    (folder / "serve.log").write_text(text, "utf-8")
    (folder / "tenants.toml").write_text(TENANTS, "utf-8")
    (folder / "master.key").write_text("bWFzdGVyLWtleS1vZi10aGUtZm9sZGVyLTMyLWJ5dGU=\n")
    (folder / "heard").write_text("".join(f"{json.dumps(each)}\n" for each in said))
    return [(each.line, each.what) for each in scan(log_files(folder), forbidden_in(folder))]


@pytest.mark.parametrize(
    "planted",
    [
        "s3cret-of-shop",
        "pat_of_acme",
        "callback0token",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ],
)
def test_a_secret_of_a_tenant_file_is_found(elsewhere: Path, planted: str) -> None:
    assert found(elsewhere, f'fine\n{{"event": "token.refused", "secret": "{planted}"}}\n') == [(2, "a secret")]


@pytest.mark.parametrize(
    ("planted", "what"),
    [
        ("bWFzdGVyLWtleS1vZi10aGUtZm9sZGVyLTMyLWJ5dGU=", "the master key"),
        ("POST /cgi-bin/kf/send_msg?access_token=abc HTTP/1.1", "an access token"),
        ("GET /cgi-bin/gettoken?corpid=ww1&corpsecret=x", "an access token"),
        (f'"{"aB3-_" * 43}"', "an access token"),
        ("Authorization: Bearer abcdef0123", "a bearer token"),
        (f"电话{PHONE}。", "a phone number"),
        (f'"+86{PHONE}"', "a phone number"),
        (f"身份证{ID_CARD}", "an ID number"),
    ],
)
def test_a_key_a_token_or_a_number_is_found(elsewhere: Path, planted: str, what: str) -> None:
    assert found(elsewhere, f"fine\nfine\n{planted}\n") == [(3, what)]


@pytest.mark.parametrize(
    "written",
    [
        SENTENCE,
        json.dumps(SENTENCE),
        repr(SENTENCE.encode()),
        "%E6%88%91%E6%83%B3%E9%97%AE%E4%B8%80%E4%B8%8B%E4%BC%9A%E5%91%98%E5%8D%A1%E6%80%8E%E4%B9%88%E5%8A%9E%E7%90%86",
    ],
)
def test_a_sentence_of_a_customer_is_found_however_it_is_written(elsewhere: Path, written: str) -> None:
    assert found(elsewhere, f"fine\nit said {written} to us\n", SENTENCE) == [(2, "what a customer said")]
    assert found(elsewhere, f"fine\nit said {written} to us\n", "别的话，没有人写下") == []


def test_personal_data_of_the_test_data_is_found_whatever_its_shape(elsewhere: Path) -> None:
    lines = (ROOT / "tests" / "data" / "personal_data.jsonl").read_text("utf-8").splitlines()
    plate = next(each for each in map(json.loads, lines) if each["kind"] == "PLATE")["entities"][0]["value"]
    assert (1, "personal data") in found(elsewhere, f"车牌{plate}\n")


def test_ids_times_and_what_is_masked_are_innocent(elsewhere: Path) -> None:
    assert found(elsewhere, INNOCENT, SENTENCE, "转人工", "shop", "wk_shop") == []


def test_only_logs_are_searched(elsewhere: Path) -> None:
    for name in ("serve.log", "log", "output", "a.b.log.1", "stderr"):
        (elsewhere / name).touch()
    for name in ("heard", "tenants.toml", "acme.jsonl", "catalogue", "appendonly.aof"):
        (elsewhere / name).touch()
    assert {path.name for path in log_files(elsewhere)} == {"serve.log", "log", "output", "a.b.log.1", "stderr"}


def test_words_that_are_ids_or_shorter_than_four_characters_are_left_out() -> None:
    assert [*sentences("在吗"), *sentences("hello"), *sentences("wm_1/shop")] == []
    assert [*sentences('他说"退货要几天"\n谢谢了啊')] == ["退货要几天", "谢谢了啊"]
    assert [*sentences("where is my order")] == ["where is my order"]


def test_files_that_nobody_can_read_are_passed_over(elsewhere: Path) -> None:
    (elsewhere / "long.toml").write_text(f"number = {'9' * 5000}")
    (elsewhere / "deep.toml").write_text(f"deep = {'[' * 100_000}")
    (elsewhere / "odd.toml").write_bytes(b"secret = \xff")
    (elsewhere / "folder.toml").mkdir()
    (elsewhere / "empty").mkdir()
    (elsewhere / "empty" / "master.key").touch()
    assert found(elsewhere, "fine\ns3cret-of-shop\n") == [(2, "a secret")]


def test_several_processes_hear_into_one_file(elsewhere: Path) -> None:
    program = f"from tests.fixtures.log_scan import hear; hear({SENTENCE!r}); hear({SENTENCE!r})"
    environment = os.environ | {HEARD: str(elsewhere / "heard")}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, check=True)
    assert [json.loads(line) for line in (elsewhere / "heard").read_text().splitlines()] == [SENTENCE] * 2
    forbidden = forbidden_in(elsewhere)
    assert forbidden.words[SENTENCE] == "what a customer said"


def test_forbidden_things_are_listed_with_file_and_line(elsewhere: Path) -> None:
    (elsewhere / "worker.log").write_text(f"fine\n{SENTENCE}\n", "utf-8")
    forbidden = Forbidden()
    forbidden.add("what a customer said", [SENTENCE])
    (finding,) = scan(log_files(elsewhere), forbidden)
    assert str(finding) == f"{elsewhere / 'worker.log'}:2: what a customer said: {SENTENCE!r}"


PRINTS = f"def test_it(): print('{PHONE}')"
LOGS = f"import logging\ndef test_it(): logging.getLogger('x').warning('%s', '{PHONE}')"
STRUCTLOG = f"import structlog\ndef test_it(): structlog.get_logger().info('said', number='{PHONE}')"
CHILD = f"import subprocess\ndef test_it(): subprocess.run(['sh', '-c', 'echo {PHONE} >&2'], check=True)"
FILE = f"def test_it(tmp_path): (tmp_path / 'serve.log').write_text('{PHONE}')"
SAID = f"""
from tests.fixtures.log_scan import hear
def test_it(capsys):
    hear({SENTENCE!r})
    print({SENTENCE!r})
"""


TWO_PROCESSES = ("-p", "xdist", "-n", "2", "--dist", "loadfile")


@pytest.mark.parametrize("test", [PRINTS, LOGS, STRUCTLOG, CHILD, FILE, SAID])
def test_a_whole_run_fails_wherever_it_was_logged(elsewhere: Path, test: str) -> None:
    assert_found(run(elsewhere, test), passed=1)


@pytest.mark.parametrize("test", [PRINTS, LOGS, FILE])
def test_a_run_of_several_processes_fails_whichever_of_them_logged_it(elsewhere: Path, test: str) -> None:
    assert_found(run(elsewhere, "def test_clean(): print('fine')", test, options=TWO_PROCESSES), passed=2)


def test_what_was_said_in_one_process_may_be_in_no_log_of_another(elsewhere: Path) -> None:
    says = f"def test_it(): from tests.fixtures.log_scan import hear; hear({SENTENCE!r})"
    assert_found(run(elsewhere, says, f"def test_it(): print({SENTENCE!r})", options=TWO_PROCESSES), passed=2)
    (said,), (logged,) = (elsewhere.glob(f"temp/*/{name}") for name in ("heard", "captured.log"))
    assert said.parent != logged.parent, "they were one process: the test proved nothing"


@pytest.mark.parametrize("options", [(), TWO_PROCESSES])
def test_a_run_with_clean_logs_passes(elsewhere: Path, options: tuple[str, ...]) -> None:
    clean = "def test_it(): print('fine')"
    done = run(elsewhere, clean, clean, options=options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert [*elsewhere.glob("temp/**/captured.log")]


def assert_found(done: subprocess.CompletedProcess[str], passed: int) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{passed} passed" in done.stdout
    assert "the logs hold what no log may hold" in done.stdout
    assert ".log:" in done.stdout


def run(folder: Path, *tests: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A run of pytest on these tests, a file each."""
    for number, test in enumerate(tests):
        (folder / f"test_planted{number}.py").write_text(test)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.fixtures.log_scan", "--basetemp", str(folder / "temp")]
    # other plugins take longer to import than these tests take
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, *options, str(folder)],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
