import os
import subprocess
import sys
from pathlib import Path

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.processes import alive
from tests.load import flaky

LUCK = """
from pathlib import Path
def test_the_second_time_it_fails():
    seen = Path({seen!r})
    with seen.open("a") as file:
        file.write("once\\n")
    assert seen.read_text().count("once") < {fails}
"""


def flaked(tmp_path: Path, fails: int, runs: int) -> subprocess.CompletedProcess[str]:
    """What `make flaky` says of a suite with one test, which fails at the run of that number."""
    test = tmp_path / "test_luck.py"
    test.write_text(LUCK.format(seen=str(tmp_path / "seen"), fails=fails))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "tests.load.flaky", "--runs", str(runs), "-c", str(tmp_path / "pytest.ini")]
    alone = ("-p", "xdist", "-n", "0")  # one test needs no processes beside, and no other plugins
    return subprocess.run(
        [*command, *alone, str(test)],
        env=os.environ | {"TMPDIR": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=flaky.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE,
    )


def test_it_runs_until_something_fails_and_says_what_and_where(tmp_path: Path) -> None:
    done = flaked(tmp_path, fails=2, runs=5)
    first, second, failed, output, *_ = done.stdout.splitlines()
    assert done.returncode == 1
    assert first.startswith("run 1: passed in ")
    assert first.endswith("1 passed")
    assert second.startswith("run 2: FAILED in ")
    assert second.endswith("1 failed")
    assert failed.startswith("FAILED ")
    assert "test_the_second_time_it_fails" in failed
    assert "test_the_second_time_it_fails" in Path(output.removeprefix("output: ")).read_text()


def test_it_ends_after_so_many_runs(tmp_path: Path) -> None:
    done = flaked(tmp_path, fails=9, runs=2)
    assert done.returncode == 0
    assert [line.split(" in ")[0] for line in done.stdout.splitlines()] == ["run 1: passed", "run 2: passed"]
    assert not [*tmp_path.glob("flaky-*")]


def test_the_busy_core_is_left_alone_at_the_end() -> None:
    with flaky.busy_core() as hog:
        assert alive(hog)
    assert not alive(hog)


def test_the_busy_core_ends_with_whoever_made_it_so() -> None:
    program = "from tests.load.flaky import busy_core\nwith busy_core() as hog: print(hog, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=flaky.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as maker:
        assert maker.stdout
        hog = int(maker.stdout.readline())
        maker.kill()
        wait_until(lambda: not alive(hog))
