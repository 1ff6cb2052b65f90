"""Artefacts in the lake: a folder per content hash below models/, checked before use."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from spymaster_engine.statistics.claimants import (
    boosting,
    named_logistic,
    sequence_claimants,
    trees,
)
from spymaster_engine.statistics.claimants.artefacts import (
    SETTINGS,
    AlteredArtefactError,
    check,
    content_hash,
)
from spymaster_engine.statistics.claimants.walk import Fitted
from spymaster_ingest.durable import sync
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

_REMEDY = "run `spymaster train`"
_LOADS: Mapping[str, Callable[[Mapping[str, bytes], str], Fitted]] = {
    named_logistic.NAME: named_logistic.load,
    trees.NAME: trees.load,
    boosting.NAME: boosting.load,
}
_UNFINISHED = ".unfinished-"
_OWN = re.compile(rf"[0-9a-f]{{64}}|{re.escape(_UNFINISHED)}.*")


def write_artefact(lake: Lake, artefact: Mapping[str, bytes]) -> str:
    """Write the files of an artefact, all or none, and return their content hash."""
    sha256 = content_hash(artefact)
    final = lake.models / sha256
    if not final.exists():
        unfinished = lake.models / f"{_UNFINISHED}{sha256}-{os.getpid()}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for name, content in artefact.items():
            (unfinished / name).write_bytes(content)
            sync(unfinished / name)
        unfinished.replace(final)
        sync(lake.models)
    return sha256


def read_artefact(lake: Lake, model_id: str, sha256: str) -> dict[str, bytes]:
    """Return the files of a model's artefact.

    Args:
        lake: the lake.
        model_id: of gold.model_registry.
        sha256: its content_hash there.

    Raises:
        SpymasterError: The artefact is missing, or altered since the training.
    """
    folder = lake.models / sha256
    if not folder.is_dir():
        raise SpymasterError(f"model {model_id}", f"{folder} is missing", _REMEDY)
    artefact = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    try:
        check(artefact, sha256)
    except AlteredArtefactError as error:
        raise SpymasterError(f"model {model_id}", str(error), _REMEDY) from error
    return artefact


def load_model(lake: Lake, model_id: str, sha256: str) -> Fitted:
    """Return the model of an artefact, whichever claimant it is; see ``read_artefact``."""
    artefact = read_artefact(lake, model_id, sha256)
    name = json.loads(artefact[SETTINGS])["claimant"]
    return _LOADS.get(name, sequence_claimants.load)(artefact, sha256)


def remove_others(lake: Lake, named: Collection[str]) -> list[Path]:
    """Remove the artefacts that no row of the registry names; return their folders.

    Folders with other names than a training gives are left alone.
    """
    folders = [path for path in sorted(lake.models.iterdir()) if _OWN.fullmatch(path.name)]
    removed = [path for path in folders if path.name not in named]
    for path in removed:
        shutil.rmtree(path)
    return removed
