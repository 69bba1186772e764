"""What was learned from studies that were left out, once by a model and once by the one that goes on from it."""

from collections.abc import Mapping, Sequence
from typing import Any

_LEFT_OUT = "left_out"


def right_answers(metrics: Mapping[str, Any]) -> float:
    """Return how many samples of left-out studies got the right label, by the metrics of a model.

    None counts of a model of one study, whose donors alone were left out.
    """
    if not metrics.get("across_studies"):
        return 0.0
    return sum(row["n"] * row["accuracy"] for row in metrics.get(_LEFT_OUT, []) if row["n"])


def pooled_threshold(old: float, n_old: float, new: float, n_new: float) -> float:
    """Return a threshold between two, each with the weight of the right answers that it is from.

    Parameters
    ----------
    old, new
        The thresholds.
    n_old, n_new
        How many right answers each is from. Without any the old one stays.
    """
    return (n_old * old + n_new * new) / (n_old + n_new) if n_new else old


def pooled_accuracies(
    old: Mapping[str, Any], new: Sequence[dict[str, object]], new_across: bool
) -> tuple[list[dict[str, object]], bool]:
    """Return the rows of all answers, by label, and whether these are of studies left out.

    Parameters
    ----------
    old
        Metrics of the model before.
    new
        Rows ``label``, ``n`` and ``accuracy``.
    new_across
        Whether those are of studies left out.
    """
    across = bool(old.get("across_studies"))
    if new_across and not across:
        return list(new), True
    if across and not new_across:
        new = [{**row, "n": 0, "accuracy": None} for row in new]
    before = {row["label"]: row for row in old.get(_LEFT_OUT, [])}
    return [_pooled(before.get(row["label"], {"n": 0}), row) for row in new], across or new_across


def _pooled(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, object]:
    n = int(old["n"]) + int(new["n"])
    right = sum(row["n"] * row["accuracy"] for row in (old, new) if row["n"])
    return {"label": new["label"], "n": n, "accuracy": right / n if n else None}
