"""A table of genes for identifiers that are none: probes of an array, transcripts."""

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from clrna.constants import ORIGINAL_ID
from clrna.errors import InputError
from clrna.genes import describe_identifiers, map_genes
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.matrix.number_table import NumberTable
from clrna.io.metadata.sample_metadata import read_text_frame
from clrna.plain_words import plain_word
from clrna.quoted import in_quotes, listed, quoted

logger = logging.getLogger("clrna")

# What platforms of GEO call the column with the genes, best first.
_GENE_COLUMNS: Final = (
    "genesymbol", "symbol", "genesymbols", "ilmngene", "genename", "hgncsymbol", "hgnc", "ensemblgeneid", "geneid",
    "entrezgeneid", "entrezgene", "entrez", "gene", "geneassignment",
)  # fmt: skip
_NUMBERED: Final = ("gene", "entrez", "locuslink")  # words in the names of columns of Entrez numbers
_ASSIGNMENT: Final = re.compile(r"\s//\s")  # NM_000546 // TP53 // tumor protein p53 // ...
_VERSION: Final = re.compile(r"(?<=\d)\.\d+$")
_SEVERAL: Final = " /// "
_SOME: Final = 2_000
_MANY, _FEWEST_GENES = 20, 5  # lines, and genes that they name
_LEAST_SHARE: Final = 0.2
_GAPS: Final = frozenset({"", "---", "NA", "nan", "-"})


class GeneMap:
    """Genes of identifiers.

    Parameters
    ----------
    path
        Where they stand, for errors.
    lines
        Identifiers and their genes. One that has several different genes has none for sure, and they are told
        together (``DDR1 /// MIR4640``), as platforms do.
    """

    def __init__(self, path: Path, lines: Iterable[tuple[str, str]]) -> None:
        self.path = path
        genes: dict[str, dict[str, None]] = {}
        bare: dict[str, dict[str, None]] = {}
        for name, gene in lines:
            genes.setdefault(name, {})[gene] = None
            bare.setdefault(_VERSION.sub("", name), {})[gene] = None
        self._genes = _of_one_gene(bare) | _of_one_gene(genes)
        several = [name for name in genes if _SEVERAL in self._genes[name] and len(genes[name]) > 1]
        if several:
            logger.warning(
                "%s: %d of %d identifiers have several different genes and are ambiguous, e.g. %s: %s",
                path, len(several), len(genes), quoted(several[0]), quoted(self._genes[several[0]]),
            )  # fmt: skip

    def share(self, names: list[str]) -> float:
        """Return the share of names that the table has, 0 to 1."""
        return float(np.mean([self.gene(name) != "" for name in names])) if names else 0.0

    def gene(self, name: str) -> str:
        """Return the gene of an identifier, with or without version; '' where it has none."""
        name = name.strip()
        return self._genes.get(name) or self._genes.get(_VERSION.sub("", name), "")

    def apply(self, table: NumberTable) -> NumberTable:
        """Return a table whose genes are those of its probes or transcripts, which stay as ``original_id``.

        Raises
        ------
        InputError
            The table has none of the identifiers.
        """
        texts = table.annotations
        columns = [texts.iloc[:, at].astype(str).tolist() for at in range(texts.shape[1])]
        shares = [self.share(column[:_SOME]) for column in columns]
        above = self.share(table.columns[:_SOME])
        if max(*shares, above) == 0.0:
            raise InputError(
                f"{table.path}: none of its identifiers ({in_quotes(columns[0][0])}, "
                f"{in_quotes(table.columns[0])} ...) is in --gene-map "
                f"{self.path}; is it the table of this platform or annotation?"
            )
        if above > max(shares):
            names = [self.gene(name) for name in table.columns]
            about = table.column_annotations.assign(**{ORIGINAL_ID: table.columns})
            return NumberTable(table.path, names, texts, table.values, about, False, table.one_sample)
        best = int(np.argmax(shares))
        ids = pd.Series([self.gene(name) for name in columns[best]], index=texts.index)
        annotations = pd.concat([ids.rename(""), texts.drop(columns=ORIGINAL_ID, errors="ignore")], axis=1)
        annotations.insert(1, ORIGINAL_ID, columns[best])
        return NumberTable(
            table.path, table.columns, annotations, table.values, table.column_annotations, True, table.one_sample, True
        )


def read_gene_map(path: Path) -> GeneMap:
    """Read a table of identifiers and their genes.

    Parameters
    ----------
    path
        Two columns, with or without a header, or more, such as a platform's table of GEO (GPL570) or a table of
        transcripts and genes. The first column holds the identifiers, the genes stand in a column named as on such
        platforms, else in the one with most known genes.

    Raises
    ------
    InputError
        The file cannot be read, or no column holds genes.

    Notes
    -----
    An identifier may stand in several lines. Where these name different genes it is ambiguous, as where one line
    names several, and lost; a warning says how many are.
    """
    frame = read_text_frame(path)
    head = [str(name) for name in frame.columns]
    column = _gene_column(frame)
    if column is None:
        raise InputError(f"{path}: --gene-map: no column holds human genes (columns: {listed(head, 8) or 'none'})")
    keys = frame.iloc[:, 0].fillna("").astype(str).str.strip().tolist()
    genes = [_plain_gene(str(value)) for value in frame.iloc[:, column].fillna("")]
    if share_of_genes([head[column]]) > 0.0:  # there is no header
        keys, genes = [head[0], *keys], [head[column], *genes]
    return GeneMap(path, [(key, gene) for key, gene in zip(keys, genes, strict=True) if key and gene])


def _of_one_gene(genes: dict[str, dict[str, None]]) -> dict[str, str]:
    """Return the gene of each identifier; several that are different ones joined by their symbols."""
    found = {name: next(iter(own)) for name, own in genes.items()}
    double = [(name, gene) for name, own in genes.items() if len(own) > 1 for gene in own]
    if not double:
        return found
    mapping = map_genes([gene for _, gene in double])
    symbols: dict[str, dict[str, str]] = {}
    for (name, gene), symbol, candidates in zip(double, mapping.symbol, mapping.candidates, strict=True):
        known = [symbol] if symbol else candidates.split("|") if candidates else []
        symbols.setdefault(name, {}).update({one: gene for one in known if one not in symbols.get(name, {})})
    for name, own in symbols.items():
        # Of one gene the name that the table has, as that says best what it is.
        found[name] = next(iter(own.values()), found[name]) if len(own) < 2 else _SEVERAL.join(own)
    return found


def refuse_probes(table: NumberTable) -> None:
    """Raise InputError where the identifiers of a GEO series matrix are those of its platform and no genes."""
    texts = table.annotations
    if table.platform and not any(
        share_of_genes(texts.iloc[:, at].astype(str).tolist()) for at in range(texts.shape[1])
    ):
        raise InputError(
            f"{table.path}: names {describe_identifiers(texts.iloc[:, 0].astype(str).tolist())}; give the table of "
            f"platform {table.platform} (GEO: Download full table) with --gene-map"
        )


def _gene_column(frame: pd.DataFrame) -> int | None:
    plain = [plain_word(str(name)) for name in frame.columns]
    shares = {at: _share(frame.iloc[:, at]) for at in range(1, frame.shape[1])}
    for name in _GENE_COLUMNS:
        for at, share in shares.items():
            if plain[at] == name and share >= _LEAST_SHARE:
                return at
    if len(plain) > 2 and share_of_genes([str(name) for name in frame.columns]) == 0.0:
        # Below names that say nothing of genes, numbers are ranks and counts, which are Entrez numbers by chance.
        shares = {
            at: share if any(word in plain[at] for word in _NUMBERED) or not _are_numbers(frame.iloc[:, at]) else 0.0
            for at, share in shares.items()
        }
    best = max(shares, key=lambda at: shares[at], default=None)
    return best if best is not None and shares[best] >= _LEAST_SHARE else None


def _are_numbers(column: pd.Series) -> bool:
    return bool(column.dropna().head(_SOME).astype(str).str.strip().str.fullmatch(r"\d*").all())


def _share(column: pd.Series) -> float:
    known = [gene for value in column.dropna().head(_SOME) if (gene := _plain_gene(str(value)))]
    distinct = list(dict.fromkeys(known))
    # A few words again and again are kinds of samples (MET for metastasis), in a table that is no map of genes.
    return 0.0 if len(known) >= _MANY and len(distinct) < _FEWEST_GENES else share_of_genes(distinct)


def _plain_gene(text: str) -> str:
    """Return the gene in a cell; of Affymetrix's assignments the symbol."""
    parts = _ASSIGNMENT.split(text.strip())
    gene = parts[1].strip() if len(parts) > 1 else text.strip()
    return "" if gene in _GAPS else gene
