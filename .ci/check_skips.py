"""Fail if a test skipped that could have run here; print the counts.

usage: check_skips.py JUNIT.xml [MISSING_PROGRAM ...]
       check_skips.py --count RESULTS ...

A skip is accepted when its reason names a program that could not be installed, or matches a line of
``.ci/accepted-skips.txt``; the lines there that speak of the real data count only where it is absent.
A test whose failure is expected has run, and is no skip.
RESULTS are JUnit files, and logs that hold a line 'N passed, N failed'; what they count is added up.
"""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

# What pytest's JUnit files call a test whose failure is expected.
EXPECTED_FAILURE = "pytest.xfail"


def cases_of(junit: str) -> list[ElementTree.Element]:
    """Return the test cases of a JUnit file."""
    return list(ElementTree.parse(junit).iter("testcase"))  # noqa: S314 - written by pytest just now


def refused_skips(junit: str, missing: list[str]) -> list[str]:
    """Return a line for each skip that is not accepted."""
    accepted = [re.escape(program) for program in missing]
    accepted += [
        line
        for line in Path(__file__).with_name("accepted-skips.txt").read_text().splitlines()
        if line and line[0] != "#"
    ]
    if not (Path(os.environ.get("CLRNA_REAL_DATA", "../shared/data")) / "native").is_dir():
        accepted.append("real expression data")
    skipped = [
        (case, skip.get("message", ""))
        for case in cases_of(junit)
        for skip in case.iter("skipped")
        if skip.get("type") != EXPECTED_FAILURE
    ]
    return [
        f"skipped, but could have run here: {case.get('classname')}::{case.get('name')}: {reason}"
        for case, reason in skipped
        if not any(re.search(text, reason, re.I) for text in accepted)
    ]


def counts_of(results: str) -> tuple[int, int, int]:
    """Return how many tests of a JUnit file or a log passed, failed, and skipped."""
    if not results.endswith(".xml"):
        lines = re.findall(r"^(\d+) passed, (\d+) failed$", Path(results).read_text(), re.M)
        return sum(int(passed) for passed, _ in lines), sum(int(failed) for _, failed in lines), 0
    cases = cases_of(results)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    return len(cases) - skipped - failed, failed, skipped


def main(words: list[str]) -> int:
    """Print the sum of the counts, or the skips that are not accepted; 1 where there are any."""
    if words[0] == "--count":
        counts = [counts_of(results) for results in words[1:]]
        passed, failed, skipped = (sum(count[at] for count in counts) for at in range(3))
        print(f"{passed} passed, {failed} failed, {skipped} skipped")
        return 0
    refused = refused_skips(words[0], words[1:])
    print("\n".join(refused), end="\n" if refused else "")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
