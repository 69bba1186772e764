"""What a newcomer does with the tutorial, one test a step; each goes on from the one before."""

import re
from pathlib import Path
from typing import Any

from browser_session import SECOND, Session

FORMS = {
    "clrna_fetch": "Bring a data set or a model",
    "clrna_normalize": "Expression of one or several studies",
    "clrna_train": "Studies to leave out",
    "clrna_encode": "Where the model comes from",
    "clrna_baseline": "Embeddings to compute",
    "clrna_score": "Label to score by",
    "clrna_match": "Where the reference samples come from",
    "clrna_plot": "Interactive report",
}
STUDIES = ("SIM1.tsv.gz", "SIM2.csv.gz", "SIM3.h5ad")
HELD_OUT = "SIM3"
RAN_SCRIPT = "document.querySelectorAll('#panels svg, #panels canvas').length"


def every_form_opens(session: Session) -> None:
    """Each tool's form shows its first control and no error."""
    for tool, text in FORMS.items():
        session.open(f"/?tool_id={tool}")
        session.page.wait_for_selector(f"text={text}", timeout=60 * SECOND)
        assert session.page.locator(".alert-danger:visible").count() == 0, f"{tool}: the form shows an error"
        session.picture(f"galaxy-form-{tool.removeprefix('clrna_')}")


def files_are_uploaded(session: Session) -> None:
    """Upload three studies and the table; Galaxy finds out what AnnData is."""
    session.open("/")
    session.upload([session.studies / name for name in (*STUDIES, "metadata.tsv")], picture="galaxy-upload")
    types = {item["name"]: item["extension"] for item in session.datasets().values()}
    assert [extension for name, extension in types.items() if name.startswith("SIM3")] == ["h5ad"], types


def a_list_is_built(session: Session) -> None:
    """Tick the studies and make a list of them, with their names without what follows the dot."""
    session.page.click(".show-history-content-selectors-btn", timeout=30 * SECOND)  # Select Items
    for name in STUDIES:
        item = session.page.locator(".content-item", has_text=name.split(".", maxsplit=1)[0])
        item.locator("button.selector").click()
    session.page.get_by_text(re.compile("3 of 4 selected")).first.click()
    session.picture("galaxy-build-list")
    session.page.get_by_text("Auto Build List").click()
    session.page.get_by_placeholder("Enter a name for your new list").fill("Studies")
    session.picture("galaxy-list")
    session.page.get_by_role("button", name="Build", exact=True).click()

    def lists() -> list[dict[str, Any]]:
        contents = session.api(f"/api/histories/{session.history}/contents")
        return [item for item in contents if item["history_content_type"] == "dataset_collection"]

    [made] = session.wait_for("the list", lists, 60)
    elements = session.api(f"/api/histories/{session.history}/contents/dataset_collections/{made['id']}")["elements"]
    assert sorted(element["element_identifier"] for element in elements) == ["SIM1", "SIM2", "SIM3"]


def a_tool_runs_from_its_form(session: Session) -> None:
    """Give a list to a tool that takes several datasets, and run it."""
    session.open("/?tool_id=clrna_normalize")
    expression = "Expression of one or several studies"
    control = session.page.locator(f"[data-label='{expression}']")
    control.locator("button[aria-label='Dataset collection'], button[title='Dataset collection']").first.click(
        timeout=60 * SECOND
    )
    session.choose(expression, "Studies")
    session.choose("Tables of the samples", "metadata.tsv")
    session.picture("galaxy-form-normalize")
    session.page.locator("#execute", has_text="Run Tool").first.click()

    def merged() -> Any:
        failed = session.datasets("error")
        assert not failed, f"jobs failed: {', '.join(failed)}"
        return [name for name in session.datasets() if name.endswith(": merged studies")]

    session.wait_for("the merged studies", merged)


def a_workflow_is_imported(session: Session) -> None:
    """Import the workflow's file by the page that Workflows, Import opens."""
    before = {item["id"] for item in session.api("/api/workflows")}
    session.open("/")
    session.page.click("#activity-workflows", timeout=60 * SECOND)
    session.page.get_by_text("Import", exact=True).first.click(timeout=60 * SECOND)
    session.page.get_by_text("Upload file", exact=True).first.click(timeout=30 * SECOND)
    session.page.set_input_files("#center input[type=file]", session.job["workflow"])
    session.page.locator("#center").get_by_role("button", name="Import", exact=True).click()
    new = session.wait_for("the workflow", lambda: {item["id"] for item in session.api("/api/workflows")} - before, 60)
    [session.workflow] = new


def a_workflow_runs(session: Session) -> None:
    """Choose list, table and study on the workflow's form, run it and wait for its report."""
    session.open(f"/workflows/run?id={session.workflow}")
    session.choose("Expression of the studies", "Studies")
    session.choose("Table of the samples", "metadata.tsv")
    session.page.locator("[data-label='Study to leave out'] input").fill(HELD_OUT)
    session.picture("galaxy-workflow-form")
    session.page.locator("#run-workflow", has_text="Run Workflow").click(timeout=60 * SECOND)

    def report() -> Any:
        failed = session.datasets("error")
        assert not failed, f"jobs failed: {', '.join(failed)}"
        return session.datasets().get("Report")

    session.report = session.wait_for("the report", report, 420)["id"]
    session.wait_for("all figures", lambda: {"Embeddings", "Scores compared"} <= set(session.datasets()))
    expected = {"Merged studies", "Studies", "Model", "Model card", "Encoded samples", "Scores", "Embeddings"}
    assert expected <= set(session.datasets()), sorted(session.datasets())
    session.open("/")
    session.page.wait_for_selector(".content-item", timeout=60 * SECOND)
    session.picture("galaxy-history")


def columns_are_offered(session: Session) -> None:
    """The form of training offers the columns that the merged studies have, sorted."""
    session.open("/?tool_id=clrna_train")
    session.choose("Merged studies", "Merged studies")
    session.page.wait_for_timeout(2 * SECOND)
    session.page.locator("[id='form-element-label_key'] .multiselect").click(timeout=30 * SECOND)
    offered = session.page.locator("[id='form-element-label_key'] .multiselect__option").all_inner_texts()
    session.picture("galaxy-form-columns")
    names = [text.strip() for text in offered if re.fullmatch(r"[\w ]+", text.strip()) and "elements" not in text]
    columns = [name for name in names if name in ("donor", "split", "study", "tissue", "tumor_type")]
    assert columns == sorted(columns) and len(columns) == 5, offered


def tables_are_shown(session: Session) -> None:
    """The tables of studies and of scores are shown inside Galaxy."""
    for name, text in (("Studies", "log2_ratio"), ("Scores", "transfer_f1")):
        session.open(f"/datasets/{session.datasets()[name]['id']}/preview")
        session.page.wait_for_timeout(3 * SECOND)
        shown = "".join(frame.locator("body").inner_text() for frame in session.page.frames)
        assert text in shown, f"{name}: {text} is not shown"
        session.picture(f"galaxy-{name.lower()}")


def the_report_is_plain_without_the_allowlist(session: Session) -> None:
    """As Galaxy comes, it shows the report's source as plain text, and says why."""
    session.open(f"/datasets/{session.report}/preview")
    session.page.wait_for_selector("text=not known to create safe HTML", timeout=60 * SECOND)
    session.picture("galaxy-report-not-allowed")
    assert all(frame.evaluate(RAN_SCRIPT) == 0 for frame in session.page.frames)


def the_report_is_interactive_with_the_allowlist(session: Session) -> None:
    """Once administrators allow the tool, its report draws its plots inside Galaxy, and has the scores."""
    session.api("/api/sanitize_allow?tool_id=clrna_plot", "PUT")
    session.open(f"/datasets/{session.report}/preview")

    def plots() -> int:
        return sum(frame.evaluate(RAN_SCRIPT) for frame in session.page.frames if "/display" in frame.url)

    session.wait_for("the plots", plots, 90)
    assert session.page.locator("text=not known to create safe HTML").count() == 0
    [inside] = [frame for frame in session.page.frames if "/display" in frame.url]
    text = inside.locator("body").inner_text()
    assert "ComBat" in text and HELD_OUT in text, "the report has no scores"
    session.picture("galaxy-report")


def figures_are_shown_either_way(session: Session) -> None:
    """The PNG is shown inside Galaxy without anybody's leave."""
    for name in ("Embeddings", "Scores compared"):
        session.open(f"/datasets/{session.datasets()[name]['id']}/preview")
        session.page.wait_for_timeout(4 * SECOND)
        widths = [
            width
            for frame in session.page.frames
            for width in frame.evaluate("Array.from(document.images, image => image.naturalWidth)")
        ]
        session.picture(f"galaxy-{name.lower().replace(' ', '-')}")
        assert max(widths, default=0) > 300, widths


def a_model_is_uploaded(session: Session) -> None:
    """A model from elsewhere needs its type: Galaxy does not find it out."""
    session.open("/")
    model: Path = session.data / "model.safetensors"
    session.upload([model], {0: "safetensors"}, picture="galaxy-upload-model")
    assert session.datasets()[model.name]["extension"] == "safetensors"


def the_allowlist_is_where_the_tutorial_says(session: Session) -> None:
    """Administrators find it under Admin; last, since Galaxy keeps the panel open that this opens."""
    session.open("/")
    session.page.get_by_text("Admin", exact=True).first.click(timeout=60 * SECOND)
    session.page.get_by_text("Manage Allowlist").first.click(timeout=30 * SECOND)
    session.page.locator("#center", has_text="clrna_plot").wait_for(timeout=30 * SECOND)


TESTS = (
    every_form_opens,
    files_are_uploaded,
    a_list_is_built,
    a_tool_runs_from_its_form,
    a_workflow_is_imported,
    a_workflow_runs,
    columns_are_offered,
    tables_are_shown,
    the_report_is_plain_without_the_allowlist,
    the_report_is_interactive_with_the_allowlist,
    figures_are_shown_either_way,
    a_model_is_uploaded,
    the_allowlist_is_where_the_tutorial_says,
)
