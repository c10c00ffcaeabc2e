"""Captions and a label drawn onto the frames, by skia's paragraph layout (shaping by HarfBuzz, breaks by ICU).

The fonts are subsets of Noto Sans (SIL Open Font Licence 1.1): Latin, Greek, Cyrillic, Devanagari, and the
characters of GB 2312 level 1 with kana. A character none of them has is shown as a box.
"""

from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import skia

from avatar.codec.captions import Cue, gap
from avatar.media import Frame, Size, Word

_FONTS = Path(__file__).parents[1] / "fonts"
_WHITE, _BRIGHT, _SHADE = 0xFFFFFFFF, 0xFFFFD24A, 0xA8101418
_SAFE = 0.05
"""Share of the frame's height kept free below captions and round the label (SMPTE ST 2046-1: title safe)."""

Pieces = Sequence[tuple[str, int]]
"""Runs of text and the colour (ARGB) of each."""


class Titles:
    """Draws onto frames of one size. Each text is laid out once and blended where it stands."""

    def __init__(self, size: Size, shown: Sequence[Cue], *, highlight: bool = False, label: str = "") -> None:
        self._size = size
        self._shown = shown
        self._highlight = highlight
        self._label = self._block([(label, _WHITE)], self._height * 0.6) if label else None
        self._last: tuple[object, skia.Image | None] = (None, None)

    def over(self, frames: Iterator[Frame], fps: int) -> Iterator[Frame]:
        """The frames with their titles. A frame with none is handed on as it is, any other as a copy."""
        width, height = self._size
        canvas_pixels: Frame = np.empty((height, width, 4), np.uint8)
        surface = skia.Surface(canvas_pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)
        for number, frame in enumerate(frames):
            caption = self._caption((number + 0.5) / fps)
            if caption is None and self._label is None:
                yield frame
                continue
            np.copyto(canvas_pixels, frame)  # the animator may go on from its own buffer
            self._blend(surface.getCanvas(), caption)
            yield canvas_pixels

    def _blend(self, canvas: skia.Canvas, caption: skia.Image | None) -> None:
        width, height = self._size
        if caption is not None:
            bottom = height - round(height * _SAFE)
            canvas.drawImage(caption, (width - caption.width()) // 2, bottom - caption.height())
        if self._label is not None:
            margin = round(height * _SAFE)
            canvas.drawImage(self._label, width - margin - self._label.width(), margin)

    @cached_property
    def _height(self) -> float:
        """Letter size in pixels: a twentieth of the height, less where the frame is too narrow for a full line."""
        width, height = self._size
        return min(height * 0.05, width * 0.038)

    def _caption(self, now: float) -> skia.Image | None:
        """What stands on the screen at `now` seconds."""
        cue = next((cue for cue in self._shown if cue.start <= now < cue.end), None)
        if cue is None:
            return None
        spoken = _spoken(cue, now) if self._highlight else None
        if self._last[0] != (cue, spoken):
            self._last = (cue, spoken), self._block(_pieces(cue, spoken), self._height)
        return self._last[1]

    def _block(self, pieces: Pieces, letters: float) -> skia.Image:
        """Text on a rounded shade, as tight as the text."""
        paragraph = _paragraph(pieces, letters)
        paragraph.layout(self._size[0] * 0.9)
        pad = letters * 0.35
        width, height = round(paragraph.LongestLine + 2 * pad) + 2, round(paragraph.Height + 1.2 * pad)
        surface = skia.Surface(width, height)
        canvas = surface.getCanvas()
        shade = skia.Paint(Color=_SHADE, AntiAlias=True)
        canvas.drawRoundRect(skia.Rect.MakeWH(width, height), letters * 0.3, letters * 0.3, shade)
        # The lines are centred in the layout's width, which is wider than the block.
        paragraph.paint(canvas, (width - self._size[0] * 0.9) / 2, 0.6 * pad)
        return surface.makeImageSnapshot()


def _pieces(cue: Cue, spoken: Word | None) -> Pieces:
    """The cue's text in runs of one colour."""
    pieces: list[tuple[str, int]] = []
    for number, line in enumerate(cue.lines):
        if number:
            pieces.append(("\n", _WHITE))
        before = ""
        for word in line:
            pieces += [(gap(before, word.text), _WHITE), (word.text, _BRIGHT if word is spoken else _WHITE)]
            before = word.text
    return pieces


def _spoken(cue: Cue, now: float) -> Word | None:
    """The word being said, or said last."""
    begun = [word for line in cue.lines for word in line if word.start <= now]
    return begun[-1] if begun else None


@cache
def _typefaces() -> tuple[skia.textlayout.FontCollection, tuple[str, ...]]:
    """The shipped fonts, and their families in the order they are tried.

    Read without the system's font manager, which would bring fonts that differ by machine.
    """
    reader, provider = skia.FontMgr.New_Custom_Empty(), skia.textlayout.TypefaceFontProvider()
    families = []
    for name in ("NotoSans-Bold.ttf", "NotoSansDevanagari-Bold.ttf", "NotoSansSC-Bold.otf"):
        typeface = reader.makeFromFile(str(_FONTS / name))
        families.append(typeface.getFamilyName())
        provider.registerTypeface(typeface, families[-1])
    collection = skia.textlayout.FontCollection()
    collection.setDefaultFontManager(provider)
    return collection, tuple(families)


def _paragraph(pieces: Pieces, letters: float) -> skia.textlayout.Paragraph:
    """Centred text in the shipped fonts."""
    collection, families = _typefaces()
    style = skia.textlayout.ParagraphStyle()
    style.setTextAlign(skia.textlayout.TextAlign.kCenter)
    builder = skia.textlayout.ParagraphBuilder.make(style, collection, skia.Unicodes.ICU.Make())
    for text, colour in pieces:
        look = skia.textlayout.TextStyle()
        look.setFontFamilies(list(families))
        look.setFontStyle(skia.FontStyle.Bold())
        look.setFontSize(letters)
        look.setColor(colour)
        builder.pushStyle(look)
        builder.addText(text)
        builder.pop()
    return builder.Build()
