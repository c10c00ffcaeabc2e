"""A client of the service with nothing but the standard library: submit, follow, fetch.

python client.py http://127.0.0.1:8000 "Hello, world." hello.mp4
"""

# ruff: noqa: S310  the address is who runs this
import json
import sys
import urllib.request
from pathlib import Path


def main(service: str, text: str, output: str) -> None:
    """Make a video of the text."""
    body = json.dumps({"text": text, "width": 320, "height": 180}).encode()
    asked = urllib.request.Request(f"{service}/jobs", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked) as answer:
        job = json.load(answer)["id"]
    with urllib.request.urlopen(f"{service}/jobs/{job}/events") as events:
        for line in events:
            if line.startswith(b"data: "):
                print(line[6:].decode().strip())
    with urllib.request.urlopen(f"{service}/jobs/{job}/result") as video:
        Path(output).write_bytes(video.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
