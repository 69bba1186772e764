"""The example of every public docstring runs, and gives what it says."""

import doctest
import importlib
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from anndata import AnnData

import clrna

MODULES = ("pp", "tl", "pl", "datasets")


def public_things() -> dict[str, object]:
    """Return every public function, class and method of the front door by its dotted name."""
    found: dict[str, object] = {"clrna": clrna}
    for name in clrna.__all__:
        thing = getattr(clrna, name)
        if isinstance(thing, ModuleType) and name in MODULES:
            found |= {f"clrna.{name}.{part}": getattr(thing, part) for part in thing.__all__}
        elif inspect.isclass(thing) or inspect.isfunction(thing):
            found[f"clrna.{name}"] = thing
    methods = {
        f"{name}.{key}": getattr(thing, key)
        for name, thing in found.items()
        if inspect.isclass(thing)
        for key, value in vars(thing).items()
        if not key.startswith("_") and (inspect.isfunction(value) or isinstance(value, classmethod))
    }
    return found | methods


THINGS = public_things()


@pytest.fixture
def _in_a_folder(folder: Path, tmp_path: Path) -> Iterator[None]:
    before = Path.cwd()
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    clrna.datasets.demo()["SIM1"].to_df().T.to_csv(tmp_path / "counts.tsv", sep="\t")
    os.chdir(tmp_path)
    yield
    os.chdir(before)


def test_every_public_module_is_looked_at():
    assert {name for name in clrna.__all__ if isinstance(getattr(clrna, name), ModuleType)} == {*MODULES, "errors"}
    assert len(THINGS) > 7


@pytest.mark.usefixtures("_in_a_folder")
@pytest.mark.parametrize("name", THINGS)
def test_example(name: str, folder: Path, merged: AnnData):
    text = inspect.getdoc(THINGS[name]) or ""
    names = {"clrna": clrna, "adata": merged.copy(), "model": clrna.Model.load(folder / "model.safetensors")}
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    assert test.examples, f"{name} has no example"
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=told.append)
    assert result.failed == 0, "".join(told)


@pytest.mark.usefixtures("_in_a_folder")
def test_examples_of_the_page():
    page = Path(__file__).resolve().parents[2] / "docs" / "python.md"
    test = doctest.DocTestParser().get_doctest(page.read_text(encoding="utf-8"), {}, page.name, str(page), 0)
    assert len(test.examples) > 8
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=told.append)
    assert result.failed == 0, "".join(told)


@pytest.mark.parametrize("name", [name for name, thing in THINGS.items() if inspect.isfunction(thing)])
def test_every_parameter_is_described(name: str):
    thing = THINGS[name]
    text = inspect.getdoc(thing) or ""
    described = text.partition("Parameters\n---")[2].partition("\nReturns\n---")[0]
    for parameter in inspect.signature(thing).parameters:
        if parameter not in ("self", "cls"):
            assert f"{parameter}" in described, f"{name}: {parameter} is not described"


def test_modules_are_found_by_name():
    assert importlib.import_module("clrna.tl") is clrna.tl
