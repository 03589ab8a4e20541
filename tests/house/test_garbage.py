import gc

import pytest


def test_no_garbage_is_looked_for_among_the_tests_but_in_what_they_make(request: pytest.FixtureRequest) -> None:
    made = [request.session]
    looked_through = gc.get_objects()
    assert gc.isenabled()
    assert any(each is made for each in looked_through)
    assert not any(each is request.session for each in looked_through)
