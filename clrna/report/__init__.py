"""The interactive report: what it says (built here, as plain data) and how it looks (templates beside)."""
