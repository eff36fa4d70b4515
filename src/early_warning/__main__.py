"""The command line: `benchmark`, `check DIR`, `compile` and `detect FILE.csv`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

MODULES = {"benchmark": "report", "check": "reference", "compile": "compiled", "detect": "csv_file"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="early_warning", description="Outbreak detection over many series.")
    commands = parser.add_subparsers(dest="command", required=True)
    benchmark = commands.add_parser("benchmark", help="simulate outbreaks and score every detector")
    benchmark.add_argument("--seed", type=int, default=1)
    benchmark.add_argument("--replicates", type=int, default=100, help="of each of the 42 scenarios")
    benchmark.add_argument("--picture", type=Path, default=Path("benchmark.png"))
    benchmark.add_argument(
        "--only", choices=["weekly", "fusion", "daily", "sparse", "forecasts"], action="append"
    )
    check = commands.add_parser("check", help="compare with a folder of reference vectors")
    check.add_argument("folder", type=Path)
    commands.add_parser("compile", help="compile the detectors now, not at the first alarm")
    detect = commands.add_parser("detect", help="print the alarms of a CSV file with reasons")
    detect.add_argument("file", type=Path, help="columns date, area, count[, population, source]")
    detect.add_argument("--last", type=int, default=1, help="how many of the last days or weeks to look at")
    detect.add_argument("--largest-p", type=float, default=0.01)
    chosen = parser.parse_args(arguments)
    # loaded by name and late: plots and scores are an extra that `detect` must do without
    module = import_module(f"early_warning.evaluation.{MODULES[chosen.command]}")
    return int(module.run(chosen))


if __name__ == "__main__":
    sys.exit(main())
