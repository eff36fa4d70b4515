"""Scan statistics: which group of neighbouring areas, over which days, has too many cases."""

from .scan import Cluster, ScanResult, expectation_scan, permutation_scan, poisson_scan
from .windows import Windows, circles, connected

__all__ = [
    "Cluster",
    "ScanResult",
    "Windows",
    "circles",
    "connected",
    "expectation_scan",
    "permutation_scan",
    "poisson_scan",
]
