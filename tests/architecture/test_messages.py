"""The typed messages at the edge are the schemas, field for field, in both directions."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hub.connectors.messages import MODELS, Answer
from hub.schemas.registry import named_types, packaged

PLAIN = {str: "string", int: "int", float: "double", bytes: "bytes", bool: "boolean"}


def branches(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation."""
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def of_model(annotation: Any) -> Any:
    """An annotation in the words of `of_schema`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    if get_origin(annotation) is Annotated:
        return of_model(get_args(annotation)[0])
    if get_origin(annotation) is tuple:
        return [of_model(get_args(annotation)[0])]
    if get_origin(annotation) is Literal:
        return ("codes", *get_args(annotation))
    return PLAIN[annotation]


def of_schema(field: dict[str, Any], kind: Any, named: dict[str, Any]) -> Any:
    """A schema type as a comparable value: a record's name, a list of one, codes, or a plain type."""
    kind = named.get(kind, kind) if isinstance(kind, str) else kind
    if isinstance(kind, str):
        return ("codes", *field["codes"]) if "codes" in field else kind
    if kind["type"] == "array":
        return [of_schema(field, kind["items"], named)]
    return ("codes", *kind["symbols"]) if kind["type"] == "enum" else kind["name"]


def row_of_model(name: str, info: FieldInfo) -> tuple[Any, ...]:
    """Name, type, nullable, and default of a model's field."""
    kinds = branches(info.annotation)
    default = () if info.is_required() else (list(info.default) if info.default == () else info.default,)
    return name, of_model(next(kind for kind in kinds if kind is not type(None))), type(None) in kinds, default


def row_of_schema(field: dict[str, Any], named: dict[str, Any]) -> tuple[Any, ...]:
    """Name, type, nullable, and default of a schema's field."""
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    return (
        field["name"],
        of_schema(field, kind, named),
        "null" in kinds,
        (field["default"],) if "default" in field else (),
    )


def models_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every model in it."""
    yield model
    for info in model.model_fields.values():
        for kind in branches(info.annotation):
            inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from models_of(inner)


@pytest.mark.parametrize("name", MODELS)
def test_each_model_equals_its_schema(name: str) -> None:
    """Same records, same fields in the same order, same types, codes, nullability and defaults: neither has more."""
    named = named_types(packaged().by_name(name).raw)
    models = {model.__name__: model for model in models_of(MODELS[name])}
    records = {record: node for record, node in named.items() if node["type"] == "record"}

    assert models.keys() == records.keys()
    for record, node in records.items():
        rows = [row_of_model(field, info) for field, info in models[record].model_fields.items()]
        assert rows == [row_of_schema(field, named) for field in node["fields"]], record


def test_answers_are_the_enum() -> None:
    """The three-valued answer is the same at the edge and on the wire."""
    named = named_types(packaged().by_name("Referral").raw)

    assert list(get_args(Answer)) == named["Answer"]["symbols"]


def test_every_model_is_documented_and_closed() -> None:
    """A developer reads what a record is; a field the schema lacks is refused; nothing changes after reading."""
    for model in {inner for top in MODELS.values() for inner in models_of(top)}:
        assert model.__doc__
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]
