"""`.h5ad` files: what a file may not do, what it holds, and whole files in and out."""
