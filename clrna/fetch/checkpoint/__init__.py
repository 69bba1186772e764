"""Read TensorFlow 1 checkpoints (tensor bundles) without TensorFlow."""
