"""Which index the user has configured, as pip and uv would find it. Never printed: addresses may hold passwords.

Order, first found wins: --index-url of the requirements file or command, pip's environment and configuration files
(pip's documentation, "Configuration"), uv's, and last the default that the installed uv or pip names in its own help.
"""

import configparser
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from preflight.errors import InputError, ToolMissing

OSV = "https://api.osv.dev"
_DEFAULT = re.compile(r"default:?\s+<?(https?://[^\s>)\]]+)")


@dataclass(frozen=True)
class IndexConfig:
    """Addresses of simple APIs, in the order they are asked; the first that knows a package answers for it."""

    urls: tuple[str, ...] = field(repr=False)
    certificates: str | None = None
    netrc: str | None = None  # instead of the one in the home folder
    advisories: str = ""  # where OSV's protocol is spoken; nowhere when empty
    not_asked: tuple[str, ...] = ()  # what is configured and not looked at, in words without addresses


def configured(environment: Mapping[str, str], uv: str | None, given: str | None = None) -> IndexConfig:
    """The user's index. Raises ToolMissing when nothing is configured and no tool names a default."""
    pip = _pip_settings(environment)
    main = given or pip.get("index-url") or _uv_main(environment) or _stated_default(uv)
    extra = "" if given else f"{pip.get('extra-index-url', '')} {_uv_extra(environment)}"
    urls = [main, *extra.split()]
    asked = tuple(dict.fromkeys(url.rstrip("/") for url in urls if url.startswith(("http://", "https://"))))
    if not asked:
        raise InputError("the configured index is not reached by http", "give one with --index-url")
    skipped = [f"{len(urls) - len(asked)} extra index(es) on the file system"] if len(urls) > len(asked) else []
    if pip.get("find-links") and not given:
        skipped.append("the folder of pip's find-links")
    certificates = pip.get("cert") or environment.get("SSL_CERT_FILE")
    said = environment.get("PREFLIGHT_OSV", OSV)
    service = "" if said == "off" else said.rstrip("/")
    return IndexConfig(asked, certificates, environment.get("NETRC"), service, tuple(skipped))


def _pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for path in _pip_files(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as error:
            raise InputError(f"pip's configuration file {path} cannot be read", type(error).__name__) from error
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    for key, value in environment.items():
        if key.startswith("PIP_"):
            settings[key[4:].lower().replace("_", "-")] = value
    return settings


def _pip_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Where pip looks, weakest first."""
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    only = environment.get("PIP_CONFIG_FILE")
    if only and Path(only).name.lower() in {"null", "nul"}:
        return
    home = Path.home()
    if sys.platform == "win32":
        yield from (Path(environment.get(key, "")) / "pip" / name for key in ("ProgramData", "APPDATA"))
    else:
        yield from (Path("/etc/xdg/pip") / name, Path("/etc") / name)
        if sys.platform == "darwin":
            yield home / "Library/Application Support/pip" / name
        yield home / ".pip" / name
        yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / name
    yield Path(sys.prefix) / name
    if only:
        yield Path(only)


def _uv_main(environment: Mapping[str, str]) -> str:
    for key in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if found := environment.get(key):
            return found.partition("=")[2] if re.match(r"[\w-]+=", found) else found
    return next((index["url"] for index in _uv_toml(environment) if index.get("default")), "")


def _uv_extra(environment: Mapping[str, str]) -> str:
    named = [index["url"] for index in _uv_toml(environment) if not index.get("default") and not index.get("explicit")]
    said = f"{environment.get('UV_INDEX', '')} {environment.get('UV_EXTRA_INDEX_URL', '')}".split()
    return " ".join([*(re.sub(r"^[\w-]+=(?=http)", "", url) for url in said), *named])


def _uv_toml(environment: Mapping[str, str]) -> list[dict[str, str]]:
    folder = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for path in (Path(environment["UV_CONFIG_FILE"]) if "UV_CONFIG_FILE" in environment else folder / "uv/uv.toml",):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError):
            continue
        return [index for index in table.get("index", []) if "url" in index]
    return []


def _stated_default(uv: str | None) -> str:
    """The default that the user's own tool states; so this project need not choose an index for anybody."""
    commands = [[uv, "pip", "compile", "--help"]] if uv else []
    for command in [*commands, [sys.executable, "-m", "pip", "install", "--help"]]:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if found := _DEFAULT.search(" ".join(done.stdout.split())):
            return found[1]
    raise ToolMissing("no index is configured, and neither uv nor pip is here to name its default", "pip install uv")
