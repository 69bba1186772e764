"""CLRNA: expression data from several studies, made comparable.

This module imports nothing, so that ``--help``, man pages and shell completion stay instant and
can be built where numpy is not installed. Import the parts by name:

>>> from clrna.model.model_file import load_model
"""

__version__ = "0.1.0"
