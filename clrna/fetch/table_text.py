"""Tables as text: for people on a terminal, and for programs."""

from collections.abc import Mapping, Sequence


def aligned(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Return a table with aligned columns and a header."""
    lines = [list(columns), *([row[name] for name in columns] for row in rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def as_tsv(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Return a table as tab-separated text with a header."""
    lines = [list(columns), *([row[name].replace("\t", " ") for name in columns] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)
