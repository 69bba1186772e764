"""Names as they are compared where spelling varies from program to program."""


def plain_word(name: str) -> str:
    """Return the letters and digits of a name, in lower case.

    Parameters
    ----------
    name
        Of a column, a row or a sample.

    Examples
    --------
    >>> plain_word("Tumor Type"), plain_word("tumor_type")
    ('tumortype', 'tumortype')
    """
    lower = name.lower()
    # Most names of genes are such as they are.
    return lower if lower.isalnum() else "".join(letter for letter in lower if letter.isalnum())
