"""What was read is read once, of each state of the articles, and never too much of it is held."""

from collections.abc import Sequence

from wecom_bot.adapters.search.remembered import Remembered


def test_only_what_is_not_known_is_read_and_all_comes_in_the_order_asked() -> None:
    asked: list[list[str]] = []

    def read(words: Sequence[str]) -> dict[str, int]:
        asked.append(list(words))
        return {word: len(word) for word in words}

    remembered = Remembered[str, int](10)
    assert list(remembered.get("one", ["aa", "b"], read).items()) == [("aa", 2), ("b", 1)]
    assert list(remembered.get("one", ["ccc", "aa"], read).items()) == [("ccc", 3), ("aa", 2)]
    remembered.get("another", ["aa"], read)
    assert asked == [["aa", "b"], ["ccc"], ["aa"]]


def test_all_is_forgotten_when_there_is_too_much_of_it() -> None:
    asked: list[str] = []

    def read(words: Sequence[str]) -> dict[str, str]:
        asked.extend(words)
        return {word: word for word in words}

    remembered = Remembered[str, str](5, len)
    assert remembered.get("one", ["abc"], read) == {"abc": "abc"}
    assert remembered.get("two", ["def"], read) == {"def": "def"}
    assert remembered.get("one", ["abc"], read) == {"abc": "abc"}
    assert asked == ["abc", "def", "abc"]
