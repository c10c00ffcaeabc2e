"""What Claude Code tells pic while agents work, and what pic answers.

`entry` reads one event and finds the record; `before` judges a tool call, `after` records it and looks at what it
changed, `crew` watches agents and turns, `session` says where the work stands. `card` is what makes the first quick.
"""
