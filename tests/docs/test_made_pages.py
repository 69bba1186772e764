"""Pages that are made from parsers, docstrings and files outside docs/ leave nothing out."""

import re
from pathlib import Path

import pytest

import clrna

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def commands(site):
    return site("command_pages")


def test_every_option_has_its_directive_and_every_default_is_told(commands):
    found = commands.executables(REPOSITORY / "setup.cfg")
    assert {"clrna-train", "clrna-encode", "clrna-plot"} <= set(found)
    for name, module in found.items():
        parser = commands.parser_of(module)
        page = commands.page_of(parser)
        assert page.startswith(f"# {name}\n")
        directives = "\n".join(line for line in page.splitlines() if line.startswith("````{option} "))
        options = {option for action in parser._actions for option in action.option_strings}
        assert options <= set(re.findall(r"(?<=[ ,])--?[\w-]+", directives)), name
    page = commands.page_of(commands.parser_of("clrna.cli.encode"))
    assert "````{option} --adapt {auto,study,none}\n" in page and "(default: auto)" in page
    assert "$ clrna-encode new.h5ad -m model.safetensors -o encoded.h5ad --adapt none" in page


def test_help_is_shown_as_it_is(commands):
    assert commands.plain("obs['scale'],  <b> a_b *c* `d` $e$") == r"obs\['scale'\], \<b\> a\_b \*c\* \`d\` \$e\$"


def test_every_public_name_has_a_page(site):
    pages = site("api_pages").pages()
    names = {f"clrna.{part}.{name}" for part in ("pp", "tl", "pl", "datasets") for name in getattr(clrna, part).__all__}
    assert {f"{name}.md" for name in names | {"clrna.Model", "clrna.read", "clrna.errors"}} <= set(pages)
    assert ".. autofunction:: clrna.tl.train" in pages["clrna.tl.train.md"]
    # The model comes from training or a file, so its many fields are no parameters; what it does is there.
    assert ".. autoclass:: clrna.Model()" in pages["clrna.Model.md"]
    assert ":members: load, save" in pages["clrna.Model.md"]
    assert all(f"]({page})" in pages["index.md"] for page in pages if page != "index.md")


def test_links_move_with_their_page(site):
    moved = site("project_pages").moved
    text = "[a](docs/inputs.md) [b](CONTRIBUTING.md#layers) [c](https://x.org/y.md) ![d](docs/images/e.png) [f](#g)"
    assert moved(text, "README.md", "project/overview.md") == (
        "[a](../inputs.md) [b](contributing.md#layers) [c](https://x.org/y.md) ![d](../images/e.png) [f](#g)"
    )
    assert moved("[a](../README.md), [b](training.md)", "docs/speed.md", "speed.md") == (
        "[a](project/overview.md), [b](training.md)"
    )
    # What is no page is left where it lies.
    assert moved("[a](speed/__main__.py)", "benchmarks/README.md", "project/benchmarks.md") == (
        "[a](../../benchmarks/speed/__main__.py)"
    )


def test_pages_from_outside_are_there(site):
    module = site("project_pages")
    assert set(module.pages(REPOSITORY)) == set(module.PAGES.values())


def test_the_picture_of_the_data_flow_names_what_is_there():
    picture = (REPOSITORY / "docs" / "images" / "data-flow.svg").read_text()
    names = set(re.findall(r"clrna\.(\w+)", picture))
    assert {"normalize", "train", "encode", "score"} <= names
    assert [name for name in names if not (REPOSITORY / "clrna" / name).is_dir()] == []
    assert "docs/images/data-flow.svg" in (REPOSITORY / "CONTRIBUTING.md").read_text()
