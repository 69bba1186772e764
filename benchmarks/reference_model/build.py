"""Build ``clrna/data/models/pan-cancer-small.safetensors`` and its card; for maintainers (``make reference``).

Usage::

    python benchmarks/reference_model/build.py FOLDER [-o FOLDER]

FOLDER holds the files that ``sources.tsv`` names, at any depth. Each must have the SHA-256 that stands there.
Further files of ``--ask``, cohorts that the model lacks, are encoded with it, and the card says by tissue how often the
label of their tumors and cell lines, of donors that the model lacks, was right.

Which studies: openly licensed ones whose samples carry their tissue each by itself (no ratios to a reference), of
tissues that a study of several tissues holds too, for else the tissue is its platform; and of studies of one tissue
one a tissue, for else they outweigh those of several.
"""

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.cli import encode, normalize, train
from clrna.io.h5ad import read_h5ad
from clrna.model.model_file import load_model, save_model

NAME = "pan-cancer-small"
SOURCES = Path(__file__).with_name("sources.tsv")
MODELS = Path(__file__).parents[2] / "clrna" / "data" / "models"
# Genes that three quarters of the studies measured: more are not better (benchmarks/transfer/NOTES.md), and the file
# stays small. Tissues with fewer samples than this are not learned.
GENES, LEAST_SAMPLES = "75%", 10
LARGEST = 12_000_000


def main() -> None:
    """Check the sources, merge, train, store in half precision, say what that costs, write the card."""
    args = get_parser().parse_args()
    sources = pd.read_csv(SOURCES, sep="\t", comment="#", dtype=str)
    files = [checked(args.folder, row["file"], row["sha256"]) for _, row in sources.iterrows()]
    with tempfile.TemporaryDirectory() as scratch:
        merged, whole, card = (Path(scratch) / name for name in ("merged.h5ad", f"{NAME}.safetensors", "card.md"))
        run(normalize.main, *files, "-o", merged, "--genes", GENES)
        options = ("--keep-names", "--min-class-size", LEAST_SAMPLES, "--threads", 1)
        run(train.main, merged, "-o", whole, "--card", card, *options)
        half = args.output / whole.name
        save_model(load_model(whole), half, half_precision=True)
        size = half.stat().st_size
        if size > LARGEST:
            sys.exit(f"{half}: {size} bytes, more than {LARGEST}; see GENES")
        text = card.read_text() + sources_of_card(sources) + loss_of_card(merged, whole, half, Path(scratch))
        if args.ask:
            text += asked_of_card(args.ask, half, Path(scratch))
        (args.output / f"{NAME}.md").write_text(text.replace(f"# {whole.name}", f"# {NAME}", 1))
    print(f"{half}: {size / 1e6:.1f} MB", file=sys.stderr)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the files")
    parser.add_argument("--ask", type=Path, nargs="+", default=[], help="cohorts to ask the model about")
    parser.add_argument("-o", "--output", type=Path, default=MODELS, help="folder for the model and its card")
    return parser


def checked(folder: Path, name: str, sha256: str) -> Path:
    """Return the file of that name in a folder, or end where it is not there or is another one."""
    found = sorted(folder.rglob(name))
    if len(found) != 1:
        sys.exit(f"{folder}: holds {len(found)} files called {name}, one is needed")
    if hashlib.sha256(found[0].read_bytes()).hexdigest() != sha256:
        sys.exit(f"{found[0]}: is another file than {SOURCES.name} says; get that one")
    return found[0]


def run(executable, *words: object) -> None:  # type: ignore[no-untyped-def]
    """Run an executable in this process, or end with its status."""
    status = executable([str(word) for word in words])
    if status:
        sys.exit(status)


def sources_of_card(sources: pd.DataFrame) -> str:
    """Return the section on where the data are from."""
    rows = [f"| {row.study} | {row.licence} | {row.repackaged_in} | {row.citation} |" for row in sources.itertuples()]
    return "\n".join(
        [
            "\n## Sources\n",
            "Licences are those of the public repackaging; the portals behind them have terms of their own. The model "
            "holds codes, names, donors and labels of the samples, not their expression.\n",
            "| study | licence | repackaged in | cite |",
            "|---|---|---|---|",
            *rows,
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


def asked_of_card(files: list[Path], path: Path, scratch: Path) -> str:
    """Return the section on cohorts that the model lacks: by tissue, how often the label was right and how sure."""
    model = load_model(path)
    references = model.transfer.references if model.transfer is not None else None
    donors = set() if references is None or references.donors is None else set(references.donors)
    tables = []
    for file in files:
        normalized, encoded = scratch / "asked.h5ad", scratch / "answer.h5ad"
        run(normalize.main, file, "-o", normalized, "-q")
        # The file as it came: what is measured is what a user would see.
        run(encode.main, file, "-m", path, "-o", encoded, "-q")
        truth, answer = read_h5ad(normalized).obs, read_h5ad(encoded).obs
        table = answer.join(truth[["tissue", "donor", "sample_category"]], rsuffix="_normalized", how="inner")
        tissue = table["tissue_normalized"] if "tissue_normalized" in table else table["tissue"]
        donor = table["donor_normalized"] if "donor_normalized" in table else table["donor"]
        kept = tissue.isin(model.classes) & ~donor.astype(str).isin(donors) & (table["sample_category"] != "normal")
        tables.append(pd.DataFrame({
            "tissue": tissue.astype(str), "right": tissue.astype(str) == table["clrna_label"].astype(str),
            "confidence": table["clrna_confidence"], "flagged": table["clrna_uncertain"].astype(bool)
            | table["clrna_unlike_training"].astype(bool), "study": table["study"].astype(str),
        })[kept])  # fmt: skip
    asked = pd.concat(tables)
    rows = [_row(str(name), part) for name, part in asked.groupby("tissue")]
    return "\n".join(
        [
            "\n## Asked about cohorts that it lacks\n",
            f"{', '.join(sorted(set(asked.study)))}: tumors and cell lines of donors that the model lacks, each file "
            "as it came. The choice of the studies above has seen these answers. `flagged` is the share that is called "
            "uncertain or unlike the training data.\n",
            "| tissue | samples | studies | label right | confidence | flagged |",
            "|---|---|---|---|---|---|",
            *rows,
            _row("all", asked),
            "",
        ]
    )


def _row(name: str, part: pd.DataFrame) -> str:
    means = " | ".join(f"{part[column].mean():.2f}" for column in ("right", "confidence", "flagged"))
    return f"| {name} | {len(part)} | {part.study.nunique()} | {means} |"


if __name__ == "__main__":
    main()
