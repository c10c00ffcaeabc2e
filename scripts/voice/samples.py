"""make samples: hear what matching does. Writes out/samples: each reference, the base's voice, and the matched one."""

from voice.references import ROOT, references

from avatar.codec import write_audio
from avatar.engine.speech import EmbeddedSpeech
from avatar.media import join

TEXT = "This sentence was never spoken by the person you just heard. Can you tell how much of the voice is theirs?"
LIKENESSES = (0.3, 0.6, 1.0)


def main() -> None:
    """Write the wav files and say where they are."""
    folder = ROOT / "out" / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    with EmbeddedSpeech() as speech:
        write_audio(join(speech.speak(TEXT, speech.default_voice(), "en")).audio, folder / "base.wav")
        for reference in references(ROOT / "out" / "bench-voice" / "references"):
            recording = reference.audio()
            write_audio(recording, folder / f"{reference.name}-reference.wav")
            for likeness in LIKENESSES:
                voice = speech.learn(reference.name, recording, reference.transcript, likeness=likeness)
                spoken = join(speech.speak(TEXT, voice, "en")).audio
                write_audio(spoken, folder / f"{reference.name}-{likeness:g}.wav")
    print(f"listen in {folder}")


if __name__ == "__main__":
    main()
