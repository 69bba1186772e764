"""Damaged and hostile inputs of every kind end with one line that names the file, the object and the mend."""

import contextlib
import gzip
import json
import os
import resource
import time
import tracemalloc
from argparse import ArgumentTypeError
from importlib import import_module

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import MADE

from clrna.cli import options, runtime
from clrna.errors import InputError, UsageError
from clrna.fetch.address import check_address
from clrna.fetch.json_file import read_json
from clrna.io.gene_map import read_gene_map
from clrna.io.hdf5.h5ad import read_h5ad
from clrna.io.metadata import sample_metadata
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression
from clrna.io.text import text_stream
from clrna.io.text.clean_stream import CleanStream
from clrna.io.text.text_stream import LONGEST_LINE
from clrna.io.text_table import read_table
from clrna.labels.label_map import read_label_map
from clrna.model.tensor_file import read_tensor_file, write_tensor_file
from clrna.normalize.split import parse_fractions
from clrna.quoted import quoted, shortened
from clrna.scale.scale_name import parse_scale

EVERY = ["normalize", "train", "encode", "baseline", "score", "match", "explain", "plot"]


@pytest.mark.parametrize("name", EVERY)
def test_a_column_that_stands_twice(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        order = [*file["obs"].attrs["column-order"], "tissue"]
        file["obs"].attrs["column-order"] = np.array(order, dtype=h5py.string_dtype())
    run(name, path).refused(str(path), "obs has column 'tissue' twice")


RECORDS = {
    "a number": 7,
    "text": "text",
    "no JSON": np.array(["{"], dtype=object),
    "no mappings": np.array(["[1]", "null"], dtype=object),
    "numbers": np.arange(3),
    "a table": np.zeros((2, 2)),
    "a record without a step": np.array(['{"inputs": []}'], dtype=object),
    "inputs of no list": np.array(['{"step": "x", "inputs": 1}'], dtype=object),
    "an input without a name": np.array(['{"step": "x", "inputs": [{}]}'], dtype=object),
    "deep": np.array(["[" * 100_000], dtype=object),
    "a mapping": {"a": 1},
}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("records", RECORDS.values(), ids=RECORDS)
def test_provenance_that_is_none(run, encoded, write, name, records):
    encoded.uns["clrna"] = {"provenance": records}
    path = write(encoded)
    run(name, path).refused(str(path), "uns['clrna']['provenance']")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("own", [5, "text", np.arange(3)])
def test_an_entry_of_clrna_that_is_no_mapping(run, encoded, write, name, own):
    encoded.uns["clrna"] = own
    path = write(encoded)
    run(name, path).refused(str(path), "uns['clrna'] is")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "models",
    [5, {"X_clrna": 5}, np.arange(2), {"X_clrna": {"training_studies": np.array([b"L\xe9"])}}],
    ids=["a number", "a number in it", "numbers", "bytes in it"],
)
def test_models_that_are_none(run, encoded, write, name, models):
    encoded.uns["clrna"] = {"models": models}
    path = write(encoded)
    run(name, path).refused(str(path), "uns['clrna']['models']")


@pytest.mark.parametrize("name", EVERY)
def test_a_column_of_bytes_that_are_no_text(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["obs/tissue"]
        file["obs/tissue"] = b"L\xe9ber"  # one for all
    run(name, path).refused(str(path), "obs column 'tissue' holds text that is not in UTF-8")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("where", ["obs/donor/categories", "obs/_index", "var/_index"])
def test_text_with_a_null_character(run, encoded, write, name, where):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        held = [b"a\0b", *(f"x{at}".encode() for at in range(1, len(file[where])))]
        attributes = dict(file[where].attrs)
        del file[where]
        file[where] = np.array(held, dtype="S8")
        file[where].attrs.update(attributes)
    run(name, path).refused(str(path), where.split("/")[0], "holds text with a null character")


def test_a_column_of_bytes_that_are_text(encoded, write):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["obs/tissue"]
        file["obs/tissue"] = "Léber".encode()
    assert read_h5ad(path).obs["tissue"].tolist() == ["Léber"] * encoded.n_obs


@pytest.mark.parametrize("name", EVERY)
def test_layers_that_are_no_group(run, encoded, write, name):
    path = write(encoded)
    with h5py.File(path, "r+") as file:
        del file["layers"], file["X"]
        file["layers"] = 3
    run(name, path).refused(str(path))


def test_a_label_map_with_a_cell_without_end(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("raw\ttissue\ttumor_type\n" + "x" * 200_000 + "\tLung\t\n")
    with pytest.raises(InputError, match=r"m\.tsv: --label-map is no table"):
        read_label_map(path)


@pytest.mark.parametrize(
    "cell", ["M" + "x" * 200_000 + "YC", "TP53" + " " * 200_000 + "x", "a; " + " " * 200_000 + "!"]
)
def test_a_cell_of_odd_make_does_not_take_minutes(tmp_path, cell):
    path = tmp_path / "m.tsv"
    started = time.process_time()
    for text in (f"ID\tgene\na\tTP53\nb\t{cell}\n", f"gene\tx\ts1\nTP53\t{cell}\t1\n{cell}\ta\t2\n"):
        path.write_text(text)
        for read in (read_gene_map, read_expression, read_sample_metadata):
            with contextlib.suppress(InputError):
                read(path)
    assert time.process_time() - started < 15


@pytest.mark.parametrize("host", ["a" * 64, "xn--a", "a..b", "[::1", "a b", ""])
def test_addresses_that_no_host_has(host):
    with pytest.raises(UsageError, match="NAME: is no address"):
        check_address(f"http://{host}/x", "NAME")


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "\ud800"])
def test_json_of_a_portal_that_is_none(tmp_path, text):
    (tmp_path / "l.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(InputError, match=r"l\.json: is not JSON"):
        read_json(tmp_path / "l.json")


def parquet(path, columns, about=None):
    table = pa.table(columns)
    pq.write_table(table if about is None else table.replace_schema_metadata({b"pandas": about}), path)
    return path


def matrix(**more):
    return {"sample": ["s1", "s2"], **more, "TP53": [1.0, 2.0], "EGFR": [3.0, 4.0]}


@pytest.mark.parametrize("read", [read_expression, read_sample_metadata])
@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"\xff", b"\xfe"]),
        pa.array([[1], [2]]),
        pa.array([{"a": 1}, {"a": 2}]),
        pa.array([1, 2], pa.duration("s")),
        pa.array([b"ab", b"cd"], pa.binary(2)),
        pa.array([b"\xff", b"\xfe"]).dictionary_encode(),
    ],
    ids=str,
)
def test_a_parquet_column_that_no_cell_could_hold(tmp_path, read, column):
    path = parquet(tmp_path / "t.parquet", matrix(odd=column))
    with pytest.raises(InputError, match=r"t\.parquet: column 'odd' holds"):
        read(path)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([0, 86_400], pa.timestamp("s")), "1970-01-02 00:00:00"),
        (pa.array([0, 1], pa.date32()), "1970-01-02"),
        (pa.array([0, 61], pa.time32("s")), "00:01:01"),
        (pa.array(["a", "b"]).dictionary_encode(), "b"),
    ],
    ids=["time stamp", "date", "time", "categories"],
)
def test_dates_and_categories_of_parquet_are_text(tmp_path, column, text):
    path = parquet(tmp_path / "t.parquet", matrix(odd=column))
    assert read_sample_metadata(path)["odd"].tolist()[1] == text
    assert read_expression(path).obs["odd"].tolist()[1] == text


@pytest.mark.parametrize("about", [b"{", b"\xff", b"[]", b"3", b'{"index_columns": 5}', b"[" * 100_000])
def test_what_another_program_left_in_a_parquet_schema_is_passed_over(tmp_path, about):
    path = parquet(tmp_path / "t.parquet", matrix(), about)
    assert read_expression(path).obs_names.tolist() == ["s1", "s2"]
    assert read_sample_metadata(path).index.tolist() == ["s1", "s2"]


@pytest.mark.parametrize(
    "spoil", [lambda c: c[:-12], lambda c: c[:40], lambda c: b"a\tb\n1\t2\n", lambda c: c[:-4] + b"zzzz"]
)
def test_a_damaged_gz_of_a_known_form(tmp_path, spoil):
    content = gzip.compress("".join(f"{i}\t{i * 7919 % 9973}\n" for i in range(3000)).encode())
    path = tmp_path / "t.tsv.gz"
    path.write_bytes(spoil(content))
    with pytest.raises(InputError, match=r"t\.tsv\.gz: "):
        read_table(path, required=["none"])


def tensor_file(path, head):
    text = json.dumps(head).encode() if not isinstance(head, bytes) else head
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 8)
    return path


GOOD = {"kind": "model", "version": 1, "sha256": "", "description": {}}


@pytest.mark.parametrize(
    "head",
    [
        {"a": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}, "__metadata__": {"clrna": json.dumps(GOOD)}},
        {"a": {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]}, "__metadata__": {"clrna": json.dumps(GOOD)}},
        {"a": {"dtype": "X9", "shape": [8], "data_offsets": [0, 8]}, "__metadata__": {"clrna": json.dumps(GOOD)}},
        {"__metadata__": {"clrna": "[" * 100_000}},
        {"__metadata__": {"clrna": json.dumps({**GOOD, "description": [1]})}},
        {"a": {"dtype": "F32", "shape": [2**62], "data_offsets": [0, 8]}, "__metadata__": {"clrna": json.dumps(GOOD)}},
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_model_files_of_odd_make(tmp_path, head):
    path = tensor_file(tmp_path / "m.safetensors", head)
    with pytest.raises(InputError, match=r"m\.safetensors: .*train or fetch it anew") as caught:
        read_tensor_file(path, "model", 1)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("description", [{}, {"fingerprint": 1}, {"fingerprint": {}, "environment": None}])
def test_a_checkpoint_that_lacks_a_part(run, encoded, write, tmp_path, description):
    write_tensor_file(tmp_path / "c.safetensors", "checkpoint", 1, {"a": np.zeros(2)}, description)
    ended = run("train", write(encoded), "--checkpoint", str(tmp_path / "c.safetensors"), "--resume")
    ended.refused("c.safetensors: is ", "remove it and start over")


def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path):
    path = tmp_path / "b.tsv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(2 * LONGEST_LINE // (1 << 20)):
            file.write(b"0" * (1 << 20))
    for read in (read_expression, read_sample_metadata, read_table):
        with pytest.raises(InputError, match=r"b\.tsv\.gz: a line is longer than 64 MB"):
            read(path)


@pytest.mark.parametrize("read", [read_sample_metadata, read_gene_map])
def test_lines_without_end_are_refused(tmp_path, monkeypatch, read):
    monkeypatch.setattr(sample_metadata, "_MOST_ROWS", 1000)
    path = tmp_path / "b.tsv.gz"
    path.write_bytes(gzip.compress(b"sample\ttissue\n" + b"s\tLung\n" * 1001))
    with pytest.raises(InputError, match=r"b\.tsv\.gz: has more than 1,000 lines"):
        read(path)


def test_a_file_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text_stream, "_UNASKED", 1 << 20)
    path = tmp_path / "b.tsv.gz"
    path.write_bytes(gzip.compress(b"gene\ts1\n" + b"TP53\t1\n" * 200_000))
    for read in (read_sample_metadata, read_expression, read_table):
        with pytest.raises(InputError, match=r"b\.tsv\.gz: unpacks to more than 300 times its size"):
            read(path)
    path.write_bytes(gzip.compress("".join(f"{at}\t{at * 7919 % 9973 + 0.5}\n" for at in range(200_000)).encode()))
    assert len(read_table(path)) == 199_999


def test_long_lines_after_each_other_are_no_line_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(text_stream, "LONGEST_LINE", 1 << 20)
    header, row = ("\t".join(f"{name}{at:0>170}" for at in range(4_000)) for name in ("sample", ""))
    path = tmp_path / "m.tsv"
    path.write_text("gene\t" + header + "\n" + "".join(f"{gene}\t{row}\n" for gene in ("TP53", "EGFR", "MYC") * 4))
    with text_stream.open_text(path) as stream:
        blocks = CleanStream(stream, path, "\t", 0)
        assert sum(block.count(b"\n") for block in iter(lambda: blocks.read(1 << 18), b"")) == 13
    assert read_table(path).shape == (12, 4_001)


@pytest.mark.parametrize("read", [read_sample_metadata, read_gene_map])
def test_a_header_of_which_the_lines_have_next_to_nothing_is_refused_in_bounded_memory(tmp_path, read):
    path = tmp_path / "w.tsv"
    header = "\t".join(f"column {at}" for at in range(100_000))
    path.write_text(f"sample\t{header}\n" + "".join(f"s{at}\n" for at in range(2_000)))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"w\.tsv: .*line \d+ has 1 field where the header has 100001"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 500 << 20
    tracemalloc.stop()


@pytest.fixture
def small(tmp_path):
    parser = options.new_parser("small", "x")
    options.add_output_option(parser, "a file")
    parser.add_argument("--name", default="", help="text")
    options.add_general_options(parser)
    return lambda body, *words: runtime.run(parser, body, ["-o", str(tmp_path / "o"), *words])


@pytest.mark.parametrize(
    "make", [lambda text: f"cell '{text}' is odd", lambda text: text, lambda text: "ab " * len(text)]
)
def test_megabytes_of_a_file_are_not_quoted(small, capsys, make):
    def body(_):
        raise InputError(make("a" * 3_000_000))

    assert small(body) == 3
    assert len(capsys.readouterr().err) < 4200


def test_what_lies_between_two_quotes_is_not_cut():
    line = f"{'a/' * 60}: the column's 'tissue' replaces what {'long ' * 40} held ('a1' was 'lung')"
    assert shortened(line) == line


def test_what_is_cut_shows_its_start():
    assert quoted("a b\nc") == "a b c"
    assert quoted("a" * 101) == "a" * 100 + "..."
    assert (
        shortened("cell '" + "a" * 5000 + "' is no number; mend it") == f"cell '{'a' * 100}...' is no number; mend it"
    )


YAML = {
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nname: *b",
    "deep": "name: " + "[" * 3000,
    "nested": "name: [[a]]",
    "a long number": "seed: " + "1" * 5000,
    "half a letter": 'name: "\\ud800"',
    "zero": 'name: "a\\0b"',
    "large": "name: " + "x" * (2 << 20),
    "a tag": "name: !!python/object:os.system x",
    "a list": "- a",
    "latin": b"name: \xe9",
}


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_options_that_no_file_needs(small, capsys, tmp_path, text):
    path = tmp_path / "c.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert small(lambda _: pytest.fail("worked"), "--config", str(path)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "--config" in lines[0]
    assert len(lines[0]) < 600


@pytest.mark.parametrize("word", ["1" * 5000, "99999999999", "4294967296", "٣", "1_0"])
def test_numbers_that_no_option_takes(small, capsys, word):
    with pytest.raises(SystemExit) as ended:
        small(lambda _: pytest.fail("worked"), "--seed", word)
    assert ended.value.code == 2
    assert len(capsys.readouterr().err) < 2000


ARABIC = {ord("0") + digit: ord("٠") + digit for digit in range(10)}
ENDLESS = {
    "train": ["--center-weight", "--gene-shift", "--learning-rate", "--weight-decay"],
    "fetch": ["--timeout", "--max-wait"],
}


@pytest.mark.parametrize("word", ["inf", "1e999", "nan", "-inf"])
@pytest.mark.parametrize("name", ENDLESS)
def test_numbers_without_end(capsys, name, word):
    parser = import_module(f"clrna.cli.{name}").get_parser()
    for option in ENDLESS[name]:
        with pytest.raises(SystemExit, match="2"):
            parser.parse_args(["INPUT", "-o", "o", f"{option}={word}"])
        assert f"argument {option}: '{word}' is not a number " in capsys.readouterr().err


def _takes(kind, word):
    try:
        kind(word)
    except (ValueError, ArgumentTypeError):
        return False
    return True


@pytest.mark.parametrize("name", ["fetch", *EVERY])
def test_every_number_is_one_in_plain_digits(name):
    tried = 0
    for action in import_module(f"clrna.cli.{name}").get_parser()._actions:
        plain = [word for word in ("2", "0.5", "50%", "cuda:1", "50,30") if action.type and _takes(action.type, word)]
        if not plain or _takes(action.type, "x!"):
            continue
        for word in plain:
            for odd in (word.translate(ARABIC), word.replace("0", "0_0"), word.replace("2", "2_0"), f"{word}²"):
                tried += odd != word
                assert odd == word or not _takes(action.type, odd), (action.option_strings, odd)
    assert tried > 5


def test_numbers_within_words_are_in_plain_digits():
    with pytest.raises(UsageError, match="give three shares"):
        parse_fractions(["0.٨", "0.1", "0.1"])
    with pytest.raises(UsageError, match="is not known"):
        parse_scale("log2_tpm٣")


def test_times_that_no_clock_has(capsys):
    parser = import_module("clrna.cli.fetch").get_parser()
    for option in ENDLESS["fetch"]:
        with pytest.raises(SystemExit, match="2"):
            parser.parse_args([option, "1e10"])
        assert "to 86400" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--min-class-size=--"], ["--study=--"], ["--metadata=--"], ["-o--"]])
def test_two_dashes_are_no_value(run, words):
    ended = run("normalize", MADE / "SIM1.tsv.gz", *words)
    assert ended.status == 2 and ended.left == []
    assert ended.said.splitlines()[-1].endswith(": '--' is no value (clrna-normalize --help lists all)")


def test_more_features_than_can_be_learned(run):
    ended = run("train", MADE / "merged.h5ad", "--latent-dim", "1000000")
    ended.refused("--latent-dim 1000000: at most 10,000 features are learned", status=2)


def test_words_that_are_no_text(small, capsys):
    assert small(lambda _: pytest.fail("worked"), "--name", "a\udcffb") == 2
    assert "is no UTF-8 text" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "what"), [("AS", "address space, 2 GB"), ("DATA", "data, 1 GB")])
def test_too_little_memory_is_said_at_once(python, kind, what):
    limit = f"import resource as r; r.setrlimit(r.RLIMIT_{kind}, (900 << 20, r.RLIM_INFINITY))"
    done = python(
        "-c", f"{limit}; from clrna.cli.score import main; raise SystemExit(main(['README.md', '-o', 'none.tsv']))"
    )
    assert done.returncode == 2
    assert f"0.9 GB of {what} are needed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


def test_rows_for_multiqc_are_escaped(run, encoded, write, tmp_path):
    encoded.obsm["X_<img src=x onerror=alert(1)>"] = encoded.obsm["X_clrna"]
    out = tmp_path / "out" / "a&<b>_mqc.json"
    ended = run("score", write(encoded), "--mqc", str(out))
    assert ended.status == 0, ended.said
    rows = list(json.loads(out.read_text())["data"])
    assert len(rows) == 2
    assert not any(letter in row for row in rows for letter in "<>")
    assert all(row.startswith("a&amp;&lt;b&gt; ") for row in rows)


@pytest.mark.parametrize("at", [0.2, 0.4, 0.6, 0.8])
def test_a_file_with_a_damaged_part_names_itself(encoded, write, at):
    path = write(encoded)
    content = bytearray(path.read_bytes())
    start = int(len(content) * at)
    content[start : start + 3000] = b"\xff" * 3000
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"given\.h5ad: ") as caught:
        read_h5ad(path)
    assert len(str(caught.value)) < 600


def test_columns_of_time_are_no_surprise(run, encoded, tmp_path):
    frame = pd.DataFrame(np.asarray(encoded.X), index=encoded.obs_names, columns=encoded.var_names)
    frame.insert(0, "taken", pd.date_range("2020-01-01", periods=len(frame)))
    frame.to_parquet(tmp_path / "t.parquet")
    assert run("normalize", tmp_path / "t.parquet").status == 0


LISTS = {"normalize": ["--label-map"], "fetch": ["--label-map", "--token-file", "--netrc", "--checksums"]}


@pytest.mark.parametrize(("name", "option"), [(name, option) for name in LISTS for option in LISTS[name]])
def test_lists_that_are_none(capsys, tmp_path, name, option):
    out = tmp_path / "o.h5ad"
    given = {"normalize": [str(MADE / "SIM1.tsv.gz")], "fetch": ["ccle", "--offline"]}[name]
    for size, told in ((0, "is empty (0 bytes); "), (1 << 40, "has more than 64 MB, no such list is so long; ")):
        (tmp_path / "list").touch()
        os.truncate(tmp_path / "list", size)
        assert import_module(f"clrna.cli.{name}").main([*given, "-o", str(out), option, str(tmp_path / "list")]) == 3
        assert f"{option} {tmp_path}/list: {told}" in capsys.readouterr().err
    assert not out.exists()


EMPTY = {
    "normalize": ["--study", "--input-scale", "--split-by-study", "--metadata"],
    "train": ["--exclude-study"],
    "fetch": ["--projects", "--mirror", "--from", "--cache"],
    "score": ["--metrics"],
    "plot": ["--color-by"],
}


@pytest.mark.parametrize("word", ["", " ", ","])
@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_value_is_not_taken_for_none(capsys, name, word):
    parser = import_module(f"clrna.cli.{name}").get_parser()
    for option in EMPTY[name]:
        for words in ([option, word], [f"{option}={word}"]):
            with pytest.raises(SystemExit, match="2"):
                parser.parse_args(["INPUT", "-o", "o", *words])
            assert f"argument {option}: its value is empty; give one or leave " in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--from", "--cache", "--label-map", "--mirror"])
def test_a_name_that_no_folder_takes(capsys, tmp_path, option):
    long = "file:///" * (option == "--mirror") + "n" * 300
    assert import_module("clrna.cli.fetch").main(["ccle", "-o", str(tmp_path / "o.h5ad"), option, long]) in (2, 3, 5)
    assert capsys.readouterr().err.count(": error: ") == 1


NAMED = {
    "encode": ["--study-key", "--donor-key"],
    "explain": ["--study-key"],
    "score": ["--donor-key", "--split-key"],
    "plot": ["--study-key", "--donor-key"],
    "match": ["--study-key", "--donor-key"],
    "train": ["--study-key", "--donor-key", "--split-key"],
}


@pytest.mark.parametrize(("name", "option"), [(name, option) for name in NAMED for option in NAMED[name]])
def test_a_column_that_was_named_and_is_not_there(run, name, option):
    ended = run(name, MADE / "encoded.h5ad", option, "no such column")
    ended.refused("encoded.h5ad: ", "obs has no column 'no such column'")


@pytest.mark.parametrize("name", [*EVERY, "fetch"])
def test_an_output_that_ends_in_a_slash_is_a_folder(capsys, name):
    parser = import_module(f"clrna.cli.{name}").get_parser()
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(["INPUT", "-o", "new/"])
    assert "'new/' names a folder; add the name of the file to write" in capsys.readouterr().err
