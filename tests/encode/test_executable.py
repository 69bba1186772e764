"""``clrna-encode`` from the command line: options, exit statuses, one-line errors, whole outputs."""

import dataclasses
import gzip
import json
import os
import signal
import subprocess
import sys
import time

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from clrna.cli import encode
from clrna.encode.options import EncodeOptions
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.provenance import read_records


@pytest.fixture
def run(query_path, model_path, tmp_path, capsys):
    """Run in this process: ``run(*words, source=..., model=...)`` gives exit status and stderr."""

    def call(*words, source=query_path, model=model_path, output=tmp_path / "out.h5ad"):
        status = encode.main([str(source), "-m", str(model), "-o", str(output), "--device", "cpu", *words])
        return status, capsys.readouterr().err

    return call


def refused(answer, status, *words):
    """Check the exit status, that stderr ends in one line of error, and the words in it."""
    found, text = answer
    assert found == status, text
    lines = [line for line in text.splitlines() if ": error: " in line]
    assert len(lines) == 1
    assert text.splitlines()[-1] == lines[0]
    for word in words:
        assert word in lines[0]


def test_the_library_has_the_parser_s_defaults():
    defaults = vars(encode.get_parser().parse_args(["in.h5ad", "-m", "m.safetensors", "-o", "out.h5ad"]))
    assert dataclasses.asdict(EncodeOptions()) == {name: defaults[name] for name in dataclasses.asdict(EncodeOptions())}


def test_it_encodes_and_says_what_it_did(run, tmp_path, model):
    status, log = run()
    assert status == 0, log
    out = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert out.obsm["X_clrna"].shape == (72, model.latent_dim)
    for words in ("study SIM3 (36 samples): own statistics", "240 of the model's 240 genes", "encoded 72 samples"):
        assert words in log
    assert read_records(out)[-1]["parameters"]["adapt"] == "auto"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.safetensors", "out.h5ad", "query.h5ad"]


def test_every_option_reaches_the_library(run, query, query_path, tmp_path):
    query.obs = query.obs.rename(columns={"study": "batch", "donor": "patient"})
    query.layers["values"] = query.X.copy()
    query.X = np.zeros_like(query.X)
    write_h5ad(query.copy(), query_path)
    words = (
        "--adapt none --adapt-min-samples 5 --min-coverage 0.5 --input-scale log2_tpm1 --gene-id symbol "
        "--key-added X_b --reconstruct --chunk-size 10 --study-key batch --donor-key patient --layer values "
        "--precision fp32 --threads 1"
    )
    status, log = run(*words.split())
    assert status == 0, log
    out = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert "b_reconstruction" in out.layers
    assert out.obs["b_seen"].tolist().count("donor") > 0
    entry = out.uns["clrna"]["models"]["X_b"]
    assert (entry["adapt"], entry["studies"].tolist()) == ("none", ["SIM3", "SIM4"])


def test_options_from_a_file(run, tmp_path):
    (tmp_path / "run.yaml").write_text("adapt: none\nkey-added: X_yaml\nreconstruct: true\n")
    status, log = run("--config", str(tmp_path / "run.yaml"))
    assert status == 0, log
    out = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert "X_yaml" in out.obsm
    assert read_records(out)[-1]["parameters"]["adapt"] == "none"


def test_a_missing_input(run, tmp_path):
    refused(run(source=tmp_path / "none.h5ad"), 3, "none.h5ad", "no such file")


def test_an_empty_input(run, query_path):
    query_path.write_bytes(b"")
    refused(run(), 3, "query.h5ad", "is empty")


def test_a_text_file(run, query_path):
    query_path.write_text("gene\ts1\nTP53\t1\n")
    refused(run(), 3, "query.h5ad", "not an expression matrix")


def test_a_compressed_file(run, query_path):
    query_path.write_bytes(gzip.compress(query_path.read_bytes()))
    refused(run(), 3, "query.h5ad")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_input(run, query_path, tmp_path, share):
    content = query_path.read_bytes()
    query_path.write_bytes(content[: int(len(content) * share)])
    refused(run(), 3, "query.h5ad")
    assert not (tmp_path / "out.h5ad").exists()


def test_values_that_cannot_be_unpacked(run, query_path):
    with h5py.File(query_path) as file:
        chunk = file["X"].id.get_chunk_info(0)
    with query_path.open("r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(b"\xff" * chunk.size)
    refused(run(), 3, "query.h5ad: X", "damaged")


def test_an_h5ad_without_x(run, query_path):
    with h5py.File(query_path, "r+") as file:
        del file["X"]
    refused(run(), 3, "query.h5ad", "no X")


def test_an_h5ad_without_samples(run, query, query_path):
    write_h5ad(query[:0].copy(), query_path)
    refused(run(), 3, "query.h5ad", "0 samples x 240 genes")


def test_an_h5ad_as_model(run, query_path, tmp_path):
    copy = tmp_path / "copy.h5ad"
    copy.write_bytes(query_path.read_bytes())
    refused(run(model=copy), 3, "copy.h5ad")


def test_another_program_s_safetensors(run, tmp_path):
    other = tmp_path / "other.safetensors"
    save_file({"weight": np.ones(3, dtype=np.float32)}, other)
    refused(run(model=other), 3, "other.safetensors")


def test_a_truncated_model(run, model_path):
    model_path.write_bytes(model_path.read_bytes()[:-100])
    refused(run(), 3, "model.safetensors")


@pytest.mark.parametrize(
    ("rename", "words"),
    [
        (lambda name: name.capitalize() + "a", ("mouse",)),
        (lambda name: f"ENSMUSG{abs(hash(name)) % 10**11:011d}", ("mouse",)),
        (lambda name: f"{abs(hash(name)) % 10**6}_at", ("probe sets",)),
    ],
    ids=["mouse symbols", "mouse Ensembl", "probe sets"],
)
def test_genes_of_another_kind(run, query, query_path, rename, words):
    query.var_names = [rename(name) for name in query.var_names]
    query.var = query.var[[]]
    write_h5ad(query.copy(), query_path)
    refused(run(), 3, "query.h5ad", "none of the model's genes", *words)


def test_a_file_with_genes_in_obs(run, query, query_path):
    query.T.write_h5ad(query_path)
    refused(run(), 3, "query.h5ad", "wrong way round", "clrna-normalize --orientation samples-in-columns")


def test_ensembl_genes_where_the_model_has_symbols(run, query, query_path, tmp_path):
    query.var_names = query.var["ensembl_id"].to_numpy()
    write_h5ad(query.copy(), query_path)
    assert run()[0] == 0
    refused(run("--gene-id", "symbol"), 3, "query.h5ad", "Ensembl genes", "--gene-id")


@pytest.mark.parametrize("rename", [lambda at: str(at), lambda at: str(5000 + 7 * at), lambda at: f"{at}_at"])
def test_genes_that_stand_in_a_column_of_var(run, query, query_path, rename):
    """As in AnnData of tables whose rows were numbered, or of probes."""
    query.var = pd.DataFrame({"feature_name": query.var_names.tolist()}, index=map(rename, range(query.n_vars)))
    write_h5ad(query.copy(), query_path)
    status, log = run()
    assert status == 0 and "genes are named by column 'feature_name' of var" in log, log


def test_counts_where_logarithms_are_expected(run, query, query_path):
    query.X = np.rint(np.exp2(query.X) * 10).astype(np.float32)
    write_h5ad(query.copy(), query_path)
    refused(run(), 3, "query.h5ad: study SIM3", "log2_tpm1", "obs['scale']")
    assert run("--input-scale", "counts")[0] == 0


def test_wrong_options(run):
    refused(run("--input-scale", "furlongs"), 2, "furlongs")
    refused(run("--key-added", "a/b"), 2, "--key-added")
    refused(run("--layer", "none"), 3, "--layer none", "no such layer")
    for words in (("--adapt", "tissue"), ("--min-coverage", "80"), ("--chunk-size", "0"), ("--adapt-min-samples", "1")):
        with pytest.raises(SystemExit) as stopped:
            run(*words)
        assert stopped.value.code == 2


def test_a_device_that_is_not_there(query_path, model_path, tmp_path, capsys):
    words = [str(query_path), "-m", str(model_path), "-o", str(tmp_path / "out.h5ad"), "--device", "cuda:63"]
    assert encode.main(words) == 4
    assert "--device cuda:63" in capsys.readouterr().err
    assert not (tmp_path / "out.h5ad").exists()


@pytest.mark.parametrize("which", ["input", "model"])
def test_an_input_is_never_overwritten(run, query_path, model_path, which):
    path = {"input": query_path, "model": model_path}[which]
    before = path.read_bytes()
    refused(run(output=path), 2, "an input is never overwritten")
    assert path.read_bytes() == before


def test_an_error_leaves_the_old_output(run, tmp_path, query, query_path):
    (tmp_path / "out.h5ad").write_text("old")
    write_h5ad(query[:, :10].copy(), query_path)
    refused(run(), 3, "--min-coverage")
    assert (tmp_path / "out.h5ad").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.safetensors", "out.h5ad", "query.h5ad"]


def test_sigterm_while_writing_leaves_the_old_output(query, query_path, model_path, tmp_path, tmp_path_factory):
    """One sample at a time of many, so that there is time to stop it."""
    many = anndata.concat([query] * 40, index_unique="-")
    many.var = query.var
    write_h5ad(many, query_path)
    output = tmp_path / "out.h5ad"
    output.write_text("old")
    scratch = tmp_path_factory.mktemp("scratch")
    words = [str(query_path), "-m", str(model_path), "-o", str(output), "--chunk-size", "1", "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, "-m", "clrna.cli.encode", *words],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(scratch)},
    )  # fmt: skip
    while len(list(tmp_path.iterdir())) < 4:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 143, errors
    assert "stopped by SIGTERM" in errors.splitlines()[-1]
    assert output.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.safetensors", "out.h5ad", "query.h5ad"]
    assert list(scratch.iterdir()) == []


def test_logs_go_to_stderr_and_are_quiet_when_asked(run, capsys):
    assert run("-q") == (0, "")


def test_the_record_names_no_folder(run, tmp_path):
    run()
    text = json.dumps(read_records(anndata.read_h5ad(tmp_path / "out.h5ad")))
    assert str(tmp_path) not in text
