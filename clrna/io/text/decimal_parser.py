"""Numbers out of bytes, compiled: the inner loop of reading a large text matrix.

A field is digits with at most one point. Its digits are gathered in an integer below 2**53 and divided by a
power of ten of at most 10**22, both exact in a double, so one correctly rounded division gives the double that
is nearest to the text (W. D. Clinger, How to read floating point numbers accurately, PLDI 1990,
doi:10.1145/93542.93557). Whatever else stands in a field is left to the caller, who is told where it is.
"""

import numba
import numpy as np

NEWLINE, RETURN, MINUS, POINT, ZERO, NINE = (ord(character) for character in "\n\r-.09")
_MOST_DIGITS = 15
_MOST_DECIMALS = 22
POWERS_OF_TEN = 10.0 ** np.arange(_MOST_DECIMALS + 1)

# What parse_rows answers beside the number of rows it finished.
COMPLETE, ODD_FIELD, TOO_FEW, TOO_MANY = 0, 1, 2, 3


@numba.njit(nogil=True, boundscheck=False)
def parse_rows(
    text: np.ndarray,
    start: int,
    separator: int,
    text_columns: int,
    powers: np.ndarray,
    out: np.ndarray,
    name_ends: np.ndarray,
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Parse lines ``NAME<separator>number<separator>...number<newline>`` into the rows of ``out``.

    Parameters
    ----------
    text
        Whole lines, shape (bytes,), uint8; the last byte is a newline.
    start
        Where the first line begins.
    separator
        Byte between two fields.
    text_columns
        Fields before the first number; together they are the name.
    powers
        :data:`POWERS_OF_TEN`.
    out
        Shape (lines, columns), float32; filled.
    name_ends
        Shape (lines, 2), int64; filled with where each line begins and where its name ends.

    Returns
    -------
    Rows finished; one of ``COMPLETE``, ``ODD_FIELD``, ``TOO_FEW``, ``TOO_MANY``; the column reached in the row that
    is not finished.
    """
    position, size, columns = start, text.size, out.shape[1]
    row = 0
    while position < size:
        name_ends[row, 0] = position
        left = text_columns
        while text[position] != NEWLINE:
            if text[position] == separator:
                left -= 1
                if left == 0:
                    break
            position += 1
        name_ends[row, 1] = position
        column = 0
        while text[position] == separator:
            position += 1
            if column == columns:
                return row, TOO_MANY, column
            negative = text[position] == MINUS
            if negative:
                position += 1
            mantissa, digits, decimals, points = 0, 0, 0, 0
            while True:
                byte = text[position]
                if ZERO <= byte <= NINE:
                    mantissa = mantissa * 10 + (byte - ZERO)
                    digits += 1
                    decimals += points
                elif byte == POINT:
                    points += 1
                else:
                    break
                position += 1
            if byte == RETURN and text[position + 1] == NEWLINE:
                position += 1
                byte = text[position]
            ended = byte == separator or byte == NEWLINE
            if not ended or digits == 0 or digits > _MOST_DIGITS or points > 1:
                return row, ODD_FIELD, column
            value = mantissa / powers[decimals]
            out[row, column] = -value if negative else value
            column += 1
        if column < columns:
            return row, TOO_FEW, column
        position += 1
        row += 1
    return row, COMPLETE, 0
