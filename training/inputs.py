"""What becomes of pictures before the model sees them: faces that are missed, rooms that are taken for faces, and blur."""

from pathlib import Path
from typing import Any

from handler.quality import sharpness
from training.bootstrap import proportion
from training.manifest import PREPARE, Row, read_crop, read_preparation
from training.photos import SUFFIXES, DataError, crop_photo
from training.trained import Trained

NO_FACE = "no_face"


def inputs(
    trained: Trained,
    data: Path,
    splits: dict[str, list[Row]],
    refused: dict[str, int],
    without_face: Path | None,
    limits: dict[str, float | None] | None,
) -> dict[str, Any]:
    """Shares with intervals; None for what cannot be told.

    Args:
        data: a prepared folder.
        refused: photos that never became a face, by the reason's code; where there are none, those that `prepare` dropped.
        without_face: a folder of pictures without a face.
        limits: of the quality gate.

    Returns:
        refused: of photos of a face, those in which none was found; without_face: of pictures without one, those answered so;
        blurred: by split, faces that the quality gate leaves undecided for their sharpness.
    """
    kept = sum(len(rows) for rows in splits.values())
    missed = refused.get(NO_FACE, 0)
    if (data / PREPARE).is_file():
        preparation = read_preparation(data)
        kept = sum(sum(counts.values()) for counts in preparation["counts"].values())
        missed = preparation.get("dropped", {}).get(NO_FACE, 0)
    least = limits and limits["min_sharpness"]
    return {
        "refused": {"share": proportion(missed, kept + missed), "photos": kept + missed},
        "without_face": without_face and answered_so(trained, without_face),
        "blurred": {
            name: proportion(sum(sharpness(read_crop(data, row)) < least for row in rows), len(rows))
            for name, rows in splits.items()
            if least
        },
    }


def answered_so(trained: Trained, folder: Path) -> dict[str, Any]:
    """Of the pictures of a folder, the share in which no face is found.

    Raises:
        DataError: there is none.
    """
    preprocessing = trained.preprocessing()
    cropper = preprocessing.cropper()
    pictures = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    if not pictures:
        raise DataError(f"{folder} has no picture")
    found = [crop_photo(path.read_bytes(), cropper, preprocessing.max_pixels).refused for path in pictures]
    return {"share": proportion(found.count(NO_FACE), len(found)), "photos": len(found)}
