"""Names of a file stand in messages on one line, visible and cut; a column that stands twice is told as that."""

import gzip

import anndata
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import MADE

from clrna.errors import InputError
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression
from clrna.io.text_table import read_table
from clrna.normalize import join_metadata
from clrna.quoted import in_quotes, listed, quoted, reason_of, shortened

HOSTILE = "a\x1b[2J\nb\x07\u202e"


def test_what_steers_a_terminal_is_written_as_python_writes_it():
    assert quoted(HOSTILE) == "a\\x1b[2J b\\x07\\u202e"
    assert in_quotes(HOSTILE) == "'a\\x1b[2J b\\x07\\u202e'"
    assert shortened(HOSTILE) == "a\\x1b[2J\\nb\\x07\\u202e"
    assert reason_of(ValueError(HOSTILE)) == quoted(HOSTILE)
    assert len(shortened("\x1b" * 100_000)) < 4100


def test_names_are_listed_cut_and_never_empty():
    assert listed(["", "b" * 101, "c", "d"], 3) == f"'', {'b' * 100}..., c and 1 more"
    assert listed(["a", ""], marks=True) == "'a', ''"
    assert quoted("") == in_quotes(" ") == "''"
    assert reason_of(ValueError("")) == "ValueError"


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "score", "plot", "explain"])
def test_hostile_names_reach_no_terminal(run, encoded, write, name):
    encoded.obs["study"] = [f"{study}{HOSTILE}" for study in encoded.obs["study"].astype(str)]
    encoded.obs_names = [f"{sample}{HOSTILE}{'x' * 3000}" for sample in encoded.obs_names]
    ended = run(name, write(encoded))
    assert all(letter.isprintable() or letter == "\n" for letter in ended.said)
    assert all(line.startswith(f"clrna-{name}: ") and len(line) < 4100 for line in ended.said.splitlines())


@pytest.mark.parametrize("read", [read_expression, read_sample_metadata])
def test_a_parquet_column_that_stands_twice(tmp_path, read):
    columns = [pa.array(["s1", "s2"]), pa.array([1.0, 2.0]), pa.array([3.0, 4.0])]
    pq.write_table(pa.Table.from_arrays(columns, names=["sample", "TP53", "TP53"]), tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"t\.parquet: has column 'TP53' twice"):
        read(tmp_path / "t.parquet")


def test_a_column_of_a_known_table_that_stands_twice(tmp_path):
    (tmp_path / "s.tsv").write_text("a\tb\ta\n1\t2\t3\n")
    with pytest.raises(InputError, match=r"s\.tsv: has column 'a' twice"):
        read_table(tmp_path / "s.tsv")


def test_a_study_whose_name_has_blanks_about_it(run, tmp_path):
    content = gzip.decompress((MADE / "SIM1.tsv.gz").read_bytes())
    for name, words in ((" a b .tsv ", []), ("c.tsv", ["--study", " a b "])):
        (tmp_path / name).write_bytes(content)
        ended = run("normalize", tmp_path / name, *words)
        assert ended.status == 0, ended.said
        assert set(anndata.read_h5ad(tmp_path / "out" / "o.h5ad").obs["study"]) == {"a b"}


def test_more_columns_than_any_study_has_samples(run, tmp_path):
    path = tmp_path / "w.tsv"
    path.write_text("gene" + "".join(f"\ts{at}" for at in range(300_001)) + "\nTP53\t1\n")
    for name in ("normalize", "encode"):
        run(name, path).refused("w.tsv: has 300,002 columns, 300,000 are read at most; give it in parts")


def test_a_table_wider_than_any_of_samples(run, tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("sample" + "".join(f"\tc{at}" for at in range(5_000)) + "\nS1\n")
    ended = run("normalize", MADE / "SIM1.tsv.gz", "--metadata", str(path))
    ended.refused("m.tsv: has 5,001 columns, and no table of samples has more than 5,000; ")


def test_names_are_looked_for_in_so_many_columns(run, tmp_path, monkeypatch):
    asked, match = [], join_metadata.match_names
    monkeypatch.setattr(join_metadata, "match_names", lambda *words: asked.append(1) or match(*words))
    path = tmp_path / "m.tsv"
    lines = [["patient", *(f"c{at}" for at in range(999))], *([f"r{row}c{at}" for at in range(1000)] for row in "ab")]
    path.write_text("".join("\t".join(line) + "\n" for line in lines))
    run("normalize", MADE / "SIM1.tsv.gz", "--metadata", str(path)).refused("m.tsv: no sample of it is in")
    assert len(asked) == 201


def test_columns_that_are_joined_keep_their_places(run, tmp_path):
    names = gzip.decompress((MADE / "SIM1.tsv.gz").read_bytes()).decode().split("\n", 1)[0].split("\t")[1:]
    path = tmp_path / "m.tsv"
    wide = "\t".join(f"c{at}" for at in range(300))
    path.write_text(f"sample\t{wide}\n" + "".join(name + "\tx" * 300 + "\n" for name in names))
    ended = run("normalize", MADE / "SIM1.tsv.gz", "--metadata", str(path))
    assert ended.status == 0, ended.said
    obs = anndata.read_h5ad(tmp_path / "out" / "o.h5ad").obs
    assert [name for name in obs if name in wide.split("\t")] == wide.split("\t")
    assert (obs[wide.split("\t")] == "x").all(axis=None)


@pytest.mark.parametrize("name", ["normalize", "train", "encode", "baseline", "score", "match", "plot", "explain"])
def test_a_study_whose_name_no_model_could_hold(run, encoded, write, name):
    encoded.obs["study"] = [study.replace("SIM1", "s" * 1001) for study in encoded.obs["study"].astype(str)]
    run(name, write(encoded)).refused("given.h5ad: studies hold a name of 1,001 characters ('ssssssssssssssssssss...')")
