"""Tables with one line for each gene and sample, each mutation, or each guide of a screen, which are no matrix."""

from itertools import permutations

from clrna.errors import InputError
from clrna.io.matrix.number_table import NumberTable
from clrna.plain_words import plain_word
from clrna.quoted import in_quotes

_MOST_NUMBERS = 6
# Columns of MAF, of the GDC's and of cBioPortal.
_OF_MUTATIONS = frozenset({"variantclassification", "tumorsamplebarcode", "tumorseqallele2", "hgvspshort"})
# Of MAGeCK and others, which count guides and not transcripts.
_OF_GUIDES = frozenset(
    f"{guide}{what}" for guide in ("sgrna", "grna", "guide") for what in ("", "id", "name", "sequence", "seq")
)
_FULL = 0.8


def refuse_long_table(table: NumberTable) -> None:
    """Raise InputError where a table has a line for each pair of two columns of text, for each mutation or guide."""
    texts = table.annotations
    found = [str(name) for name in texts.columns if plain_word(str(name)) in _OF_MUTATIONS]
    if found:
        raise InputError(
            f"{table.path}: has a line for each mutation ({in_quotes(found[0])}), as MAF has, and no expression"
        )
    found = [str(name) for name in texts.columns if plain_word(str(name)) in _OF_GUIDES]
    if found:
        raise InputError(
            f"{table.path}: has a line for each guide of a CRISPR screen ({in_quotes(found[0])}), and no expression; "
            "give the matrix of RNA"
        )
    if texts.shape[1] < 2 or len(table.columns) > _MOST_NUMBERS:
        return
    columns = [texts.iloc[:, at].astype(str) for at in range(texts.shape[1])]
    distinct = [column.nunique() for column in columns]
    for gene, sample in permutations(range(len(columns)), 2):
        genes, samples = distinct[gene], distinct[sample]
        if not (genes > samples > 1 and genes * samples <= len(texts) / _FULL and 2 * genes <= len(texts)):
            continue
        if not (columns[gene] + "\t" + columns[sample]).duplicated().any() and len(texts) >= _FULL * genes * samples:
            names = [str(texts.columns[at]) or "the first" for at in (gene, sample)]
            raise InputError(
                f"{table.path}: is a long table, a line for each of {in_quotes(names[0])} and "
                f"{in_quotes(names[1])}; give a matrix with "
                f"one column for each of {in_quotes(names[1])}"
            )
