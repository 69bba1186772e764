"""Build ``clrna/data/models/pan-cancer-small.safetensors`` and its card; for maintainers (``make reference``).

Usage::

    python benchmarks/reference_model/build.py FOLDER [-o FOLDER]

FOLDER holds the files that ``sources.tsv`` names, at any depth. Each must have the SHA-256 that stands there.
Further files of ``--ask``, cohorts that the model lacks, are encoded with it, and the card says by tissue how often the
label of their tumors and cell lines, of donors that the model lacks, was right, and by cohort.

Which studies: openly licensed ones whose samples carry their tissue each by itself (no ratios to a reference), of
tissues that a study of several tissues holds too, for else the tissue is its platform; and of studies of one tissue
one a tissue, for else they outweigh those of several.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import pandas as pd
from making import asked_of_card, checked, flags_of_card, loss_of_card, merge, sources_of_card, train_reference

NAME = "pan-cancer-small"
SOURCES = Path(__file__).with_name("sources.tsv")
MODELS = Path(__file__).parents[2] / "clrna" / "data" / "models"
LARGEST = 12_000_000
_LICENCES = "Licences are those of the public repackaging; the portals behind them have terms of their own."
_SEEN = "The choice of the studies above has seen these answers. "


def main() -> None:
    """Check the sources, merge, train, store in half precision, say what that costs, write the card."""
    args = get_parser().parse_args()
    sources = pd.read_csv(SOURCES, sep="\t", comment="#", dtype=str)
    files = [checked(args.folder, row["file"], row["sha256"], SOURCES) for _, row in sources.iterrows()]
    with tempfile.TemporaryDirectory() as scratch:
        merged, whole = (Path(scratch) / name for name in ("merged.h5ad", f"{NAME}.safetensors"))
        half = args.output / whole.name
        merge(files, merged)
        text = train_reference(merged, whole, half)
        size = half.stat().st_size
        if size > LARGEST:
            sys.exit(f"{half}: {size} bytes, more than {LARGEST}; see GENES")
        columns = ("study", "licence", "repackaged_in", "citation")
        head = ("study", "licence", "repackaged in", "cite")
        text += flags_of_card(whole, half)
        text += sources_of_card(_LICENCES, head, sources[list(columns)].to_numpy())
        text += loss_of_card(merged, whole, half, Path(scratch))
        if args.ask:
            text += asked_of_card(args.ask, half, Path(scratch), _SEEN)
        half.with_suffix(".md").write_text(text)
    print(f"{half}: {size / 1e6:.1f} MB", file=sys.stderr)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the files")
    parser.add_argument("--ask", type=Path, nargs="+", default=[], help="cohorts to ask the model about")
    parser.add_argument("-o", "--output", type=Path, default=MODELS, help="folder for the model and its card")
    return parser


if __name__ == "__main__":
    main()
