"""Nouns that agree with their number, and names in a row."""


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return ``1 study``, ``3 studies``."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def enumerated(names: list[str], at_most: int = 6) -> str:
    """Return ``a, b and c``, or ``a, b and 5 more`` where there are too many."""
    if len(names) > at_most:
        return f"{', '.join(names[: at_most - 1])} and {len(names) - at_most + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"
