"""Another sample rate, by FFmpeg's resampler."""

import av
import numpy as np

from avatar.media import Audio


def resampled(audio: Audio, rate: int) -> Audio:
    """The sound at `rate` Hz, band-limited, to the sample as long."""
    if rate == audio.rate:
        return audio
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio.samples[None]), format="flt", layout="mono")
    frame.sample_rate = audio.rate
    blocks = [part.to_ndarray().reshape(-1) for piece in (frame, None) for part in resampler.resample(piece)]
    samples = np.concatenate(blocks).astype(np.float32) if blocks else np.zeros(0, np.float32)
    size = round(len(audio.samples) * rate / audio.rate)
    return Audio(np.pad(samples[:size], (0, max(0, size - len(samples)))), rate)
