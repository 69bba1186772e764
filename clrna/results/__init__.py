"""What the steps have left in files, read back and checked: samples, embeddings, predictions, curves, scores."""
