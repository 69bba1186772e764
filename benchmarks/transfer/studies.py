"""Transfer to a study that was left out, in one file: the default model, its ablations and what it has to beat.

usage: python benchmarks/transfer [studies] FILE.h5ad [--seeds 3] [--rows NAME,...] [--study-key study]
       [--label-key tissue] [--donor-key donor] [-o table.tsv]

FILE holds at least three studies in obs (two will do where one of them has all tissues of the other), with tissue
and donor. Each study is left out in turn: nothing is learned from its labels, and nothing at all by the rows marked
'never seen'. The measures are those of clrna-score: macro-F1 of a 5-nearest-neighbour vote in the other studies
(cosine, the sample's own donor excluded, classes that the other studies have), and the share of replicates whose
nearest sample in other studies is the same donor. Printed are means over studies, then over seeds with their
deviation, and the number of samples behind them.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rows import ROWS, Data

from clrna.io.contract import check, text_column
from clrna.io.hdf5.h5ad import matrix_of, read_h5ad
from clrna.score.retrieval import replicate_retrieval
from clrna.score.transfer import cross_study_f1


def get_parser() -> argparse.ArgumentParser:
    """Return the benchmark's options."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/transfer studies", description="transfer to studies that are left out"
    )
    parser.add_argument("input", type=Path, help="AnnData file with several studies")
    parser.add_argument("-o", "--output", type=Path, default=None, help="also write a row a study and seed, as TSV")
    parser.add_argument("--rows", default=None, help=f"which rows, comma separated, of: {', '.join(ROWS)}")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the rows that have random numbers")
    for key, default in (("study", "study"), ("label", "tissue"), ("donor", "donor")):
        parser.add_argument(f"--{key}-key", default=default, help=f"obs column of the {key}")
    return parser


def read(args: argparse.Namespace) -> Data:
    """Return the matrix and the columns of the input."""
    adata = read_h5ad(args.input)
    values = matrix_of(adata, None, args.input)
    columns = (args.study_key, args.label_key, args.donor_key)
    check(adata, args.input, columns=columns, values=values)
    studies, labels, donors = (text_column(adata.obs[name]) for name in columns)
    return Data(values, np.asarray(adata.var_names, dtype=object), studies, labels, donors)


def measure(data: Data, codes: np.ndarray, study: str) -> dict[str, float]:
    """Return the measures of one left-out study, NaN where it has no such sample."""
    asked = data.studies == study
    transfer = cross_study_f1(codes, data.labels, data.studies, data.donors, queries=asked)[study]
    found = replicate_retrieval(codes, data.studies, data.donors, queries=asked)[study]
    return {"f1": transfer.f1, "n": transfer.n, "recall": found.recall, "mrr": found.mrr, "n_replicates": found.n}


def main(words: Sequence[str]) -> int:
    """Run the rows and print the table."""
    args = get_parser().parse_args(words)
    logging.getLogger("clrna").setLevel(logging.ERROR)
    data = read(args)
    names = args.rows.split(",") if args.rows else list(ROWS)
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"--rows: unknown {', '.join(unknown)}; there are {', '.join(ROWS)}")
    results = []
    print("| row | mode | macro-F1 | recall@1 | MRR | seeds |\n|---|---|---|---|---|---|", flush=True)
    for name in names:
        row = ROWS[name]
        seeds = range(args.seeds if row.is_random else 1)
        of_row = [
            {"row": name, "study": study, "seed": seed, **measure(data, row.codes(data, study, seed), study)}
            for seed in seeds
            for study in sorted(set(data.studies))
        ]
        results += of_row
        print(line(name, row.mode, pd.DataFrame(of_row)), flush=True)
    table = pd.DataFrame(results)
    sizes = table.drop_duplicates("study").set_index("study")[["n", "n_replicates"]]
    print("\nsamples scored (replicates): " + ", ".join(f"{s} {r.n} ({r.n_replicates})" for s, r in sizes.iterrows()))
    if args.output:
        table.to_csv(args.output, sep="\t", index=False, float_format="%.6g")
    return 0


def line(name: str, mode: str, of_row: pd.DataFrame) -> str:
    """Return a row of the table: means over studies, then mean and deviation over seeds."""
    by_seed = of_row.groupby("seed")[["f1", "recall", "mrr"]].mean()
    cells = []
    for measure_name in by_seed:
        values = by_seed[measure_name]
        spread = f" ± {values.std():.3f}" if len(values) > 1 else ""
        cells.append(f"{values.mean():.3f}{spread}")
    return f"| {name} | {mode} | {' | '.join(cells)} | {len(by_seed)} |"
