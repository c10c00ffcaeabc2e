"""Shared by the speech tests: one engine with its real child process."""

from collections.abc import Iterator

import pytest

from avatar.engine.speech import EmbeddedSpeech


@pytest.fixture(scope="session")
def engine() -> Iterator[EmbeddedSpeech]:
    with EmbeddedSpeech() as speech:
        yield speech
