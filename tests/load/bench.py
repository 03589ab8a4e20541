"""`make bench`: each figure of ours beside the least that could be, measured in the same run.

`JSON=FILE` writes the figures down, `ONLY=acks,turns` measures only some sections; `python -m tests.load.report FILE`
makes the table of docs/performance.md of what was written. 1 if a section failed or a bound is broken.
"""

import argparse
import sys
from pathlib import Path
from time import monotonic

from tests.load import (
    acks,
    calls,
    fairness,
    frames,
    goals,
    hot,
    in_a_row,
    meaning,
    pools,
    rebuild,
    search,
    starts,
    statements,
    trace,
    trips,
    turns,
)
from tests.load.record import ABOUT, Record, Section

SECTIONS = (
    Section("acks", acks.KEYS, acks.measure, 120),
    Section("turns", turns.KEYS, turns.measure, 400),
    Section("calls", calls.KEYS, calls.measure, 25),
    Section("frames", frames.KEYS, frames.measure, 5),
    Section("meaning", meaning.KEYS, meaning.measure, 60),
    Section("hot", hot.KEYS, hot.measure, 10),
    Section("trips", trips.KEYS, trips.measure, 90),
    Section("pools", pools.KEYS, pools.measure, 10),
    Section("statements", statements.KEYS, statements.measure, 45),
    Section("trace", trace.KEYS, trace.measure, 30),
    Section("in_a_row", in_a_row.KEYS, in_a_row.measure, 90),
    Section("starts", starts.KEYS, starts.measure, 90),
    Section("fairness", fairness.KEYS, fairness.measure, 215),
)
AT_REQUEST = (
    Section("search", search.KEYS, search.measure, 420),
    Section("rebuild", rebuild.KEYS, rebuild.measure, 900),
)
"""What takes too long for all of it: measured only where ONLY names it."""
KEYS = (*ABOUT, *(key for section in (*SECTIONS, *AT_REQUEST) for key in section.keys), "took_s", "failed")


def main() -> int:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument(
        "--only", default="", help=f"some of {','.join(each.name for each in (*SECTIONS, *AT_REQUEST))}"
    )
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name]
    known = {each.name: each for each in (*SECTIONS, *AT_REQUEST)}
    if unknown := {*wanted} - known.keys():
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    if given.json and not given.json.absolute().parent.is_dir():
        parser.error(f"{given.json}: there is no such folder")
    return measured([known[name] for name in known if name in wanted] or list(SECTIONS), given.json)


def measured(sections: list[Section], path: Path | None) -> int:
    """Take all sections, write the record after each; the exit status."""
    record, began = Record(), monotonic()
    print("  ".join(f"{name} {each}" for name, each in record.about.items()))
    for section in sections:
        record.take(section)
        if path:
            path.write_text(record.written(), encoding="utf-8")
    print(f"{monotonic() - began:.0f} s in all\n", *goals.table(record.figures), "", sep="\n")
    for name, why in record.failed.items():
        print(f"FAILED: {name}: {why}")
    broken = not record.figures.get("fairness", {}).get("crowd", {}).get("holds", True)
    if broken:
        print("BROKEN: one tenant's crowd delays another's messages too much")
    return 1 if record.failed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
