"""Tables with a line for each mutation, or each guide of a screen, which are no matrix."""

from typing import Final

from clrna.errors import InputError
from clrna.io.matrix.number_table import NumberTable
from clrna.plain_words import plain_word
from clrna.quoted import in_quotes

# Columns of MAF, of the GDC's and of cBioPortal.
_OF_MUTATIONS: Final = frozenset({"variantclassification", "tumorsamplebarcode", "tumorseqallele2", "hgvspshort"})
# Of MAGeCK and others, which count guides and not transcripts.
_OF_GUIDES: Final = frozenset(
    f"{guide}{what}" for guide in ("sgrna", "grna", "guide") for what in ("", "id", "name", "sequence", "seq")
)


def refuse_mutations_and_guides(table: NumberTable) -> None:
    """Raise InputError where a table has a line for each mutation or guide, by the names of its columns."""
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
