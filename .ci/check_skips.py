"""Fail if a test skipped that could have run here; print the counts.

usage: check_skips.py [--count] JUNIT.xml [MISSING_PROGRAM ...]

A skip is accepted when its reason names a program that could not be installed, or matches a line of
``.ci/accepted-skips.txt``; the lines there that speak of the real data count only where it is absent.
"""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main(words: list[str]) -> int:
    """Print the counts of a JUnit file, or return 1 where a skip is not accepted."""
    only_count = words[0] == "--count"
    cases = list(ElementTree.parse(words[only_count]).iter("testcase"))  # noqa: S314 - written by pytest just now
    skipped = [(case, skip.get("message", "")) for case in cases for skip in case.iter("skipped")]
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    if only_count:
        print(f"{len(cases) - len(skipped) - failed} passed, {failed} failed, {len(skipped)} skipped")
        return 0
    accepted = [re.escape(program) for program in words[1:]]
    accepted += [
        line
        for line in Path(__file__).with_name("accepted-skips.txt").read_text().splitlines()
        if line and line[0] != "#"
    ]
    if not (Path(os.environ.get("CLRNA_REAL_DATA", "../shared/data")) / "native").is_dir():
        accepted.append("real expression data")
    refused = [
        (case, reason) for case, reason in skipped if not any(re.search(text, reason, re.I) for text in accepted)
    ]
    for case, reason in refused:
        print(f"skipped, but could have run here: {case.get('classname')}::{case.get('name')}: {reason}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
