"""Pages that lie outside ``docs/``, where they are read on GitHub; and links to and from them."""

import os
import re
from pathlib import Path, PurePosixPath

# File in the repository: page of the site.
PAGES = {
    "README.md": "project/overview.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changes.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "benchmarks/transfer/NOTES.md": "project/notes.md",
    "clrna/data/SOURCES.md": "project/sources.md",
    "test-data/demo/README.md": "project/demo-data.md",
}
_LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?(\))")
_ADDRESS = re.compile(r"[a-z]+:", re.I)


def moved(text: str, source: str, page: str) -> str:
    """Return a text with its relative links as they must be on the page.

    Parameters
    ----------
    text
        Markdown of the file.
    source, page
        Where the file lies in the repository, and where its page lies in ``docs/``.
    """

    def link(match: re.Match[str]) -> str:
        start, target, anchor, end = match.groups()
        if _ADDRESS.match(target):
            return match.group()
        wanted = os.path.normpath(PurePosixPath(source).parent / target)
        place = PAGES.get(wanted) or os.path.relpath(wanted, "docs")
        return f"{start}{os.path.relpath(place, PurePosixPath(page).parent)}{anchor or ''}{end}"

    return _LINK.sub(link, text)


def pages(root: Path) -> dict[str, str]:
    """Return the pages from outside ``docs/`` by where they lie in it."""
    return {
        page: moved((root / source).read_text(encoding="utf-8"), source, page)
        for source, page in PAGES.items()
        if (root / source).is_file()
    }
