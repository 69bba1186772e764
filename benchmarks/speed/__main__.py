"""CPU time and peak memory of the executables at several sizes, beside plain references in the same run.

usage: python benchmarks/speed [--samples 1000,4000] [--genes 2000] [--steps TEXT,...] [-o TABLE.tsv]
       python benchmarks/speed --device cuda [--precision bf16] [--samples 11498] [--genes 17743] [--epochs 20]

Data are simulated. Time is CPU time of all threads, never that on the wall; memory is the largest resident size. A
ratio above 1 says that the executable takes less than the reference, which has as many threads; one whose library is
not installed says so. 'First run' is a step without bytecode and other caches, before the same step with them. A
compendium has ``--genes 17743 --samples 1000,4000,15000``, which takes hours on two cores, and the reference of ComBat
some 15 GB.

With ``--device`` the published network is trained instead, and its time stands beside the arithmetic's bound.
"""

import argparse
import importlib.util
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from measure import Cost, cost_of, costs_of_two_runs, threads_bounded
from steps import HERE, LIBRARIES, STEPS, Step

COLUMNS = (
    "step",
    "samples",
    "genes",
    "CPU s",
    "GB",
    "reference",
    "its CPU s",
    "its GB",
    "times faster",
    "times leaner",
)


def get_parser() -> argparse.ArgumentParser:
    """Return the benchmark's options."""
    parser = argparse.ArgumentParser(prog="benchmarks/speed", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", metavar="N,...", help="sizes (default: 1000,4000; with --device 11498)")
    parser.add_argument("--genes", type=int, metavar="N", help="genes (default: 2000; with --device 17743)")
    parser.add_argument("--device", metavar="NAME", help="train the published network there, such as cuda, mps or cpu")
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "tf32", "bf16"), default="auto", help="with --device (default: auto)"
    )
    parser.add_argument("--epochs", type=int, default=20, metavar="N", help="with --device (default: %(default)s)")
    parser.add_argument(
        "--steps", default="", metavar="TEXT,...", help="only steps whose names begin with one of these"
    )
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default: %(default)s)")
    parser.add_argument(
        "-o", "--output", type=Path, default=None, metavar="FILE.tsv", help="also write the table there"
    )
    return parser


def main() -> int:
    """Measure, and print the table."""
    args = get_parser().parse_args()
    if args.device:
        return on_a_device(args)
    args.genes = args.genes or 2000
    show(COLUMNS, rows_of_sizes(args), args.output)
    return 0


def show(columns: Sequence[str], cells_of_rows: Iterable[list[str]], output: Path | None) -> None:
    """Print a table, each row as it comes, and write it where that is asked for."""
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    lines = ["\t".join(columns)]
    for cells in cells_of_rows:
        print(f"| {' | '.join(cells)} |", flush=True)
        lines.append("\t".join(cells))
    if output:
        output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def rows_of_sizes(args: argparse.Namespace) -> Iterator[list[str]]:
    """Yield the cells of each step at each size."""
    for size in map(int, (args.samples or "1000,4000").split(",")):
        with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
            yield from rows(Path(scratch), size, args)


def on_a_device(args: argparse.Namespace) -> int:
    """Train there at each size, and print the table."""
    import on_device

    from clrna.errors import DeviceError
    from clrna.model.device import choose_device, choose_precision

    try:
        device = choose_device(args.device)
        precision = choose_precision(args.precision, device)
    except DeviceError as error:
        sys.exit(f"benchmarks/speed: {error}")
    sizes = [(int(n_samples), args.genes or 17_743) for n_samples in (args.samples or "11498").split(",")]
    trained = ((size, on_device.train_on(device, precision, *size, args.epochs, "original-943")) for size in sizes)
    cells = (on_device.cells_of(device, size, args.epochs, found) for size, found in trained)
    show(on_device.COLUMNS, cells, args.output)
    return 0


def rows(folder: Path, n_samples: int, args: argparse.Namespace) -> Iterator[list[str]]:
    """Yield the cells of each step at one size; files that later steps read are made whether or not they are shown."""
    shown = tuple(filter(None, args.steps.split(","))) or ("",)
    kinds = ["text"] if any(step.of == "samples.tsv" and step.name.startswith(shown) for step in STEPS) else []
    cost_of([sys.executable, str(HERE / "make_data.py"), str(folder), str(n_samples), str(args.genes), *kinds])
    needed = {"baseline: PCA": "@pca.h5ad", "train: default": "@model.safetensors"}
    for step in STEPS:
        asked = step.name.startswith(shown)
        later = [other for other in STEPS if other.name.startswith(shown) and other != step]
        if asked or any(needed.get(step.name, "no") in other.words.split() for other in later):
            for cells in rows_of_step(step, folder, args.threads, asked):
                yield [cells[0], f"{n_samples:,}", f"{args.genes:,}", *cells[1:]]


def rows_of_step(step: Step, folder: Path, threads: int, asked: bool) -> Iterator[list[str]]:
    """Run a step; where it is asked for, yield cells of its first run if that is told, and beside each reference."""
    command = step.command(folder, threads)
    if not (asked and step.first):
        own = cost_of(command)
    else:
        first, own = costs_of_two_runs(command)
        yield cells_of(f"{step.name}, first run", first, "", None)
    for reference in (step.references or ("",)) if asked else ():
        library = LIBRARIES.get(reference)
        if library and importlib.util.find_spec(library) is None:
            yield cells_of(step.name, own, f"{reference}: {library} is not installed", None)
        else:
            command = step.reference_command(reference, folder)
            yield cells_of(step.name, own, reference, cost_of(command, threads_bounded(threads)) if reference else None)


def cells_of(name: str, own: Cost, reference: str, other: Cost | None) -> list[str]:
    """Return one row of the table without its size."""
    cells = [name, f"{own.seconds:.1f}", f"{own.gigabytes:.2f}", reference]
    if other is None:
        return [*cells, *[""] * (len(COLUMNS) - 2 - len(cells))]
    faster, leaner = other.seconds / own.seconds, other.gigabytes / own.gigabytes
    return [*cells, f"{other.seconds:.1f}", f"{other.gigabytes:.2f}", f"{faster:.2f}", f"{leaner:.2f}"]


if __name__ == "__main__":
    sys.exit(main())
