"""A spec survives the way to JSON and back; a damaged one is refused by name."""

import json

import pytest

from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.spec import Spec
from avatar.errors import InputError


@pytest.fixture
def parameters() -> dict[str, object]:
    return cast(read_prompt("woman with glasses"), 9).to_json()


def test_a_spec_survives_json() -> None:
    for seed in range(20):
        spec = cast(read_prompt(""), seed)
        assert Spec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hair_style", "mohican"), ("skin", "beige"), ("skin", "12345"), ("smile", 3), ("smile", "wide"), ("age", True),
        ("texture_seed", -1), ("texture_seed", 0.5), ("smile", float("nan")), ("garment", None), ("spec_version", 99),
    ],
)  # fmt: skip
def test_a_damaged_field_is_named(parameters: dict[str, object], field: str, value: object) -> None:
    with pytest.raises(InputError, match=field.replace("spec_", "")):
        Spec.from_json(parameters | {field: value})


def test_a_missing_field_is_named(parameters: dict[str, object]) -> None:
    del parameters["garment"]
    with pytest.raises(InputError, match="garment"):
        Spec.from_json(parameters)
