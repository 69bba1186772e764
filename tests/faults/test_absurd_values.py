"""One value that no expression data hold does not spoil a study: it is refused, by sample and gene."""

import anndata
import numpy as np
import pandas as pd
import pytest

from clrna.encode.arrays import encode_array
from clrna.errors import InputError
from clrna.io.plausible import first_beyond
from clrna.model.model_file import load_model

PLACES = [(3.4e38, "3.4e+38"), (-3.4e38, "-3.4e+38"), (1e30, "1e+30"), (1e16, "1e+16")]


@pytest.fixture
def spoilt(encoded, write):
    def one(value):
        encoded.X[5, 7] = value
        return write(encoded), str(encoded.obs_names[5]), str(encoded.var_names[7])

    return one


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "explain"])
@pytest.mark.parametrize(("value", "shown"), PLACES)
def test_it_is_refused_by_file_and_sample(run, spoilt, name, value, shown):
    path, sample, gene = spoilt(value)
    ended = run(name, path)
    ended.refused(str(path), sample, shown)
    assert gene in ended.said


@pytest.mark.parametrize("value", [1025, -1025, 1e6])
def test_what_no_logarithm_is_is_refused_where_logarithms_are_needed(run, spoilt, value):
    path, _, _ = spoilt(value)
    run("train", path).refused(str(path))
    run("encode", path).refused(str(path))


def test_a_table_of_text_is_refused_too(run, encoded, tmp_path):
    frame = pd.DataFrame(np.asarray(encoded.X), index=encoded.obs_names, columns=encoded.var_names)
    frame.iloc[2, 3] = 3.4e38
    frame.to_csv(tmp_path / "given.tsv", sep="\t")
    run("normalize", tmp_path / "given.tsv").refused("given.tsv", str(frame.index[2]), str(frame.columns[3]))


def test_a_code_that_is_not_finite_has_no_label(encoded, request):
    model = load_model(request.config.rootpath / "tools" / "clrna" / "test-data" / "model.safetensors")
    model.network.linear_weight.fill_(3e38)
    with pytest.raises(InputError, match="samples have no finite code"):
        encode_array(model, encoded[:, model.genes.index].X, encoded.obs["study"].astype(str).to_numpy())


def test_the_largest_value_that_is_plausible_is_kept(run, spoilt, tmp_path):
    path, _, _ = spoilt(1000)
    ended = run("encode", path)
    assert ended.status == 0, ended.said
    assert np.isfinite(anndata.read_h5ad(tmp_path / "out" / "o.h5ad").obsm["X_clrna"]).all()


@pytest.mark.parametrize("rows", [1, 5, 3000])
def test_the_place_is_found_in_whichever_block(rows):
    values = np.full((rows, 700), np.nan, dtype=np.float32)
    values[0, :3] = [np.inf, -np.inf, 5]
    assert first_beyond(values, 10) is None
    values[-1, 699] = -11
    assert first_beyond(values, 10) == (rows - 1, 699)
