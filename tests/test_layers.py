"""The arrows between the parts of the package point downwards, and those between its modules in no circle."""

import ast
import graphlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

Imports = dict[str, set[str]]


def module_files(package: Path) -> dict[str, Path]:
    """Return the file of each module by its dotted name."""
    files = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def imported(text: str) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def imports_of(files: Mapping[str, Path]) -> Imports:
    """Return the modules that each module imports; a name within a module stands for the module."""
    return {
        module: {
            name if name in files else name.rpartition(".")[0]
            for name in imported(path.read_text(encoding="utf-8"))
            if name in files or name.rpartition(".")[0] in files
        }
        for module, path in files.items()
    }


def part_of(module: str) -> str:
    """Return the package or module directly within the package, or the package itself."""
    return module.split(".", 2)[1] if "." in module else module


def documented_layers() -> list[list[str]]:
    """Return the lines of CONTRIBUTING.md's list, topmost first."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Layers\n")[2]
    lines = text.partition("\n## ")[0].splitlines()
    return [line.split() for line in lines if line.startswith("    ")]


def upward_arrows(imports: Imports, layers: Iterable[Iterable[str]]) -> list[str]:
    """Return the imports that do not point to a lower layer."""
    height = {part: -number for number, layer in enumerate(layers) for part in layer}
    return [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in sorted(others)
        if part_of(other) != part_of(module) and height[part_of(other)] >= height[part_of(module)]
    ]


def circle(imports: Imports) -> list[str]:
    """Return the modules of a circle of imports, none where there is none."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


@pytest.fixture(scope="module")
def imports() -> Imports:
    return imports_of(module_files(REPOSITORY / "clrna"))


def test_every_part_has_a_layer(imports: Imports) -> None:
    listed = [part for layer in documented_layers() for part in layer]
    assert sorted(listed) == sorted({part_of(module) for module in imports})


def test_no_package_imports_one_above_it(imports: Imports) -> None:
    assert upward_arrows(imports, documented_layers()) == []


def test_no_circle_between_modules(imports: Imports) -> None:
    assert circle(imports) == []


def test_what_these_tests_would_find(tmp_path: Path) -> None:
    package = tmp_path / "clrna"
    (package / "low").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "high.py": "from clrna.low.first import thing",
        "low/__init__.py": "",
        "low/first.py": "def thing():\n    from clrna import high",
        "low/second.py": "import clrna.low.third",
        "low/third.py": "from clrna.low import second",
    }.items():
        (package / name).write_text(text)
    planted = imports_of(module_files(package))
    assert upward_arrows(planted, [["high"], ["low"], ["clrna"]]) == ["clrna.low.first imports clrna.high"]
    assert upward_arrows(planted, [["high", "low"], ["clrna"]]) == [
        "clrna.high imports clrna.low.first",
        "clrna.low.first imports clrna.high",
    ]
    assert circle(planted)
    del planted["clrna.low.first"]
    assert set(circle(planted)) == {"clrna.low.second", "clrna.low.third"}
    del planted["clrna.low.third"]
    assert circle(planted) == []
