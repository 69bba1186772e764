"""Tables that describe samples, and how they are joined to those of a matrix."""
