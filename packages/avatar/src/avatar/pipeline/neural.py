"""What can be said of the neural backends without starting or fetching one, and setting one up."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from avatar.errors import BackendUnavailable, InputError
from avatar.pipeline.workshop import open_workshop
from avatar.settings import Settings
from avatar.workers import manifest as manifests
from avatar.workers.environments import best_variant
from avatar.workers.manifest import Manifest
from avatar.workers.models import OnBytes, total_size
from avatar.workers.residency import MEBIBYTE
from avatar.workers.workshop import Workshop


@dataclass(frozen=True)
class Standing:
    """One neural backend here. `fits` and `commercial` are None where nobody knows; `ready` means it could run now."""

    name: str
    seam: str
    summary: str
    licence: str
    megabytes: int
    commercial: bool | None
    environment: str
    weights: bool
    can_clone: bool | None
    needs_mib: int
    fits: bool | None
    ready: bool
    why: str
    get_it: str

    def to_json(self) -> dict[str, Any]:
        """Everything."""
        return asdict(self)


def standings(settings: Settings) -> list[Standing]:
    """Every shipped backend, looked at on disk only."""
    shop = open_workshop(settings)
    return [_standing(manifest, shop) for manifest in manifests.shipped().values()]


def _standing(manifest: Manifest, shop: Workshop) -> Standing:
    built = shop.environments.find(manifest)
    here = shop.models.found(manifest)
    missing = [model.key for model in manifest.models if model.key not in here and not model.needed_for]
    need = shop.residency.peaks.of(shop.need(manifest, "speech" if manifest.seam == "speech" else "1280x720"))
    fits = need <= shop.residency.budget
    reasons = [
        *([f"cannot be installed: {manifest.environment.unavailable}"] if manifest.environment.unavailable else []),
        *([] if built else ["no environment"]),
        *([f"no weights: {', '.join(missing)}"] if missing else []),
        *([] if fits else [f"needs {need // MEBIBYTE} MiB, {shop.residency.budget // MEBIBYTE} may be used"]),
    ]
    clones = None if manifest.seam != "speech" else manifest.clones_voices and "cloning" not in _lacking(manifest, here)
    return Standing(
        name=manifest.name, seam=manifest.seam, summary=manifest.summary, licence=manifest.licence,
        megabytes=sum(model.megabytes for model in manifest.models),
        commercial=manifest.commercial(), environment=_environment(manifest, shop), weights=not missing,
        can_clone=clones, needs_mib=need // MEBIBYTE, fits=fits, ready=not reasons, why="; ".join(reasons),
        get_it=f"avatar models pull {manifest.name}",
    )  # fmt: skip


def _lacking(manifest: Manifest, here: dict[str, Any]) -> set[str]:
    return {model.key for model in manifest.models if model.key not in here}


def _environment(manifest: Manifest, shop: Workshop) -> str:
    built = shop.environments.find(manifest)
    if built is None:
        return "unavailable" if manifest.environment.unavailable else "not built"
    unlocked = built.record.get("unlocked")
    return f"built ({built.record['variant']}" + (f", unlocked: {', '.join(unlocked)})" if unlocked else ")")


def set_up(
    name: str, settings: Settings, *, accept: bool, on_line: Callable[[str], None], on_bytes: OnBytes
) -> Standing:
    """Build the backend's environment and pull its weights; how it stands then.

    A gated model that only one ability needs is left out with a line that says what is lost.
    Raises NotFound, InputError for a licence that must be accepted first, BackendUnavailable.
    """
    manifest = manifests.named(name)
    shop = open_workshop(settings)
    for line in licences(name):
        on_line(line)
    if manifest.commercial() is False and not accept:
        raise InputError(
            f"the weights of {manifest.name} may not be used commercially: {manifest.licence}",
            f"if that suits you: avatar models pull {manifest.name} --accept-licence",
        )
    shop.models.check_room(name, 0)
    plans = [shop.models.plan(model) for model in manifest.models if not (model.gated and model.needed_for)]
    on_line(f"{name}: {total_size(plans) / 1e9:.2f} GB to fetch")
    shop.models.check_room(name, total_size(plans))
    shop.environments.build(manifest, best_variant(shop.device.device == "cuda"), on_line)
    for model in manifest.models:
        try:
            shop.models.pull(model, on_bytes)
        except BackendUnavailable as error:
            if not model.needed_for:
                raise
            on_line(f"without {model.repo} there is no {model.needed_for}: {error}")
    return _standing(manifest, shop)


def licences(name: str) -> list[str]:
    """Each model's licence and what it means for commerce, a line each. Raises NotFound."""
    use = {True: "commercial use allowed", False: "NO commercial use", None: "commercial use unknown: read it"}
    return [
        f"{model.repo}@{model.revision[:10]}: {model.licence} ({use[model.commercial]})"
        for model in manifests.named(name).models
    ]


def must_be_accepted(name: str) -> bool:
    """Whether a person must agree to a licence before `set_up`. Raises NotFound."""
    return manifests.named(name).commercial() is False


def forget_wrong(name: str, settings: Settings) -> list[str]:
    """Drop what is not as it was pulled, files and environment, so that `set_up` brings it anew; a line for each.

    What is whole stays: it may be many gigabytes, and the hub may not answer today.
    """
    manifest, shop = manifests.named(name), open_workshop(settings)
    here = [model for model in manifest.models if shop.models.folder(model).is_dir()]
    wrong = [f"{model.repo}: {line}" for model in here for line in shop.models.forget_wrong(model)]
    if shop.environments.forget_broken(manifest):
        wrong.append(f"the environment of {name} does not start its worker")
    return wrong


def verify(name: str, settings: Settings) -> list[str]:
    """What is wrong with the files of a backend's models, a line each."""
    manifest, shop = manifests.named(name), open_workshop(settings)
    here = shop.models.found(manifest)
    return [
        f"{model.repo}: {line}"
        for model in manifest.models
        if model.key in here or not model.needed_for
        for line in shop.models.verify(model)
    ]


def remove(name: str, settings: Settings) -> int:
    """Delete a backend's environment and its models, but for those another needs; the bytes of models freed."""
    manifest, shop = manifests.named(name), open_workshop(settings)
    others = [other for other in manifests.shipped().values() if other.name != name]
    kept = {(model.repo, model.revision) for other in others for model in other.models if shop.models.find(model)}
    if not any(other.folder == manifest.folder and shop.models.found(other) for other in others):
        shop.environments.remove(manifest)
    return sum(shop.models.remove(model) for model in manifest.models if (model.repo, model.revision) not in kept)
