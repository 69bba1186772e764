"""Preprocessing: bring studies to one unit, one kind of gene identifier and one vocabulary."""

from clrna.pp._normalize import normalize

__all__ = ["normalize"]
