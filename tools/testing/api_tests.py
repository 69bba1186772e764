"""What ``<test>`` cannot say: odd names, collections mapped over, refused texts, failed outputs, secrets."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from api_client import Refused, Workspace, dataset_input
from results import Results
from server import GalaxyServer

ODD_NAME = "-Köln's; `x` $HOME ~RSEM.h5ad"


def run_api_tests(server: GalaxyServer, results: Results) -> None:
    """Run each test in a history of its own and count it."""
    data = server.paths.tools / "test-data"
    for test in TESTS:
        name = test.__name__.replace("_", " ")
        results.attempt(f"by API: {name}", lambda test=test, name=name: test(Workspace(server, name), data))


def a_list_is_mapped_over(work: Workspace, data: Path) -> None:
    """Encode gives a list for a list, with the names of its elements, and names it after the list."""
    merged = [work.bring(data / "merged.h5ad", "merged.h5ad", "h5ad") for _ in range(2)]
    model = work.bring(data / "model.safetensors", "model", "safetensors")
    studies = work.collect("My studies", dict(zip(("first", "second"), merged, strict=True)))
    answer = work.run("clrna_encode", {
        "input": {"batch": True, "values": [{"src": "hdca", "id": studies}]},
        "source|from": "history", "source|model": dataset_input(model),
    })  # fmt: skip
    assert [job["state"] for job in answer["jobs"]] == ["ok", "ok"], answer["jobs"]
    commands = " ".join(job["command_line"] for job in answer["jobs"])
    assert "'inputs/first'" in commands and "'inputs/second'" in commands, commands
    made = work.call(
        f"/api/histories/{work.history}/contents/dataset_collections/{answer['implicit_collections'][0]['id']}"
    )
    assert [element["element_identifier"] for element in made["elements"]] == ["first", "second"]
    assert made["name"].startswith("CLRNA encode across "), made["name"]  # Galaxy names lists by itself
    names = [element["object"]["name"] for element in made["elements"]]
    assert names == ["first: encoded samples", "second: encoded samples"], names


def a_list_of_studies_is_merged(work: Workspace, data: Path) -> None:
    """Normalize takes a list whole, each study under the name of its element (Galaxy's <test> knows no such list)."""
    studies = [work.bring(data / "SIM1.tsv.gz", "one", "tabular.gz"), work.bring(data / "SIM2.csv", "two", "csv")]
    both = work.collect("Studies", dict(zip(("Köln 1", ".second 'one'"), studies, strict=True)))
    answer = work.run("clrna_normalize", {"input": {"values": [{"src": "hdca", "id": both}]}})
    [job] = answer["jobs"]
    assert job["state"] == "ok", job["stderr"]
    given = "'inputs/0/Köln 1' 'inputs/1/_second _one_'"
    assert given in " ".join(job["command_line"].split()), job["command_line"]
    [table] = [output["id"] for output in answer["outputs"] if output["output_name"] == "study_report"]
    assert "Köln 1" in work.text_of(table) and "_second _one_" in work.text_of(table)


def odd_names_reach_the_executable(work: Workspace, data: Path) -> None:
    """A dataset is known to the executable by its name in the history, and its output is named after it."""
    merged = work.bring(data / "merged.h5ad", ODD_NAME, "h5ad")
    answer = work.run("clrna_baseline", {"input": dataset_input(merged), "methods": ["pca"], "n_comps": 5})
    [job] = answer["jobs"]
    assert job["state"] == "ok", job["stderr"]
    assert "'inputs/-Köln_s_ _x_ _HOME ~RSEM.h5ad'" in job["command_line"], job["command_line"]
    assert answer["outputs"][0]["name"] == f"{ODD_NAME}: baselines", answer["outputs"][0]["name"]


def hidden_names_and_twins_are_all_read(work: Workspace, data: Path) -> None:
    """Inputs whose names begin with a dot are read, and so are two of one name, in their order."""
    encoded = work.bring(data / "encoded.h5ad", ".hidden.h5ad", "h5ad")
    baselines = work.bring(data / "baselines.h5ad", ".hidden.h5ad", "h5ad")
    dots = work.bring(data / "baselines.h5ad", "..", "h5ad")
    answer = work.run("clrna_score", {
        "input": dataset_input(encoded, baselines, dots), "scoring|bootstrap": 0, "scoring|metrics": "silhouette",
    })  # fmt: skip
    [job] = answer["jobs"]
    assert job["state"] == "ok", job["stderr"]
    given = "'inputs/0/_hidden.h5ad' 'inputs/1/_hidden.h5ad' 'inputs/2/_.'"
    assert given in " ".join(job["command_line"].split()), job["command_line"]
    scores = work.text_of(answer["outputs"][0]["id"])
    assert "X_clrna" in scores and "X_combat" in scores


def two_files_of_one_name_are_refused_with_a_reason(work: Workspace, data: Path) -> None:
    """Fetch takes files by their names, so two of one name are a mistake; it is said which."""
    files = [work.bring(data / name, "combined_cl_metadata", "tabular") for name in ("metadata.tsv", "labels.tsv")]
    answer = work.run("clrna_fetch", {
        "task|do": "fetch", "task|name": "modac-combined", "task|files": dataset_input(*files),
    })  # fmt: skip
    [job] = answer["jobs"]
    assert job["state"] == "error" and job["exit_code"] == 2, job
    assert "are named combined_cl_metadata: give each of them once" in job["stderr"], job["stderr"]


def a_text_that_cannot_be_quoted_is_refused(work: Workspace, data: Path) -> None:
    """A quote would end the word in which the command gives a text; Galaxy refuses it before any job."""
    merged = work.bring(data / "merged.h5ad", "merged.h5ad", "h5ad")
    for text in ("SIM3'; touch /tmp/clrna-was-here; '", "it's"):
        try:
            work.run("clrna_train", {"input": dataset_input(merged), "exclude_study": text})
        except Refused as reason:
            assert "Single quotes and line breaks cannot be used" in str(reason), reason
        else:
            raise AssertionError(f"Galaxy took {text!r}")


def a_text_that_a_workflow_hands_on_is_refused_too(work: Workspace, data: Path) -> None:
    """A workflow's own text has no form of the tool to be checked by; the job is checked before it runs."""
    merged = work.bring(data / "merged.h5ad", "merged.h5ad", "h5ad")
    steps = [
        {"label": "Train", "tool_id": "clrna_train", "tool_version": "0.1.0+galaxy0", "type": "tool",
         "in": {"input": "Data", "exclude_study": "Study"}},
    ]  # fmt: skip
    inputs = {"Data": {"type": "data", "optional": False}, "Study": {"type": "text", "optional": False}}
    text = {"class": "GalaxyWorkflow", "inputs": inputs, "outputs": {}, "steps": steps}
    workflow = work.call("/api/workflows", "POST", {"workflow": text})["id"]
    given = {"Data": {"src": "hda", "id": merged}, "Study": "SIM3'; echo INJECTED >&2; '"}
    body = {"history_id": work.history, "inputs": given, "inputs_by": "name", "allow_tool_state_corrections": True}
    work.call(f"/api/workflows/{workflow}/invocations", "POST", body)
    jobs: list[dict] = []
    end = time.monotonic() + 60
    while not jobs and time.monotonic() < end:
        jobs = work.call(f"/api/jobs?history_id={work.history}&tool_id=clrna_train")
        time.sleep(1)
    assert jobs, "Galaxy made no job of the workflow's step"
    for job in jobs:
        ended = work.wait_for_job(job["id"])
        assert ended["state"] == "error" and "INJECTED" not in f"{ended['stderr']}{ended['tool_stderr']}", ended


def a_refused_design_is_told_in_the_error(work: Workspace, data: Path) -> None:
    """Galaxy shows no red dataset, though the table is written; what is confounded stands in the job's error too."""
    merged = work.bring(data / "odd_names.h5ad", "merged.h5ad", "h5ad")
    answer = work.run("clrna_baseline", {
        "input": dataset_input(merged), "methods": ["combat"], "covariates": ["lab"], "design_report": True,
    })  # fmt: skip
    [job] = answer["jobs"]
    assert job["state"] == "error" and "'lab' is confounded with study" in job["stderr"], job
    tables = [output["id"] for output in answer["outputs"] if output["output_name"] == "design"]
    assert "only in SIM1" in work.text_of(tables[0])


def an_identifier_is_installed_once(work: Workspace, data: Path) -> None:
    """The data manager refuses an identifier that is in the table, and keeps the model that is there."""
    model = work.bring(data / "model.safetensors", "model", "safetensors")
    identifier = f"once_{secrets.token_hex(3)}"
    inputs = {"source|from": "history", "source|model": dataset_input(model), "value": identifier, "name": "Größe"}
    answer = work.run("clrna_models_builder", inputs)
    assert answer["jobs"][0]["state"] == "ok", answer["jobs"][0]["stderr"]
    rows = work.call("/api/tool_data/clrna_models")["fields"]
    assert [row[1] for row in rows if row[0] == identifier] == ["Größe"], rows
    try:
        again = work.run("clrna_models_builder", inputs)
    except Refused as reason:
        assert "is installed already" in str(reason), reason
    else:
        raise AssertionError(f"it was installed again: {again['jobs'][0]['stdout']}")


TESTS: tuple[Callable[[Workspace, Path], None], ...] = (
    a_list_is_mapped_over,
    a_list_of_studies_is_merged,
    odd_names_reach_the_executable,
    hidden_names_and_twins_are_all_read,
    two_files_of_one_name_are_refused_with_a_reason,
    a_text_that_cannot_be_quoted_is_refused,
    a_text_that_a_workflow_hands_on_is_refused_too,
    a_refused_design_is_told_in_the_error,
    an_identifier_is_installed_once,
)
