"""Quotes: a stray one is a character, and none swallows the lines below it."""

import gzip

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression
from clrna.io.text.quoting import UnclosedQuoteError, as_regular, split_line

GENES = ["TP53", "EGFR", "MYC", "BRCA1", "KRAS", "PTEN"]


def table(descriptions: dict[str, str], delimiter: str = "\t") -> str:
    lines = [delimiter.join(["gene", "description", "s1", "s2"])]
    lines += [
        delimiter.join([gene, descriptions.get(gene, "x"), f"{number}.5", f"{number}.25"])
        for number, gene in enumerate(GENES, 1)
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("where", [("EGFR", "BRCA1"), ("EGFR",), ("PTEN",), ("TP53", "KRAS", "PTEN")])
@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_stray_quote_in_a_tab_separated_matrix_is_a_character(tmp_path, where, compress):
    path = tmp_path / "m.tsv"
    path.write_bytes(compress(table(dict.fromkeys(where, '"5 prime')).encode()))
    adata = read_expression(path)
    assert adata.var_names.tolist() == GENES
    assert adata.X[0].tolist() == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert [adata.var["description"][gene] for gene in where] == ['"5 prime'] * len(where)


def test_far_down_too(tmp_path):
    path = tmp_path / "m.tsv"
    body = [f"{GENES[number % 6]}\t{'' if number % 400 else chr(34)}x\t{number}\t1" for number in range(1, 1001)]
    path.write_text("gene\tdescription\ts1\ts2\n" + "\n".join(body) + "\n")
    adata = read_expression(path)
    assert adata.n_vars == 1000 and adata.X[0].tolist() == list(range(1, 1001))


@pytest.mark.parametrize("line", [3, 6])
def test_in_other_tables_the_line_is_named(tmp_path, line):
    path = tmp_path / "m.csv"
    path.write_text(table({GENES[line - 2]: '"5 prime'}, ","))
    with pytest.raises(InputError, match=rf"m.csv: line {line}: a quote"):
        read_expression(path)


def test_far_down_the_line_is_named_too(tmp_path):
    path = tmp_path / "m.csv"
    rows = [f"TP53,x,{number},1" for number in range(500)]
    rows[321] = 'TP53,"x,321,1'
    path.write_text("# a comment\ngene,description,s1,s2\n" + "\n".join(rows) + "\n")
    with pytest.raises(InputError, match="line 324: a quote"):
        read_expression(path)


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_fields_in_quotes_hold_delimiter_and_quotes(tmp_path, delimiter):
    path = tmp_path / "m"
    path.write_text(table({"MYC": f'"a{delimiter}b ""c"" d"'}, delimiter))
    assert read_expression(path).var["description"]["MYC"] == f'a{delimiter}b "c" d'


def test_a_field_over_two_lines_is_refused(tmp_path):
    for name, delimiter in (("m.tsv", "\t"), ("m.csv", ",")):
        path = tmp_path / name
        path.write_text(table({"MYC": '"first\nsecond"'}, delimiter))
        with pytest.raises(InputError, match=r"a quote|fields where the header has"):
            read_expression(path)


def test_samples_keep_their_labels(tmp_path):
    path = tmp_path / "meta.tsv"
    path.write_text('sample\tsize\ttissue\na\t3\tlung\nb\t"5 cm\tbreast\nc\t3\tskin\nd\t"5 cm\tlung\n')
    frame = read_sample_metadata(path)
    assert frame["tissue"].to_dict() == {"a": "lung", "b": "breast", "c": "skin", "d": "lung"}
    assert frame["size"]["b"] == '"5 cm'


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_metadata_over_two_lines_are_refused(tmp_path, delimiter):
    path = tmp_path / "meta"
    rows = [["sample", "note", "tissue"], ["a", '"one\ntwo"', "lung"], ["b", "x", "skin"]]
    path.write_text("\n".join(map(delimiter.join, rows)) + "\n")
    with pytest.raises(InputError, match=r"line 2"):
        read_sample_metadata(path)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a\tb\t", ["a", "b", ""]),
        ('"a"\t"b\tc"\td', ["a", "b\tc", "d"]),
        ('"a\tb', ['"a', "b"]),
        ('"a" x\t"b"', ['"a" x', "b"]),
        ('5" cap\t""', ['5" cap', ""]),
        ('"', ['"']),
        ('"a ""b"""\tc', ['a "b"', "c"]),
    ],
)
def test_lines_are_split_alike_by_both_readers(line, fields):
    assert split_line(line, "\t") == fields
    regular = as_regular(line.encode(), b"\t")
    assert regular is not None and split_line(regular.decode(), "\t") == fields


@pytest.mark.parametrize("line", ['a,"b', '"a"b,c', '"a,b""'])
def test_commas_do_not_forgive(line):
    with pytest.raises(UnclosedQuoteError):
        split_line(line, ",")
    assert as_regular(line.encode(), b",") is None


def test_one_byte_that_is_no_utf8_far_down(tmp_path):
    path = tmp_path / "m.tsv"
    rows = [f"TP53\tx\t{number}\t1".encode() for number in range(300)]
    rows[250] = b"TP53\tcaf\xe9\t250\t1"
    rows[251] = "TP53\tcafé\t251\t1".encode()
    path.write_bytes(b"gene\tdescription\ts1\ts2\n" + b"\n".join(rows) + b"\n")
    adata = read_expression(path)
    np.testing.assert_array_equal(adata.X[0], np.arange(300))
    assert adata.var["description"].tolist()[249:252] == ["x", "café", "café"]


@pytest.mark.parametrize("form", ["'{}'", "'{}"])
@pytest.mark.parametrize("turned", [False, True])
def test_single_quotes_about_all_names_are_none_of_theirs(tmp_path, form, turned):
    names = [form.format(name) for name in ("s1", "s2", "s3")]
    frame = pd.DataFrame(np.arange(18.0).reshape(6, 3), index=GENES, columns=names)
    (frame.T if turned else frame).to_csv(tmp_path / "m.tsv", sep="\t")
    assert read_expression(tmp_path / "m.tsv").obs_names.tolist() == ["s1", "s2", "s3"]
    tissue, stage = form.format("tissue"), form.format("stage")
    table = pd.DataFrame({"sample": names, tissue: form.format("lung"), stage: ["1", "'2'", "3"]})
    table.to_csv(tmp_path / "s.csv", index=False)
    read = read_sample_metadata(tmp_path / "s.csv")
    assert read.loc["s2"].tolist() == ["lung", "'2'"] and read.columns.tolist() == ["tissue", "stage"]


@pytest.mark.parametrize("names", [["5'a", "3'a", "b'"], ["'a", "'b'", "c"], ["'a", "b", "c"], ["'a", "'b", "'c'd"]])
def test_other_apostrophes_are_of_the_names(tmp_path, names):
    pd.DataFrame(np.arange(18.0).reshape(6, 3), index=GENES, columns=names).to_csv(tmp_path / "m.tsv", sep="\t")
    assert read_expression(tmp_path / "m.tsv").obs_names.tolist() == names
