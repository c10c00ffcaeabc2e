"""Photos of people as portraits: read, looked at, kept with consent, and made ready to speak."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.codec.photo import read_photo
from avatar.errors import ConsentMissing, InputError
from avatar.library import Consent
from avatar.media import Frame, Portrait, Size
from avatar.pipeline.studio import PHOTO, Studio

if TYPE_CHECKING:
    from avatar.engine.faces import Face

_ALIKE = 1.12
"""Faces whose widths differ by less than this are of one size."""


@dataclass(frozen=True, eq=False)
class Look:
    """A photo, what was done to read it, and the faces in it from left to right."""

    image: Frame
    notes: tuple[str, ...]
    faces: tuple["Face", ...]


def look(path: Path, studio: Studio) -> Look:
    """Read a photo and find its faces. Raises BackendUnavailable without the face model, InputError for a bad file."""
    finder = studio.faces
    image, notes = read_photo(path)
    return Look(image, notes, tuple(finder.find(image)))


def portrait_of(path: Path, studio: Studio, face: int | None = None) -> Portrait:
    """A photo as a portrait: of the largest face, or of number `face` from the left, from 1.

    Raises InputError when there is none, when it cannot be told which is meant, or when it cannot speak, and why.
    """
    seen = look(path, studio)
    chosen = _chosen(seen.faces, face, path)
    return _portrait(path.stem, seen.image, chosen, (*seen.notes, *chosen.doubts))


def add(studio: Studio, name: str, path: Path, consent: str | None, face: int | None) -> Portrait:
    """Keep a photo as the portrait `name`, with the consent of who is in it."""
    try:
        agreed = Consent.parse(consent)
    except ConsentMissing as error:
        raise ConsentMissing(
            "keeping a photo needs the consent of who is in it" if not consent else error.message,
            'say it: --consent "Ada Lovelace, narrating our product videos"',
        ) from error
    studio.library.check_new_portrait(name)
    portrait = replace(portrait_of(path, studio, face), name=name)
    studio.library.add_portrait(portrait)
    studio.library.record_consent(agreed, hashlib.sha256(path.read_bytes()).hexdigest(), f"portrait {name}")
    return portrait


def prepared(portrait: Portrait, studio: Studio) -> Portrait:
    """The portrait, with its face found where the embedded engine is to animate a picture that another painter made."""
    if studio.settings.lipsync != "embedded" or portrait.backend in {"embedded", PHOTO}:
        return portrait
    faces = studio.faces.find(portrait.image)
    ready = _portrait(portrait.name, portrait.image, _chosen(faces, None, Path(portrait.name)), ())
    return replace(ready, prompt=portrait.prompt, seed=portrait.seed)


def video_size(portrait: Portrait, asked: Size | None, otherwise: Size) -> Size:
    """The size asked for, else the photo's own shape, else that of the settings."""
    if asked is not None or portrait.backend != PHOTO:
        return otherwise
    from avatar.engine.photo import own_size  # noqa: PLC0415  loads what warps photos

    return own_size(portrait.image, max(otherwise))


def _portrait(name: str, image: Frame, face: "Face", notes: tuple[str, ...]) -> Portrait:
    from avatar.engine.photo import parameters_of  # noqa: PLC0415  as above

    parameters = parameters_of(face.points, face.hints, face.width) | {"notes": list(notes)}
    return Portrait(name, PHOTO, image, parameters)


def _chosen(faces: Sequence["Face"], number: int | None, path: Path) -> "Face":
    if not faces:
        raise InputError(f"no human face is found in {path}", "give a photo in which a face looks at the viewer")
    if number is not None:
        if not 1 <= number <= len(faces):
            raise InputError(
                f"{path} shows {len(faces)} face(s); there is no face {number}", "count from the left, from 1"
            )
        face = faces[number - 1]
    else:
        face = _largest(faces, path)
    if face.refused:
        raise InputError(
            f"the face in {path} cannot be made to speak: {face.refused}", f"look: avatar portrait detect {path}"
        )
    return face


def _largest(faces: Sequence["Face"], path: Path) -> "Face":
    by_size = sorted(faces, key=lambda face: -face.width)
    alike = [face for face in by_size if face.width * _ALIKE > by_size[0].width]
    if len(alike) > 1:
        raise InputError(
            f"{path} shows {len(alike)} faces of about one size", f"choose: --face 1 to {len(faces)}, from the left"
        )
    return by_size[0]
