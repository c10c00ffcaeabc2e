"""Files on disk to values and back. The only place that opens a media file."""

from avatar.codec.audio import Recording, read_recording, write_audio
from avatar.codec.picture import read_picture, read_picture_text, write_picture
from avatar.codec.publish import publish
from avatar.codec.video import EncoderSettings, encoder_works, probe, write_mp4
from avatar.codec.web import write_gif, write_webm

__all__ = [
    "EncoderSettings",
    "Recording",
    "encoder_works",
    "probe",
    "publish",
    "read_picture",
    "read_picture_text",
    "read_recording",
    "write_audio",
    "write_gif",
    "write_mp4",
    "write_picture",
    "write_webm",
]
