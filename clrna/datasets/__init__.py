"""Small data to try things on."""

from clrna.datasets._demo import demo

__all__ = ["demo"]
