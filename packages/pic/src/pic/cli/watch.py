"""`pic status --watch`: says where the work stands whenever that changes, until it is interrupted."""

import gc
import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable

from pic.cli.answer import Answer
from pic.workflow.context import Context

CLEAR = "\x1b[H\x1b[2J"
Say = Callable[[Context, Namespace], Answer]


def watch(context: Context, options: Namespace, say: Say) -> Answer:
    """Never returns of itself: an interrupt ends it with 130, a reader that leaves with 0."""
    gc.enable()  # this one does not end soon
    last = ""
    while True:
        fresh = Context(context.place, context.actor)  # the configuration may have changed too
        now = _words(say(fresh, options), options)
        if now != last:
            print(f"{CLEAR if sys.stdout.isatty() else ''}{now}", flush=True)
        last = now
        time.sleep(options.every)


def _words(answer: Answer, options: Namespace) -> str:
    """One line of JSON for each change, or the lines for a person."""
    return json.dumps(answer.data, ensure_ascii=False) if options.json else "\n".join(answer.lines)
