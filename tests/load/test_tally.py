"""The count of `make torture` can fail: each wrong that it looks for is shown to it, and seen."""

from math import inf

import pytest

from tests.load.tally import Asked, Tally, answer, answers_in, tally, waiting

KF, APP = ("ww_acme", "wk_shop", "c1"), ("ww_acme", "1000002", "c1")


def fetched(count: int) -> list[Asked]:
    return [Asked(number, fetched=True, began=number, known=number + 0.5) for number in range(count)]


def brought(*times: tuple[float, float]) -> list[Asked]:
    return [Asked(number, fetched=False, began=began, known=known) for number, (began, known) in enumerate(times)]


def test_all_answered_once_and_in_order_is_sound() -> None:
    count = tally({KF: fetched(3), APP: brought((0, 1), (2, 3))}, {KF: [0, 1, 2], APP: [0, 1]})
    assert count == Tally(sent=5, acknowledged=5, answered=5)
    assert str(count) == "5 sent, 5 answered, 0 lost, 0 twice, 0 out of order"
    assert count.sound(twice_is_wrong=True)


def test_a_lost_answer_is_counted() -> None:
    count = tally({KF: fetched(3)}, {KF: [0, 2]})
    assert (count.answered, count.lost) == (2, 1)
    assert not count.sound(twice_is_wrong=False)
    assert waiting({KF: fetched(3)}, {KF: [0, 2]}) == [KF]
    assert waiting({KF: fetched(3)}, {}) == [KF]
    assert waiting({KF: fetched(3)}, {KF: [0, 1, 2]}) == []


def test_an_app_message_that_was_never_acknowledged_is_not_owed_but_a_fetched_one_always_is() -> None:
    assert tally({APP: brought((0, inf))}, {}).lost == 0
    assert tally({KF: [Asked(0, fetched=True)]}, {}).lost == 1
    assert tally({APP: brought((0, inf))}, {APP: [0]}).answered == 1


@pytest.mark.parametrize(("shown", "twice"), [([0, 1, 1], 1), ([0, 0, 1, 1, 1], 3), ([0, 1, 0], 1)])
def test_an_answer_shown_again_is_counted_and_is_wrong_where_known_ids_are_refused(
    shown: list[int], twice: int
) -> None:
    count = tally({KF: fetched(2)}, {KF: shown})
    assert (count.answered, count.twice, count.out_of_order) == (2, twice, 0)
    assert not count.sound(twice_is_wrong=True)
    assert count.sound(twice_is_wrong=False)


@pytest.mark.parametrize(("shown", "late"), [([1, 0, 2], 1), ([2, 0, 1], 2), ([2, 1, 0], 2), ([0, 1, 2], 0)])
def test_what_comes_after_what_it_had_to_precede_is_counted(shown: list[int], late: int) -> None:
    count = tally({KF: fetched(3)}, {KF: shown})
    assert count.out_of_order == late
    assert count.sound(twice_is_wrong=True) == (late == 0)


def test_the_order_of_what_is_brought_is_that_of_its_acknowledgements() -> None:
    # the second was brought before the first was acknowledged: either may be answered first
    assert tally({APP: brought((0, 3), (1, 2))}, {APP: [1, 0]}).out_of_order == 0
    assert tally({APP: brought((0, 1), (2, 3))}, {APP: [1, 0]}).out_of_order == 1
    assert tally({APP: brought((0, 1), (0.5, 3), (2, 3))}, {APP: [2, 1, 0]}).out_of_order == 1


def test_an_answer_to_what_the_customer_never_asked_is_wrong() -> None:
    count = tally({KF: fetched(1)}, {KF: [0, 7], APP: [0]})
    assert count.strange == 2
    assert not count.sound(twice_is_wrong=False)


def test_one_reply_may_hold_several_answers_and_other_words() -> None:
    assert answers_in(f"{answer(3)}\n\n{answer(4)}\n\n您好，第5号……\n{answer(12)}") == [3, 4, 12]
    assert answers_in("暗号 7。暗号【】。") == []


def test_runs_add_up() -> None:
    whole = Tally(1, 2, 3, 4, 5, 6, 7) + Tally(10, 20, 30, 40, 50, 60, 70)
    assert whole == Tally(11, 22, 33, 44, 55, 66, 77)
