"""The command line of the suites: run the trials, print the tables."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from answers import ROWS, ask
from catalogue import ROLES, Catalogue
from gene_variance import gene_variance
from measures import below, by_cohort, summary
from paired import differences
from suites import SUITES, Trials, studies_of
from tables import markdown

ORDER = ("panel", "cohort", "ratio")


def get_parser() -> argparse.ArgumentParser:
    """Return the suites' options."""
    parser = argparse.ArgumentParser(prog="benchmarks/transfer", description="transfer to studies that trained nothing")
    about = "; ".join(f"{name}: {suite.about}" for name, suite in SUITES.items())
    parser.add_argument("suite", choices=list(SUITES), help=about.replace("%", "%%"))
    parser.add_argument("folder", type=Path, help="folder with one .h5ad a study, searched to any depth")
    names = "comma separated names of files without .h5ad, or of a use in the table of roles"
    parser.add_argument("--reference", default=None, metavar="NAME,...", help=f"studies that train: {names}")
    parser.add_argument(
        "--queries", default=None, metavar="NAME,...",
        help=f"studies that are asked about: {names} (tuned, kept, reference); what also trains is left out of its own "
        "reference (default: by suite, never those that are kept)",
    )  # fmt: skip
    parser.add_argument("--roles", type=Path, default=ROLES, metavar="FILE.tsv", help="table of roles")
    parser.add_argument("--rows", default=None, metavar="NAME,...", help=f"which rows, of: {', '.join(ROWS)}")
    parser.add_argument("--seeds", type=int, default=1, help="how often samples, genes, labels and studies are drawn")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads of the executables")
    parser.add_argument("--work", type=Path, default=None, metavar="FOLDER", help="keep merged files and models there")
    parser.add_argument("-o", "--output", type=Path, default=None, help="also write the measures by cohort, as TSV")
    parser.add_argument(
        "--gene-variance", action="store_true",
        help="also print, of rows that are expression, the median share of a gene's variance that tissue and study "
        "explain",
    )  # fmt: skip
    parser.add_argument("--samples", type=Path, default=None, help="also write what was said of each sample, as TSV")
    return parser


def main(words: Sequence[str]) -> int:
    """Run a suite and print its tables."""
    args = get_parser().parse_args(words)
    suite = SUITES[args.suite]
    names = args.rows.split(",") if args.rows else [name for name, row in ROWS.items() if row.is_usual]
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"--rows: unknown {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if args.suite == "single":
        names = [name for name in names if ROWS[name].is_alone]
        if not names:
            alone = ", ".join(name for name, row in ROWS.items() if row.is_alone)
            sys.exit(f"--rows: this suite asks each sample alone; give some of {alone}")
    catalogue = Catalogue(args.folder, args.roles)
    reference, queries = studies_of(args.suite, catalogue, args.reference, args.queries)
    drawn = [] if args.reference else catalogue.drawn()
    with tempfile.TemporaryDirectory(prefix="transfer-") as scratch:
        folder = args.work or Path(scratch)
        trials = Trials(
            args.suite, reference, queries, folder, seeds=args.seeds, threads=args.threads, say=say, drawn=drawn
        )
        found, variance = [], []
        for trial in trials:
            found += _answers(trial, names)
            if args.gene_variance:
                variance.append(gene_variance(trial, names))
    if not found:
        sys.exit("no sample could be asked about: the reference has none of the queries' tissues")
    samples = pd.concat(found, ignore_index=True)
    if args.samples:
        samples.to_csv(args.samples, sep="\t", index=False, float_format="%.6g")
    if args.output:
        by_cohort(samples).to_csv(args.output, sep="\t", index=False, float_format="%.6g")
    print(f"# {args.suite}: {suite.about}\n\nreference: {', '.join(study.name for study in reference)}")
    for condition in suite.conditions:
        for group in ORDER:
            part = samples[(samples["condition"] == condition) & (samples["group"] == group)]
            if part["counted"].any():
                show(part, " ".join(filter(None, (group, condition))), suite.row if suite.row in names else names[0])
    if args.gene_variance:
        print(f"\n## variance of genes, medians\n\n{markdown(pd.concat(variance, ignore_index=True))}")
    return 0


def _answers(trial: object, names: list[str]) -> list[pd.DataFrame]:
    parts = []
    for name in names:
        start = time.process_time()
        part = ask(trial, name)
        refused = part["refused"].iloc[0]
        say(f"{trial.cohort} {trial.condition} {name}: {refused or f'{time.process_time() - start:.1f} s of CPU'}")
        parts.append(part)
    return parts


def show(samples: pd.DataFrame, title: str, row: str) -> None:
    """Print the tables of one group and condition."""
    cohorts = by_cohort(samples)
    print(f"\n## {title}\n\n{markdown(summary(samples))}")
    against = differences(samples, cohorts, row)
    if len(against):
        print(f"\n{row} minus the row, paired 95 % interval:\n\n{markdown(against)}")
    worse = below(cohorts, row, "alone")
    if row != "alone" and "alone" in set(cohorts["row"]):
        print(f"\nbelow each sample alone by more than 0.05 and two samples: {', '.join(worse) or 'none'}")
    print(f"\n{markdown(cohorts[cohorts['row'] == row].drop(columns=['condition', 'group', 'row']))}", flush=True)


def say(text: str) -> None:
    """Print progress where it does not mix with the tables."""
    print(text, file=sys.stderr, flush=True)
