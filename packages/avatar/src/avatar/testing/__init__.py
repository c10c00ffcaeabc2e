"""For those who write backends: contracts to pass, and fakes that pass them.

`contracts` needs pytest; `fakes` needs nothing beyond the package.
"""
