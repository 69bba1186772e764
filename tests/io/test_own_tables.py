"""Tables that CLRNA itself wrote are refused as what they are, wherever a table of somebody else is read."""

from pathlib import Path

import pytest

from clrna.errors import InputError
from clrna.io.gene_map import read_gene_map
from clrna.io.metadata.sample_metadata import read_sample_table
from clrna.io.tables import read_expression
from clrna.io.text.own_tables import refuse_own_table
from clrna.results import gene_table, match_table, score_table

WRITTEN = Path(__file__).parents[2] / "tools" / "clrna" / "test-data"
PROGRAMS = {"matches": "match", "genes": "explain", "scores": "score", "history": "train"}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("read", [read_gene_map, read_sample_table, read_expression])
def test_a_result_is_no_input(name, read):
    with pytest.raises(
        InputError, match=rf"{name}\.tsv: is a table that clrna-{PROGRAMS[name]} writes .*; give the file"
    ):
        read(WRITTEN / f"{name}.tsv")


@pytest.mark.parametrize("columns", [match_table.COLUMNS, gene_table.COLUMNS, score_table.COLUMNS])
def test_the_columns_are_those_that_are_written(columns):
    with pytest.raises(InputError, match="is a table that clrna-"):
        refuse_own_table(Path("t.tsv"), columns)


@pytest.mark.parametrize("columns", [["sample", "study", "label", "rank"], ["gene", "value"], ["epoch", "donor"]])
def test_tables_of_others_may_share_some_of_them(columns):
    refuse_own_table(Path("t.tsv"), columns)
