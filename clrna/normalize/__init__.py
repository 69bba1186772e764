"""Bring expression values, genes, labels and donors of several studies into one form."""
