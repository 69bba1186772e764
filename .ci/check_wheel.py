"""Check that the wheel holds the tables, the marker of its types, and a man page for every executable."""

import sys
import zipfile

STEPS = ("fetch", "normalize", "train", "encode", "baseline", "score", "match", "explain", "plot")
PAGES = {"clrna.1", *(f"clrna-{step}.1" for step in STEPS)}


def main(path: str) -> int:
    """Return 1, saying what is missing, unless the wheel is complete."""
    names = zipfile.ZipFile(path).namelist()
    pages = {name.rsplit("/", 1)[-1] for name in names if "/share/man/man1/" in name}
    faults = [f"man page {page} is missing" for page in sorted(PAGES - pages)]
    faults += [f"{name} is missing" for name in ("clrna/py.typed", "clrna/cli/train.py") if name not in names]
    if not any(name.startswith("clrna/data/") and name.endswith(".gz") for name in names):
        faults.append("the gene table is missing")
    faults += [f"{name} does not belong in the wheel" for name in names if name.startswith(("tests/", "benchmarks/"))]
    print("\n".join(faults) or f"{path}: complete, {len(names)} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
