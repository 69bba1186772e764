"""A table as a matrix of samples by genes: the layouts that programs and portals write, and what is no gene in them."""
