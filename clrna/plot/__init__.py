"""What figures and the report draw: colors, projections, confusion matrices, tables read back in."""
