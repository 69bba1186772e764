"""The chain of records: complete, free of folders and times, readable by everyone."""

import argparse
import hashlib
import json
import os
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData

from clrna import __version__
from clrna.errors import InputError
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad
from clrna.io.provenance import add_record, make_record, read_records
from clrna.io.unchanged import refuse_any_changed, watched


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in put.h5ad"
    path.write_bytes(b"content")
    return path


def record_of(source, **changes):
    options = {"input": source, "output": source.parent / "out.h5ad", "seed": 4, "verbose": True, **changes}
    return make_record("encode", argparse.Namespace(**options), [source], adapt={"A": "own statistics"})


def test_a_record_says_what_was_run(source):
    record = record_of(source, names={"b", "a"}, level=np.float32(0.5))
    assert record["step"] == "encode"
    assert record["clrna"] == __version__
    assert record["seed"] == 4
    assert record["inputs"] == [{"name": "in put.h5ad", "sha256": hashlib.sha256(b"content").hexdigest()}]
    assert record["parameters"] == {"input": "in put.h5ad", "level": 0.5, "names": ["a", "b"], "seed": 4}
    assert record["facts"] == {"adapt": {"A": "own statistics"}}
    told = {name: metadata.version(name) for name in ("torch", "numpy", "scipy", "pandas", "scikit-learn", "anndata")}
    assert record["versions"] == told


def test_a_record_holds_no_folder_and_no_time(source):
    first, second = json.dumps(record_of(source)), json.dumps(record_of(source))
    assert first == second
    assert str(Path(source).parent) not in first


def test_records_form_a_chain_that_a_file_keeps(source, tmp_path):
    adata = AnnData(np.ones((2, 2), dtype=np.float32), uns={"clrna": {"other": "kept"}, "mine": "kept"})
    assert read_records(adata) == []
    for seed in (1, 2):
        add_record(adata, record_of(source, seed=seed))
    add_record(adata, record_of(source, seed=2))
    write_h5ad(adata, tmp_path / "out.h5ad")
    again = read_h5ad(tmp_path / "out.h5ad")
    assert [record["seed"] for record in read_records(again)] == [1, 2]
    assert again.uns["clrna"]["other"] == "kept"
    assert again.uns["mine"] == "kept"


def test_one_record_survives_as_an_array(source, tmp_path):
    adata = AnnData(np.ones((2, 2), dtype=np.float32))
    add_record(adata, record_of(source))
    write_h5ad(adata, tmp_path / "out.h5ad")
    assert len(read_records(read_h5ad(tmp_path / "out.h5ad"))) == 1


def test_chains_of_several_files_are_joined_once(source):
    adata = AnnData(np.ones((2, 2), dtype=np.float32))
    shared, own = record_of(source, seed=1), record_of(source, seed=2)
    add_record(adata, record_of(source, seed=3), earlier=[shared, own, shared])
    assert [record["seed"] for record in read_records(adata)] == [1, 2, 3]


def test_an_input_that_goes_meanwhile_is_told(source):
    source.unlink()
    with pytest.raises(InputError, match=r"in put\.h5ad: cannot be read any more \(No such file or directory\); leave"):
        record_of(source)


@pytest.mark.parametrize("more", [b"more", b""], ids=["longer", "of another time"])
def test_an_input_that_changes_meanwhile_is_refused(source, more):
    os.utime(source, (0, 0))
    with watched([source]):
        source.write_bytes(source.read_bytes() + more)
        with pytest.raises(InputError, match=r"in put\.h5ad: was changed while it was read; start anew"):
            record_of(source)
    record_of(source)


def test_an_input_of_another_time_alone_is_the_one_that_was_recorded(source):
    os.utime(source, (0, 0))
    with watched([source]):
        record = record_of(source)
        os.utime(source)
        assert record_of(source) == record


def test_an_input_that_is_touched_after_it_was_recorded_may_stay(source):
    os.utime(source, (0, 0))
    with watched([source]):
        record_of(source)
        os.utime(source)
        refuse_any_changed()
        source.write_bytes(b"other content")
        with pytest.raises(InputError, match="was changed while it was read"):
            refuse_any_changed()


def test_a_pipe_in_the_place_of_an_input_is_not_waited_for(source):
    source.unlink()
    os.mkfifo(source)
    with pytest.raises(InputError, match=r"in put\.h5ad: is no file any more; leave inputs where they are"):
        record_of(source)


def test_what_a_library_says_of_an_input_that_changes_meanwhile_is_not_told(source):
    with pytest.raises(OSError, match="truncated file"), watched([source]):
        raise OSError("truncated file: eof = 4")
    with pytest.raises(InputError, match=r"in put\.h5ad: was changed while it was read"), watched([source]):
        source.write_bytes(b"cont")
        raise OSError("truncated file: eof = 4")
