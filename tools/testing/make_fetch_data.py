"""Write what the tests of CLRNA fetch take for files that a person loaded by hand; part of ``make_test_data.py``.

The published model is a TensorFlow checkpoint and two tables, from which its genes and labels are read. The
checkpoint is the recorded one of ``tests/fetch/data``, whose README says what it is; the tables are made to fit it.
"""

import hashlib
import shutil
from pathlib import Path

from clrna.fetch.sources import clrna_published

RECORDED = Path(__file__).resolve().parents[2] / "tests" / "fetch" / "data"
COMBINED = ("combined_cl_metadata", "combined_rnaseq_data")
SITES = ("breast", "kidney", "lung", "prostate")
COPIES = 40  # a label of the published model has 100 samples or more
COLUMNS = (
    "sample_name", "core_str", "dataset", "sample_category", "tumor_site_from_data_src", "tumor_type_from_data_src",
    "simplified_tumor_site", "simplified_tumor_type",
)  # fmt: skip


def write_fetch_files(folder: Path) -> None:
    """Write own labels and checksums, and the files of two sources: ``published/`` and PDMR's, named with a tilde."""
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in COMBINED}
    (folder / "checksums.txt").write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))
    (folder / "labels.tsv").write_text("raw\ttissue\ttumor_type\nbreast\tBreast\tILC\n")
    published = folder / "published"
    published.mkdir(exist_ok=True)
    for name in (clrna_published.INDEX, clrna_published.WEIGHTS):
        shutil.copyfile(RECORDED / "checkpoint" / name, published / name)
    write_published_tables(published)
    for path in (RECORDED / "pdmr").iterdir():
        if path.name != "README.md":
            shutil.copyfile(path, folder / path.name)


def write_published_tables(folder: Path) -> None:
    """Write expression and metadata of enough samples of each label, in the form of the published tables."""
    recorded = (RECORDED / "checkpoint" / "inputs.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in recorded]
    genes = ["TP53", "EGFR", *(f"GENE{number}" for number in range(2, len(rows[0])))]
    expression, metadata = ["\t".join(["Sample", *genes])], ["\t".join(COLUMNS)]
    for number in range(len(rows) * COPIES):
        name, site = f"CCLE.LINE-{number}", SITES[number % len(rows) % len(SITES)]
        expression.append("\t".join([name, *(f"{float(value):.4g}" for value in rows[number % len(rows)])]))
        metadata.append("\t".join([name, f"LINE-{number}", "CCLE", "cell_line", site, "", site, ""]))
    (folder / "combined_rnaseq_data").write_text("\n".join(expression) + "\n")
    (folder / "combined_cl_metadata").write_text("\n".join(metadata) + "\n")
