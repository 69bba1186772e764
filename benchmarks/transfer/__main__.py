"""Transfer to studies that a model was not trained on.

usage: python benchmarks/transfer SUITE FOLDER [options]     suites of real studies in files of their own
       python benchmarks/transfer [studies] FILE.h5ad ...    ablations on several studies in one file

The suites are panels, cohorts, single, confounded, few, genes and labels; ``SUITE --help`` lists the options, the page
beside this folder says what is measured.
"""

import sys

import studies
import suite_command
from suites import SUITES


def main() -> int:
    """Hand over to the benchmark that the first word names."""
    words = sys.argv[1:]
    if words and words[0] in SUITES:
        return suite_command.main(words)
    if words and words[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    return studies.main(words[1:] if words and words[0] == "studies" else words)


if __name__ == "__main__":
    sys.exit(main())
