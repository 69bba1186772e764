"""Training: samples and their labels, cost, the loop, checkpoints, calibration, the model card."""
