"""What cells of a table are as numbers."""

import math

import numpy as np
import pandas as pd
import pytest

from clrna.io.text.cell_numbers import cell_numbers


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1.5", 1.5), (" -2e3 ", -2000.0), ("inf", math.inf), (7, 7.0), (True, 1.0), ("1e400", math.inf)],
)
def test_numbers(cell, number):
    assert cell_numbers([cell]).tolist() == [number]


@pytest.mark.parametrize("cell", ["", " ", "nan", "1,5", "1_000", "0x10", "one", None, pd.NA, [1]])
def test_no_numbers(cell):
    assert np.isnan(cell_numbers([cell])).tolist() == [True]


@pytest.mark.parametrize(
    ("cell", "number"), [("1e2147483648", math.inf), ("0e999403577276", 0.0), ("1E-999999999999", 0.0)]
)
def test_exponents_that_end_the_process_in_pandas(cell, number):
    assert cell_numbers(pd.Series([cell, "1"])).tolist() == [number, 1.0]


def test_whole_numbers_beyond_all_floats():
    assert cell_numbers([10**400, -(10**400)]).tolist() == [math.inf, -math.inf]
