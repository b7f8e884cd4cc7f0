"""The notebooks run from the first cell to the last on a tiny data set, and are stored without what they showed."""

import base64
import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from tests.faces import write_prepared
from tests.releases import make_release
from training.manifest import read_preparation
from training.photos import RawPhoto
from training.prepare import write_dropped

NOTEBOOKS = sorted((Path(__file__).parents[2] / "training" / "notebooks").glob("*.ipynb"))
FIGURES = {"01_data": 4, "02_grad_cam": 6, "03_temperature": 4}  # at least


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> dict[str, str]:
    """A prepared folder, and a release whose crops are as its own; by the names of the notebooks' parameters."""
    folder = tmp_path_factory.mktemp("notebooks")
    data = folder / "data"
    write_prepared(data, counts={"train": 8, "val": 4, "calibration": 8, "test": 8, "ood": 4})
    write_dropped(data, [(RawPhoto(Path("room.jpg"), "real", "rooms", False), "no_face")])
    preparation = read_preparation(data)
    # with one threshold there is a verdict on either side of it, and none is uncertain
    half = {"ai_at_least": 0.5, "real_at_most": 0.5}
    make_release(folder / "face-1.0", detector=preparation["detector"], crop=preparation["crop"], calibration=half)
    return {"FACE_DATA": str(data), "FACE_RELEASE": str(folder / "face-1.0"), "OMP_NUM_THREADS": "1"}


def execute(path: Path, parameters: dict[str, str]) -> list[dict]:
    """Runs a notebook as Jupyter does, from its own folder; returns all outputs."""
    notebook = nbformat.read(path, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in parameters.items():
            patch.setenv(name, value)
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_shows_its_figures(path, prepared, tmp_path):
    outputs = execute(path, prepared)
    pictures = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= FIGURES[path.stem]
    for picture in pictures:
        file = tmp_path / "figure.png"
        file.write_bytes(base64.b64decode(picture))
        with Image.open(file) as image:
            assert min(image.size) > 100
            assert len(image.convert("L").getcolors()) > 10  # not blank


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(path):
    stored = json.loads(path.read_text())
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
