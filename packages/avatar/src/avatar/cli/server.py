"""avatar server: the service over HTTP, and its keys."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from avatar.cli.options import Command, Group, json_option

if TYPE_CHECKING:
    from avatar.web.keys import Key, Keys


@click.group(cls=Group, example="avatar server start --with-worker")
def server() -> None:
    """Offer all of this over HTTP; make and revoke its keys."""


@server.command(cls=Command, example="avatar server start --with-worker")
@click.option("--host", default="127.0.0.1", show_default=True, help="Elsewhere than on loopback keys are needed.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="TCP port.")
@click.option("--with-worker", is_flag=True, help="Make the queued videos too.")
@click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, help="Videos at once.")
@click.option("--require-keys", is_flag=True, help="Ask for a key on loopback as well.")
@click.option("--max-upload-mb", type=click.IntRange(1, 4096), default=100, show_default=True, help="Largest body.")
@click.option("--rate", type=float, default=100.0, show_default=True, help="Requests a second from one caller.")
def start(
    *, host: str, port: int, with_worker: bool, concurrency: int, require_keys: bool, max_upload_mb: int, rate: float
) -> None:
    """Answer requests until told to stop (Ctrl-C, SIGTERM). The API is described at /openapi.json."""
    import socket

    from avatar import settings
    from avatar.errors import InputError
    from avatar.jobs import database

    chosen = settings.load()
    try:
        from avatar.web.app import Options
        from avatar.web.serve import is_loopback, serve
    except ImportError as error:
        raise database.needs_extra(error) from error
    if not is_loopback(host) and not [key for key in _keys().all() if key.revoked_at is None]:
        raise InputError(
            f"{host} can be reached from other machines, and there is no key yet",
            "make one first: avatar server keys add TENANT",
        )
    try:
        with socket.create_server((host, port), reuse_port=False):
            pass
    except OSError as error:
        raise InputError(f"nothing can listen at {host}:{port}: {error.strerror}", "give another --port") from error
    options = Options(is_loopback(host), require_keys, max_upload_mb * 2**20, rate)
    serve(chosen, host, port, options, with_worker=with_worker, concurrency=concurrency)


@server.group(cls=Group, example="avatar server keys add studio-one")
def keys() -> None:
    """Make, list, replace and revoke the keys of the API."""


@keys.command(cls=Command, example="avatar server keys add studio-one --scopes read,write")
@click.argument("tenant")
@click.option("--scopes", default="read,write", show_default=True, help="Any of read,write,metrics.")
@json_option
def add(tenant: str, scopes: str, as_json: bool) -> None:
    """Make a key for TENANT, who sees its own voices, portraits and jobs alone. It is shown this once."""
    named = tuple(dict.fromkeys(part.strip() for part in scopes.split(",") if part.strip()))
    _show(*_keys().add(tenant, named), as_json)


@keys.command("list", cls=Command, example="avatar server keys list")
@json_option
def list_(as_json: bool) -> None:
    """List the keys; not the keys themselves, which nobody knows."""
    from avatar.cli import console

    found = [{k: v for k, v in asdict(key).items() if k != "digest"} for key in _keys().all()]
    if as_json:
        console.print_json({"keys": found})
        return
    for key in found:
        ended = "revoked" if key["revoked_at"] else ",".join(key["scopes"])
        click.echo(f"{key['id']}  {key['tenant']}  {ended}")


@keys.command(cls=Command, example="avatar server keys rotate key-1f2e3d4c")
@click.argument("key")
@json_option
def rotate(key: str, as_json: bool) -> None:
    """Make a new key in place of KEY, which is revoked."""
    _show(*_keys().rotate(key), as_json)


@keys.command(cls=Command, example="avatar server keys revoke key-1f2e3d4c")
@click.argument("key")
@json_option
def revoke(key: str, as_json: bool) -> None:
    """Refuse KEY from now on; a running service notices by itself."""
    from avatar.cli import console

    _keys().revoke(key)
    console.print_done(f"revoked {key}", {"revoked": key}, as_json)


def _keys() -> "Keys":
    from avatar import settings
    from avatar.web.keys import Keys

    return Keys(settings.load().jobs / "keys.json")


def _show(key: "Key", secret: str, as_json: bool) -> None:
    from avatar.cli import console

    facts: dict[str, Any] = {"id": key.id, "tenant": key.tenant, "scopes": key.scopes, "key": secret}
    console.print_done(f"{secret}\n{key.id} for {key.tenant}; it is not shown again", facts, as_json)
