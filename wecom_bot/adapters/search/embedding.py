"""Texts as vectors: two texts that mean the same lie close together, whatever their words.

The runtime comes with the extra `[semantic]`; it is imported when a model is loaded, for it may not be installed.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gevent import monkey

from wecom_bot.adapters.search.apart import Apart, Text
from wecom_bot.adapters.search.model import MODEL, TOKENIZER
from wecom_bot.adapters.search.text import normalise
from wecom_bot.errors import ConfigurationError
from wecom_bot.text.folding import letters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

SIZE = 512
"""Numbers in a vector."""
QUESTION = 64
"""Tokens of a question that are read: more makes it slower, and no clearer."""
PASSAGE = 128
"""Tokens of a question with its answer."""

_RECIPE = f"cls+norm1+{QUESTION}+{PASSAGE}"  # of the vectors, beside the model: other ones are no neighbours of theirs
_REMEMBERED = 256  # a turn's text is asked for by every ranking


@dataclass(frozen=True, slots=True)
class Embedder:
    """A sentence-embedding model. `identity` tells its vectors from all others."""

    identity: str
    _embed: Callable[[str, int], "Vector"] = field(repr=False)
    _embed_all: "Callable[[Sequence[Text]], list[Vector]] | None" = field(repr=False, default=None)

    @classmethod
    def load(cls, folder: Path) -> "Embedder":
        """The model in the folder. Raises ConfigurationError, which says what is missing."""
        # One thread, as the model has: of two, one waits for a core that somebody else has. Read when numpy is imported
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            import onnxruntime  # noqa: PLC0415
            from tokenizers import Tokenizer  # noqa: PLC0415
        except ImportError as e:
            raise ConfigurationError(
                f"{folder} 里有模型，但没有装它的运行库，请 / there is a model, but not its runtime:"
                f" pip install 'wecom-bot[semantic]' ({e})"
            ) from e
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            weights = (folder / MODEL.name).read_bytes()
            session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER.name))
        except Exception as e:  # each library raises classes of its own
            raise ConfigurationError(
                f"WECOM_BOT_EMBEDDING_MODEL: {folder} 里的模型不能用，请重新安装 / the model cannot be used, install it"
                f" again: wecom-bot model install FILE ({type(e).__name__})"
            ) from e
        tokenizer.no_padding()
        tokenizer.no_truncation()
        identity = f"{hashlib.sha256(weights).hexdigest()[:12]}+{_RECIPE}"
        vector = partial(_vector, session, tokenizer)
        if not monkey.is_module_patched("threading"):
            return cls(identity, lru_cache(_REMEMBERED)(vector))
        apart = Apart(vector)
        return cls(identity, lru_cache(_REMEMBERED)(apart.one), apart.all)

    def question(self, text: str) -> "Vector":
        """The vector of a question, of length 1; of length 0 where there is no word."""
        return self._embed(text, QUESTION)

    def passage(self, text: str) -> "Vector":
        """The same of a question with its answer."""
        return self._embed(text, PASSAGE)

    def all(self, texts: Sequence[Text]) -> "list[Vector]":
        """The vectors of many texts, each cut at its number of tokens; no question waits for them."""
        return self._embed_all(texts) if self._embed_all else [self._embed(*each) for each in texts]


def _vector(session: Any, tokenizer: Any, text: str, most: int) -> "Vector":  # noqa: ANN401 - they have no types
    """Of one text a call: the numbers of an int8 model depend on what else is in its batch."""
    import numpy as np  # noqa: PLC0415 - comes with the runtime

    if not letters(text):
        return np.zeros(SIZE, np.float32)
    ids = tokenizer.encode(normalise(text)).ids
    if len(ids) > most:
        ids = [*ids[: most - 1], ids[-1]]  # the last one closes the text
    row = np.array([ids], np.int64)
    fed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
    (state,) = session.run(["last_hidden_state"], fed)
    first: Vector = state[0, 0]
    return first / np.linalg.norm(first)
