"""python -m avatar"""

from avatar.cli import run

run()
