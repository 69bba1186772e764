"""What encoding takes: passes over the samples and libraries that are loaded, counted."""

import gc
import subprocess
import sys
import warnings

import numpy as np
import pytest

from clrna.cli import encode
from clrna.encode import source
from clrna.encode.arrays import encode_array
from clrna.encode.encoder import Encoder
from clrna.encode.kept_samples import KeptSamples
from clrna.encode.plan import plan_studies
from clrna.encode.sample_placer import SamplePlacer
from clrna.genes.resolver import Resolver
from clrna.genes.table import GENE_TABLE, GeneTable
from clrna.io.provenance import sha256_of
from clrna.model.linear_network import LinearNetwork
from clrna.model.model_file import load_model, save_model
from clrna.model.tensor_file import read_tensor_file
from clrna.packaged import packaged_table
from clrna.simulate import simulate
from tests.encode.placed_models import fit_default


@pytest.fixture(scope="module")
def adata():
    return simulate(n_tissues=3, n_studies=3, n_genes=300, samples_per=10)


@pytest.fixture(scope="module")
def model(adata):
    return fit_default(adata).model


@pytest.fixture
def purposes(monkeypatch) -> list[str]:
    """What samples were read for."""
    purposes = []
    real = source.ArraySource.blocks

    def counted(self, purpose):
        purposes.append(purpose)
        return real(self, purpose)

    monkeypatch.setattr(source.ArraySource, "blocks", counted)
    return purposes


@pytest.fixture
def by_numpy(model, tmp_path):
    """The model as it is read from its file."""
    save_model(model, tmp_path / "by_numpy.safetensors")
    return load_model(tmp_path / "by_numpy.safetensors")


def test_samples_are_read_once_for_codes_and_twice_for_expression(by_numpy, adata, purposes):
    values, studies = np.asarray(adata.X), np.full(adata.n_obs, "new", dtype=object)
    once = encode_array(by_numpy, values, studies)
    assert purposes == ["looking"]
    purposes.clear()
    twice = encode_array(by_numpy, values, studies, reconstruct=True)
    assert purposes == ["looking", "encoding"]
    np.testing.assert_array_equal(once.codes, twice.codes)
    np.testing.assert_array_equal(once.confidence, twice.confidence)


def test_codes_are_those_of_the_network_given_every_gene(by_numpy, adata):
    values, studies = np.asarray(adata.X), adata.obs["study"].to_numpy(dtype=object)
    given = values.copy()
    given[:, ::9] = np.nan  # genes that the studies lack
    for each in (values, given):
        plan = plan_studies(studies, "sample", "auto", 20)
        encoder = Encoder(by_numpy, source.ArraySource(each, 20), plan)
        by_genes = np.concatenate([by_numpy.encode(block.inputs) for block in encoder.blocks(inputs=True)])
        codes = encode_array(by_numpy, each, studies).codes
        np.testing.assert_allclose(codes, by_genes, atol=1e-5 * by_genes.std())


@pytest.mark.parametrize("of_later", [False, True])
def test_genes_that_only_later_samples_have_take_another_pass(by_numpy, adata, purposes, of_later):
    """What the first samples did not show is as though it had been known from the start."""
    values = np.asarray(adata.X)[:60].copy()
    missing = np.arange(0, 300, 7)
    values[: 20 if of_later else 60, missing] = 5.0  # as a merged file fills a gene that a study lacks
    chunks = {}
    for size in (20, 60):
        purposes.clear()
        chunks[size] = encode_array(by_numpy, values, np.full(60, "new", dtype=object), chunk_size=size)
        others = ["learning the studies, pass 2", "encoding"] if of_later and size == 20 else []
        assert purposes == ["looking", *others]
    np.testing.assert_allclose(chunks[20].codes, chunks[60].codes, atol=1e-5)
    np.testing.assert_allclose(chunks[20].confidence, chunks[60].confidence, atol=1e-5)


def test_a_closed_form_is_read_as_numpy_and_says_the_same(model, adata, tmp_path):
    save_model(model, tmp_path / "m.safetensors")
    by_numpy = load_model(tmp_path / "m.safetensors")
    by_torch = load_model(tmp_path / "m.safetensors", precision="bf16")
    assert isinstance(by_numpy.network, LinearNetwork) and not isinstance(by_torch.network, LinearNetwork)
    studies = adata.obs["study"].to_numpy(dtype=object)
    ours, theirs = (encode_array(each, np.asarray(adata.X), studies, reconstruct=True) for each in (by_numpy, model))
    np.testing.assert_allclose(ours.codes, theirs.codes, atol=1e-4)
    np.testing.assert_allclose(ours.reconstruction, theirs.reconstruction, atol=1e-4)
    np.testing.assert_allclose(ours.confidence, theirs.confidence, atol=1e-4)
    assert ours.label.tolist() == theirs.label.tolist()
    save_model(by_numpy, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "m.safetensors").read_bytes()


def test_a_closed_form_encodes_without_libraries_that_it_does_not_need(model, adata, tmp_path):
    """Each of these takes as long to load as a sample to encode, or longer."""
    save_model(model, tmp_path / "m.safetensors")
    adata[:1].copy().write_h5ad(tmp_path / "one.h5ad")
    words = [str(tmp_path / "one.h5ad"), "-m", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "out.h5ad")]
    code = f"import sys; from clrna.cli import encode; s = encode.main({words!r}); print(*sys.modules); sys.exit(s)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "a model without layers" in done.stderr
    loaded = set(done.stdout.split())
    assert "clrna.encode.encoder" in loaded
    heavy = {"torch", "scipy.special", "scipy.sparse", "sklearn", "numba", "matplotlib", "plotly", "httpx", "tqdm"}
    assert loaded & {*heavy, "anndata", "zarr", "clrna.cli.normalize", "clrna.io.matrix.text_matrix"} == set()


def test_a_model_is_read_for_its_digest_once_and_its_weights_are_not_copied(model, adata, tmp_path, monkeypatch):
    save_model(model, tmp_path / "m.safetensors")
    adata[:1].copy().write_h5ad(tmp_path / "one.h5ad")
    hashed = []
    for module in ("clrna.encode.files", "clrna.io.provenance"):
        monkeypatch.setattr(f"{module}.sha256_of", lambda path: hashed.append(path.name) or sha256_of(path))
    read = {}

    def kept(*given):
        tensors, description = read_tensor_file(*given)
        read.update(tensors)
        return tensors, description

    monkeypatch.setattr("clrna.model.model_file.read_tensor_file", kept)
    words = [str(tmp_path / "one.h5ad"), "-m", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "out.h5ad")]
    assert encode.main(words) == 0
    assert sorted(hashed) == ["m.safetensors", "one.h5ad"]
    loaded = load_model(tmp_path / "m.safetensors")
    assert np.shares_memory(loaded.network.to_arrays()["linear_weight"], read["network.linear_weight"])


@pytest.mark.parametrize(("missing", "status"), [(False, 0), (True, 3)])
def test_objects_are_not_gone_over_when_the_process_ends(model, adata, tmp_path, missing, status):
    """What libraries leave is no garbage, and looking for some takes a seventh of the time of one sample."""
    save_model(model, tmp_path / "m.safetensors")
    adata[:1].copy().write_h5ad(tmp_path / "one.h5ad")
    words = ["no.h5ad" if missing else "one.h5ad", "-m", "m.safetensors", "-o", "out.h5ad"]
    code = (
        f"import gc, sys; from clrna.cli.encode import main; sys.argv[1:] = {words!r}; before = gc.get_freeze_count(); "
        "status = main(); print(before, gc.get_freeze_count()); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    before, after = map(int, done.stdout.split())
    assert before == 0
    assert after > 1000


def test_only_samples_that_are_chosen_are_looked_at_ahead(model, adata, monkeypatch):
    """Where the network has layers, what a study is placed by is made of a bounded number of samples."""
    monkeypatch.setattr("clrna.model.chosen_rows._MOST_SAMPLES", 10)
    made = []
    real = SamplePlacer._products
    monkeypatch.setattr(SamplePlacer, "_products", lambda self, values: made.append(len(values)) or real(self, values))
    encode_array(model, np.asarray(adata.X), np.full(adata.n_obs, "new", dtype=object), chunk_size=10)
    assert made[0] == 10
    assert sum(made) < adata.n_obs


def test_what_an_ordinary_file_does_not_need_is_not_looked_up(model, adata, tmp_path, monkeypatch):
    """Whether it lies the wrong way round takes longer to tell than a sample to encode; lengths are for counts."""
    save_model(model, tmp_path / "m.safetensors")
    query = adata[:2].copy()
    query.var["length"] = 1000
    query.write_h5ad(tmp_path / "two.h5ad")
    for name in ("refuse_transposed", "own_lengths"):
        monkeypatch.setattr(f"clrna.encode.opening.{name}", lambda *_, name=name: pytest.fail(f"{name} was called"))
    words = [str(tmp_path / "two.h5ad"), "-m", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "out.h5ad")]
    assert encode.main(words) == 0


def test_former_names_are_not_gathered_for_current_symbols():
    table = GeneTable(packaged_table(GENE_TABLE, comment=None))
    resolver = Resolver(table, "auto", any_case=False)
    assert [resolver.resolve(name).status for name in ("TP53", "KRAS", "MYC")] == ["current"] * 3
    assert "by_previous" not in vars(table) and "by_alias" not in vars(table)
    assert table.symbol[resolver.resolve("KRAS2").row] == "KRAS"  # by a former name
    assert "by_previous" in vars(table)


def test_what_is_kept_of_samples_leaves_no_open_file_behind():
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        kept = KeptSamples()
        kept.append(slice(0, 2), np.ones((2, 3), dtype=np.float32))
        [(rows, values)] = kept.blocks()
        del kept
        gc.collect()
    assert (rows, values.tolist()) == (slice(0, 2), [[1.0] * 3] * 2)
    assert [str(one.message) for one in given if issubclass(one.category, ResourceWarning)] == []
