"""The fast reader of text matrices: the same numbers as pandas, and errors that name the place."""

import gzip

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.errors import InputError
from clrna.io.hdf5.chunked_h5ad import write_blocks
from clrna.io.matrix.modac_text import Layout, read_blocks, read_header

WORDS = (
    "0 0.0 7 -7 12.5 -0.001 3. .5 123456789012345 0.123456789012345 1234567890.12345 "
    "1234567890123456789 1e3 -2.5E-3 +4 nan NA inf 0.1234567890123456789 00012.50 1e-40 3.4028235e38"
).split()


def read_all(path, **settings):
    blocks = list(read_blocks(path, **settings))
    return [name for block in blocks for name in block.names], np.concatenate([block.values for block in blocks])


def write(path, names, rows, newline="\n", end=True, separator="\t"):
    header = separator.join(["Sample", *(f"G{n}" for n in range(len(rows[0])))])
    lines = [header, *(separator.join([name, *row]) for name, row in zip(names, rows, strict=True))]
    path.write_bytes((newline.join(lines) + newline * end).encode())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", [True, False])
@pytest.mark.parametrize("separator", ["\t", ","])
def test_every_way_to_write_a_number_is_read_as_pandas_reads_it(tmp_path, newline, end, separator):
    rng = np.random.default_rng(2)
    rows = [list(rng.permutation(WORDS)) for _ in range(20)]
    names = [f"S.é{number}" for number in range(20)]
    write(tmp_path / "m", names, rows, newline, end, separator)
    read, values = read_all(tmp_path / "m", block_bytes=300)
    expected = pd.read_csv(tmp_path / "m", sep=separator, index_col=0, float_precision="round_trip")
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(values, expected.to_numpy(np.float64).astype(np.float32))
    assert read == names


@pytest.mark.parametrize("digits", [1, 3, 6, 9, 15])
def test_plain_decimals_are_the_nearest_doubles(tmp_path, digits):
    rng = np.random.default_rng(digits)
    rows = [[f"{value:.{digits}f}" for value in rng.gamma(1.5, 2.5, 50)] for _ in range(30)]
    write(tmp_path / "m", [str(n) for n in range(30)], rows)
    expected = np.array([[np.float32(float(word)) for word in row] for row in rows])
    np.testing.assert_array_equal(read_all(tmp_path / "m")[1], expected)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("block_bytes", [1, 64, 1 << 20])
def test_blocks_and_threads_change_nothing(tmp_path, threads, block_bytes):
    rows = [[str(n * 10 + k) for k in range(5)] for n in range(40)]
    write(tmp_path / "m", [f"S{n}" for n in range(40)], rows)
    names, values = read_all(tmp_path / "m", threads=threads, block_bytes=block_bytes)
    assert names == [f"S{n}" for n in range(40)]
    np.testing.assert_array_equal(values, np.array(rows, dtype=np.float32))


def test_gzip_is_read(tmp_path):
    write(tmp_path / "m", ["a"], [["1", "2"]])
    (tmp_path / "m.gz").write_bytes(gzip.compress((tmp_path / "m").read_bytes()))
    assert read_header(tmp_path / "m.gz").columns == ["G0", "G1"]
    np.testing.assert_array_equal(read_all(tmp_path / "m.gz")[1], [[1, 2]])


def test_a_layout_with_more_lines_and_columns_before_the_numbers(tmp_path):
    (tmp_path / "m").write_text("# about\nid,name,X,Y\ng1,One,1,2\ng2,Two,,4\n")
    layout = Layout(header_lines=2, text_columns=2, columns_line=1)
    assert read_header(tmp_path / "m", layout).columns == ["X", "Y"]
    names, values = read_all(tmp_path / "m", layout=layout)
    assert names == ["g1,One", "g2,Two"]
    np.testing.assert_array_equal(values, [[1, 2], [np.nan, 4]])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("Sample\n", "names no columns"),
        ("Sample\tA\tB\n", "has a header and nothing else"),
        ("Sample\tA\tB\nx\t1\t2\ny\t3\n", "line 3 has 1 values for 2 columns"),
        ("Sample\tA\tB\nx\t1\t2\ny\t3\t4\t5\n", "line 3 has more values for 2 columns"),
        ("Sample\tA\tB\nx\t1\t2\ny\t3\tNA\t5\n", "line 3 has 3 values for 2 columns"),
        ("Sample\tA\tB\nx\t1\t2\ny\t3\t4 apples\n", "line 3, column 'B': '4 apples' is not a number"),
        ("Sample\tA\tB\nx\t1\t1.2.3\n", "'1.2.3' is not a number"),
        ("Sample\tA\tB\nx\t1\t+\n", "'+' is not a number"),
        ("Sample\tA\tB\nx\t1\t2\n\ny\t1\t2\n", "line 3 has 0 values"),
    ],
)
def test_what_is_no_matrix_is_refused_with_its_place(tmp_path, text, told):
    (tmp_path / "m").write_text(text)
    with pytest.raises(InputError) as caught:
        read_all(tmp_path / "m")
    assert told in str(caught.value) and str(tmp_path / "m") in str(caught.value)


def test_files_that_are_missing_or_damaged(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_header(tmp_path / "none")
    (tmp_path / "m").write_bytes(b"\xff\xfe\x00\x01binary")
    with pytest.raises(InputError, match="not a text matrix"):
        read_header(tmp_path / "m")
    write(tmp_path / "m", [str(n) for n in range(2000)], [["1.25"] * 20] * 2000)
    (tmp_path / "m.gz").write_bytes(gzip.compress((tmp_path / "m").read_bytes())[:-100])
    with pytest.raises(InputError, match="cannot be read to its end"):
        read_all(tmp_path / "m.gz")


def test_an_h5ad_written_in_blocks_is_an_ordinary_one(tmp_path):
    values = np.arange(60, dtype=np.float32).reshape(12, 5)
    blocks = [{"X": values[at : at + 5], "layers/twice": 2 * values[at : at + 5]} for at in (0, 5, 10)]
    obs = pd.DataFrame({"study": list("aabbccddeeff")}, index=[f"S{n}" for n in range(12)])

    def describe():
        return AnnData(obs=obs, var=pd.DataFrame(index=list("ABCDE")), uns={"clrna": {"x": "y", "none": None}})

    write_blocks(tmp_path / "x.h5ad", iter(blocks), 5, describe)
    adata = anndata.read_h5ad(tmp_path / "x.h5ad")
    np.testing.assert_array_equal(adata.X, values)
    np.testing.assert_array_equal(adata.layers["twice"], 2 * values)
    assert adata.obs["study"].tolist() == list("aabbccddeeff") and adata.uns["clrna"] == {"x": "y"}
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5ad"]
    backed = anndata.read_h5ad(tmp_path / "x.h5ad", backed="r")
    np.testing.assert_array_equal(backed.X[3:7], values[3:7])
    adata.copy().write_h5ad(tmp_path / "again.h5ad")


def test_a_failure_while_blocks_come_leaves_the_old_file(tmp_path):
    (tmp_path / "x.h5ad").write_text("old")

    def blocks():
        yield {"X": np.zeros((2, 3), np.float32)}
        raise InputError("line 7 is damaged")

    with pytest.raises(InputError):
        write_blocks(tmp_path / "x.h5ad", blocks(), 3, lambda: AnnData())
    assert (tmp_path / "x.h5ad").read_text() == "old" and len(list(tmp_path.iterdir())) == 1
