"""Which reference samples a sample is most like, and how much that says."""
