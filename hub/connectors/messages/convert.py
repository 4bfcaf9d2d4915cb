"""Between models, the bodies that the codec writes, and the JSON that people write.

Wrong input is told whole: every fault with its place in the JSON and a remedy, and never with the value.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import Any, Final, NoReturn, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hub.connectors.messages.base import Edge
from hub.connectors.messages.control import Control
from hub.connectors.messages.partner import Referral, ShareRequest, ShareResponse
from hub.connectors.messages.results import Acknowledgement, FilteredRecord
from hub.errors import Fault, InputFault

Body = dict[str, Any]

WRITTEN: Final[dict[str, type[Edge]]] = {
    model.__name__: model for model in (Referral, ShareRequest, ShareResponse, Control)
}
"""What an agency may publish, by the name that stands in `type`."""

MODELS: Final[dict[str, type[Edge]]] = WRITTEN | {model.__name__: model for model in (FilteredRecord, Acknowledgement)}
"""Every message with a model, by name."""

TYPE: Final = "type"

_TEXTS: Final = {
    "missing": ("MISSING_FIELD", "is missing", "fill it"),
    "extra_forbidden": ("UNKNOWN_FIELD", "is not a field of this record", "remove it"),
    "literal_error": ("BAD_CODE", "is not one of the codes", ""),
    "string_type": ("BAD_TYPE", "must be text", "put it in quotes"),
    "int_type": ("BAD_TYPE", "must be a whole number", ""),
    "int_from_float": ("BAD_TYPE", "must be a whole number", ""),
    "float_type": ("BAD_TYPE", "must be a number", ""),
    "tuple_type": ("BAD_TYPE", "must be a list", "put it in [ ]"),
    "model_type": ("BAD_TYPE", "must be an object", "put it in { }"),
    "finite_number": ("BAD_VALUE", "must be a finite number", ""),
    "json_invalid": ("NOT_JSON", "holds text that is not Unicode", ""),
    "bytes_type": ("BAD_TYPE", "must be bytes in base64", ""),
    "bytes_invalid_encoding": ("BAD_TYPE", "must be bytes in base64", ""),
}
"""For each kind of pydantic error: our code, text and remedy."""


def to_body(model: Edge) -> Body:
    """Return the message as plain data, as `hub.schemas.codec.encode` takes it; that checks what pydantic was not asked to."""
    # pydantic's warnings about a model made without validation quote its values.
    body: Body = _plain(model.model_dump(mode="python", warnings=False))
    return body


def from_body(name: str, body: Body) -> Edge:
    """Return the decoded body of the named message as its model.

    Raises InputFault with every fault when it does not fit, KeyError when the message has no model.
    """
    model = MODELS[name]
    try:
        return model.model_validate(body)
    except ValidationError as error:
        _refuse(model, error)


def to_json(model: Edge) -> str:
    """Return the message as indented JSON, its type first, fields that are at their default left out."""
    filled = model.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({TYPE: type(model).__name__, **filled}, indent=2, ensure_ascii=False)


def parse_json(text: str | bytes) -> tuple[str, Body]:
    """Return the name and body of a message that an agency wrote as JSON, with its name under `type`.

    Raises InputFault: NOT_JSON, DUPLICATE_KEY, UNKNOWN_TYPE, or every fault of the message at once.
    """
    data = _load(text)
    name = data.pop(TYPE, None)
    if not isinstance(name, str) or name not in WRITTEN:
        remedy = f"use one of {', '.join(WRITTEN)}"
        raise InputFault.of("UNKNOWN_TYPE", "`type` does not name a message that can be published", TYPE, remedy)
    model = WRITTEN[name]
    try:
        return name, to_body(model.model_validate_json(json.dumps(data), strict=True))
    except ValidationError as error:
        _refuse(model, error)


# Private functions
# -----------------


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def _load(text: str | bytes) -> Body:
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        data = json.loads(decoded, object_pairs_hook=_pairs)
    except UnicodeDecodeError:
        raise InputFault.of("NOT_JSON", "not UTF-8 text") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputFault.of("NOT_JSON", "not valid JSON", place, error.msg.lower()) from None
    except RecursionError:
        raise InputFault.of("NOT_JSON", "nested too deeply") from None
    if not isinstance(data, dict):
        raise InputFault.of("NOT_JSON", "not a JSON object", remedy="put one message in { }")
    return data


def _pairs(pairs: list[tuple[str, Any]]) -> Body:
    """Refuse a key that comes twice, of which JSON readers silently drop one."""
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        faults = [Fault("DUPLICATE_KEY", name, f"`{name}` comes twice in one object", "remove one") for name in twice]
        raise InputFault(*faults)
    return data


def _refuse(model: type[BaseModel], error: ValidationError) -> NoReturn:
    """Raise the faults of a pydantic error; `from None`, because it quotes the values."""
    details = error.errors(include_url=False, include_input=False)
    raise InputFault(*(_fault(model, detail) for detail in details)) from None


def _fault(model: type[BaseModel], detail: ErrorDetails) -> Fault:
    place = _place(detail["loc"])
    code, text, remedy = _TEXTS.get(detail["type"], ("BAD_VALUE", "is not acceptable here", ""))
    if detail["type"] == "value_error":
        text = str(detail["ctx"]["error"])
    elif detail["type"] == "literal_error":
        codes = str(detail["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        remedy = f"use one of {codes}"
    elif detail["type"] == "extra_forbidden":
        near = get_close_matches(str(detail["loc"][-1]), _siblings(model, detail["loc"]), 1)
        remedy = f"did you mean `{near[0]}`?" if near else remedy
    named = bool(detail["loc"]) and isinstance(detail["loc"][-1], str)
    return Fault(code, place, f"`{detail['loc'][-1]}` {text}" if named else text, remedy)


def _place(loc: tuple[int | str, ...]) -> str:
    """Return a pydantic location as a JSON path: `persons[0].identity.gender`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")


def _siblings(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the field names of the record in which a location ends."""
    for step in loc[:-1]:
        if isinstance(step, str):
            model = _record_in(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _record_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model in an annotation such as `tuple[Person, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _record_in(part))), None)
