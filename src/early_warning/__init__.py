"""Outbreak detection over many small series at once: arrays in, arrays out."""
