"""`make bench`: every benchmark in turn, each in a process of its own. Their figures are for comparing, so run them on a quiet machine."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run all benchmarks; 1 where one failed."""
    failed = 0
    for script in sorted(HERE.glob("[!_]*.py")):
        print(f"\n== {script.stem}", flush=True)
        failed |= subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
