"""`python -m bench <what>`: measurements and demonstrations on real weights and real connections."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

COMMANDS = {
    "demo": "a recorded candidate over real WebRTC, shown in this terminal",
    "candidate": "streams any clip as N real candidates at a running server and prints the figures",
    "speech": "error rates of speech recognition on labelled clips, and how late captions come",
    "spoken": "questions read aloud by the embedded voices: error rates as heard, and how fast",
    "quiet": "silence, noise and music through the speech path: no word may come",
    "forward": "what a viewer costs: frames forwarded against frames encoded anew",
    "faces": "faces found, expressions read, attacks noticed, people told apart, on labelled pictures",
    "answers": "agreement of the rater of answers with human grades, beside length and bag of words",
    "gateway": "candidates per core on the media path, against a stock aiortc receiver",
    "wall": "HR's wall of sixteen live interviews in a browser: paints, pictures, CPU",
    "churn": "hours of candidates who come and go: memory, queues and faults of the server",
    "report": "from the end of an interview to its report, JSON and PDF, end to end",
    "jobs": "dimensions found in job descriptions, against those a recruiter would choose",
    "record": "what recording one candidate costs, beside aiortc's MediaRecorder",
    "compare": "two results of the same items: differences with intervals, and what changed",
    "screenshots": "every page and step, phone and desktop, Chinese and English",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="what")
    # Only the command that is asked for is imported: each pulls in other heavy libraries.
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    for name, help_text in COMMANDS.items():
        subparser = commands.add_parser(name, help=help_text, description=help_text)
        if name == asked:
            import_module(f"bench.{name}").add_arguments(subparser)
    options = parser.parse_args()
    return int(import_module(f"bench.{options.command}").main(options))


if __name__ == "__main__":
    sys.exit(main())
