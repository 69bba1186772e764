"""Nouns that agree with their number."""


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return ``1 study``, ``3 studies``."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
