"""What the suites report of one cohort or of several, from a table with a row a sample."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.metrics.macro_f1 import macro_f1

N_BINS = 10
SURE = 0.9
POOLED = ("ece", "overconfidence", "ece_common", "overconfidence_common", "wrong_sure", "n_label", "n_replicates")


def calibration_error(confidence: NDArray, right: NDArray[np.bool_], n_bins: int = N_BINS) -> float:
    """Return the expected calibration error: mean |confidence - accuracy| over equal bins of confidence, by samples.

    Parameters
    ----------
    confidence
        From 0 to 1, shape (samples,); samples without one (NaN) are left out.
    right
        Whether each sample is right.
    n_bins
        Bins of equal width; a bin holds its upper edge.

    Returns
    -------
    From 0 to 1, NaN without a sample.
    """
    there = np.isfinite(confidence)
    confidence, right = confidence[there], np.asarray(right, dtype=float)[there]
    if not len(confidence):
        return float("nan")
    bins = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = np.bincount(bins, confidence - right, n_bins)
    return float(np.abs(gaps).sum() / len(confidence))


def measures(samples: pd.DataFrame) -> dict[str, float]:
    """Return the measures of the samples of one row.

    Parameters
    ----------
    samples
        As :func:`answers.ask` returns it, any number of cohorts.

    Returns
    -------
    ``n`` (counted samples), ``knn`` and ``label`` (accuracy of the vote of 5 neighbours and of the label; the label of
    samples only whose donor trained nothing, ``n_label``), their macro-F1 over all classes (``*_f1_all``) and over
    those with at least five reference samples (``*_f1``), ``recall`` of the same donor (``n_replicates``),
    and of the label: ``ece``, ``overconfidence`` (confidence - accuracy), ``top_two`` (share whose tissue is the label
    or the second one, where the model names one), ``unlike`` and ``uncertain`` (share flagged so), ``wrong_sure``
    (share wrong, sure above 0.9 and not flagged), ``right_flagged`` (share of right ones flagged); ``ece_common`` and
    ``overconfidence_common`` are of the samples whose tissue at least five reference samples have, as models know it.
    """
    result: dict[str, float] = {}
    for name, column, mask in (("knn", "neighbors", "counted"), ("label", "label", "unseen")):
        kept = samples[samples[mask]]
        common = kept[kept["common"]]
        result["n" if name == "knn" else "n_label"] = len(kept)
        result[name] = float((kept[column] == kept["truth"]).mean())
        result[f"{name}_f1"] = macro_f1(common["truth"].to_numpy(str), common[column].to_numpy(str))
        result[f"{name}_f1_all"] = macro_f1(kept["truth"].to_numpy(str), kept[column].to_numpy(str))
    replicates = samples.loc[samples["replicate"], "found"]
    return result | {"recall": replicates.mean(), "n_replicates": len(replicates)} | _of_confidence(samples)


def _of_confidence(samples: pd.DataFrame) -> dict[str, float]:
    kept = samples[samples["unseen"] & samples["confidence"].notna()]
    right = (kept["label"] == kept["truth"]).to_numpy()
    has_flags, has_second = kept["unlike"].notna().any(), (kept["second"] != "").any()
    in_two = right | (kept["second"] == kept["truth"]).to_numpy()
    flagged = (kept[["unlike", "uncertain"]].fillna(0) > 0).any(axis=1).to_numpy()
    confidence = kept["confidence"].to_numpy(float)
    wrong_sure = ~right & (confidence > SURE) & ~flagged
    common = kept["common"].to_numpy(bool)
    nothing = float("nan")
    return {
        "ece": calibration_error(confidence, right),
        "overconfidence": _overconfidence(confidence, right),
        "ece_common": calibration_error(confidence[common], right[common]),
        "overconfidence_common": _overconfidence(confidence[common], right[common]),
        "top_two": float(in_two.mean()) if has_second else nothing,
        "uncertain": float(kept["uncertain"].mean()),
        "unlike": float(kept["unlike"].mean()) if has_flags else nothing,
        "wrong_sure": float(wrong_sure.mean()) if len(kept) else nothing,
        "right_flagged": float(flagged[right].mean()) if has_flags and right.any() else nothing,
    }


def _overconfidence(confidence: NDArray, right: NDArray[np.bool_]) -> float:
    return float((confidence - right).mean()) if len(right) else float("nan")


def by_cohort(samples: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of each row and cohort, those without a counted sample left out."""
    keys = ["condition", "group", "cohort", "row"]
    rows = [
        dict(zip(keys, key, strict=True)) | measures(part) | {"refused": part["refused"].iloc[0]}
        for key, part in samples.groupby(keys, sort=False)
        if part["counted"].any()
    ]
    return pd.DataFrame(rows)


def summary(samples: pd.DataFrame) -> pd.DataFrame:
    """Return a line a row for the cohorts of one group and condition.

    Returns
    -------
    Means over cohorts of accuracies, recall and shares; F1 is the mean over panels, and over the pooled samples of
    cohorts, which mostly hold one class each. ``ece`` and ``overconfidence`` (``*_common``) are of the pooled samples,
    ``gap`` is the mean over cohorts of |confidence - accuracy|, ``worst`` the cohort whose label (``worst_label``) is
    right least often, ``wrong_sure_worst`` the largest share of a cohort.
    """
    cohorts = by_cohort(samples)
    lines = []
    for row, part in cohorts.groupby("row", sort=False):
        pooled = measures(samples[samples["row"] == row])
        means = part[["knn", "label", "top_two", "recall", "unlike", "uncertain", "right_flagged"]].mean()
        f1 = ["knn_f1", "knn_f1_all", "label_f1", "label_f1_all"]
        of_f1 = part[f1].mean() if (part["group"] == "panel").all() else pd.Series({name: pooled[name] for name in f1})
        line = {"row": row, "cohorts": len(part), "n": pooled["n"]} | means.to_dict() | of_f1.to_dict()
        line |= {name: pooled[name] for name in POOLED}
        line |= {"gap": part["overconfidence"].abs().mean(), "wrong_sure_worst": part["wrong_sure"].max()}
        if part["label"].notna().any():
            worst = part.loc[part["label"].idxmin()]
            line |= {"worst_label": worst["label"], "worst": worst["cohort"]}
        lines.append(line | {"refused": int((part["refused"] != "").sum())})
    return pd.DataFrame(lines)


def below(cohorts: pd.DataFrame, row: str, base: str) -> list[str]:
    """Return the cohorts in which ``row`` is right less often than ``base``, by more than 0.05 and two samples."""
    wide = {name: part.set_index("cohort") for name, part in cohorts.groupby("row")}
    if row not in wide or base not in wide:
        return []
    found = []
    for cohort, ours in wide[row].iterrows():
        for what, n in (("knn", ours["n"]), ("label", ours["n_label"])):
            loss = wide[base].loc[cohort, what] - ours[what]
            if n and loss > max(0.05, 2 / n) + 1e-9:
                found.append(f"{cohort} {what} {ours[what]:.2f} ({wide[base].loc[cohort, what]:.2f})")
    return found
