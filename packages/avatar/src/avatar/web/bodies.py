"""What is sent and what is answered, with an example each."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TEXT = Field(min_length=1, max_length=50_000, description="what is spoken")
VOICE = Field("default", max_length=64, description="a voice of the library")
SEED = Field(0, ge=0, le=2**31 - 1, description="another seed is another person with other habits")
SIDE = Field(ge=64, le=1920, multiple_of=2)
LANGUAGE = Field(None, max_length=35, pattern=r"^[A-Za-z0-9-]+$", description="BCP 47 tag")


class Strict(BaseModel):
    """Fields that are not known are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


def example(**value: Any) -> ConfigDict:
    """The configuration of a body with an example."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [value]})


class SpeechBody(Strict):
    """A text to speak."""

    model_config = example(text="Good morning.", format="wav")
    text: str = TEXT
    format: Literal["wav", "flac", "mp3", "m4a", "ogg", "opus"] = "wav"
    language: str | None = LANGUAGE
    rate: float = Field(1.0, ge=0.5, le=2.0)


class PortraitBody(Strict):
    """A person in words."""

    model_config = example(prompt="a woman with grey hair and glasses", name="ada")
    prompt: str = Field("", max_length=2000)
    name: str | None = Field(None, max_length=64, description="keep it in the library under this name")
    seed: int = SEED
    width: int | None = Field(None, ge=64, le=1920, multiple_of=2)
    height: int | None = Field(None, ge=64, le=1920, multiple_of=2)
    mood: Literal["neutral", "warm", "serious", "excited"] | None = None


class FilmBody(Strict):
    """What is filmed. Names and upload ids, never paths."""

    model_config = example(text="Hello, world.", prompt="a friendly woman", captions=["highlight"])
    text: str = Field("", max_length=50_000)
    voice: str = VOICE
    prompt: str = Field("", max_length=2000)
    portrait: str | None = Field(None, max_length=64, description="a kept portrait, or an upload's id")
    audio: str | None = Field(None, max_length=64, description="an upload's id: the recording that is the speech")
    seed: int = SEED
    language: str | None = LANGUAGE
    width: int | None = Field(None, ge=64, le=1920, multiple_of=2)
    height: int | None = Field(None, ge=64, le=1920, multiple_of=2)
    fps: int | None = Field(None, ge=10, le=60)
    captions: list[Literal["srt", "vtt", "track", "burn", "highlight"]] = Field(default_factory=list, max_length=5)
    label: str = Field("", max_length=120)
    mood: Literal["neutral", "warm", "serious", "excited"] | None = None
    rate: float = Field(1.0, ge=0.5, le=2.0)


class JobBody(FilmBody):
    """A video of a text, or of an uploaded recording, and when it is to be made."""

    model_config = example(text="Hello, world.", prompt="a friendly woman", width=320, height=180)
    queue: Literal["cpu", "gpu"] = "cpu"
    priority: int = Field(50, ge=1, le=100, description="1 is done first")
    deadline_s: float | None = Field(None, gt=0, le=7 * 86400, description="seconds after which the job has failed")
    webhook: str | None = Field(None, max_length=2000, description="told of the job's end; its host must be allowed")


class EstimateBody(Strict):
    """A text to be estimated."""

    model_config = example(text="Hello, world.")
    text: str = TEXT


class Problem(BaseModel):
    """RFC 9457. `type` is stable: programs may rely on it."""

    model_config = example(type="urn:avatar:problem:not-found", title="Not found", status=404, detail="no such voice")
    type: str
    title: str
    status: int
    detail: str
    hint: str | None = None


class JobAnswer(BaseModel):
    """A job as it stands; times are Unix seconds."""

    id: str
    kind: str
    state: Literal["pending", "running", "completed", "failed", "cancelled"]
    queue: str
    priority: int
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    stage: str | None = None
    progress: float
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


class Jobs(BaseModel):
    """A page of jobs, the newest first."""

    jobs: list[JobAnswer]
    limit: int
    offset: int


class Stats(BaseModel):
    """How many jobs there are, in all and in each state."""

    total: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int


class Upload(BaseModel):
    """A file that was taken in; it is kept for a day."""

    id: str
    url: str
    kind: Literal["image", "audio", "video"]
    duration_s: float | None = None


class Estimate(BaseModel):
    """What a video of the text will be, from what earlier jobs took; None where there were none."""

    characters: int
    duration_s: float
    work_s: float | None
    based_on_jobs: int
