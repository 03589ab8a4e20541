"""What is done aside leaves its process as small as it was."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from wecom_bot.errors import ConfigurationError, InvalidInput
from wecom_bot.processes import Aside

_SEEN: list[int] = []


def test_each_step_is_done_when_it_is_asked_for_and_comes_back() -> None:
    def steps() -> Iterator[object]:
        _SEEN.append(1)
        yield {"process": os.getpid()}
        yield list(_SEEN)

    with closing(Aside(steps)) as aside:
        assert aside.next()["process"] != os.getpid()
        _SEEN.append(2)  # ours, and not its own
        assert aside.next() == [1]
        assert aside.next() is None
    assert _SEEN == [2]


def test_what_an_operator_has_to_change_is_raised_here() -> None:
    def steps() -> Iterator[str]:
        yield "so far"
        raise InvalidInput("第 3 行 / line 3")

    with closing(Aside(steps)) as aside:
        assert aside.next() == "so far"
        with pytest.raises(InvalidInput, match="line 3"):
            aside.next()


def test_an_error_at_the_first_step_is_raised_here_too() -> None:
    def steps() -> Iterator[None]:
        raise ConfigurationError("WECOM_BOT_X")
        yield

    with closing(Aside(steps)) as aside, pytest.raises(ConfigurationError, match="WECOM_BOT_X"):
        aside.next()


def _a_bug() -> None:
    raise ZeroDivisionError("a bug")


def _a_kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("end", [_a_bug, _a_kill])
def test_a_process_that_ends_without_a_word_of_ours_ends_us(
    end: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    def steps() -> Iterator[None]:
        end()
        yield

    with closing(Aside(steps)) as aside, pytest.raises(SystemExit) as caught:
        aside.next()
    assert caught.value.code == 1
    assert ("a bug" in capfd.readouterr().err) is (end is _a_bug)


def test_who_is_not_asked_any_more_ends() -> None:
    def steps() -> Iterator[int]:
        yield from range(10)

    aside = Aside(steps)
    assert aside.next() == 0
    aside.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(aside._child, 0)  # noqa: SLF001 - it was waited for
