"""Take the pictures of docs/studio.md: the studio of a service of its own, in a real browser.

python scripts/pictures_studio.py   (needs chromium, and playwright from requirements/dev.txt)
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SCRIPT = (
    "Good morning! This is the studio. You write, you see who speaks, and you watch the video while it is made. "
    "What you keep is signed, and says by whom it was made."
)
MOST_BYTES = 300_000


def main() -> None:
    """Every state, wide and narrow, light and dark."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or sys.exit("chromium is not here (Debian: apt install chromium)")
    with served() as url, sync_playwright() as driver:
        root = [] if os.geteuid() else ["--no-sandbox"]
        browser = driver.chromium.launch(executable_path=program, args=["--mute-audio", *root])
        wide = opened(browser, url, 1280, 800)
        preview(wide)
        made(wide)
        narrow = opened(browser, url, 390, 844)
        narrow.fill("#text", SCRIPT)
        narrow.wait_for_timeout(800)
        keep(narrow, "studio-narrow")
        dark = opened(browser, url, 1280, 800, dark=True)
        dark.click("#job-list >> text=Open")
        dark.wait_for_selector("#stage[data-state=done]")
        dark.wait_for_timeout(1500)
        keep(dark, "studio-dark")
        browser.close()


def preview(page: "Page") -> None:
    """A preview that plays."""
    page.fill("#text", SCRIPT)
    page.select_option("#captions", "highlight")
    page.click("#preview")
    until(page, "document.querySelector('#video').currentTime > 2.5")
    keep(page, "studio-preview")
    page.click("#stop")


def made(page: "Page") -> None:
    """A job at work, and its result with its signature checked."""
    page.click("#make")
    until(page, "/Film.* [2-9]\\d %/.test(document.querySelector('#said').textContent)")
    keep(page, "studio-work")
    page.wait_for_selector("#stage[data-state=done]", timeout=240_000)
    page.click("#check")
    page.wait_for_selector("#verdict:not([hidden])")
    page.click("#used summary")
    page.set_viewport_size({"width": 1280, "height": 1180})
    page.evaluate("document.querySelector('#video').currentTime = 3")
    page.wait_for_timeout(1500)
    keep(page, "studio-done")


def opened(browser: "Browser", url: str, width: int, height: int, *, dark: bool = False) -> "Page":
    """The page, once the presenter is drawn."""
    size = {"width": width, "height": height}
    page = browser.new_page(viewport=size, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
    page.goto(url)
    page.wait_for_selector("html[data-ready]")
    until(page, "document.querySelector('#portrait').naturalWidth > 0")
    return page


def until(page: "Page", true: str) -> None:
    """Wait for an expression; the page's own policy forbids what playwright waits by."""
    end = time.monotonic() + 240
    while not page.evaluate(true):
        if time.monotonic() > end:
            sys.exit(f"it has not come to be: {true}")
        time.sleep(0.05)


def keep(page: "Page", name: str) -> None:
    """What is seen, as docs/pictures/NAME.jpg."""
    path = FOLDER / f"{name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=82)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path} is larger than {MOST_BYTES:,} bytes")


@contextmanager
def served() -> Iterator[str]:
    """The address of a service with nothing in it yet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        own = {f"AVATAR_{name}": f"{folder}/{name.lower()}" for name in ("LIBRARY", "CACHE", "JOBS", "CONFIG")}
        line = [sys.executable, "-m", "avatar", "server", "start", "--with-worker", "--port", str(port)]
        server = subprocess.Popen(line, env=os.environ | own, stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{url}/health").close()
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield url
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
