"""Why to trust the scores, and where not to: each claim with the evidence that the files hold."""

from collections import Counter, defaultdict

import pandas as pd

from clrna.constants import DONOR, SPLIT, UNLABELLED
from clrna.io.contract import text_column
from clrna.plural import enumerated, plural
from clrna.quoted import in_quotes
from clrna.report import numbers
from clrna.report.studies import StudyTable
from clrna.report.trust_predictions import Check, calibration, unlike_training
from clrna.results.embeddings import embedding_name
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples
from clrna.results.score_views import comparison


def checks(
    samples: DrawnSamples,
    predictions: Predictions | None,
    scores: pd.DataFrame | None,
    table: StudyTable,
    *,
    donor_key: str = DONOR,
    split_key: str = SPLIT,
) -> list[Check]:
    """Return what speaks for and against the numbers in the report.

    Parameters
    ----------
    samples
        All samples.
    predictions
        Of the model that the report is about; None where there is none.
    scores
        As :func:`clrna.results.score_table.read_scores` returns them; None where there are none.
    table
        Study x label.
    donor_key, split_key
        ``obs`` columns of the donor and of train, valid and test.
    """
    found = [
        _study_held_out(samples, predictions),
        _donors_apart(samples, donor_key, split_key),
        _donors_known(samples, predictions),
        _in_sample(scores),
        _confounding(samples, table),
        _copies(table),
    ]
    found += _study_predictability(scores)
    if predictions is not None:
        found += [calibration(samples, predictions), unlike_training(samples, predictions)]
    return [check for check in found if check is not None]


def _study_held_out(samples: DrawnSamples, predictions: Predictions | None) -> Check:
    claim = "Holds studies and donors that the model never saw"
    if predictions is None or not (predictions.seen != "").any():
        return Check(
            "unknown", claim, "The file does not say which studies a model was trained on; clrna-encode records it."
        )
    unseen = Counter(samples.studies[predictions.seen == "unseen"])
    if not unseen:
        return Check(
            "bad",
            claim,
            "Every sample here is of a study or donor that the model was trained on.",
            "Nothing here is new to the model",
        )
    names = [f"{name} ({plural(count, 'sample')})" for name, count in sorted(unseen.items())]
    return Check("good", claim, f"Left out of training: {enumerated(names)}.")


def _donors_apart(samples: DrawnSamples, donor_key: str, split_key: str) -> Check | None:
    claim = "No donor on both sides of the split"
    obs = samples.adata.obs
    if split_key not in obs:
        return None
    if donor_key not in obs:
        return Check("unknown", claim, f"The file has no column {in_quotes(donor_key)} of donors.")
    donors, splits = text_column(obs[donor_key]), text_column(obs[split_key])
    sides: defaultdict[str, set[str]] = defaultdict(set)
    for donor, split in zip(donors, splits, strict=True):
        if donor and split:
            sides[donor].add(split)
    if not sides:
        return Check("unknown", claim, "No sample has both a donor and a split.")
    torn = sorted(donor for donor, found in sides.items() if len(found) > 1)
    if torn:
        return Check(
            "bad",
            claim,
            f"{plural(len(torn), 'donor')} of {len(sides):,} are in several splits: {enumerated(torn)}.",
            "Donors are on both sides of the split",
        )
    return Check(
        "good",
        claim,
        f"Each of {len(sides):,} donors is in one of train, valid and test, so no replicate gives an answer away.",
    )


def _donors_known(samples: DrawnSamples, predictions: Predictions | None) -> Check | None:
    """Tell of samples in unseen studies whose donor was trained on in another study."""
    if predictions is None:
        return None
    known = Counter(samples.studies[predictions.seen == "donor"])
    if not known:
        return None
    names = [f"{count:,} of {name}" for name, count in sorted(known.items())]
    return Check(
        "note",
        "Donors of an unseen study that the model knows from another are kept apart",
        f"Trained on in another study: {enumerated(names)}. Only their replicates are asked for, not labels."
        + _other_names(predictions),
    )


def _other_names(predictions: Predictions) -> str:
    """Return a sentence on studies that the model holds under another name, '' where there are none."""
    names = [f"those of {study} are, or are replicates of, {name}'s" for study, name in predictions.known_as.items()]
    return f" By their codes the samples of a study are known: {enumerated(names)}." if names else ""


def _in_sample(scores: pd.DataFrame | None) -> Check | None:
    if scores is None:
        return None
    marked = int(scores["in_sample"].sum())
    leaked = int((scores["in_sample"] & scores["headline"]).sum())
    claim = "Scores on training data stay out of the headline"
    if leaked:
        return Check(
            "bad",
            claim,
            f"{plural(leaked, 'headline score is', 'headline scores are')} in-sample; run clrna-score anew.",
            "Scores on training data are in the headline",
        )
    return Check(
        "good",
        claim,
        f"{marked:,} of {plural(len(scores), 'score')} are in-sample; they are marked ○ and not counted.",
    )


def _confounding(samples: DrawnSamples, table: StudyTable) -> Check | None:
    labelled = int((samples.labels != UNLABELLED).sum())
    if len(table.studies) < 2 or not labelled:
        return None
    alone = [row.name for row in table.rows if row.confined_to]
    if not alone:
        return Check("good", "Labels are not confounded with studies", "Every label is found in at least two studies.")
    text = (
        f"{len(alone)} of {plural(table.labels, 'label')} ({numbers.share(table.confined, labelled)} of the "
        f"labelled samples) are found in one study only: {enumerated(alone)}. No method can be tested on "
        "carrying these across."
    )
    return Check("note", "Some labels cannot be told from their study", text)


def _copies(table: StudyTable) -> Check | None:
    copies = [f"{study.name} (of {study.copy_of})" for study in table.studies if study.copy_of]
    if not copies:
        return None
    text = f"{enumerated(copies)}. Profiles that are another study's are not scored as a second study."
    return Check("note", "Copied profiles are flagged", text)


def _study_predictability(scores: pd.DataFrame | None) -> list[Check]:
    """Compare how well the study can be told from each embedding with what chance and the labels alone reach."""
    if scores is None:
        return []
    rows = comparison(scores)
    rows = rows[rows["value"].notna()]
    told = rows[rows["metric"] == "study_predictability"]
    if told.empty:
        return []
    parts = [f"{embedding_name(row['embedding'])} {numbers.score(row['value'])}" for row in told.to_dict("records")]
    text = f"Balanced accuracy: {enumerated(parts, at_most=8)}."
    for metric, what in (
        ("study_chance", "Chance reaches"),
        ("study_from_label", "the label alone, as studies hold different ones,"),
    ):
        values = rows.loc[rows["metric"] == metric, "value"]
        if len(values):
            text += f" {what} {numbers.score(float(values.iloc[0]))}{',' if metric == 'study_chance' else '.'}"
    return [Check("note", "How well the study can still be told from the features (lower is better)", text)]
