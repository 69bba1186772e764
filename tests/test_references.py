"""What code, docstrings and pages refer to within the package is there."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
IMPORT = re.compile(r"\bfrom (clrna(?:\.\w+)*) import\s+(\w+)")
NAME = re.compile(r"(?<![\w./-])clrna(?:\.[A-Za-z_]\w*)+")
# Names that look like those of modules, and are files.
ENDINGS = (".sif",)


def referred_to(text: str) -> Iterator[str]:
    """Yield the dotted names of the package in a text; what an import takes out of a module belongs to the name."""
    yield from (f"{module}.{name}" for module, name in IMPORT.findall(text.replace("\n", " ")))
    yield from (name for name in NAME.findall(text) if not name.endswith(ENDINGS))


@functools.cache
def names_in(path: Path) -> set[str]:
    """Return what a module defines, assigns or imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(name.asname or name.name).split(".")[0] for name in node.names}
    return found


def is_there(name: str) -> bool:
    """Whether a dotted name is a folder of the package, a module, or something in one."""
    place, parts = REPOSITORY, name.split(".")
    for number, part in enumerate(parts):
        place = place / part
        if place.with_suffix(".py").is_file():
            return number + 1 == len(parts) or parts[number + 1] in names_in(place.with_suffix(".py"))
        if not place.is_dir():
            # A stub lists what a package loads when it is first used.
            modules = (place.parent / "__init__.py", place.parent / "__init__.pyi")
            return any(module.is_file() and part in names_in(module) for module in modules)
    return True


def test_what_is_referred_to_is_there() -> None:
    pages = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("benchmarks/*.md")]
    found = {
        (str(path.relative_to(REPOSITORY)), name)
        for path in [*pages, *REPOSITORY.glob("clrna/**/*.py")]
        for name in referred_to(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 500
    assert sorted(where for where in found if not is_there(where[1])) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("e.g. ``from clrna.model import\nload_model``.", ["clrna.model.load_model"]),
        ("prints them, see ``clrna.cli.common``", ["clrna.cli.common"]),
        (":class:`clrna.errors.NoError`, clrna.errors.InputError", ["clrna.errors.NoError"]),
        ("clrna.Model.load and clrna.read, but clrna.Nothing", ["clrna.Nothing"]),
        ("from clrna.genes import map_genes; clrna.sif; clrna.data.build", []),
    ],
)
def test_what_that_would_miss(text: str, missing: list[str]) -> None:
    assert [name for name in referred_to(text) if not is_there(name)] == missing
