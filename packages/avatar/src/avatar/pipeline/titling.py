"""Which captions and label a film gets, and the files of captions beside it."""

from dataclasses import dataclass
from pathlib import Path

from avatar import codec
from avatar.codec.captions import Cue, cues, srt, vtt
from avatar.errors import InputError, nearest
from avatar.media import Utterance

BESIDE = {"srt": srt, "vtt": vtt}
KINDS = (*BESIDE, "track", "burn", "highlight")
"""Files beside the film, a text track in an mp4, drawn into the picture, drawn with the word being said coloured."""


@dataclass(frozen=True)
class Titling:
    """The kinds of captions asked for, the cues they show, and a label that stands in the corner throughout."""

    kinds: tuple[str, ...] = ()
    shown: tuple[Cue, ...] = ()
    label: str = ""

    @property
    def drawn(self) -> bool:
        """Whether anything is drawn into the picture."""
        return bool(self.label or {"burn", "highlight"} & set(self.kinds))

    @property
    def picture(self) -> list[object]:
        """What of it changes the film itself, for the cache: the cues follow from the speech."""
        return [sorted(set(self.kinds) - set(BESIDE)), self.label]


UNTITLED = Titling()


def kinds_of(text: str | None) -> tuple[str, ...]:
    """Read "srt,burn". Raises InputError for a kind there is not, with the nearest."""
    kinds = tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"there are no captions of the kind {kind!r}", nearest(kind, KINDS))
    return kinds


def titling(kinds: tuple[str, ...], label: str, utterance: Utterance) -> tuple[Titling, tuple[str, ...]]:
    """The titles of a speech, and a warning where captions were asked for but no word's time is known."""
    shown = cues(utterance.words, utterance.audio.duration) if kinds else ()
    missing = bool(kinds) and not shown
    warning = "captions were asked for, but the words and their times are not known: there are none"
    return Titling(kinds, shown, label), (warning,) if missing else ()


def write_beside(titles: Titling, output: Path) -> tuple[str, ...]:
    """Write the caption files: talk.mp4 -> talk.srt, talk.vtt. Their names."""
    written = []
    for kind, text in BESIDE.items():
        if kind in titles.kinds and titles.shown:
            target = output.with_suffix(f".{kind}")
            with codec.publish(target) as part:
                part.write_text(text(titles.shown), "utf-8")
            written.append(str(target))
    return tuple(written)
