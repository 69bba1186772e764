"""What reads files that others made, and small whole files of each kind to begin with."""

import contextlib
import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import anndata
import h5py
import httpx
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

import clrna
from clrna.cli import options
from clrna.cli.config_file import words_from_config
from clrna.encode.opening import open_input
from clrna.encode.options import EncodeOptions
from clrna.explain.files import explain_model
from clrna.explain.options import ExplainOptions
from clrna.fetch.archive import extract
from clrna.fetch.checkpoint.bundle import Bundle
from clrna.fetch.checksum_file import read_checksums
from clrna.fetch.failures import TransientError, check_status, retry_after
from clrna.fetch.json_file import read_json
from clrna.fetch.sources import gdc
from clrna.fetch.sources.coderdata import _by_name as by_name
from clrna.io.contract import text_column
from clrna.io.gene_map import read_gene_map
from clrna.io.hdf5.h5ad import check_is_h5ad, matrix_of, named, read_h5ad
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.provenance import read_records, sha256_of
from clrna.io.tables import read_expression
from clrna.labels.label_map import read_label_map
from clrna.match.files import read_reference
from clrna.match.of_model import reference_in
from clrna.match.run import match_samples
from clrna.match.settings import MatchSettings
from clrna.model.model_file import load_model
from clrna.results.embeddings import embedding_keys, embedding_matrix
from clrna.results.gene_table import read_gene_tables
from clrna.results.history import read_history
from clrna.results.match_table import read_match_tables
from clrna.results.predictions import predictions_in
from clrna.results.score_table import read_scores, scores_in
from clrna.score.knowledge import knowledge_of

CHECKPOINT = Path(__file__).parents[1] / "fetch" / "data" / "checkpoint" / "autoencoder_ratchet.index"
FIGSHARE = (
    b'[{"id": 7, "name": "a_samples.csv", "size": 3, "download_url": "http://127.0.0.1/x", "computed_md5": "0a"}]'
)
LISTED = Path(__file__).parents[1] / "fetch" / "data" / "gdc" / "TCGA-KIRC.files.json"
MADE = Path(__file__).resolve().parents[2] / "tools" / "clrna" / "test-data"


@dataclass(frozen=True)
class Reader:
    """What reads a file, and whole files of its kind to begin with."""

    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]


def small_h5ad(form: Callable[[np.ndarray], object]) -> bytes:
    values = np.arange(24, dtype=np.float32).reshape(6, 4) % 5
    obs = pd.DataFrame({"study": pd.Categorical(["A", "B"] * 3), "age": range(6)}, index=[f"s{i}" for i in range(6)])
    obs["clrna_label"] = pd.Categorical(["Lung", "Bowel", "Lung"] * 2)
    record = json.dumps({"step": "normalize", "inputs": []})
    adata = AnnData(form(values), obs=obs, var=pd.DataFrame(index=["TP53", "EGFR", "MYC", "KRAS"]))
    adata.obsm["X_clrna"] = values[:, :2].copy()
    columns = {"label": "clrna_label", "confidence": "clrna_confidence"}
    models = {"X_clrna": {"columns": columns, "label_key": "tissue"}}
    adata.uns["clrna"] = {"provenance": np.array([record], dtype=object), "models": models}
    return bytes_of(adata)


def bytes_of(adata: AnnData) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        adata.write_h5ad(Path(folder) / "a.h5ad", compression="gzip")
        return (Path(folder) / "a.h5ad").read_bytes()


@cache
def model():
    return load_model(MADE / "model.safetensors")


def few_samples() -> list[bytes]:
    """Return what the model encodes, dense and sparse."""
    adata = anndata.read_h5ad(MADE / "encoded.h5ad")
    adata = AnnData(adata.X[:4], obs=adata.obs.iloc[:4][["study", "scale"]], var=adata.var[[]])
    packed = adata.copy()
    packed.X = sparse.csc_matrix(adata.X)
    return [bytes_of(adata), bytes_of(packed)]


def encoded_samples() -> list[bytes]:
    """Return samples that clrna-match takes, with what their file says of the model."""
    return [bytes_of(anndata.read_h5ad(MADE / "encoded.h5ad")[::6, :3].copy())]


def models_with_names() -> list[bytes]:
    """Return a model that names the samples whose codes it holds."""
    adata = anndata.read_h5ad(MADE / "encoded.h5ad")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        clrna.tl.train(adata[::2, :30].copy(), keep_names=True).save(path)
        return [path.read_bytes()]


def archives() -> list[bytes]:
    packed, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("folder/a.tsv", "gene\ts1\nTP53\t1\n" * 50)
    with tarfile.open(fileobj=tarred, mode="w:gz") as file:
        member = tarfile.TarInfo("../a.tsv")
        member.size = 15
        file.addfile(member, io.BytesIO(b"gene\ts1\nTP53\t1\n"))
    return [packed.getvalue(), tarred.getvalue()]


def parquets() -> list[bytes]:
    frame = pd.DataFrame({"tissue": ["a", "b"], "TP53": [1.0, 2.0], "EGFR": [1, 2]}, index=["s1", "s2"])
    return [frame.to_parquet(), frame.reset_index().to_parquet(index=False, compression="gzip")]


def beginning(path: Path) -> list[bytes]:
    return [b"".join(path.read_bytes().splitlines(True)[:6])]


def read_file(path: Path) -> None:
    """Read all that any executable takes from an h5ad."""
    adata = read_h5ad(path)
    read_records(adata)
    predictions_in(adata)
    scores_in(adata, path)
    for key in embedding_keys(adata, None, path):
        embedding_matrix(adata, key, path)
        knowledge_of(adata, key, np.repeat("A", adata.n_obs), ["study"])
    matrix_of(adata, None, path)
    for column in adata.obs:
        text_column(adata.obs[column])


def read_to_encode(path: Path) -> None:
    check_is_h5ad(path)
    with named(path), tempfile.TemporaryDirectory() as scratch, h5py.File(path, "r") as file:
        given = open_input(file, path, model(), EncodeOptions(), Path(scratch))
        for _ in given.source(2).blocks("reading"):
            pass


def read_to_match(path: Path) -> None:
    """Match samples with themselves: a file is the reference, for which all that is asked about is read, too."""
    settings = MatchSettings(own_study=True)
    samples = read_reference(path, sha256_of(MADE / "model.safetensors"), path, settings)
    match_samples(samples, samples, settings, path, path)


def read_as_reference(path: Path) -> None:
    """Take from a model what clrna-match and clrna-explain do: its samples, and the genes behind its labels."""
    loaded = load_model(path)
    samples = reference_in(loaded, path, loaded.label_key)
    match_samples(samples, samples, MatchSettings(own_study=True), path, path)
    explain_model(loaded, path, ExplainOptions(n_genes=2))


def read_parquet(path: Path) -> None:
    read_sample_metadata(path)
    read_expression(path)


def read_and_unpack(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        extract(path, lambda name: name.endswith(".tsv"), Path(folder))


def read_answer(path: Path) -> None:
    """Take a file for the headers of a busy server's answer: status, then one header a line."""
    first, *lines = path.read_bytes().split(b"\n")
    headers = [(name, value) for name, _, value in (line.partition(b":") for line in lines) if name]
    response = httpx.Response(int(first) if first.isdigit() and len(first) == 3 else 503, headers=headers)
    response.request = httpx.Request("GET", "http://127.0.0.1/x")
    retry_after(response)
    with contextlib.suppress(TransientError):
        check_status(response)


def read_options(path: Path) -> None:
    parser = options.new_parser("small", "x")
    options.add_output_option(parser, "a file")
    options.add_general_options(parser)
    words_from_config(path, parser)


def read_list(path: Path) -> None:
    """Take a file for the list of files that two portals answer with."""
    request = SimpleNamespace(projects=["TCGA-KIRC"], limit=None, listing=lambda *_: path)
    if isinstance(answer := read_json(path), list):
        by_name(answer)
    else:
        gdc.files(request)


def read_checkpoint(path: Path) -> None:
    bundle = Bundle(path, {0: CHECKPOINT.with_suffix(".data-00000-of-00001")})
    for name in bundle.entries:
        bundle.read(name)


TABLE = b"gene\ts1\ts2\nTP53\t1.5\t2\nEGFR\t0\t3e2\nMYC\tNA\t4\n"
COMMAS = TABLE.replace(b"\t", b",")
QUOTED = b'"sample","tissue"\n"a","b c"\n"d",""\n'
LABELS = b"raw,tissue,tumor_type\nx,Lung,LUAD\n"
GCT = b"#1.2\n3\t2\nName\tDescription\ts1\ts2\nTP53\tna\t1.5\t2\nEGFR\tna\t0\t3e2\nMYC\tna\t1\t4\n"
SERIES = (
    b'!Series_title\t"a"\n!Sample_title\t"x"\t"y"\n!Sample_characteristics_ch1\t"tissue: lung"\t"tissue: colon"\n'
    b'!series_matrix_table_begin\n"ID_REF"\t"GSM1"\t"GSM2"\n"TP53"\t1.5\t2\n"EGFR"\t0\t3\n!series_matrix_table_end\n'
)
CUFFDIFF = (
    b"tracking_id\tgene_short_name\tlength\ta_FPKM\ta_conf_lo\ta_status\tb_FPKM\tb_conf_lo\tb_status\n"
    b"X1\tTP53\t-\t1.5\t1\tOK\t2\t1\tOK\nX2\tEGFR\t-\t0\t0\tOK\t3\t1\tFAIL\n"
)
TITLED = b"Table S1, TPM\ngene,s1,s2\ntissue,Lung,Skin\nage,50,61\nsex,F,M\nTP53,1.5,2\nEGFR,0,3e2\n"
COUNTED = (
    b"# Program:featureCounts\nGeneid\tChr\tStart\tEnd\tStrand\tLength\ta.bam\tb.bam\n"
    b"TP53\t1;1\t1;5\t4;9\t+;+\t8\t3\t4\nEGFR\t7\t1\t4\t+\t4\t0\t9\n"
)
READERS = {
    "h5ad": Reader(read_file, lambda: [small_h5ad(np.asarray), small_h5ad(sparse.csr_matrix)]),
    "h5ad to encode": Reader(read_to_encode, few_samples),
    "expression": Reader(read_expression, lambda: [TABLE, COMMAS, GCT, SERIES, CUFFDIFF, TITLED, COUNTED]),
    "parquet": Reader(read_parquet, parquets),
    "metadata": Reader(read_sample_metadata, lambda: [TABLE, QUOTED]),
    "genes": Reader(read_gene_map, lambda: [b"ID\tGene Symbol\n1_at\tTP53 /// X\n2_at\tEGFR\n", b"a,TP53\nb,MYC\n"]),
    "labels": Reader(read_label_map, lambda: [b"raw\ttissue\ttumor_type\nlung\tLung\t\n", LABELS]),
    "model": Reader(load_model, lambda: [(MADE / "model.safetensors").read_bytes()]),
    "samples to match": Reader(read_to_match, encoded_samples),
    "model as reference": Reader(read_as_reference, models_with_names),
    "options": Reader(read_options, lambda: [b"seed: 3\nthreads: 2\nverbose: true\n", b"output: [a, b]\n"]),
    "scores": Reader(read_scores, lambda: beginning(MADE / "scores.tsv")),
    "matches": Reader(lambda path: read_match_tables([path]), lambda: beginning(MADE / "matches.tsv")),
    "genes of labels": Reader(lambda path: read_gene_tables([path]), lambda: beginning(MADE / "genes.tsv")),
    "history": Reader(read_history, lambda: [(MADE / "history.tsv").read_bytes()]),
    "archive": Reader(read_and_unpack, archives),
    "list": Reader(read_list, lambda: [LISTED.read_bytes(), FIGSHARE]),
    "checkpoint": Reader(read_checkpoint, lambda: [CHECKPOINT.read_bytes()]),
    "checksums": Reader(read_checksums, lambda: [b"0" * 64 + b"  a.tsv\n" + b"1" * 32 + b" *b.tsv\n"]),
    "answer": Reader(read_answer, lambda: [b"503\nretry-after: 7\ncontent-length: 3\n", b"200\netag: x\n"]),
}  # fmt: skip


def suffix_of(content: bytes) -> str:
    return ".gz" if content[:2] == b"\x1f\x8b" else ""


@cache
def seeds_of(name: str) -> list[bytes]:
    """Return whole files, one of which is read here: what is loaded once a process, each child then has."""
    seeds = READERS[name].seeds()
    with tempfile.NamedTemporaryFile() as file:
        file.write(seeds[0])
        file.flush()
        READERS[name].read(Path(file.name))
    return [*seeds, *(gzip.compress(seed, mtime=0) for seed in seeds if name in ("expression", "scores", "matches"))]
