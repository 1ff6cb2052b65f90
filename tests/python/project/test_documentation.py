"""The documentation that dbt serves: complete descriptions and lineage."""

from __future__ import annotations

import pytest
from dbt.contracts.graph.manifest import Manifest
from spymaster_ingest.lake import PROJECT_ROOT
from support.parsed_project import parsed_project


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    parsed = parsed_project()
    assert parsed is not None
    return parsed


def test_every_relation_and_column_is_described(manifest: Manifest) -> None:
    relations = [
        node for node in manifest.nodes.values() if node.resource_type in ("model", "seed")
    ]
    assert len(relations) > 20
    for node in relations:
        assert node.description, node.name
        assert node.columns, node.name
        assert [name for name, column in node.columns.items() if not column.description] == []


def test_every_doc_block_is_used(manifest: Manifest) -> None:
    texts = [
        text
        for node in manifest.nodes.values()
        for text in (node.description, *(c.description for c in node.columns.values()))
    ]
    blocks = [block for block in manifest.docs.values() if block.package_name == "spymaster"]
    assert len(blocks) > 100
    unused = {block.name for block in blocks if not any(block.block_contents in t for t in texts)}
    assert unused == {"__overview__"}


def test_what_recurs_is_worded_once(manifest: Manifest) -> None:
    """A description that three relations give a column stands in a doc block."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for node in manifest.nodes.values():
        for name, column in node.columns.items():
            wording = " ".join(column.description.split())
            found.setdefault((name, wording), []).append(column.doc_blocks)
    recurring = {key: blocks for key, blocks in found.items() if len(blocks) >= 3}
    assert len(recurring) > 50
    assert [key for key, blocks in recurring.items() if not all(blocks)] == []


def test_names_of_prices_tell_price_ints_from_points(manifest: Manifest) -> None:
    found = {
        (name.endswith("_int"), column.data_type)
        for node in manifest.nodes.values()
        for name, column in node.columns.items()
        if name.endswith(("_price", "_price_int"))
    }
    assert found == {(False, "double"), (True, "bigint")}


def test_the_glossary_names_the_times_of_a_decision(manifest: Manifest) -> None:
    times = {
        (name, node.name if name != "window_end_ts" else "")
        for node in manifest.nodes.values()
        for name, column in node.columns.items()
        if "doc.spymaster.decision_ts" in column.doc_blocks
    }
    assert times == {("window_end_ts", ""), ("trigger_ts", "mbo_trigger_signals")}
    glossary = (PROJECT_ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    [line] = (line for line in glossary.splitlines() if line.startswith("| **time of a decision**"))
    assert all(word in line for name, relation in times for word in (name, relation))


def test_every_sql_model_keeps_a_contract(manifest: Manifest) -> None:
    nodes = manifest.nodes.values()
    models = [node for node in nodes if node.resource_type == "model" and node.language == "sql"]
    assert [node.name for node in models if not node.config.contract.enforced] == []


def test_the_scores_depend_on_the_book_and_the_calibration(manifest: Manifest) -> None:
    def inputs(name: str) -> set[str]:
        node = manifest.nodes[f"model.spymaster.{name}"]
        return {parent.split(".")[2] for parent in node.depends_on.nodes}

    assert "physics_norm_calibration" in inputs("norm_quantiles")
    assert "norm_quantiles" in inputs("vacuum_surface_1s")
    assert "vacuum_surface_1s" in inputs("physics_bands_1s")
    assert "wall_surface_1s" in inputs("vacuum_cells_1s")
    assert "reprice_flow_1s" in inputs("radar_vacuum_1s")
    picture = manifest.exposures["exposure.spymaster.plot"]
    assert "model.spymaster.physics_bands_1s" in picture.depends_on.nodes


def upstream(manifest: Manifest, name: str) -> set[str]:
    """Return the names of a model and of all models it reads, directly or through others."""
    found = {f"model.spymaster.{name}"}
    open_nodes = list(found)
    while open_nodes:
        parents = set(manifest.nodes[open_nodes.pop()].depends_on.nodes)
        new = {parent for parent in parents - found if parent.startswith("model.")}
        found |= new
        open_nodes.extend(new)
    return {node.rsplit(".", 1)[-1] for node in found}


def test_steps_are_read_by_other_models(manifest: Manifest) -> None:
    """The schema `steps` holds no product: each of its relations is an input of another one."""
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    steps = {node.unique_id for node in models if node.schema == "steps"}
    assert {node.name for node in models if "steps" in node.fqn[:-1]} == {
        manifest.nodes[name].name for name in steps
    }
    assert "model.spymaster.vacuum_cells_1s" in steps
    assert steps <= {name for node in models for name in node.depends_on.nodes}


def test_an_element_of_a_vector_leads_back_to_the_records(manifest: Manifest) -> None:
    assert {
        "mbo_level_vacuum_5s",
        "level_book_1s",
        "level_anchors_1s",
        "levels_1s",
        "wall_surface_1s",
        "future_mbo",
    } <= upstream(manifest, "mbo_trigger_vectors")


def test_no_label_can_enter_a_vector(manifest: Manifest) -> None:
    """Columns that look past their row's moment are marked, and no input of a vector has any."""
    late = {
        node.name: {name for name, column in node.columns.items() if column.meta.get("uses_future")}
        for node in manifest.nodes.values()
        if node.resource_type == "model"
    }
    labels = {"outcome", "touched", "first_hit_ts", "mfe_ticks", "label_end_ts"}
    assert labels <= late["level_labels"] & late["level_outcomes"]
    assert {"touched", "n_windows", "available_from_ts"} <= late["approach_episodes"]
    assert {"outcome", "label_end_ts"} <= late["setup_events"]
    for name in upstream(manifest, "mbo_trigger_vectors"):
        assert late[name] == set(), name


def test_query_commands_are_in_the_lineage(manifest: Manifest) -> None:
    found = {name.rsplit(".", 1)[-1]: node for name, node in manifest.exposures.items()}
    assert {"plot", "levels", "setups", "evaluate", "serve", "train"} <= found.keys()
    for name in ("setups", "evaluate", "train"):
        assert "model.spymaster.retrieval_vectors" in found[name].depends_on.nodes


def test_a_partition_is_rebuilt_when_any_of_its_inputs_changes(manifest: Manifest) -> None:
    """Each input of a partitioned model counts its version, or lies upstream of one that does.

    A partition's version passes from input to input; a change of any other partitioned input would
    not rebuild the model.
    """
    models = {node.name: node for node in manifest.nodes.values() if node.resource_type == "model"}
    partitioned = [
        name for name, node in models.items() if node.config.materialized == "partitioned"
    ]
    assert len(partitioned) > 20
    missed = {}
    for name in partitioned:
        meta = models[name].config.meta
        inputs = [
            meta["partition_source"],
            *meta["partition_inputs"],
            *meta["partition_optional_inputs"],
        ]
        parents = {parent.rsplit(".", 1)[-1] for parent in models[name].depends_on.nodes}
        seen = set().union(*(upstream(manifest, one.split(".")[0]) for one in inputs))
        sources = {models[one].config.meta["partition_source"] for one in seen & set(partitioned)}
        unseen = {
            parent
            for parent in parents & set(partitioned) - seen
            if models[parent].config.meta["partition_source"] not in seen | sources
        }
        if unseen:
            missed[name] = unseen
    assert missed == {}
