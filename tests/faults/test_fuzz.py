"""Readers meet inputs that nobody wrote: each is read, or refused in one line, in bounded time and memory.

Every case runs in a child of its own, so that a crash, a loop and a flood of memory are findings like any other.
CLRNA_FUZZ_CASES is the number of cases (``make fuzz``: 100,000); what escapes is kept in the folder ``found`` here and
is a test from then on.
"""

import collections
import contextlib
import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import h5py
import httpx
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy import sparse

from clrna.cli import options
from clrna.cli.config_file import words_from_config
from clrna.errors import ClrnaError
from clrna.fetch.archive import extract
from clrna.fetch.failures import TransientError, check_status, retry_after
from clrna.io.child import ChildFailedError, ask_child
from clrna.io.h5ad import read_h5ad
from clrna.io.provenance import read_records
from clrna.io.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression
from clrna.model.model_file import load_model
from clrna.results.history import read_history
from clrna.results.score_table import read_scores

REPOSITORY = Path(__file__).resolve().parents[2]
MADE = REPOSITORY / "tools" / "clrna" / "test-data"
FOUND = Path(__file__).with_name("found")
CASES = int(os.environ.get("CLRNA_FUZZ_CASES", "40"))
COUNTS: collections.Counter[tuple[str, str]] = collections.Counter()


@dataclass(frozen=True)
class Reader:
    """What reads a file, and whole files of its kind to begin with."""

    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]


def small_h5ad(form: Callable[[np.ndarray], object]) -> bytes:
    values = np.arange(24, dtype=np.float32).reshape(6, 4) % 5
    obs = pd.DataFrame({"study": pd.Categorical(["A", "B"] * 3), "age": range(6)}, index=[f"s{i}" for i in range(6)])
    record = json.dumps({"step": "normalize", "inputs": []})
    adata = AnnData(form(values), obs=obs, var=pd.DataFrame(index=["TP53", "EGFR", "MYC", "KRAS"]))
    adata.obsm["X_clrna"] = values[:, :2].copy()
    adata.uns["clrna"] = {"provenance": np.array([record], dtype=object)}
    with tempfile.TemporaryDirectory() as folder:
        adata.write_h5ad(Path(folder) / "a.h5ad", compression="gzip")
        return (Path(folder) / "a.h5ad").read_bytes()


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


def read_file(path: Path) -> None:
    read_records(read_h5ad(path))


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


TABLE = b"gene\ts1\ts2\nTP53\t1.5\t2\nEGFR\t0\t3e2\nMYC\tNA\t4\n"
COMMAS = TABLE.replace(b"\t", b",")
READERS = {
    "h5ad": Reader(read_file, lambda: [small_h5ad(np.asarray), small_h5ad(sparse.csr_matrix)]),
    "expression": Reader(read_expression, lambda: [TABLE, COMMAS, gzip.compress(TABLE), *parquets()]),
    "metadata": Reader(read_sample_metadata, lambda: [TABLE, b'"sample","tissue"\n"a","b c"\n"d",""\n', *parquets()]),
    "model": Reader(load_model, lambda: [(MADE / "model.safetensors").read_bytes()]),
    "options": Reader(read_options, lambda: [b"seed: 3\nthreads: 2\nverbose: true\n", b"output: [a, b]\n"]),
    "scores": Reader(read_scores, lambda: [b"".join((MADE / "scores.tsv").read_bytes().splitlines(True)[:6])]),
    "history": Reader(read_history, lambda: [(MADE / "history.tsv").read_bytes()]),
    "archive": Reader(read_and_unpack, archives),
    "answer": Reader(read_answer, lambda: [b"503\nretry-after: 7\ncontent-length: 3\n", b"200\netag: x\n"]),
}  # fmt: skip


@cache
def seeds_of(name: str) -> list[bytes]:
    """Return whole files, one of which is read here: what is loaded once a process, each child then has."""
    seeds = READERS[name].seeds()
    with tempfile.NamedTemporaryFile() as file:
        file.write(seeds[0])
        file.flush()
        READERS[name].read(Path(file.name))
    return seeds


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> bytes:
    """Return a whole file of a kind after a few edits: bytes written over, put in, taken out, repeated."""
    content = draw(st.sampled_from(seeds_of(name)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        length = draw(st.integers(0, 64))
        odd = draw(st.one_of(st.binary(max_size=16), st.sampled_from(ODD)))
        edit = draw(st.sampled_from(["over", "in", "out", "again", "cut"]))
        if edit == "over":
            content = content[:at] + odd + content[at + len(odd) :]
        elif edit == "in":
            content = content[:at] + odd + content[at:]
        elif edit == "out":
            content = content[:at] + content[at + length :]
        elif edit == "again":
            content = content[:at] + content[at : at + length] * draw(st.integers(2, 50)) + content[at:]
        else:
            content = content[:at]
    return content


ODD = [
    b"", b"\0", b"\xff" * 8, b"\xff\xff\xff\x7f", b"\0" * 8, b"nan", b"inf", b"-1", b"1e999", b"9" * 400, b"\t" * 20,
    b'"', b"\n", b"\r\n", b"\r", b"\xef\xbb\xbf", b"&a *a", b"[" * 300, b"{", b"\\ud800", b"!!python/object:x", b"#",
]  # fmt: skip

VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=8), st.binary(min_size=1, max_size=8),
    st.lists(st.integers(-5, 2**40), max_size=6), st.lists(st.floats(width=32), max_size=24),
    st.lists(st.sampled_from(["a", "tissue", "{", "µ"]), min_size=1, max_size=6), st.none(),
)  # fmt: skip


@st.composite
def rebuilt(draw: st.DrawFn) -> bytes:
    """Return an h5ad of which some objects and attributes are others."""
    file = io.BytesIO(draw(st.sampled_from(seeds_of("h5ad"))))
    with h5py.File(file, "r+") as opened:
        names: list[str] = []
        opened.visit(names.append)
        for _ in range(draw(st.integers(1, 3))):
            name, value = draw(st.sampled_from(names)), draw(VALUES)
            if name not in opened:
                continue
            with contextlib.suppress(TypeError, ValueError, OSError):  # h5py does not write everything
                if draw(st.booleans()):
                    attributes = opened[name].attrs
                    key = draw(st.sampled_from([*attributes, "shape", "encoding-type", "column-order", "_index"]))
                    attributes[key] = h5py.Empty("f4") if value is None else value
                else:
                    del opened[name]
                    if value is not None:
                        opened[name] = value
    return file.getvalue()


def outcome(name: str, content: bytes) -> str:
    """Return ``read``, ``refused``, or how the reader failed to do either."""

    def one() -> str:
        with tempfile.NamedTemporaryFile(prefix="given", suffix=".gz" if content[:2] == b"\x1f\x8b" else "") as file:
            file.write(content)
            file.flush()
            try:
                READERS[name].read(Path(file.name))
            except ClrnaError as error:
                text = str(error)
                return "refused" if text and "\n" not in text and len(text) < 20_000 else f"long: {text[:200]}"
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                return f"{type(error).__name__}: {str(error)[:200]}"
        return "read"

    try:
        return ask_child(one)
    except ChildFailedError as error:
        return f"child: {error}"


def hold(name: str, content: bytes) -> None:
    how = outcome(name, content)
    COUNTS[name, how if how in ("read", "refused") else "escaped"] += 1
    if how in ("read", "refused"):
        return
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}"
    path.write_bytes(content)
    pytest.fail(f"{how}; kept as {path.name}")


def fuzz(strategy: st.SearchStrategy[bytes], name: str, share: float) -> None:
    @settings(
        max_examples=max(1, int(CASES * share)), deadline=None, database=None, derandomize=CASES <= 2000,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def each(content: bytes) -> None:
        hold(name, content)

    each()


@pytest.fixture(scope="module", autouse=True)
def _counts() -> Iterator[None]:
    yield
    for (name, how), number in sorted(COUNTS.items()):
        print(f"fuzz: {name}: {how}: {number}")
    print(f"fuzz: cases: {COUNTS.total()}, escaped: {sum(n for (_, how), n in COUNTS.items() if how == 'escaped')}")


@pytest.mark.parametrize("name", READERS)
def test_whole_files_are_read(name: str) -> None:
    assert [outcome(name, content) for content in seeds_of(name)][:1] == ["read"]


@pytest.mark.parametrize("name", READERS)
def test_no_bytes_escape(name: str) -> None:
    fuzz(spoilt(name), name, 0.8 / len(READERS))


def test_no_object_of_an_h5ad_escapes() -> None:
    fuzz(rebuilt(), "h5ad", 0.2)


def test_what_once_escaped_does_not() -> None:
    for path in sorted(FOUND.glob("*-*")):
        how = outcome(path.name.rpartition("-")[0], path.read_bytes())
        assert how in ("read", "refused"), f"{path.name}: {how}"
