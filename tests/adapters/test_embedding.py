"""Texts as vectors, by the real model."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wecom_bot.adapters.search.embedding import SIZE, Embedder
from wecom_bot.adapters.search.model import MODEL, TOKENIZER
from wecom_bot.errors import ConfigurationError


def close(embedder: Embedder, one: str, other: str) -> float:
    return float(embedder.question(one) @ embedder.question(other))


def test_what_means_the_same_is_closer_than_what_shares_its_words(embedder: Embedder) -> None:
    assert close(embedder, "怎么把钱退回来", "如何申请退款") > close(embedder, "怎么把钱退回来", "怎么把灯装回来") + 0.1


def test_a_vector_has_a_length_of_one(embedder: Embedder) -> None:
    vector = embedder.question("怎么查物流")
    assert vector.shape == (SIZE,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("other", ["APP怎么下载", "ａｐｐ怎么下载", "app怎麼下載", "app\u200b怎么下载"])
def test_letters_of_another_shape_change_nothing(embedder: Embedder, other: str) -> None:
    assert close(embedder, "app怎么下载", other) > 0.99


@pytest.mark.parametrize("text", ["", "  ", "？？", "😀👍", "\u200b"])
def test_where_there_is_no_word_there_is_no_direction(embedder: Embedder, text: str) -> None:
    assert not embedder.question(text).any()


def test_a_text_of_any_length_is_read_from_its_beginning(embedder: Embedder) -> None:
    told = "我上周买的灯坏了，想换一个新的，" * 300
    assert close(embedder, told, told + "顺便问一下几点关门") > 0.999
    assert embedder.passage(told).shape == (SIZE,)


def test_vectors_of_another_recipe_or_model_are_known_as_others(embedder: Embedder) -> None:
    assert embedder.identity.startswith(MODEL.sha256[:12] + "+")


def test_a_model_that_is_no_model_is_said_in_words_of_the_operators(tmp_path: Path) -> None:
    (tmp_path / MODEL.name).write_bytes(b"no model")
    (tmp_path / TOKENIZER.name).write_text("{}")
    with pytest.raises(ConfigurationError, match=r"WECOM_BOT_EMBEDDING_MODEL.*model install"):
        Embedder.load(tmp_path)


def test_under_gevent_others_go_on_while_a_text_is_embedded(model_folder: Path) -> None:
    program = """
from wecom_bot import startup
startup.patch_all()
import sys, gevent
from pathlib import Path
from wecom_bot.adapters.search.embedding import Embedder
embedder = Embedder.load(Path(sys.argv[1]))
embedding, turns = [True], 0
def embed():
    for number in range(20):
        embedder.passage(f"{number}" + "我想问一下这个怎么退换" * 20)
    embedding.clear()
gevent.spawn(embed)
while not turns or embedding:
    gevent.sleep(0)
    turns += 1
print(turns)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(model_folder)], capture_output=True, text=True, check=True, timeout=100
    )
    assert int(done.stdout) > 20  # more often than texts were embedded
