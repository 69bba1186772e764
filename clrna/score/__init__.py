"""The scores of ``clrna-score``: protocol, table, intervals, what is in-sample, and how they are written."""
