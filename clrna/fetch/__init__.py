"""Bring data sets and models from where they are published: sources, downloads, conversion."""
