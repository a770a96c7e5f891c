"""`python -m tests.bench NAME --json FILE`."""

import argparse
import asyncio
import json
from pathlib import Path

from tests.bench import ack, comments, crisis

BENCHES = {"ack": ack.measure, "comments": comments.measure, "crisis": crisis.measure}


def main() -> None:
    """Run one measurement, print it, write it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of a round")
    chosen = parser.parse_args()
    figures = asyncio.run(BENCHES[chosen.name](chosen.rounds, chosen.seconds))
    text = json.dumps(figures, indent=2)
    print(text)
    if chosen.json:
        chosen.json.write_text(text)


if __name__ == "__main__":
    main()
