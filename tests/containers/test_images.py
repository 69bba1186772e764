"""Every image that a module, a tool or a page names is one that the release pushes, and the workflows hold together."""

import re
from pathlib import Path

import pytest
import yaml

from clrna import __version__

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
OWNER = "clrna/clrna"


def workflow(name: str) -> dict:
    return yaml.safe_load((REPOSITORY / ".github" / "workflows" / name).read_text())


def pushed() -> set[str]:
    """Names with VERSION for the version, as the commands of the release workflow push them."""
    release = workflow("release.yml")
    images = {key: value.replace("${{ github.repository }}", OWNER) for key, value in release["env"].items()}
    commands = "\n".join(step.get("run", "") for step in release["jobs"]["manifest"]["steps"])
    tags = re.findall(r'--tag "\$IMAGE:\$(VERSION[\w-]*)"', commands)
    names = {f"{images['IMAGE']}:{tag}" for tag in tags}
    sif = release["jobs"]["sif"]
    assert any('apptainer push "$SIF" "oras://$SIF_IMAGE:$TAG"' in step.get("run", "") for step in sif["steps"])
    assert sif["env"]["TAG"] == "${{ needs.prepare.outputs.version }}${{ matrix.suffix }}"
    for entry in sif["strategy"]["matrix"]["include"]:
        names.add(f"oras://{images['SIF_IMAGE']}:VERSION{entry['suffix']}")
    return names


# What `make docs` makes of pages that are looked at where they lie, and of the change log, which names no version.
MADE = {("docs", folder) for folder in ("_build", "api", "commands", "project")}


def named() -> dict[str, set[str]]:
    """Image names in what users run and read, by file, with VERSION for the version."""
    found = {}
    for folder in ("nextflow", "tools", "docs", "containers"):
        for path in (REPOSITORY / folder).rglob("*"):
            if path.suffix in {".png", ".h5ad", ".safetensors"} or not path.is_file():
                continue
            if path.relative_to(REPOSITORY).parts[:2] in MADE:
                continue
            text = path.read_text(errors="replace")
            text = text.replace("@TOOL_VERSION@", "VERSION").replace(__version__, "VERSION")
            names = set(re.findall(r"(?:oras://)?ghcr\.io/[\w./-]+(?::[\w.-]*\w)?", text))
            if names:
                found[str(path.relative_to(REPOSITORY))] = names
    return found


def test_release_pushes_these():
    assert pushed() == {
        "ghcr.io/clrna/clrna:VERSION",
        "ghcr.io/clrna/clrna:VERSION-cpu",
        "ghcr.io/clrna/clrna:VERSION-cuda",
        "oras://ghcr.io/clrna/clrna-sif:VERSION",
        "oras://ghcr.io/clrna/clrna-sif:VERSION-cuda",
    }


def test_every_image_that_is_named_is_pushed():
    # A signature is verified by the name without the scheme.
    there = pushed() | {name.removeprefix("oras://") for name in pushed()}
    wrong = {path: names - there for path, names in named().items() if names - there}
    assert not wrong
    assert {"nextflow/modules/clrna/train/main.nf", "tools/clrna/macros.xml", "docs/containers.md"} <= set(named())


def test_apptainer_is_given_a_sif_and_docker_is_not():
    for path, names in named().items():
        if path.endswith("main.nf"):
            assert all(("clrna-sif:" in name) == name.startswith("oras://") for name in names), path


def test_a_release_waits_for_the_tests():
    jobs = workflow("release.yml")["jobs"]
    assert jobs["test"] == {"uses": "./.github/workflows/test.yml"}
    assert "workflow_call" in workflow("test.yml")[True]  # YAML takes the key 'on' for true
    for name in set(jobs) - {"test", "prepare"}:
        needs = jobs[name]["needs"]
        assert "test" in needs or "image" in needs, name


def test_what_asks_for_an_identity_for_pypi_builds_nothing():
    job = workflow("release.yml")["jobs"]["pypi"]
    assert job["permissions"] == {"id-token": "write"}
    assert not any("run" in step for step in job["steps"])
    assert {"manifest", "sif"} <= set(job["needs"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_secrets_are_not_part_of_a_command(path):
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        for step in job.get("steps", []):
            action = step.get("uses", "./")
            pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)
            assert action.startswith("./") or pinned or action == "eWaterCycle/setup-apptainer@v2", action
            if action.startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{" not in step.get("run", ""), step
    for line in path.read_text().splitlines():
        assert not re.search(r"@[0-9a-f]{40}", line) or re.search(r"@[0-9a-f]{40} # v\d", line), line
