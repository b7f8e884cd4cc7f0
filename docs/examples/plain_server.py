"""A release over HTTP without TorchServe: `python plain_server.py RELEASE_FOLDER PORT`, from the repository's folder.

The modules of `handler` do the work, as they do for TorchServe; this file is all that another server needs of its own.
"""

import json
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from handler import gradcam, response
from handler.calibration import Calibration
from handler.face_crop import FaceCropper
from handler.face_detector import make_detector
from handler.image_input import decode
from handler.job import Job
from handler.judgement import judge
from handler.release import Release
from handler.request import parse
from handler.runtime import load_runtime


class Face:
    """A release, loaded once; `judge` does to one image what the service does."""

    def __init__(self, folder: Path):
        self.release = release = Release.load(folder)
        search = {"search_sides": release.detector.search_sides, "min_confidence": release.detector.min_confidence}
        self.cropper = FaceCropper(detector=make_detector(release.detector.name), **search, **vars(release.crop))
        self.runtime = load_runtime(release)
        self.calibration = Calibration(**vars(release.calibration))

    def judge(self, job: Job) -> None:
        job.photo = decode(job.data, max_pixels=self.release.limits.max_pixels, long_side=self.cropper.first_look)
        job.face = self.cropper.detect(job.photo)
        if job.face:
            job.crop = self.cropper.crop(job.photo, job.face)
            inference = self.runtime.infer(job.crop.pixels[None])
            job.logits = inference.logits[0]
            if job.request.explain:
                job.evidence = gradcam.margin_map(inference.features[0], self.runtime.head_weight)
        judge(job, self.calibration, self.release)


class Handler(BaseHTTPRequestHandler):
    """/predictions/face and /explanations/face with an image as the body."""

    face: Face
    lock = threading.Lock()  # the detector has one buffer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers) | {"explain": str(self.path.startswith("/explanations/"))}
        job = Job(number=0, request_id=str(uuid.uuid4()))

        def work(job: Job) -> None:
            job.request = parse({"body": body}, headers, max_instances=1)
            (job.data,) = job.request.images
            self.face.judge(job)

        with self.lock:
            job.attempt("all", work)
        self.answer(job)

    do_PUT = do_POST  # what `curl -T` sends

    def answer(self, job: Job) -> None:
        if job.error:
            status, told = job.error.status, response.error(job.error, job.request_id)
        else:
            status, told = 200, response.verdict(job, self.face.release)
            if job.request.explain:
                told["explanation"] = response.explanation(job, self.face.release.explanation.full_scale)
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", response.JSON)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    Handler.face = Face(Path(sys.argv[1]))
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
