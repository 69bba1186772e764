"""Settings of the documentation site; ``make docs`` builds it."""

import os
import sys
from functools import partialmethod
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "site"))

import api_pages  # noqa: E402 - lies in the folder that was just named
import command_pages  # noqa: E402
import project_pages  # noqa: E402
import short_names  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

import clrna  # noqa: E402

project = "CLRNA"
author = copyright = "The CLRNA developers"
version = release = clrna.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "notebooks/results", "**.ipynb_checkpoints"]
html_theme = "sphinx_book_theme"
html_title = "CLRNA"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_theme_options = {"use_download_button": False, "navbar_persistent": [], "show_toc_level": 2}

# Sections and headings can be linked to as on GitHub.
myst_heading_anchors = 4

# The kernels inherit it: there is no notebook's browser that could show a progress bar.
os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True
# What a cell prints comes in pieces that end anywhere: they are put together before anything adds a line's end.
NotebookClient.__init__ = partialmethod(NotebookClient.__init__, coalesce_streams=True)
nb_merge_streams = True

autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
python_display_short_literal_types = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
# As scverse has it, 'Returns' is prose and a list of the fields that are set, not a list of types.
napoleon_custom_sections = ["Returns"]

# Names of other packages: their sites are not asked, so that the site is built without a network.
nitpicky = True
nitpick_ignore = [
    ("py:class", name)
    for name in (
        "DataFrame",
        "anndata._core.anndata.AnnData",
        "collections.abc.Mapping",
        "collections.abc.Sequence",
        "numpy.random.mtrand.RandomState",
        "matplotlib.figure.Figure",
        "os.PathLike",
        "pandas.core.frame.DataFrame",
        "typing.Any",
        *short_names.NAMES,
    )
]


def _write_pages(app: Sphinx) -> None:
    """Write the pages that are made: one a command, one a public name, and those from outside this folder."""
    made = {f"api/{name}": text for name, text in api_pages.pages().items()}
    parsers = {
        name: command_pages.parser_of(module)
        for name, module in command_pages.executables(HERE.parent / "setup.cfg").items()
    }
    made |= {f"commands/{name}.md": command_pages.page_of(parser) for name, parser in parsers.items()}
    rows = [f"| [`{name}`]({name}.md) | {command_pages.summary_of(parser)} |" for name, parser in parsers.items()]
    toctree = ["```{toctree}", ":hidden:", "", *parsers, "```", ""]
    made["commands/index.md"] = "\n".join(["# Commands", "", "| command | does |", "|---|---|", *rows, "", *toctree])
    made |= project_pages.pages(HERE.parent)
    for folder in ("api", "commands", "project"):
        for page in (HERE / folder).glob("*.md"):
            if f"{folder}/{page.name}" not in made:
                page.unlink()
    for name, text in made.items():
        page = HERE / name
        page.parent.mkdir(exist_ok=True)
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def _move_links(app: Sphinx, docname: str, source: list[str]) -> None:
    """Have links to files outside this folder lead to their pages."""
    if docname.partition("/")[0] not in ("api", "commands", "project"):
        source[0] = project_pages.moved(source[0], f"docs/{docname}.md", f"{docname}.md")


def setup(app: Sphinx) -> None:
    """Connect what makes pages to Sphinx."""
    app.connect("builder-inited", _write_pages)
    app.connect("source-read", _move_links)
    app.connect("autodoc-before-process-signature", short_names.shorten)
    app.connect("autodoc-process-docstring", api_pages.keep_underscores, priority=900)
