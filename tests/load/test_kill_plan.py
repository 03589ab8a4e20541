"""The sequence of kills of `make torture`."""

from itertools import chain

from tests.load.kills import Victim, plan


def test_the_same_seed_kills_the_same_at_the_same_moments() -> None:
    assert plan(7, 10, 5) == plan(7, 10, 5)
    assert plan(7, 10, 5) != plan(8, 10, 5)


def test_in_each_round_everything_is_killed_alone_and_two_things_at_once() -> None:
    rounds = plan(1, 10, 5)
    assert len(rounds) == 10
    for moments in rounds:
        alone = [moment.blows[0].victim for moment in moments if len(moment.blows) == 1]
        assert sorted(each.name for each in alone) == sorted(each.name for each in Victim)
        (both,) = [moment.blows for moment in moments if len(moment.blows) == 2]
        assert both[0].victim is not both[1].victim


def test_orders_and_pairs_differ_from_round_to_round() -> None:
    rounds = plan(1, 10, 5)
    orders = {tuple(blow.victim for moment in moments for blow in moment.blows) for moments in rounds}
    assert len(orders) > 5
    moments = [*chain.from_iterable(rounds)]
    assert {len(moment.blows) for moment in moments} == {1, 2}
    assert {blow.which is None for moment in moments for blow in moment.blows} == {True, False}
    assert all(0 < moment.after < 10 for moment in moments)
