"""Telling somebody else's server that a job has ended: signed, and to hosts the operator has allowed alone.

The body is signed as Standard Webhooks has it: HMAC-SHA256 over "id.timestamp.body", base64, after "v1,".
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import ssl
import time
import urllib.parse
from pathlib import Path

from avatar.errors import BackendFailed, InputError
from avatar.settings import Settings

_SECONDS = 10.0


def check(settings: Settings, address: str) -> str:
    """The address, if its host is allowed. Raises InputError."""
    parts = urllib.parse.urlsplit(address)
    allowed = [host.strip() for host in settings.webhook_hosts.split(",") if host.strip()]
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or len(address) > 2000:
        raise InputError("the webhook is no http(s) address", "write it like https://example.com/hook")
    if parts.netloc not in allowed and parts.hostname not in allowed:
        raise InputError(f"webhooks to {parts.hostname} are not allowed here", "the operator sets webhook_hosts")
    return address


def call(settings: Settings, address: str, job: str, state: str) -> int:
    """POST the event; the answer's status. Raises BackendFailed unless it is 2xx. Redirects are not followed."""
    check(settings, address)
    body = json.dumps({"type": f"job.{state}", "timestamp": int(time.time()), "data": {"id": job, "state": state}})
    headers = signed(secret(settings.jobs), f"{job}-{state}", int(time.time()), body)
    parts = urllib.parse.urlsplit(address)
    host = str(parts.hostname)
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=_SECONDS, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    )
    path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    try:
        connection.request("POST", path, body.encode(), headers | {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except OSError as error:
        raise BackendFailed(f"the webhook {host} cannot be reached: {error}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise BackendFailed(f"the webhook {host} answered {status}")
    return status


def signed(key: bytes, message: str, timestamp: int, body: str) -> dict[str, str]:
    """The headers by which the receiver knows who sent it, and that it is not an old one again."""
    digest = hmac.new(key, f"{message}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def secret(jobs: Path) -> bytes:
    """The key all webhooks are signed with, made when it is first asked for; only its owner can read it."""
    path = jobs / "webhook.key"
    if not path.exists():
        jobs.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".webhook.{secrets.token_hex(4)}.key")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)))
        try:
            os.link(beside, path)  # whoever is second takes the first one's
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return base64.b64decode(path.read_bytes())
