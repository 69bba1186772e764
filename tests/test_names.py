"""A public name stands for one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "clrna"

# What modules of one kind all have, and are asked for by module: the three parts of an executable or script, and what
# a source of clrna-fetch hands to its Source. In a module of another kind each of these would be a second meaning.
SHARED = {
    ("clrna/cli/*.py", "clrna/data/build/*.py"): {"get_parser", "body", "main"},
    ("clrna/fetch/sources/*.py",): {"files", "read", "write_output"},
}

# The front door: its functions have the names that scverse gives such steps, which the steps behind them have too. One
# asks for them by module, clrna.tl.train; among themselves they are distinct.
FRONT_DOOR = ("clrna/api/*.py", "clrna/pp/*.py", "clrna/tl/*.py", "clrna/pl/*.py", "clrna/datasets/*.py")


def public_names(text: str) -> Iterator[str]:
    """Yield the public classes and functions that a module defines."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def names_of_two_things(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the names that several modules define, with these modules by path; kinds of ``SHARED`` count as one."""
    homes = defaultdict(set)
    for path, text in texts.items():
        for name in public_names(text):
            kinds = [
                kind for kind, names in SHARED.items() if name in names and any(fnmatch(path, one) for one in kind)
            ]
            homes[name].add(kinds[0][0] if kinds else path)
    return {name: paths for name, paths in homes.items() if len(paths) > 1}


def test_no_public_name_stands_for_two_things() -> None:
    files = {path.relative_to(PACKAGE.parent).as_posix(): path for path in PACKAGE.rglob("*.py")}
    assert len(files) > 200
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    front = {name: text for name, text in texts.items() if any(fnmatch(name, one) for one in FRONT_DOOR)}
    assert len(front) > 8
    assert names_of_two_things(front) == {}
    assert names_of_two_things({name: text for name, text in texts.items() if name not in front}) == {}


def test_what_that_would_find() -> None:
    planted = {
        "clrna/a.py": "class Samples:\n    def method(self): ...\n\ndef _own(): ...",
        "clrna/b.py": "def Samples(): ...\n\ndef method(): ...\n\ndef _own(): ...\n\ndef read(): ...",
        "clrna/cli/a.py": "def main(): ...",
        "clrna/cli/b.py": "def main(): ...\n\ndef check(): ...",
        "clrna/cli/c.py": "def check(): ...",
        "clrna/fetch/sources/a.py": "def read(): ...",
    }
    assert names_of_two_things(planted) == {
        "Samples": {"clrna/a.py", "clrna/b.py"},
        "check": {"clrna/cli/b.py", "clrna/cli/c.py"},
        "read": {"clrna/b.py", "clrna/fetch/sources/*.py"},
    }
