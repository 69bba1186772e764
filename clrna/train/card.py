"""The model card: what a model is for, what it was made from, how good it is and where it ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from clrna.constants import UNLABELLED
from clrna.model.model import Model
from clrna.train.fit import Fit
from clrna.train.samples import TrainingSamples

_UNITS = {
    "none": "Expression is taken as it is.",
    "genes": "Each gene is standardized by mean and deviation of the training samples.",
    "study": "Each gene is standardized within the sample's own study where that has enough samples, "
    "by mean and deviation of the training samples otherwise.",
    "sample": "Each sample is standardized by its own mean and deviation over its genes, and each study is placed by "
    "what its samples, one at a time, say of their labels.",
}

_USE = """\
For research: features of bulk expression profiles of human tumors, cell lines and normal samples in which samples
group by label rather than by the study that measured them, and a predicted label with the probability that it is
right. Compare samples by the features (nearest neighbours by cosine), not by single dimensions.

Not for clinical decisions, not for single cells, not for other species."""

_LIMITS = """\
- Labels that are not in the table above cannot be predicted; samples of such kinds get the label they are most
  like. `clrna_unlike_training` flags samples that lie farther from the training data than held-back samples with a
  right label do, and catches some of them only.
- A study whose samples are all of one label, moved by its own mean (`--adapt study`), loses what tells that label
  from others.
- Scores marked in-sample tell how well the model fits studies that it was trained on. What it does on another
  study is told by studies that were left out (`clrna-train --exclude-study`, `clrna-score`).
- Labels and studies that go together in the table above (a label of one study only) cannot be told apart by any
  model; what was learned of such labels may be the study."""


def model_card(fit: Fit, title: str) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    fit
        The trained model with the samples it came from.
    title
        Name of the model.
    """
    model = fit.model
    parts = [
        f"# {title}",
        _summary(model, len(fit.history), fit.best_epoch),
        "## Intended use",
        _USE,
        *_start(model),
        "## Training data",
        _data(model, fit.samples),
        "## Scores",
        _scores(model),
        *_left_out(model),
        "## Limits",
        _LIMITS,
        "## Settings",
        _table(["setting", "value"], _settings_rows(model)),
        "## Versions and provenance",
        _provenance(model),
        "## Licence",
        "CLRNA is under the MIT licence. The model was computed from the data above; their licences and terms of use "
        "say to whom it may be passed on.",
    ]
    return "\n\n".join(parts) + "\n"


def _summary(model: Model, epochs: int, best_epoch: int | None) -> str:
    settings = model.settings
    widths = " - ".join(str(width) for width in (model.n_genes, *settings.hidden, model.latent_dim))
    kept = f"the state after epoch {best_epoch} was kept" if best_epoch else "the last state was kept"
    linear = " A closed-form linear path is added to the encoder." if settings.linear_path else ""
    labels = f"a classifier of {len(model.classes)} labels" if model.classes else "no classifier"
    if not settings.has_layers:
        return (
            f"Linear encoder of {model.n_genes} genes and linear decoder, in closed form, with {labels} on its "
            f"{model.latent_dim} features; preset `{settings.preset_name}`. {_UNITS[settings.standardize]}"
        )
    return (
        f"Autoencoder {widths} and back, with {labels} on its {model.latent_dim} features; preset "
        f"`{settings.preset_name}`.{linear} Trained for {epochs} epochs, {kept}. {_UNITS[settings.standardize]}"
    )


def _start(model: Model) -> list[str]:
    """Return the section on the model that training went on from, where it did."""
    start = model.provenance.get("facts", {}).get("start")
    if not start:
        return []
    studies = ", ".join(start["studies"])
    return [
        "## Started from",
        f"`{start['name']}`, SHA-256 `{start['sha256']}`. Samples of its studies ({studies}) are restored from what it "
        "keeps of them (codes, means, covariances and levels); no expression of theirs was read. They count in the "
        "table of training data; the scores are of the samples that were added, those by label in left-out studies of "
        "both trainings.",
    ]


def _data(model: Model, samples: TrainingSamples) -> str:
    used = samples.of_split("train", "valid")
    studies = model.training_studies
    rows: list[list[object]] = []
    for label in sorted(set(samples.labels[used]), key=lambda name: (name == UNLABELLED, name)):
        counts = [int((used & (samples.labels == label) & (samples.studies == study)).sum()) for study in studies]
        name = label or "(unlabelled)"
        rows.append([name if label in model.classes or not label else f"{name} *", *counts, sum(counts)])
    totals = [int((used & (samples.studies == study)).sum()) for study in studies]
    rows.append(["all", *totals, sum(totals)])
    text = _table([model.label_key, *studies, "all"], rows)
    if any(label and label not in model.classes for label in samples.labels[used]):
        text += "\n\n\\* too few samples: trained without their label."
    n_donors = len(model.training_donors)
    out = sorted(set(samples.studies) - set(studies))
    left_out = f" Left out of training: {', '.join(out)}." if out else ""
    return (
        f"Samples of the train ({int(samples.of_split('train').sum())}) and valid "
        f"({int(samples.of_split('valid').sum())}) splits, of {n_donors} donors, in {', '.join(model.scales)}; "
        f"{model.n_genes} genes.{left_out}\n\n{text}"
    )


def _scores(model: Model) -> str:
    groups = model.metrics.get("groups", [])
    if not groups:
        return "The model has no classifier, so no label was scored."
    rows = [
        [
            row["name"],
            row["n"],
            _number(row["accuracy"]),
            _number(row["macro_f1"]),
            _number(row["mean_confidence"]),
            _number(row["unlike_training"]),
            "in-sample" if row["in_sample"] else "study left out",
        ]
        for row in groups
    ]
    head = ["samples", "n", "accuracy", "macro-F1", "mean confidence", "unlike training", ""]
    text = f"{_table(head, rows)}\n\nn counts samples with a label that the model knows."
    if model.transfer is not None:
        return f"{text} Samples of a left-out study may be of a donor that another study was trained on."
    return (
        f"{text} The valid split chose the epoch and the temperature of the probabilities ({model.temperature:.3f}); "
        "the test split shares the studies of the train split, not its donors."
    )


def _left_out(model: Model) -> list[str]:
    """Return the section on what to expect of other studies, of a model that tried it."""
    found = model.metrics.get("left_out")
    if not found:
        return []
    rows = [[row["label"], row["n"], _number(row["accuracy"])] for row in found]
    how = (
        "Each training study was left out in turn, the model trained on the rest, and the label of its samples asked "
        "for, of donors that the rest lacks and labels of which it has at least 5 samples. The confidence is learned "
        "from these and from cohorts cut from them, which makes it one across studies."
        if model.metrics.get("across_studies")
        else "There is one training study, so its donors were left out in turn: how the model does on another study, "
        "and whether its confidence holds there, is untested."
    )
    return ["## Expected on other studies", f"{how}\n\n{_table([model.label_key, 'n', 'accuracy'], rows)}"]


def _settings_rows(model: Model) -> list[list[object]]:
    values = {**model.settings.to_dict(), "seed": model.seed}
    precision = model.provenance.get("facts", {}).get("precision")
    if model.settings.has_layers and precision:
        values["precision"] = precision
    return [[name, ", ".join(map(str, value)) if isinstance(value, list) else value] for name, value in values.items()]


def _provenance(model: Model) -> str:
    versions = _table(["package", "version"], [list(item) for item in sorted(model.versions.items())])
    inputs = [
        [step["step"], item["name"], item["sha256"]]
        for step in _steps(model.provenance)
        for item in step.get("inputs", [])
    ]
    return f"{versions}\n\n{_table(['step', 'input', 'SHA-256'], inputs)}" if inputs else versions


def _steps(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the steps behind a model, those of the model that it went on from first."""
    if not record:
        return []
    facts = record.get("facts", {})
    return [*_steps(facts.get("start", {}).get("made", {})), *facts.get("data", []), record]


def _number(value: float | None) -> str:
    return "-" if value is None or np.isnan(value) else f"{value:.3f}"


def _table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
