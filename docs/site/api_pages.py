"""A page for each public name of the package, found by ``__all__``, so that none can be forgotten."""

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

# Made by scikit-learn for its metadata routing, and described there.
_MADE_FOR_ROUTING = re.compile(r"set_\w+_request")


def modules() -> dict[str, ModuleType]:
    """Return the package and its public modules by name, the package first."""
    package = importlib.import_module("clrna")
    parts = {f"clrna.{name}": getattr(package, name) for name in package.__all__}
    return {"clrna": package, **{name: part for name, part in parts.items() if isinstance(part, ModuleType)}}


def names_of(module: ModuleType) -> list[str]:
    """Return the public functions and classes of a module."""
    names = getattr(module, "__all__", None)
    if names is None:  # errors: what is defined there
        names = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__]
    return [
        name for name in names if inspect.isclass(getattr(module, name)) or inspect.isroutine(getattr(module, name))
    ]


def things() -> dict[str, dict[str, Any]]:
    """Return what is public in each module: a function or class by its dotted name."""
    return {
        dotted: {f"{dotted}.{name}": getattr(module, name) for name in names_of(module)}
        for dotted, module in modules().items()
    }


def page_of(dotted: str, thing: Any) -> str:
    """Return the page of one function or class."""
    return "\n".join([f"# {dotted}", "", "```{eval-rst}", *_directive(dotted, thing), "```", ""])


def index_page() -> str:
    """Return the page that lists all of them, with the first line of each."""
    listed = things()
    lines = ["# API reference", "", "`import clrna` loads nothing; each part is loaded when it is first used.", ""]
    for dotted, module in modules().items():
        title = "Errors" if dotted == "clrna.errors" else dotted
        about = (module.__doc__ or "").splitlines()[0]
        lines += [f"## {title}", "", "" if dotted == "clrna" else about, "", "| name | what |", "|---|---|"]
        lines += [f"| [`{name}`]({_page(name)}) | {_summary(thing)} |" for name, thing in listed[dotted].items()]
        lines += [""]
    pages = [_page(name) for group in listed.values() for name in group]
    return "\n".join([*lines, "```{toctree}", ":hidden:", "", *dict.fromkeys(pages), "```", ""])


def pages() -> dict[str, str]:
    """Return all pages by the name of their file."""
    made = {"index.md": index_page()}
    for dotted, group in things().items():
        if dotted == "clrna.errors":  # one page for all of them
            made["clrna.errors.md"] = "\n".join(
                ["# clrna.errors", "", "```{eval-rst}", ".. automodule:: clrna.errors", "   :members:", "```", ""]
            )
            continue
        made |= {f"{name}.md": page_of(name, thing) for name, thing in group.items()}
    return made


def keep_underscores(app: object, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Escape the end of ``classes_``, which napoleon leaves to be read as a link, after it has written the lines."""
    lines[:] = [re.sub(r"^(:ivar \w+)_:", r"\1\\_:", line) for line in lines]


def _page(name: str) -> str:
    return "clrna.errors.md" if name.startswith("clrna.errors.") else f"{name}.md"


def _summary(thing: Any) -> str:
    first = (inspect.getdoc(thing) or "").splitlines()[0].replace("|", r"\|").replace("``", "`")
    return re.sub(r":\w+:`", "`", first)


def _directive(dotted: str, thing: Any) -> Iterator[str]:
    if not inspect.isclass(thing):
        yield f".. autofunction:: {dotted}"
        return
    # A class whose docstring has no parameters is not made by calling it.
    yield f".. autoclass:: {dotted}" + ("" if "Parameters\n---" in (inspect.getdoc(thing) or "") else "()")
    own = [
        name
        for name, member in vars(thing).items()
        if not name.startswith("_")
        and not _MADE_FOR_ROUTING.fullmatch(name)
        and isinstance(member, property | classmethod | staticmethod)
        | (inspect.isfunction(member) and member.__module__.startswith("clrna"))
    ]
    if own:
        yield f"   :members: {', '.join(own)}"
