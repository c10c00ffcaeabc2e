"""Whether a recording can carry a voice, and if not, why: each reason with its figure and what to do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech import quality
from avatar.engine.speech.analysis import Analysis, analyse
from avatar.errors import InputError
from avatar.media import Audio

LEAST_SPEECH, GOOD_SPEECH, LONGEST = 3.0, 8.0, 60.0
"""Seconds: less is refused, less is warned of, more is not heard."""

LEAST_SNR, GOOD_SNR = 10.0, 18.0
"""dB: a true 5 dB reads 6.5-9.3 on six voices, a true 10 dB 11-13.4, a true 20 dB 20-21."""

MOST_CLIPPED = 0.01
"""Share of samples at the recording's own peak."""

LEAST_VOICED, STEADY_PITCH = 0.15, 0.008
"""Share of active frames with a pitch; spread of log pitch below which it is a tone."""

MOST_TONES = 0.5
"""Share of the time with standing tones: music, also under speech, reads 1.0; speech 0.0-0.2, with an echo 0.3."""

TELEPHONE_HZ, TELL_BAND_SNR = 4600.0, 25.0
"""Narrower is a telephone's band, which can be told only where noise does not hide it."""

ECHO_S, TELL_ECHO_SNR = 0.30, 13.0
"""Fastest decay that is still a room's: dry speech reads 0.11-0.23, a ring of 0.6 s 0.35; noise slows it too."""

LONG_PAUSE = 3.0


@dataclass(frozen=True)
class Finding:
    """One thing wrong: what it is, with its figure, and what to do. `refused` when no voice can be learnt with it."""

    what: str
    advice: str
    refused: bool = False


@dataclass(frozen=True)
class Report:
    """What the gate says: "ok", "usable with warnings" or "refused", the figures, and the part that is heard."""

    verdict: str
    figures: dict[str, float]
    findings: tuple[Finding, ...]
    used: tuple[float, float]

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line each."""
        return tuple(f"{finding.what}: {finding.advice}" for finding in self.findings)


def examine(recording: Audio, notes: tuple[str, ...] = ()) -> Report:
    """Everything the gate knows of a recording. `notes` are what its decoder found damaged."""
    found = [Finding(note, "record or export it again if this part matters") for note in notes]
    try:
        check_sound(recording)
    except InputError as error:
        return _report({"duration_s": round(recording.duration, 1)}, [*found, _refused(error)], (0.0, 0.0))
    used = quality.best_part(recording, LONGEST)
    part = cut(recording, used)
    heard = analyse(part)
    found += _part_used(recording, used)
    try:
        check_speech(part, heard)
    except InputError as error:
        found.append(_refused(error))
    else:
        found += _blemishes(part, heard)
    return _report(_figures(part, heard), found, used)


def cut(recording: Audio, part: tuple[float, float]) -> Audio:
    """The part between two times, in seconds."""
    return Audio(recording.samples[int(part[0] * recording.rate) : int(part[1] * recording.rate)], recording.rate)


def check_sound(reference: Audio) -> None:
    """Refuse what cannot even be analysed: nothing, NaN, silence."""
    if reference.duration < LEAST_SPEECH:
        raise _refusal(f"it is {reference.duration:.1f} s long", f"record at least {LEAST_SPEECH:.0f} s of speech")
    if not np.isfinite(reference.samples).all():
        raise _refusal("it holds samples that are not numbers", "export the recording again")
    peak = float(np.abs(reference.samples).max())
    if peak < 1e-3:
        raise _refusal(f"it is silent (peak {20 * np.log10(peak + 1e-9):.0f} dBFS)", "check the microphone")


def check_speech(reference: Audio, analysis: Analysis) -> None:
    """Refuse what is no speech, or clipped, or drowned in noise, or too little."""
    if (tones := quality.steady_tones(reference)) > MOST_TONES:
        raise _refusal(
            f"there is music in it (standing tones {100 * tones:.0f} % of the time)", "record speech without music"
        )
    active = int(analysis.active.sum())
    share = float(analysis.voiced.sum()) / max(active, 1)
    if share < LEAST_VOICED:
        raise _refusal(f"only {100 * share:.0f} % of its sound is voiced, as in noise", "record a person speaking")
    if analysis.pitch()[1] < STEADY_PITCH:
        raise _refusal(
            f"its pitch stands still at {analysis.pitch()[0]:.0f} Hz, as in a tone", "record a person speaking"
        )
    if (share := clipped(reference.samples)) > MOST_CLIPPED:
        raise _refusal(f"{100 * share:.1f} % of it is clipped", "record again at a lower level")
    if (snr := quality.snr_db(analysis)) < LEAST_SNR:
        raise _refusal(f"it is too noisy (speech {snr:.0f} dB above noise)", "record in a quiet room")
    if analysis.speech_seconds < LEAST_SPEECH:
        heard = f"only {analysis.speech_seconds:.1f} s of it is speech"
        raise _refusal(heard, f"record at least {LEAST_SPEECH:.0f} s of speech")


def _blemishes(part: Audio, heard: Analysis) -> list[Finding]:
    """What a voice can be learnt in spite of."""
    out = []
    snr = quality.snr_db(heard)
    decay = quality.decay_s(heard)
    if heard.speech_seconds < GOOD_SPEECH:
        out.append(Finding(f"only {heard.speech_seconds:.1f} s of speech", "10 s or more make the match better"))
    if decay > ECHO_S and snr > TELL_ECHO_SNR:
        out.append(Finding(f"echo (sound takes {decay:.2f} s to die away at best)", "record closer to the microphone"))
    elif snr < GOOD_SNR:
        out.append(Finding(f"noise (speech {snr:.0f} dB above it)", "a quieter room makes the match better"))
    highest = min(quality.highest_hz(heard), part.rate / 2)
    if highest < TELEPHONE_HZ and (snr > TELL_BAND_SNR or part.rate / 2 < TELEPHONE_HZ):
        out.append(
            Finding(f"nothing above {highest:.0f} Hz, as on a telephone", "a wider band keeps more of the voice")
        )
    if (pair := quality.two_pitches(heard)) is not None:
        out.append(
            Finding(f"perhaps two speakers (pitches of {pair[0]:.0f} and {pair[1]:.0f} Hz)", "give one person alone")
        )
    if (pause := quality.longest_pause_s(heard)) > LONG_PAUSE:
        out.append(
            Finding(f"a silence of {pause:.1f} s between", "nothing is lost by it, but check that it is all there")
        )
    if (gaps := quality.dropouts(part)) > 0:
        out.append(Finding(f"{gaps} gaps in the middle of sound, as lost frames leave", "export the recording again"))
    return out


def _part_used(recording: Audio, used: tuple[float, float]) -> list[Finding]:
    if used[1] - used[0] >= recording.duration - 0.05:
        return []
    what = f"of {recording.duration:.0f} s the part from {used[0]:.0f} s to {used[1]:.0f} s is heard"
    return [Finding(what, "it holds most speech; cut out another if you prefer it")]


def _figures(part: Audio, heard: Analysis) -> dict[str, float]:
    return {
        "duration_s": round(part.duration, 1),
        "rate_hz": part.rate,
        "speech_s": round(heard.speech_seconds, 1),
        "snr_db": round(quality.snr_db(heard), 1),
        "clipped_percent": round(100 * clipped(part.samples), 3),
        "highest_hz": round(min(quality.highest_hz(heard), part.rate / 2)),
        "decay_s": round(quality.decay_s(heard), 2),
        "steady_tones_percent": round(100 * quality.steady_tones(part)),
        "longest_pause_s": round(quality.longest_pause_s(heard), 1),
    }


def _report(figures: dict[str, float], found: list[Finding], used: tuple[float, float]) -> Report:
    if any(finding.refused for finding in found):
        return Report("refused", figures, tuple(found), used)
    return Report("usable with warnings" if found else "ok", figures, tuple(found), used)


def clipped(samples: NDArray[np.float32]) -> float:
    """Share of samples within 1 % of the peak; far below 0.001 in undistorted speech."""
    magnitude = np.abs(samples)
    return float(np.mean(magnitude > 0.99 * magnitude.max()))


_CANNOT = "the reference recording cannot carry a voice: "


def _refusal(reason: str, hint: str) -> InputError:
    return InputError(_CANNOT + reason, hint)


def _refused(error: InputError) -> Finding:
    return Finding(str(error).removeprefix(_CANNOT), error.hint or "record it again", refused=True)
