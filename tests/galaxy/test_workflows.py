"""What the workflows' folders say fits together."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tool_form import FORMS, REPOSITORY

FOLDERS = sorted(path.parent for path in (REPOSITORY / "tools" / "workflows").glob("*/*.ga"))


def native(folder: Path) -> dict[str, Any]:
    return json.loads((folder / f"{folder.name}.ga").read_text())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_datasets_are_called_what_the_outputs_are_called(folder: Path) -> None:
    found = 0
    for step in native(folder)["steps"].values():
        for output in step["workflow_outputs"]:
            if step["type"] == "tool":
                action = step["post_job_actions"][f"RenameDatasetAction{output['output_name']}"]
                assert action["action_arguments"]["newname"] == output["label"]
                found += 1
    assert found >= 4


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_galaxy_shows_the_readme_and_it_names_every_dataset(folder: Path) -> None:
    workflow = native(folder)
    readme = (folder / "README.md").read_text()
    assert workflow["readme"] == readme
    flowing = " ".join(readme.split())
    for step in workflow["steps"].values():
        assert all(f"*{output['label']}*" in flowing for output in step["workflow_outputs"] if step["type"] == "tool")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_release_is_the_newest_of_the_changelog(folder: Path) -> None:
    newest = re.findall(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", (folder / "CHANGELOG.md").read_text(), re.M)[0]
    assert native(folder)["release"] == newest
    assert yaml.safe_load((folder / f"{folder.name}.gxwf.yml").read_text())["release"] == newest


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_steps_set_only_parameters_that_the_forms_have(folder: Path) -> None:
    workflow = yaml.safe_load((folder / f"{folder.name}.gxwf.yml").read_text())
    for step in workflow["steps"]:
        form = FORMS[step["tool_id"].removeprefix("clrna_")]
        known = {name for name, _ in form.placed()}
        groups = {name.split(".")[0] for name in known if "." in name}
        given = {name.replace("|", ".") for name in step.get("in", {})}
        for name, value in step.get("tool_state", {}).items():
            given |= {f"{name}.{inner}" for inner in value} if name in groups else {name}
        assert given <= known, given - known
        assert set(step.get("out", {})) <= {output.get("name") for output in form.root.iterfind("outputs/data")}
