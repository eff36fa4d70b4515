"""The detectors, one file a method: each takes a Panel and returns a Detection."""
