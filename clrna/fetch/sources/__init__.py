"""One module a source: addresses, version, checksums, terms, reader, and which columns are labels and donors."""
