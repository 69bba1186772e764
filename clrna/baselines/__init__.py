"""What a model has to beat: arrays in, arrays out."""
