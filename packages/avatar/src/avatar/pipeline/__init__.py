"""From a request to a finished video: the stages, each cached, in order."""

from avatar.pipeline.film import dub, learn_voice, paint, picture_text, portrait_named, render, speak, voice_named
from avatar.pipeline.photos import add as add_photo
from avatar.pipeline.photos import look
from avatar.pipeline.preview import preview
from avatar.pipeline.request import DubRequest, LipSyncUse, Progress, Request, Result, Silent, StageRecord, VoiceUse
from avatar.pipeline.sheet import sheet
from avatar.pipeline.studio import Studio, open_studio

__all__ = [
    "DubRequest",
    "LipSyncUse",
    "Progress",
    "Request",
    "Result",
    "Silent",
    "StageRecord",
    "Studio",
    "VoiceUse",
    "add_photo",
    "dub",
    "learn_voice",
    "look",
    "open_studio",
    "paint",
    "picture_text",
    "portrait_named",
    "preview",
    "render",
    "sheet",
    "speak",
    "voice_named",
]
