"""Filled examples of every form, request, response and control message, ready to edit: synthetic people only."""

from __future__ import annotations

from importlib import resources

from hub.errors import InputFault

_SUFFIX = ".json"


def template_names() -> tuple[str, ...]:
    """Return the names of all templates, sorted: the forms, `share_request`, `share_response` and each control kind."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def template(name: str) -> str:
    """Return the template as JSON text. Raises InputFault (UNKNOWN_TEMPLATE) with the names there are."""
    known = template_names()
    if name not in known:
        raise InputFault.of("UNKNOWN_TEMPLATE", f"there is no template `{name}`", "", f"use one of {', '.join(known)}")
    return resources.files(__package__).joinpath(name + _SUFFIX).read_text("utf-8")
