"""Encode samples with a trained model, from arrays or from disk in blocks.

>>> from clrna.encode.arrays import encode_array
>>> from clrna.encode.files import encode_file
"""
