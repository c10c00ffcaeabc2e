"""Alignment against flite's own phone times, in other languages and over minutes; and how soon the first sound comes.

Run by `make bench-align`, which puts pocketsphinx on the path; the first argument is the page to write.
"""

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from avatar.codec import read_recording
from avatar.engine.alignment import Aligner, sphinx
from avatar.engine.alignment.arpabet import TO_IPA, arpabet
from avatar.engine.speech import EmbeddedSpeech
from avatar.engine.visemes import SOUND_TO_VISEME, spell
from avatar.media import Audio, Phone, Voice, join

VOICES = ("rms", "slt", "awb")
TEXTS = (
    "The quick brown fox jumps over the lazy dog.",
    "She had your dark suit in greasy wash water all year.",
    "Don't ask me to carry an oily rag like that.",
    "We were away a year ago, and nobody noticed.",
    "Each of us saw the weather change before noon.",
    "A large size in stockings is hard to sell.",
    "The birch canoe slid on the smooth planks.",
    "Please help me find a quiet place to think about the problem.",
)
LONG_ROUNDS = 6
OTHER = {"pitch": [180, 260], "formants": 112, "rate": 185, "klatt": 2}
SENTENCES = {
    "en": "The train to the coast leaves from the second platform at nine.",
    "es": "El tren a la costa sale del segundo andén a las nueve.",
    "fr": "Le train pour la côte part du deuxième quai à neuf heures.",
    "de": "Die Kinder spielten im Garten, bis es dunkel wurde.",
    "it": "Il treno per la costa parte dal secondo binario alle nove.",
    "pt": "O trem para a costa sai da segunda plataforma às nove.",
    "nl": "De trein naar de kust vertrekt om negen uur van het tweede spoor.",
    "pl": "Pociąg nad morze odjeżdża z drugiego peronu o dziewiątej.",
    "ru": "Поезд к морю отходит со второго пути в девять часов.",
    "hi": "बच्चे बगीचे में खेल रहे थे और गाना गा रहे थे।",
    "zh": "去海边的火车九点从第二站台出发。",
}
FLITE = {"ax": "AH", "axr": "ER", "ix": "IH", "pau": ""}


def flite(text: str, voice: str, folder: Path) -> tuple[Audio, list[Phone]]:
    """The sound, and its phones in ARPAbet with flite's times."""
    path = folder / "speech.wav"
    command = ["flite", "-psdur", "-voice", voice, "-t", text, "-o", str(path)]
    marks = [
        m.rsplit(":", 1) for m in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ]
    ends = [0.0, *(float(end) for _, end in marks)]
    names = [FLITE.get(name, name.upper()) for name, _ in marks]
    return read_recording(path).audio, [Phone(n, a, b) for n, (a, b) in zip(names, pairwise(ends), strict=True)]


def offsets(found: list[Phone], truth: list[Phone]) -> list[float]:
    """Seconds by which the starts of phones of one name differ."""
    mine = [(" ".join(arpabet(p.symbol)), p.start) for p in found if p.symbol]
    known = [(p.symbol, p.start) for p in truth if p.symbol]
    blocks = SequenceMatcher(None, [n for n, _ in mine], [n for n, _ in known], autojunk=False).get_matching_blocks()
    return [mine[b.a + k][1] - known[b.b + k][1] for b in blocks for k in range(b.size)]


def visemes(phones: list[Phone], duration: float) -> list[str]:
    """The mouth shape of each hundredth of a second."""
    out = ["sil"] * int(duration * 100)
    for phone in phones:
        sounds = spell(phone.symbol) or [""]
        step = (phone.end - phone.start) / len(sounds)
        for i, sound in enumerate(sounds):
            first, last = (int((phone.start + k * step) * 100) for k in (i, i + 1))
            out[first:last] = [SOUND_TO_VISEME.get(sound, "sil")] * len(out[first:last])
    return out


def measure(name: str, aligner: Aligner, with_text: bool) -> str:
    """One row of the first table."""
    wrong: list[float] = []
    agreed: list[bool] = []
    lost, spent, heard = 0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for voice, text in product(VOICES, TEXTS):
            audio, truth = flite(text, voice, Path(folder))
            began = time.process_time()
            found = aligner.align(audio, text if with_text else "", "en")
            spent, heard = spent + time.process_time() - began, heard + audio.duration
            lost += with_text and found.method != name
            wrong += offsets(list(found.phones), truth) if with_text else []
            spelt = [Phone(TO_IPA.get(p.symbol, ""), p.start, p.end) for p in truth]
            pairs = zip(visemes(list(found.phones), audio.duration), visemes(spelt, audio.duration), strict=True)
            agreed += [a == b for a, b in pairs]
    errors = "– | – | – | –"
    if wrong:
        off = 1000 * np.array(wrong)
        median, late = np.percentile(np.abs(off), [50, 95])
        errors = f"{median:.1f} ms | {late:.0f} ms | {np.median(off):+.1f} ms | {lost} of {len(VOICES) * len(TEXTS)}"
    return f"| {name} | {errors} | {100 * np.mean(agreed):.1f} % | {spent / heard:.3f} |"


def other_languages(aligner: Aligner) -> list[str]:
    """Our own speech in another voice, with noise: starts of words against the synthesiser's."""
    rows = []
    with EmbeddedSpeech() as engine:
        voice = engine.default_voice()
        other = replace(voice, parameters=dict(voice.parameters) | OTHER)
        for language, text in SENTENCES.items():
            said = join(engine.speak(text, other, language))
            noise = np.random.default_rng(0).normal(0, 1e-3, len(said.audio.samples)).astype(np.float32)
            found = aligner.align(Audio(said.audio.samples * np.float32(0.5) + noise, said.audio.rate), text, language)
            off = [1000 * abs(a.start - b.start) for a, b in zip(found.words, said.words, strict=False)]
            figures = f"{np.median(off):.0f} ms | {max(off):.0f} ms" if off else "– | –"
            rows.append(f"| {language} | {found.method} | {len(off)} of {len(said.words)} | {figures} |")
    return rows


def long_recording(aligner: Aligner) -> str:
    """Sentences with pauses of 0.1 to 4 s between them: the starts of each sentence's first word."""
    pauses = (0.1, 0.5, 1.0, 2.0, 4.0)
    parts, starts, texts, at, rate = [], [], [], 0.0, 16000
    with tempfile.TemporaryDirectory() as folder:
        for number, (voice, text) in enumerate(product(("rms",), TEXTS * LONG_ROUNDS)):
            audio, truth = flite(text, voice, Path(folder))
            rate = audio.rate
            parts += [np.zeros(int(rate * pauses[number % len(pauses)]), np.float32), audio.samples]
            at += len(parts[-2]) / rate
            starts.append(at + next(p.start for p in truth if p.symbol))
            texts.append(text)
            at += audio.duration
    samples = np.concatenate(parts)
    samples += np.random.default_rng(0).normal(0, 1e-3, len(samples)).astype(np.float32)
    began = time.process_time()
    found = aligner.align(Audio(samples, rate), " ".join(texts), "en")
    spent = time.process_time() - began
    firsts = np.cumsum([0, *(len(text.split()) for text in texts)])[:-1]
    off = np.array([abs(found.words[i].start - start) for i, start in zip(firsts, starts, strict=True)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{at / 60:.0f} minutes with pauses of 0.1 to 4 s: the first words of {len(texts)} sentences start "
        f"{1000 * np.median(off):.0f} ms off in the median and {1000 * np.percentile(off, 95):.0f} ms at the 95th "
        "percentile, "
        f"{(off > 0.3).sum()} of them by more than 0.3 s; real-time factor {spent / at:.3f}, peak memory of the whole "
        f"bench {peak:.0f} MB."
    )


def first_sound() -> list[str]:
    """Seconds from the call to the first sentence's sound, with the process running and with it to be started."""
    rows = []
    lively = {"melody": {"own": 101.5, "median": 165.0, "width": 2.0}}
    for name, text, changes in (
        ("a sentence", TEXTS[0], {}),
        ("a sentence, with the melody of a matched voice", TEXTS[0], lively),
        ("100 000 words", (TEXTS[0] + " ") * 11_200, {}),
    ):
        with EmbeddedSpeech() as engine:
            voice = Voice("bench", engine.name, {**engine.default_voice().parameters, **changes})
            times = []
            for _ in range(4):
                began = time.perf_counter()
                next(iter(engine.speak(text, voice, "en")))
                times.append(time.perf_counter() - began)
        rows.append(f"| {name} | {times[0]:.2f} s | {min(times[1:]):.3f} s |")
    return rows


def report() -> str:
    """The page."""
    out = ["# Benchmarks of alignment and of the first sound", "", "Written by `make bench-align`.", ""]
    out += [
        f"Starts of phones against flite's own, {len(VOICES)} voices with {len(TEXTS)} sentences each. What is tuned",
        "",
    ]
    out[-2] += " was tuned on other sentences (of the same voices). Agreement is of 15 visemes, every 10 ms."
    out += [
        "| method | median | 95th percentile | bias | lost | visemes | CPU s per s |",
        "|---|---|---|---|---|---|---|",
    ]
    for use in (True, False) if sphinx.installed() else (False,):
        with Aligner(use_pocketsphinx=use) as aligner:
            out.append(measure("aligned:pocketsphinx" if use else "aligned:dtw", aligner, True))
            out.append(measure("recognised" if use else "sound", aligner, False))
    with Aligner(use_pocketsphinx=False) as aligner:
        out += [
            "",
            "The fallback in other languages, on our own speech in another voice with noise (no recording with",
            "",
        ]
        out[-2] += " known times is at hand in them): starts of words."
        out += ["| language | method | words | median | most |", "|---|---|---|---|---|", *other_languages(aligner)]
        out += ["", long_recording(aligner)]
    out += ["", "From the call to the first sentence's sound (goal: 0.3 s):", ""]
    out += ["| text | process to be started | process running |", "|---|---|---|", *first_sound()]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    if not sphinx.installed():
        print("pocketsphinx is not installed: its lines are left out", file=sys.stderr)
    Path(sys.argv[1]).write_text(report(), "utf-8")
