"""Check the built site: no link is dead, no page asks for anything from outside.

usage: check_site.py FOLDER
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes that a browser fetches without being asked.
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "embed": "src"}
_FETCHED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "prefetch", "modulepreload"}
_OUTSIDE = re.compile(r"(?:[a-z]+:)?//", re.I)
_STYLE_OUTSIDE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)", re.I)


class _Page(HTMLParser):
    """What a page links to, fetches, and can be linked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)
        self.fetched += _STYLE_OUTSIDE.findall(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        if tag in _FETCHED and given.get(_FETCHED[tag]):
            self.fetched.append(given[_FETCHED[tag]])
        if tag == "link" and _FETCHED_LINKS & set(given.get("rel", "").split()):
            self.fetched.append(given.get("href", ""))


def faults(folder: Path) -> list[str]:
    """Return a line for each dead link, and for each thing that a page would fetch from outside."""
    pages = {path.resolve(): _Page(path.read_text(encoding="utf-8")) for path in _pages(folder)}
    found = []
    for path, page in pages.items():
        name = path.relative_to(folder.resolve())
        found += [f"{name}: fetches {what}" for what in page.fetched if _OUTSIDE.match(what)]
        found += [f"{name}: dead link {link}" for link in page.links if not _is_there(link, path, pages)]
    for sheet in sorted(folder.rglob("*.css")):
        outside = _STYLE_OUTSIDE.findall(sheet.read_text(encoding="utf-8"))
        found += [f"{sheet.relative_to(folder)}: fetches {what}" for what in outside]
    return found


def _pages(folder: Path) -> list[Path]:
    # Themes leave templates of theirs among the static files.
    return [path for path in sorted(folder.rglob("*.html")) if path.relative_to(folder).parts[0] != "_static"]


def _is_there(link: str, page: Path, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target not in pages or anchor in pages[target].anchors


def main(words: list[str]) -> int:
    """Print the faults, or how much was looked at; 1 where there is a fault."""
    folder = Path(words[0])
    found = faults(folder)
    print("\n".join(found) or f"{folder}: {len(_pages(folder))} pages, every link leads somewhere")
    return 1 if found or not (folder / "index.html").is_file() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
