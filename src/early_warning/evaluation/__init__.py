"""How good the detectors are: simulated benchmarks, an oracle, checks against reference vectors."""
