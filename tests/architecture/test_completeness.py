"""Whatever is declared is used: no metric that nothing counts, no setting that nothing reads, no topic without both ends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy.reasons import CHANGES, REASONS, STATIC_REMEDY
from hub.policy.vocabulary import CATEGORIES, CONTROL_KINDS
from hub.schemas.classify import classify
from hub.schemas.registry import packaged as schemas
from hub.schemas.templates import template_names
from hub.schemas.topics import catalogue
from hub.settings import Settings
from hub.telemetry.catalogue import METRICS

HUB: Final = Path(__file__).parents[2] / "hub"
PARTNER_EDGE: Final = {"agency", "person"}


def source_without(*names: str) -> str:
    """Return the hub's source as one text, without the named files."""
    return "\n".join(path.read_text() for path in sorted(HUB.rglob("*.py")) if path.name not in names)


@pytest.mark.parametrize("metric", [metric.name for metric in METRICS])
def test_each_metric_is_counted(metric: str) -> None:
    """A metric that nothing counts shows a zero that means nothing."""
    assert f'"{metric}"' in source_without("catalogue.py")


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_each_setting_is_read(setting: str) -> None:
    """A setting that nothing reads is a promise that nothing keeps."""
    own = (HUB / "settings.py").read_text().count(f"self.{setting}")
    assert own or re.search(rf"\.{setting}\b", source_without("settings.py"))


def test_each_topic_has_both_ends() -> None:
    """Every topic is written by somebody and read by somebody, one of them the hub."""
    for topic in catalogue(("example-agency",)):
        assert topic.writers, topic.name
        assert topic.readers, topic.name
        assert any(end.startswith("hub:") for end in (*topic.writers, *topic.readers)), topic.name


def test_each_message_has_a_topic() -> None:
    """A schema that no topic carries is not a message; the subject message is the only one inside another."""
    carried = {name for topic in catalogue(("example-agency",)) for name in topic.schemas}

    assert set(schemas().names()) == carried


def test_each_form_and_control_kind_has_a_template() -> None:
    """What a partner may send, it can see a filled example of."""
    forms = {form.id for path in packaged().values() for form in load(path).forms}

    assert forms | set(CONTROL_KINDS) == set(template_names())


def test_each_category_is_used_by_a_schema() -> None:
    """A category that no field has cannot be shared, withheld or consented to."""
    used = {spec.category for schema in schemas().written() for spec in classify(schemas(), schema.schema_id).fields}

    assert set(CATEGORIES) <= used


def test_each_remedy_is_a_reason_and_a_change() -> None:
    """`would_permit` never names a change that has no plain words."""
    assert set(STATIC_REMEDY) <= set(REASONS)
    assert set(STATIC_REMEDY.values()) <= set(CHANGES)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_each_reason_is_given_somewhere(reason: str) -> None:
    """A reason that no rule gives is a row that nobody can meet."""
    assert f'"{reason}"' in source_without("reasons.py")


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_each_change_is_named_somewhere(change: str) -> None:
    """A change in plain words that nothing names is dead."""
    named = {*STATIC_REMEDY.values()}
    assert change in named or f'"{change}"' in source_without("reasons.py")
