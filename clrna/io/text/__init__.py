"""Bytes as text and text as cells: streams that are unpacked and cleaned, quotes, numbers."""
