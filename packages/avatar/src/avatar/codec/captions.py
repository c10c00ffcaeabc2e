"""Captions: spoken words grouped into cues, and cues as SubRip, WebVTT and an mp4 text track.

Grouping follows the BBC Subtitle Guidelines and Netflix's Timed Text Style Guide: two lines of at most 42
columns, broken where the sense breaks, shown long enough to be read and not longer than seven seconds.
"""

import html
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
from av.subtitles.stream import SubtitleStream

from avatar.media import Word

COLUMNS, LINES = 42, 2
LONGEST, SHORTEST = 7.0, 5 / 6
"""Seconds a cue stays at most, and at least where the next leaves it room."""
_LINGER, _PAUSE = 0.4, 0.7
"""Seconds a cue outlasts its words; a pause this long begins a new cue."""
_ENDS, _RESTS = ".!?…。！？।؟", ",;:，、；：،"

# Without a style FFmpeg's encoder writes black letters of size 0. PlayResY 720: the size is in lines of HD.
_HEADER = (
    "[Script Info]\nScriptType: v4.00+\nPlayResX: 1280\nPlayResY: 720\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
    "MarginV, Encoding\n"
    "Style: Default,sans-serif,36,&H00FFFFFF,&H00FFFFFF,&H00000000,&H80000000,"
    "0,0,0,0,100,100,0,0,1,1,0,2,40,40,40,1\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


# ISO 639-2 of the languages that are tested; an mp4 knows no shorter ones.
_THREE_LETTERS = {
    "en": "eng", "es": "spa", "fr": "fra", "de": "deu", "it": "ita", "pt": "por", "nl": "nld", "pl": "pol",
    "ru": "rus", "hi": "hin", "zh": "zho", "cmn": "zho", "ja": "jpn",
}  # fmt: skip


@dataclass(frozen=True)
class Cue:
    """What stands on the screen from `start` to `end` (seconds): one or two lines of words."""

    start: float
    end: float
    lines: tuple[tuple[Word, ...], ...]

    @property
    def text(self) -> str:
        """The lines as they are read."""
        return "\n".join(joined(line) for line in self.lines)


def columns(text: str) -> int:
    """Width on the screen: wide and full-width characters (Unicode TR 11) take two columns, marks none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def joined(words: Iterable[Word]) -> str:
    """Words with what stands between them."""
    out = ""
    for word in words:
        out += gap(out, word.text) + word.text
    return out


def gap(before: str, after: str) -> str:
    """A space, but nothing at the beginning or between two characters of a script without spaces."""
    tight = not before or not after or (_wide(before[-1]) and _wide(after[0]))
    return "" if tight else " "


def cues(words: Sequence[Word], duration: float) -> tuple[Cue, ...]:
    """The words of a speech of `duration` seconds as cues: in order, none overlapping, none past its end."""
    said = [word for word in words if word.text.strip()]
    groups = [group for sentence in _sentences(said) for group in _fitting(sentence)]
    starts = [group[0].start for group in groups]
    made = []
    for group, start, following in zip(groups, starts, [*starts, duration][1:], strict=False):
        wanted = max(group[-1].end + _LINGER, start + SHORTEST)
        end = max(min(wanted, following, start + LONGEST, duration), min(group[-1].end, following))
        made.append(Cue(start, end, _lines(group)))
    return tuple(made)


def srt(shown: Iterable[Cue]) -> str:
    """SubRip: numbered blocks, comma before the milliseconds."""
    blocks = (f"{n}\n{_clock(c.start, ',')} --> {_clock(c.end, ',')}\n{c.text}\n" for n, c in enumerate(shown, 1))
    return "\n".join(blocks)


def vtt(shown: Iterable[Cue]) -> str:
    """WebVTT (W3C): a header, full stop before the milliseconds, & < > escaped."""
    blocks = (f"{_clock(c.start, '.')} --> {_clock(c.end, '.')}\n{html.escape(c.text, quote=False)}\n" for c in shown)
    return "\n".join(["WEBVTT\n", *blocks])


def add_track(container: "av.container.OutputContainer", language: str) -> SubtitleStream:
    """A text track (3GPP timed text, mov_text) in an mp4, to be given `packets`; `language` is BCP 47."""
    stream = container.add_stream("mov_text")
    assert isinstance(stream, SubtitleStream)
    stream.codec_context.subtitle_header = _HEADER.encode()
    stream.time_base = Fraction(1, 1000)
    stream.metadata["language"] = _THREE_LETTERS.get(language.partition("-")[0], "und")
    return stream


def packets(shown: Iterable[Cue], stream: SubtitleStream) -> Iterator["av.Packet[SubtitleStream]"]:
    """The cues as 3GPP text samples (TS 26.245): a two-byte length and UTF-8."""
    for cue in shown:
        text = cue.text.encode()
        packet = cast("av.Packet[SubtitleStream]", av.Packet(len(text).to_bytes(2, "big") + text))
        packet.stream = stream
        packet.time_base = Fraction(1, 1000)
        packet.pts = packet.dts = round(cue.start * 1000)
        packet.duration = round((cue.end - cue.start) * 1000)
        yield packet


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Runs of words up to the end of a sentence or a pause."""
    run: list[Word] = []
    for word in words:
        if run and word.start - run[-1].end > _PAUSE:
            yield run
            run = []
        run.append(word)
        if word.text.rstrip("\"'”’»)]")[-1:] in set(_ENDS):
            yield run
            run = []
    if run:
        yield run


def _fitting(sentence: list[Word]) -> Iterator[list[Word]]:
    """The sentence in pieces that fit a cue, cut at the last comma where that leaves at least a third."""
    while sentence:
        count = _room(sentence)
        if count < len(sentence):
            rests = [i for i in range(count, 0, -1) if sentence[i - 1].text[-1:] in set(_RESTS)]
            count = next((i for i in rests if i >= count / 3), count)
        yield sentence[:count]
        sentence = sentence[count:]


def _room(words: list[Word]) -> int:
    """How many of the words fit into one cue; at least one, however long it is."""
    for count in range(2, len(words) + 1):
        piece = words[:count]
        if piece[-1].end - piece[0].start > LONGEST or len(_broken(piece)) > LINES:
            return count - 1
    return len(words)


def _broken(words: Sequence[Word]) -> list[list[Word]]:
    """The words in lines of at most COLUMNS, filled one after the other."""
    lines: list[list[Word]] = [[]]
    for word in words:
        if lines[-1] and columns(joined([*lines[-1], word])) > COLUMNS:
            lines.append([])
        lines[-1].append(word)
    return lines


def _lines(words: list[Word]) -> tuple[tuple[Word, ...], ...]:
    """One line where it fits; else two of nearly equal width, the break after a comma preferred."""
    if columns(joined(words)) <= COLUMNS:
        return (tuple(words),)

    def cost(at: int) -> float:
        first, second = columns(joined(words[:at])), columns(joined(words[at:]))
        over = max(0, first - COLUMNS) + max(0, second - COLUMNS)
        return abs(first - second) + 100 * over - (8 if words[at - 1].text[-1:] in set(_RESTS) else 0)

    if len(words) < 2:
        return (tuple(words),)
    at = min(range(1, len(words)), key=cost)
    return tuple(words[:at]), tuple(words[at:])


def _clock(seconds: float, separator: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{separator}{thousandths:03d}"
