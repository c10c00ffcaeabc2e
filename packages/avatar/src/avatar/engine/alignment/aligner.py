"""Chooses how a recording is aligned, says which way it took, and why not a finer one."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from avatar.engine.alignment import dtw, sphinx, trust
from avatar.engine.alignment.script import Script, ordered, script_of, timed, timed_words
from avatar.engine.listening import listen
from avatar.engine.speech.engine import EmbeddedSpeech
from avatar.errors import InputError, NotFound
from avatar.media import Audio, Phone, Word

VERSION = "3"
"""Changes whenever the same recording would be given other times."""

MISFIT = 0.88
"""`trust.fit` above this: other words. Right texts of four synthetic voices read at most 0.83, wrong ones 0.92."""

QUIET = 22.0
"""dB between loud and quiet moments below which noise hides whether the words fit."""

CHUNK = 8.0
"""Seconds that pocketsphinx is given at once."""

FAR = 0.3
"""Seconds beyond which the two methods do not mean the same moment."""

NO_TEXT = "without a text the lips follow the sound alone, which is coarser than knowing the words"


@dataclass(frozen=True)
class Alignment:
    """Phones that tile the recording, its words where a text was followed, and how they were found.

    `method` is "aligned:pocketsphinx", "aligned:dtw", "recognised" or "sound", from fine to coarse; `fit` is what
    `trust.fit` says of the text, None when it was not checked.
    """

    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    method: str
    fit: float | None = None
    warnings: tuple[str, ...] = ()


class Aligner:
    """Aligns recordings with their texts. Close it: it keeps a synthesiser's process."""

    def __init__(self, *, use_pocketsphinx: bool | None = None) -> None:
        self._speech = EmbeddedSpeech()
        self._sphinx = sphinx.installed() if use_pocketsphinx is None else use_pocketsphinx

    @property
    def identity(self) -> tuple[str, ...]:
        """What its results depend on besides its input."""
        return (VERSION, self._speech.version, "pocketsphinx" if self._sphinx else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the synthesiser's process."""
        self._speech.close()

    def align(self, audio: Audio, text: str, language: str) -> Alignment:
        """Where the sounds and words of `text` are; an empty text means unknown. Never fails for want of a method."""
        if not text.strip():
            return self._unread(audio, language, NO_TEXT)
        try:
            script = script_of(self._speech.speak(text, self._speech.default_voice(), language))
        except NotFound:
            return self._unread(audio, language, f"texts in {language!r} cannot be aligned: the lips follow the sound")
        except InputError as error:
            return self._unread(audio, language, f"the text was not used ({error}): the lips follow the sound")
        return self._read(audio, script, language)

    def _read(self, audio: Audio, script: Script, language: str) -> Alignment:
        found = dtw.align(audio, script)
        if found is None:
            return self._unread(audio, language, _wrong("it has far too many words for its length"))
        spans = found[0]
        fit = trust.fit(audio, script, spans)
        warnings: tuple[str, ...] = ()
        if fit is not None and fit > MISFIT:
            if _contrast(audio) > QUIET:
                return self._unread(audio, language, _wrong(f"its words fit {fit:.2f} times as badly as if shuffled"))
            warnings = ("the recording is too noisy to tell whether the text is what is said in it",)
        if not _english(language):
            why = "pocketsphinx knows English only"
        elif not self._sphinx:
            why = "finer with pip install 'avatar-pipeline[align]'"
        else:
            spans, lost = _refined(audio, script, spans)
            why = f"pocketsphinx found no way through {lost} of its parts" if lost else ""
        method = "aligned:dtw" if why else "aligned:pocketsphinx"
        if why:
            warnings = (*warnings, f"the text was aligned by comparison with our own speech ({why})")
        spans = ordered(spans, audio.duration)
        phones = timed(script, spans, audio.duration)
        return Alignment(phones, timed_words(script, spans), method, fit, warnings)

    def _unread(self, audio: Audio, language: str, why: str) -> Alignment:
        """By the sound alone: English phones where they can be recognised, a coarse ear elsewhere."""
        phones = sphinx.recognise(audio) if self._sphinx and _english(language) else None
        if phones is None:
            return Alignment(listen(audio), (), "sound", warnings=(why,))
        return Alignment(phones, (), "recognised", warnings=(why,))


def _english(language: str) -> bool:
    return language.replace("_", "-").split("-")[0].lower() == "en"


def _wrong(figure: str) -> str:
    return f"the text does not seem to be what the recording says ({figure}) and was not used; lips follow the sound"


def _contrast(audio: Audio) -> float:
    """dB between the recording's loud and quiet moments."""
    level = dtw.Heard.of(audio).raw[:, 0]
    low, high = np.percentile(level, [10, 95])
    return float(high - low)


def _refined(audio: Audio, script: Script, spans: dtw.Spans) -> tuple[dtw.Spans, int]:
    """The spans by pocketsphinx, part by part between pauses; where it fails they stay as they were. How many did."""
    out = list(spans)
    lost = 0
    for first, last in _chunks(script, spans):
        known = [span for span in spans[first:last] if span is not None]
        if not known:
            continue
        start = max(0.0, known[0][0] - 0.15)
        end = min(audio.duration, known[-1][1] + 0.15)
        piece = Audio(audio.samples[int(start * audio.rate) : int(end * audio.rate)], audio.rate)
        part = Script(script.sounds[first:last], script.words, script.frames)
        found = sphinx.align(piece, part)
        if found is None:
            lost += 1
            continue
        moved = [None if span is None else (span[0] + start, span[1] + start) for span in found]
        out[first:last] = _reconciled(moved, spans[first:last])
    return out, lost


def _reconciled(fine: dtw.Spans, rough: dtw.Spans) -> dtw.Spans:
    """The fine spans but for those far from the rough ones: in noise pocketsphinx takes pauses for sound."""
    out: dtw.Spans = []
    for one, other in zip(fine, rough, strict=True):
        if one is None or other is None:
            out.append(one)
        else:
            out.append(other if max(abs(one[0] - other[0]), abs(one[1] - other[1])) > FAR else one)
    return out


def _chunks(script: Script, spans: dtw.Spans) -> list[tuple[int, int]]:
    """Ranges of sounds of about `CHUNK` seconds, cut between words, in the longest pause there is near the end."""
    cuts = [0]
    best, widest = 0, -1.0
    before = spans[0][1] if spans and spans[0] else 0.0
    begun = before
    for index, span in enumerate(spans):
        if span is None:
            continue
        if script.starts_word(index) and span[0] - begun > CHUNK / 2 and span[0] - before > widest:
            best, widest = index, span[0] - before
        if span[1] - begun > CHUNK and best > cuts[-1]:
            cuts.append(best)
            begun = (spans[best] or span)[0]
            widest = -1.0
        before = span[1]
    return list(zip(cuts, [*cuts[1:], len(spans)], strict=True))
