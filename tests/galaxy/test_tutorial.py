"""The tutorial calls things what the forms, the workflows and the browser test call them."""

import json
import re
from pathlib import Path

from tool_form import FORMS, REPOSITORY

TUTORIAL = (REPOSITORY / "docs" / "galaxy.md").read_text()
IMAGES = REPOSITORY / "docs" / "images"
# how a line of a box begins; an emphasis may go over its end
FLOWING = re.sub(r"\s*\n>?\s*", " ", TUTORIAL)


def emphasized(mark: str) -> set[str]:
    """Return what stands between marks: one star for labels of ours, two for words of Galaxy and tools."""
    star = re.escape(mark)
    return set(re.findall(rf"(?<!\*){star}([^*\s][^*]*?){star}(?!\*)", FLOWING))


def labels() -> set[str]:
    """Return every label of forms, outputs and workflows."""
    found = set()
    for form in FORMS.values():
        found |= {element.get("label", "") for element in form.root.iterfind("inputs//param")}
        found |= {element.get("title", "") for element in form.root.iterfind("inputs//section")}
        found |= {element.text or "" for element in form.root.iterfind("inputs//option")}
        found |= {element.get("label", "").rsplit(": ", 1)[-1] for element in form.root.iterfind("outputs/data")}
    for path in (REPOSITORY / "tools" / "workflows").glob("*/*.ga"):
        for step in json.loads(path.read_text())["steps"].values():
            found.add(step["label"])
            found |= {output["label"] for output in step["workflow_outputs"]}
    return found


def test_every_label_of_the_tutorial_is_one_of_ours() -> None:
    quoted = emphasized("*")
    assert len(quoted) > 20, "the labels were not found in the text"
    assert not quoted - labels()


def test_every_word_of_galaxy_is_seen_by_the_browser_test() -> None:
    """What the tutorial says in bold is a tool, the heading of a box, or in what the browser clicks or looks at."""
    steps = "".join(
        (REPOSITORY / "tools" / "testing" / f"browser_{name}.py").read_text() for name in ("steps", "session")
    )
    tools = {form.root.get("name", "") for form in FORMS.values()}
    bold = {text for text in emphasized("**") if text not in tools}
    boxes = (
        "Questions",
        "Objectives",
        "Requirements",
        "Time",
        "Level",
        "Question.",
        "Answer.",
        "Hands-on:",
        "Comment:",
        "Tip:",
    )
    words = {text for text in bold if not text.startswith(boxes)}
    assert {"Auto Build List", "Run Workflow"} <= words
    assert not {word for word in words if word not in steps}


def test_every_box_is_a_quotation() -> None:
    for line in TUTORIAL.splitlines():
        if re.search(r"\*\*(Hands-on|Comment|Tip|Question|Answer)", line):
            assert line.startswith("> **"), line


def test_the_images_are_those_that_are_shown_and_no_other() -> None:
    shown = set(re.findall(r"\(images/([\w.-]+)\)", TUTORIAL))
    readme = set(re.findall(r"docs/images/([\w.-]+)", (REPOSITORY / "README.md").read_text()))
    kept = {path.name for path in IMAGES.glob("galaxy-*.png")}
    assert shown <= kept, shown - kept
    assert kept == shown | {name for name in readme if name.startswith("galaxy-")}
    assert all((IMAGES / name).stat().st_size < 300_000 for name in kept)


def test_the_files_that_the_tutorial_names_are_there() -> None:
    folder: Path = REPOSITORY / "test-data" / "simulated"
    for name in re.findall(r"`([\w-]+\.(?:tsv|csv|h5ad)(?:\.gz)?)`", TUTORIAL):
        assert (folder / name).exists(), name
    for name in re.findall(r"`([\w-]+)\.ga`", TUTORIAL):
        assert (REPOSITORY / "tools" / "workflows" / name / f"{name}.ga").exists(), name
