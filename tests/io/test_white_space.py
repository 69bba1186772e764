"""Fields separated by single spaces, as R's write.table does unless it is told otherwise."""

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression

GENES = ["TP53", "EGFR", "MYC", "BRCA1", "KRAS", "PTEN"]


@pytest.mark.parametrize("mark", ['"', ""], ids=["quoted", "bare"])
@pytest.mark.parametrize("corner", [True, False], ids=["named", "row names without a name"])
def test_a_matrix(tmp_path, mark, corner):
    names = [f"{mark}{name}{mark}" for name in (["gene", "a1x", "b2x"] if corner else ["a1x", "b2x"])]
    rows = [f"{mark}{gene}{mark} {at}.5 {2 * at}" for at, gene in enumerate(GENES)]
    path = tmp_path / "m.txt"
    path.write_text("\n".join([" ".join(names), *rows]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["a1x", "b2x"] and adata.var_names.tolist() == GENES
    np.testing.assert_array_equal(adata.X[1], 2.0 * np.arange(6))


def test_metadata(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text('"tissue" "age"\n"a" "large intestine" 41\n"b" "lung" 52\n')
    assert read_sample_metadata(path)["tissue"].to_dict() == {"a": "large intestine", "b": "lung"}


@pytest.mark.parametrize(
    "text", ["TP53 is a gene\nEGFR is one too\n", "one word\nanother 2\n", "gene a b\nTP53  1 2\nEGFR 3 4\n"]
)
def test_prose_and_aligned_columns_are_still_refused(tmp_path, text):
    path = tmp_path / "m.txt"
    path.write_text(text)
    with pytest.raises(InputError, match="no delimiter found"):
        read_expression(path)
