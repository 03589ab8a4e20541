"""What a score does not depend on."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_score_is_the_same_to_the_last_bit_in_every_process(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from tests.quality.questions import DATA, articles, questions
from tests.quality.test_search_quality import CORP, Unchanging
from wecom_bot.adapters.search.embedded import EmbeddedSearch
search = EmbeddedSearch(Path(sys.argv[1]), Unchanging(articles()))
for question in questions(DATA / "retail_queries.jsonl"):
    print([(each.article_id, each.score) for each in search.search(CORP, question.text, 8)])
"""
    told = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / f"{seed}.sqlite")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        ).stdout
        for seed in ("1", "2")
    ]
    strip = [[line for line in each.splitlines() if line.startswith("[")] for each in told]
    assert strip[0] == strip[1]
    assert len(strip[0]) > 50
