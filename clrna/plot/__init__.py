"""What figures and the report draw: colors, shapes, projections, figures."""
