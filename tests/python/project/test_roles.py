"""Columns say whether they are an identity, a feature or a label, and no label is a feature."""

from __future__ import annotations

import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode
from naive.level_event_columns import GROUPS
from spymaster.training.read_sequences import CHANNELS, STATICS
from support.parsed_project import parsed_project

ROLES = {"id": "event_ts", "feature": "event_ts", "label": "label_end_ts"}
# relations whose rows hold features of a moment, and those that they are put together from
VECTORS = {
    "mbo_trigger_vectors",
    "mbo_trigger_vector_features",
    "retrieval_decisions",
    "retrieval_vectors",
    "retrieval_library_rows",
    "market_feature_vectors",
    "market_feature_vector_features",
    "setup_feature_vectors",
    "setup_feature_vector_features",
    "sequence_dataset",
    "spot_vectors",
    "spot_vector_features",
    "spot_outcomes",
    "spot_library_rows",
}
EVENTS = {
    "level_event_moments",
    "level_event_order_flow",
    "level_event_kinematics",
    "level_event_surroundings",
    "level_event_approach",
    "level_event_labels",
    "level_events",
    "signals_production",
}
# relations whose rows say what price did after their moment
MOVEMENTS = {"key_movements", "key_movement_matches"}
# rows of patterns and of approaches: what is known at the retest or the start, and what followed
PATTERNS = {"retest_events", "approaches"}
SEQUENCES = "sequence_dataset"
FAMILIES = {"identity", "context", "kinematics", "mechanics", "options", "score", "label"}
# families that the groups of the specification consist of
FAMILIES_OF_GROUPS = {
    "identity": {"identity", "context"},
    "barrier": {"mechanics"},
    "tape": {"mechanics"},
    "fuel": {"options"},
    "kinematics": {"kinematics"},
    "order flow": {"mechanics"},
    "distances": {"context"},
    "proxies": {"mechanics"},
    "approach": {"context", "mechanics", "identity"},
    "score": {"score"},
    "labels": {"label"},
}


@pytest.fixture(scope="module")
def models() -> dict[str, ModelNode]:
    manifest = parsed_project()
    assert isinstance(manifest, Manifest)
    return {node.name: node for node in manifest.nodes.values() if node.resource_type == "model"}


def columns_with(model: ModelNode, **meta: object) -> set[str]:
    """Return the columns of a model whose meta has these entries."""
    return {
        name
        for name, column in model.columns.items()
        if all(column.meta.get(key) == value for key, value in meta.items())
    }


def upstream(models: dict[str, ModelNode], name: str) -> set[str]:
    """Return the models that a model reads, directly or through others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        node = models[waiting.pop()]
        parents = {parent.rsplit(".", 1)[-1] for parent in node.depends_on.nodes}
        new = (parents & models.keys()) - found
        found |= new
        waiting.extend(new)
    return found


@pytest.mark.parametrize("name", sorted(VECTORS | EVENTS | PATTERNS))
def test_every_column_has_a_role(models: dict[str, ModelNode], name: str) -> None:
    for column_name, column in models[name].columns.items():
        role = column.meta.get("role")
        assert role in ROLES, column_name
        assert column.meta["available_from"] == ROLES[role], column_name
        # the mark of every relation with columns that look past their moment
        assert column.meta.get("uses_future", False) == (role == "label"), column_name
        if name in EVENTS:
            assert column.meta["family"] in FAMILIES, column_name


def test_relations_with_roles_are_those(models: dict[str, ModelNode]) -> None:
    """A relation gives a role to all of its columns or to none."""
    found = {
        name
        for name, node in models.items()
        if any("role" in column.meta for column in node.columns.values())
    }
    assert found == VECTORS | EVENTS | MOVEMENTS | PATTERNS


@pytest.mark.parametrize("name", sorted(MOVEMENTS))
def test_movements_are_labels_alone(models: dict[str, ModelNode], name: str) -> None:
    """That a moment is in the relation is known at the end of the label, and nothing before."""
    columns = models[name].columns
    assert columns_with(models[name], role="id") == {"symbol", "dt"}
    assert columns_with(models[name], role="label", uses_future=True) == columns.keys() - {
        "symbol",
        "dt",
    }
    assert columns_with(models[name], available_from="label_end_ts") == columns.keys()


def test_families_of_the_groups(models: dict[str, ModelNode]) -> None:
    columns = models["level_events"].columns
    assert list(columns) == [name for names in GROUPS.values() for name in names]
    for group, names in GROUPS.items():
        found = {columns[name].meta["family"] for name in names}
        assert found == FAMILIES_OF_GROUPS[group], group
    assert len(columns_with(models["level_events"], role="label")) == 58
    assert columns_with(models["level_events"], role="label") == set(GROUPS["labels"])


def test_no_label_is_upstream_of_a_feature(models: dict[str, ModelNode]) -> None:
    """Relations of features alone have no relation with labels above them.

    The course of an episode is known at its end (approach_episodes): events read only what has
    ended by then, which the test of no look-ahead shows. The pace of a day's updates is known at
    its end (data_quality): usual sizes of the net conditions read that of earlier sessions alone.
    """
    with_labels = {name for name, node in models.items() if columns_with(node, uses_future=True)}
    known_late = {"approach_episodes", "data_quality"}
    of_features = {
        name
        for name in VECTORS | EVENTS
        if columns_with(models[name], role="feature") and name not in with_labels
    }
    assert len(of_features) >= 7
    for name in of_features:
        assert upstream(models, name) & with_labels <= known_late, name


def test_labels_of_events_have_one_way(models: dict[str, ModelNode]) -> None:
    """Labels enter level_events from level_event_labels, which no relation of features reads."""

    def readers(name: str) -> set[str]:
        return {
            node.name
            for node in models.values()
            if f"model.spymaster.{name}" in node.depends_on.nodes
        }

    assert readers("level_event_labels") == {"level_events"}
    assert readers("level_events") == {"signals_production"}
    labels = columns_with(models["level_event_labels"], role="label") - {"label_end_ts"}
    features = columns_with(models["level_events"], role="feature")
    assert not labels & features
    for name in EVENTS - {"level_event_labels", "level_events", "signals_production"}:
        assert columns_with(models[name], role="label") == set(), name


def test_claimants_of_sequences_read_every_feature(models: dict[str, ModelNode]) -> None:
    """Neither a label nor a name is an input; is_known says which rows are missing."""
    names = columns_with(models[SEQUENCES], role="feature")
    texts = {"approach_dir", "decision_phase"}
    assert {*CHANNELS, *STATICS} == names - texts - {"is_known"}
