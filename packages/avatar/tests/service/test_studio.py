"""The studio in a real browser: from a text to a signed video that plays, and what a person meets on the way."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from avatar.provenance import verify
from avatar.settings import Settings
from avatar.web import studio

from .server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REFERENCE = Path(__file__).parents[4] / "examples/reference.flac"
LONG = "Hello there, my friend. " * 40


@pytest.mark.parametrize(
    ("accept", "page"),
    [("", False), ("*/*", False), ("application/json", False), ("text/html,application/xhtml+xml,*/*;q=0.8", True),
     ("application/json, text/html;q=0.5", False), ("text/html;q=0", False), ("text/html;q=x", False)],
)  # fmt: skip
def test_the_page_is_for_who_asks_for_one(accept: str, page: bool) -> None:
    assert studio.wanted(accept) is page


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("studio")
    server = Server(Settings(library=root / "library", cache=root / "cache", jobs=root / "jobs", fps=10))
    server.start("--with-worker")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("NOT TESTED: chromium is not here (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        root = [] if os.geteuid() else ["--no-sandbox"]
        started = driver.chromium.launch(executable_path=program, args=["--mute-audio", *root])
        yield started
        started.close()


@pytest.fixture
def page(service: Server, browser: "Browser") -> Iterator["Page"]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    opened.goto(service.url)
    opened.wait_for_selector("html[data-ready]")
    until(opened, "document.querySelector('#portrait').naturalWidth > 0")
    yield opened
    opened.close()
    assert wrong == []


def until(page: "Page", true: str, seconds: float = 90.0) -> None:
    """Wait for an expression; the page's own policy forbids what playwright waits by. A limit for a hang."""
    end = time.monotonic() + seconds
    while not page.evaluate(true):
        assert time.monotonic() < end, (true, page.inner_text("#stage"))
        time.sleep(0.05)


def test_from_a_text_to_a_signed_video_that_plays(page: "Page", service: Server, tmp_path: Path) -> None:
    page.fill("#text", "One. Two words.")
    page.check("[value='720x720']")
    page.click("#make")
    page.wait_for_selector("#stage[data-state=done]", timeout=90_000)
    assert "It is signed" in page.inner_text("#said")
    page.evaluate("document.querySelector('#video').play()")
    until(page, "document.querySelector('#video').currentTime > 0.3")
    page.click("#check")
    page.wait_for_selector("#verdict:not([hidden])")
    assert "The file is intact" in page.inner_text("#verdict")
    page.click("#used summary")
    assert "none was needed" in page.inner_text("#facts")
    with page.expect_download() as got:
        page.click("#download")
    got.value.save_as(tmp_path / "a.mp4")
    assert verify(tmp_path / "a.mp4").by.startswith("avatar")
    assert "Done" in page.inner_text("#job-list")
    page.click("#job-list >> text=Delete")
    page.click("#sure-yes")
    page.wait_for_selector("#job-none:not([hidden])")
    assert service.ask("GET", "/jobs").json["jobs"] == []


def test_a_preview_plays_while_it_is_rendered_and_can_be_stopped(page: "Page", service: Server) -> None:
    page.fill("#text", LONG * 3)
    page.click("#preview")
    until(page, "document.querySelector('#video').currentTime > 1")
    assert page.get_attribute("#stage", "data-state") == "preview"
    assert any((service.settings.jobs / "scratch").iterdir())
    page.click("#stop")
    until(page, "document.querySelector('#stage').dataset.state === 'empty'")
    page.fill("#text", "Hi.")
    page.click("#preview")
    page.wait_for_selector("#stage[data-state=previewed]", timeout=90_000)


def test_a_job_is_cancelled_and_gone_on_with(page: "Page", service: Server) -> None:
    page.fill("#text", LONG)
    page.click("#make")
    until(page, "document.querySelector('#said').textContent.includes('Film')")
    page.click("#stop")
    page.wait_for_selector("#job-list >> text=Cancelled")
    page.reload()
    page.wait_for_selector("#job-list >> text=Go on")
    page.click("#job-list >> text=Go on")
    page.wait_for_selector("#stage[data-state=work]")
    page.click("#job-list >> text=Cancel")
    page.wait_for_selector("#job-list >> text=Cancelled")


def test_a_voice_needs_consent_and_a_presenter_can_be_kept(page: "Page") -> None:
    page.click("#clone summary")
    page.set_input_files("#clone-file", REFERENCE)
    page.fill("#clone-name", "me")
    page.fill("#clone-who", "Nobody")
    page.fill("#clone-purpose", "a test")
    page.click("#clone-go")
    assert "consent" in page.inner_text("#clone-problem")
    page.check("#clone-agreed")
    page.click("#clone-go")
    until(page, "document.querySelector('#voice').value === 'me'")
    until(page, "document.querySelector('#voice-about').textContent.includes('Nobody')")
    page.fill("#prompt", "a man, quxly")
    until(page, "document.querySelector('#prompt-about').textContent.includes('quxly')")
    page.fill("#keep-name", "bo")
    page.click("#keep")
    until(page, "document.querySelector('#kept-list input[value=bo]') !== null")
    page.click("#revoke")
    page.click("#sure-yes")
    until(page, "document.querySelector('#voice').value === 'default'")


def test_errors_are_plain_words_where_the_eye_is(page: "Page") -> None:
    page.click("#make")
    assert "nothing to say yet" in page.inner_text("#problem")
    assert page.evaluate("document.activeElement.id") == "text"
    page.fill("#text", "…")
    page.click("#preview")
    page.wait_for_selector("#stage[data-state=error]")
    assert "nothing in the text can be spoken" in page.inner_text("#problem").lower()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_all_widths_fit(page: "Page", scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.click("#clone summary")
    found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == []
    for width in (360, 390, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_by_keyboard_alone(page: "Page") -> None:
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Skip to the video"
    page.keyboard.press("Tab")
    assert page.get_attribute(":focus", "id") == "text"
    page.keyboard.type("One.")
    page.focus("#preview")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage[data-state=previewed]", timeout=90_000)


def test_where_keys_are_asked_for_it_asks(tmp_path: Path, browser: "Browser") -> None:
    server = Server(Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs"))
    secret = server.key("mine")[1]
    server.start("--require-keys")
    page = browser.new_page()
    try:
        page.goto(server.url)
        page.fill("#key", "avk_wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("#key-problem:not([hidden])")
        page.fill("#key", secret)
        page.click("#key-dialog >> text=Use it")
        page.wait_for_selector("html[data-ready]")
        until(page, "document.querySelector('#portrait').naturalWidth > 0")
        assert "mine" in page.inner_text("#service")
    finally:
        page.close()
        assert server.stop() == 0
