"""What the scripts that make reference models share: from files to a model in half precision, and its card."""

import dataclasses
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.cli import encode, normalize, train
from clrna.io.hdf5.h5ad import read_h5ad
from clrna.io.provenance import sha256_of
from clrna.model.model import Model
from clrna.model.model_file import load_model, save_model

# Genes that seven tenths of the studies measured: with more the file is too large, with fewer it knows less well what
# it does not know (benchmarks/transfer/NOTES.md). Tissues with fewer samples than this are not learned.
GENES, LEAST_SAMPLES = "70%", 10
# Labels that are less sure are called uncertain: who uses these models knows nothing of the studies in them, so a
# label without a flag is meant to be right at least that often. A stricter threshold of the model's own stays.
LEAST_SURE = 0.85
# Says of each study whether it is ratios to a reference sample, of which no tissue can be read sample by sample.
ROLES = Path(__file__).parents[1] / "transfer" / "roles.tsv"


def run(executable: Callable[[Sequence[str]], int], *words: object) -> None:
    """Run an executable in this process, or end with its status."""
    status = executable([str(word) for word in words])
    if status:
        sys.exit(status)


def checked(folder: Path, name: str, sha256: str, table: Path) -> Path:
    """Return the file of that name in a folder, or end where it is not there or is another one than a table says."""
    found = sorted(folder.rglob(name))
    if len(found) != 1:
        sys.exit(f"{folder}: holds {len(found)} files called {name}, one is needed")
    if sha256_of(found[0]) != sha256:
        sys.exit(f"{found[0]}: is another file than {table.name} says; get that one")
    return found[0]


def merge(files: Iterable[Path], merged: Path, genes: str = GENES, least: int = LEAST_SAMPLES) -> None:
    """Bring studies together as the models are trained on them."""
    run(normalize.main, *files, "-o", merged, "--genes", genes, "--min-class-size", least)


def train_reference(merged: Path, whole: Path, half: Path, threads: int = 1, least: int = LEAST_SAMPLES) -> str:
    """Train a model with the names of its samples, write it in 32 and in 16 bits, and return the text of its card.

    Parameters
    ----------
    merged
        From :func:`merge`.
    whole, half
        Files for the model in 32 bits and in 16.
    threads
        CPU threads; the sums of several are added in another order.
    least
        Fewest samples of a tissue that is learned.
    """
    card = whole.with_suffix(".md")
    run(
        train.main, merged, "-o", whole, "--card", card, "--keep-names", "--min-class-size", least, "--threads", threads
    )
    save_model(cautious(load_model(whole)), half, half_precision=True)
    return card.read_text().replace(f"# {whole.name}", f"# {half.stem}", 1)


def cautious(model: Model) -> Model:
    """Return a model that calls every label uncertain of which it is less than ``LEAST_SURE`` sure."""
    if model.transfer is None:
        return model
    confidence = model.transfer.confidence
    stricter = dataclasses.replace(confidence, threshold=max(confidence.threshold, LEAST_SURE))
    return dataclasses.replace(model, transfer=dataclasses.replace(model.transfer, confidence=stricter))


def flags_of_card(whole: Path, half: Path) -> str:
    """Return the section on which labels are called uncertain, by what the training had found and what is used."""
    found, used = (load_model(path).transfer for path in (whole, half))
    if found is None or used is None:
        return ""
    return (
        "\n## Uncertain labels\n\nA label is called uncertain (`clrna_uncertain`) where its confidence is below "
        f"{used.confidence.threshold:.2f}. Studies that were left out would have it {found.confidence.threshold:.2f}, "
        "below which one in twenty of their right labels lay.\n"
    )


def sources_of_card(told: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the section on where the data are from."""
    return "\n".join(
        [
            "\n## Sources\n",
            f"{told} The model holds codes, names, donors and labels of the samples, not their expression.\n",
            _line(head),
            "|" + "---|" * len(head),
            *map(_line, rows),
            "",
        ]
    )


def loss_of_card(merged: Path, whole: Path, half: Path, scratch: Path) -> str:
    """Return the section on what half precision costs, measured on the training samples."""
    labels: list[np.ndarray] = []
    codes: list[np.ndarray] = []
    for model in (whole, half):
        output = scratch / f"{len(labels)}.h5ad"
        run(encode.main, merged, "-m", model, "-o", output, "-q")
        adata = read_h5ad(output)
        labels.append(adata.obs["clrna_label"].astype(str).to_numpy())
        codes.append(np.asarray(adata.obsm["X_clrna"], dtype=np.float64))
    moved = np.linalg.norm(codes[1] - codes[0], axis=1) / np.linalg.norm(codes[0], axis=1)
    others = int((labels[0] != labels[1]).sum())
    return (
        f"\n## Half precision\n\nThe file holds axes and linear maps in 16 bits. Of {len(moved)} training samples "
        f"{others} get another label than in 32 bits; codes move by {moved.max():.2%} of their length at most.\n"
    )


def asked_of_card(files: list[Path], path: Path, scratch: Path, told: str = "") -> str:
    """Return the section on cohorts that the model lacks: by tissue and by cohort, whether labels were right."""
    model = load_model(path)
    ratios = set(pd.read_csv(ROLES, sep="\t").query("kind == 'ratio'")["name"])
    asked = pd.concat([_asked(file, path, model, scratch, is_ratio=file.stem in ratios) for file in files])
    head = ["samples", "studies", "label right", "confidence", "flagged", "wrong flagged", "right uncertain"]
    rows = [_row(str(name), part) for name, part in asked.groupby("tissue")]
    studies = [_row(str(name), part, cells=1) for name, part in asked.groupby("study")]
    rows.append(_row("all", asked))
    if asked.is_ratio.any() and not asked.is_ratio.all():
        rows.append(_row("all but ratios to a reference", asked[~asked.is_ratio]))
    told_ratios = ", ".join(sorted(set(asked.study[asked.is_ratio])))
    return "\n".join(
        [
            "\n## Asked about cohorts that it lacks\n",
            f"Tumors and cell lines of donors that the model lacks, each file as it came. {told}`flagged` is the share "
            "that is called uncertain or unlike the training data, `wrong flagged` that of the wrong labels, `right "
            "uncertain` the share of the right ones that are called uncertain."
            + (f" Ratios to a reference, from which no tissue can be read: {told_ratios}." if told_ratios else "")
            + "\n",
            _line(["tissue", *head]),
            "|" + "---|" * (1 + len(head)),
            *rows,
            "",
            _line(["study", "samples", *head[2:]]),
            "|" + "---|" * len(head),
            *studies,
            "",
        ]
    )


def _asked(file: Path, path: Path, model: Model, scratch: Path, *, is_ratio: bool) -> pd.DataFrame:
    """Return what the model says of the samples of a cohort that may be asked, one a row."""
    references = model.transfer.references if model.transfer is not None else None
    donors = set() if references is None or references.donors is None else set(references.donors)
    normalized, encoded = scratch / "asked.h5ad", scratch / "answer.h5ad"
    run(normalize.main, file, "-o", normalized, "-q")
    # The file as it came: what is measured is what a user would see.
    run(encode.main, file, "-m", path, "-o", encoded, "-q")
    truth, answer = read_h5ad(normalized).obs, read_h5ad(encoded).obs
    table = answer.join(truth[["tissue", "donor", "sample_category"]], rsuffix="_normalized", how="inner")
    tissue = table["tissue_normalized"] if "tissue_normalized" in table else table["tissue"]
    donor = table["donor_normalized"] if "donor_normalized" in table else table["donor"]
    kept = tissue.isin(model.classes) & ~donor.astype(str).isin(donors) & (table["sample_category"] != "normal")
    uncertain = table["clrna_uncertain"].astype(bool)
    return pd.DataFrame({
        "tissue": tissue.astype(str), "right": tissue.astype(str) == table["clrna_label"].astype(str),
        "confidence": table["clrna_confidence"], "uncertain": uncertain,
        "flagged": uncertain | table["clrna_unlike_training"].astype(bool), "study": table["study"].astype(str),
        "is_ratio": is_ratio,
    })[kept]  # fmt: skip


def _row(name: str, part: pd.DataFrame, cells: int = 2) -> str:
    counts = [str(len(part)), str(part.study.nunique())][:cells]
    shares = [part[column].mean() for column in ("right", "confidence", "flagged")]
    shares += [part.flagged[~part.right].mean(), part.uncertain[part.right].mean()]
    return _line([name, *counts, *("-" if pd.isna(share) else f"{share:.2f}" for share in shares)])


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
