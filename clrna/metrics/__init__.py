"""Metrics of an embedding, one pure function a file: arrays in, a number (or a number per sample) out.

What each can and cannot tell is on docs/metrics.md. Nothing here knows AnnData, files or options.
Where a metric is a mean over samples, its function returns the samples' own values, so that the
caller can average them over any subset and resample donors for an interval.
"""
