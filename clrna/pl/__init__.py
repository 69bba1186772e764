"""Plotting: figures of embeddings, scores, labels and curves, and the report."""

from clrna.pl._claim import claim
from clrna.pl._figures import confusion, embedding, genes, history, scores
from clrna.pl._report import report

__all__ = ["claim", "confusion", "embedding", "genes", "history", "report", "scores"]
