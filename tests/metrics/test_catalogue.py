"""What is known of each metric is complete, and the documentation says the same."""

import re
from pathlib import Path

import pytest

from clrna.metrics.catalogue import (
    HEADLINE,
    HIGHER,
    LABEL,
    LOWER,
    METRICS,
    NEITHER,
    SCORED,
    STUDY,
    metric_name,
    scored_metrics,
)
from clrna.train.history import COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def documented() -> dict[str, dict[str, str]]:
    """Return the rows of the page's tables of metrics, by key, their cells by the head of the column."""
    rows: dict[str, dict[str, str]] = {}
    head: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[:1] == ["metric"]:
            head = cells
        elif not cells:
            head = []
        elif head and cells[0].startswith("`"):
            key = cells[0].strip("`")
            assert key not in rows, f"{key} stands twice"
            rows[key] = dict(zip(head, (cell.replace(r"\|", "|") for cell in cells), strict=True))
    return rows


def test_the_page_has_a_row_for_each_metric_and_no_other():
    assert set(documented()) == set(METRICS)


@pytest.mark.parametrize("key", METRICS)
def test_the_page_says_what_the_catalogue_says(key):
    metric = METRICS[key]
    assert documented()[key] == {
        "metric": f"`{key}`",
        "`label_key`": ", ".join(filter(None, metric.better)),
        "in words": metric.description,
        "range": metric.range,
        "better": metric.direction,
        "reference": metric.reference,
    }


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
def test_entries_are_whole(metric):
    assert metric.title and metric.description.endswith(".") and metric.weakness.endswith(".")
    assert metric.better and set(metric.better) <= {LABEL, STUDY, NEITHER}
    assert set(metric.better.values()) <= {HIGHER, LOWER}
    low, high = metric.bounds
    assert high is None or low < high
    assert metric.yardstick_of == "" or metric.yardstick_of in METRICS
    assert set(metric.shown_by) <= {"clrna-score", "clrna-train", "clrna-plot"}


def test_titles_are_told_apart():
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)


def test_the_headline_comes_first_and_has_a_line_of_its_own():
    assert SCORED[: len(HEADLINE)] == HEADLINE
    assert [metric for metric in METRICS.values() if metric.is_headline] == list(HEADLINE)
    assert all(metric.short and len(metric.better) == 1 for metric in HEADLINE)


def test_what_training_shows_are_the_measures_of_its_curves():
    shown = {f"valid_{key}" for key, metric in METRICS.items() if "clrna-train" in metric.shown_by}
    trained = {name for name in COLUMNS if name.startswith("valid_")}
    # A cost is measured on both parts; a metric on samples that were not trained on.
    assert shown == {name for name in trained if name.replace("valid_", "train_") not in COLUMNS}


def test_a_direction_that_depends_on_the_classes_names_them():
    assert METRICS["davies_bouldin"].better == {LABEL: LOWER, STUDY: HIGHER}
    assert METRICS["davies_bouldin"].direction == "by label lower, by study higher"
    assert METRICS["study_predictability"].direction == LOWER
    assert METRICS["study_chance"].direction == ""
    assert METRICS["calinski_harabasz"].range == "0 up"


def test_names_hold_the_label_and_unknown_metrics_are_spelled_out():
    assert metric_name("knn_f1", "tumor_type") == "Tumor type by nearest neighbours, macro-F1"
    assert metric_name("bras", "tissue") == "BRAS, mixing within labels"
    assert metric_name("of_tomorrow") == "of tomorrow"


def test_the_metrics_of_a_table_come_in_its_order():
    assert [metric.key for metric in scored_metrics({"bras", "transfer_f1", "of_tomorrow", "accuracy"})] == [
        "transfer_f1",
        "bras",
    ]
