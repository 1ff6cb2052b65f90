"""One setting has one name: that of its var, in the lake, in the engine, and in the evaluation."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import jinja2
import pytest
from spymaster.built_settings import as_built
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.visible_blocks import columns_of_values
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_warehouse.project_vars import project_vars
from support.parsed_project import parsed_project
from support.settings import protocol, retrieval_settings, vars_with

# set per run of the tests; not a property of a lake
OF_A_RUN = {"test_all"}


EVALUATION = ["gold", "evaluation"]


class ReturnedError(Exception):
    """What a macro returned."""


def rendered(name: str, **values: Any) -> Any:
    """Return what a macro returns when some vars have other values."""
    variables = vars_with(**values)

    def returned(value: Any) -> None:
        raise ReturnedError(value)

    def call(macro: str, *arguments: Any) -> Any:
        [path] = (PROJECT_ROOT / "macros").rglob(f"{macro}.sql")
        context = {"var": variables.__getitem__, "return": returned, "tojson": json.dumps}
        context |= {
            other: lambda *given, other=other: call(other, *given)
            for other in ("vars_as_json", "vector_blocks")
            if other != macro
        }
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        module = environment.from_string(path.read_text(encoding="utf-8"), context).module
        with pytest.raises(ReturnedError) as found:
            getattr(module, macro)(*arguments)
        return found.value.args[0]

    return call(name)


def test_the_relation_names_vars() -> None:
    of_answers, of_evaluation = (
        json.loads(rendered(name)) for name in ("retrieval_settings", "evaluation_settings")
    )
    assert not of_answers.keys() & of_evaluation.keys()
    for name, value in (of_answers | of_evaluation).items():
        assert value == project_vars()[name], name
    assert list(of_answers) == [field.name for field in fields(RetrievalSettings)]


def test_the_walk_uses_the_settings_of_the_relation() -> None:
    built = json.loads(rendered("retrieval_settings")) | json.loads(rendered("evaluation_settings"))
    assert Protocol.of(built) == protocol()
    own = {field.name for field in fields(Protocol)}
    assert own - built.keys() == {"settings", "library_days", "used", "penalties", "purge", "phase"}


def test_settings_follow_the_vars() -> None:
    other = {
        "retrieval_k": 77,
        "similarity_power": 3.5,
        "vector_block_windows": [2, 5],
        "learned_blocks": ["w5_mean", "w0"],
        "distance_bands": {"9+": [9, None], "1-8": [1, 8]},
    }
    settings = RetrievalSettings.from_json(rendered("retrieval_settings", **other))
    assert settings == retrieval_settings(**other)
    assert settings != retrieval_settings()
    assert (settings.retrieval_k, settings.similarity_power) == (77, 3.5)
    assert settings.blocks == tuple(rendered("vector_blocks", **other))
    assert settings.visible_blocks.n_blocks == 5
    assert settings.visible_blocks.few == (3, 0)
    assert settings.bands.names == ("9+", "1-8")
    with pytest.raises(TypeError, match="another"):
        RetrievalSettings.from_json('{"another": 1}')


def test_a_market_vector_is_one_block_of_values() -> None:
    auto = retrieval_settings(learned_every_block_episodes=100)
    level, market = auto.of_family("level"), auto.of_family("market")
    assert (level.blocks, level.learning) == (auto.blocks, auto.learning)
    assert market.blocks == ("w0",)
    for n_episodes in (1, 99, 100):
        visible = market.learning.visible_blocks
        assert columns_of_values(37 + 4, 4, visible, n_episodes).all()
    with pytest.raises(ValueError, match="does not have 37 elements"):
        columns_of_values(37 + 4, 4, level.learning.visible_blocks, 1)


def test_invalid_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="a vector has no block w5_mean"):
        retrieval_settings(learned_blocks=["w5_mean"])
    with pytest.raises(ValueError, match="retrieval_space is"):
        retrieval_settings(retrieval_space="euclidean")
    with pytest.raises(ValueError, match="retrieval_family is"):
        retrieval_settings(retrieval_family="quotes")
    with pytest.raises(KeyError, match="retrieval_family"):
        RetrievalSettings.of({"retrieval_horizons": ["s240"]} | dict.fromkeys(["unknown"]))


def test_the_evaluation_builds_with_the_settings_of_the_lake() -> None:
    assert as_built(project_vars()) == []
    option, other = as_built(vars_with(retrieval_k=77, embargo_days=1))
    assert (option, json.loads(other)) == ("--vars", {"retrieval_k": 77})


def test_the_relation_has_every_var_that_a_model_after_the_evaluation_reads() -> None:
    manifest = parsed_project()
    assert manifest is not None
    manifest.build_parent_and_child_maps()
    after = [name for name, node in manifest.nodes.items() if node.fqn[1:3] == EVALUATION]
    for name in after:
        after += [child for child in manifest.child_map[name] if child not in after]
    nodes = [manifest.nodes[name] for name in after if name.startswith("model.")]
    macros = [name for node in nodes for name in node.depends_on.macros]
    for name in macros:
        macros += [
            macro for macro in manifest.macros[name].depends_on.macros if macro not in macros
        ]
    texts = [node.raw_code for node in nodes]
    texts += [
        manifest.macros[name].macro_sql for name in macros if name.startswith("macro.spymaster.")
    ]
    read = {name for text in texts for name in re.findall(r"\bvar\(['\"](\w+)", text)}
    assert "signal_verdict_days" in read
    built = json.loads(rendered("retrieval_settings")) | json.loads(rendered("evaluation_settings"))
    assert read - built.keys() <= OF_A_RUN
