"""The service on TorchServe: decode, detect, crop, infer, calibrate, explain, respond, record.

The one module that knows TorchServe. A batch mixes predictions, explanations and refusals of many clients: each image is a job
of its own, and the network runs once over all that show a face.
"""

import os
from http import HTTPStatus
from pathlib import Path

import numpy as np
from ts.metrics.metric_type_enum import MetricTypes

from handler import gradcam, response
from handler.calibration import Calibration
from handler.errors import CodedError
from handler.face_crop import FaceCropper
from handler.face_detector import make_detector
from handler.image_input import decode
from handler.job import Job
from handler.judgement import judge
from handler.png import png
from handler.release import Release
from handler.request import parse
from handler.runtime import load_runtime
from handler.telemetry import Telemetry

INFER_AT_ONCE = 16  # crops; bounds the memory of one pass however many instances a batch brings
DETECTOR_FILE = "FACE_DETECTOR_FILE"  # environment: model file of a detector that needs one
THREADS = "OMP_NUM_THREADS"  # environment: the start script's share of the cores for a worker


class FaceHandler:
    """Serves one release."""

    def initialize(self, context) -> None:
        """Loads the release that lies in the archive and runs it once.

        Raises:
            ReleaseError: the archive's files are not those that its serving.json was written for.
        """
        properties = context.system_properties
        self.release = release = Release.load(Path(properties["model_dir"]) / "release")
        self.telemetry = Telemetry(
            context.metrics,
            counter=MetricTypes.COUNTER,
            gauge=MetricTypes.GAUGE,
            model=context.model_name,
            version=release.version,
            reference=release.reference,
        )
        detector = release.detector
        self.cropper = FaceCropper(
            detector=make_detector(detector.name, os.environ.get(DETECTOR_FILE)),
            search_sides=detector.search_sides,
            min_confidence=detector.min_confidence,
            **vars(release.crop),
        )
        device = "cpu" if properties.get("gpu_id") is None else f"cuda:{properties['gpu_id']}"
        options = (context.model_yaml_config or {}).get("handler", {})
        threads = int(os.environ.get(THREADS, 0))
        self.runtime = load_runtime(release, choice=options.get("runtime", "auto"), device=device, threads=threads)
        self.calibration = Calibration(**vars(release.calibration))
        self.runtime.infer(np.zeros((1, release.crop.size, release.crop.size, 3), np.uint8))  # the first pass is the slow one
        self.telemetry.start()

    def handle(self, rows, context) -> list[str | bytes]:
        """Answers a batch: one body a row, in order; status and headers go to the context."""
        answers: dict[int, str | bytes] = {}
        jobs: list[Job] = []
        for number, row in enumerate(rows):
            if context.get_request_header(number, "describe") == "True":
                answers[number] = response.dumps(self.describe())
            else:
                jobs += self.receive(number, row, context)
        for job in jobs:
            job.attempt("decode", self.decode)
            job.attempt("detect", self.detect)
            job.attempt("crop", self.crop)
        self.infer([job for job in jobs if job.crop and not job.error])
        for job in jobs:
            job.attempt("calibrate", self.calibrate)
            job.attempt("explain", self.explain)
            self.telemetry.record(job)
        by_request: dict[int, list[Job]] = {}
        for job in jobs:
            by_request.setdefault(job.number, []).append(job)
        answers |= {number: self.respond(number, group, context) for number, group in by_request.items()}
        return [answers[number] for number in range(len(rows))]

    def receive(self, number: int, row, context) -> list[Job]:
        """The jobs of one request: one an image; a single refused one where the request cannot be read."""
        request_id = context.get_request_id(number)
        job = Job(number, request_id)
        headers = context.get_all_request_header(number)

        def read(job: Job) -> None:
            job.request = parse(row, headers, max_instances=self.release.limits.max_instances)

        job.attempt("receive", read)
        if job.error:
            return [job]
        jobs = [Job(number, request_id, job.request, seconds=dict(job.seconds)) for _ in job.request.images]
        for one, image in zip(jobs, job.request.images, strict=True):
            one.error, one.data = (image, None) if isinstance(image, CodedError) else (None, image)
        return jobs

    def decode(self, job: Job) -> None:
        job.photo = decode(job.data, max_pixels=self.release.limits.max_pixels, long_side=self.cropper.first_look)

    def detect(self, job: Job) -> None:
        job.face = self.cropper.detect(job.photo)

    def crop(self, job: Job) -> None:
        if job.face:
            job.crop = self.cropper.crop(job.photo, job.face)

    def infer(self, jobs: list[Job]) -> None:
        """Runs the network over all crops, stacked; each job gets its share of the time."""
        for start in range(0, len(jobs), INFER_AT_ONCE):
            chunk = jobs[start : start + INFER_AT_ONCE]
            first = chunk[0]

            def run(_: Job, chunk=chunk) -> None:
                inference = self.runtime.infer(np.stack([job.crop.pixels for job in chunk]))
                for job, features, logits in zip(chunk, inference.features, inference.logits, strict=True):
                    job.features, job.logits = features, logits

            first.attempt("infer", run)
            share = first.seconds["infer"] / len(chunk)
            for job in chunk:
                job.error, job.seconds["infer"] = first.error, share

    def calibrate(self, job: Job) -> None:
        """Score, verdict and reasons."""
        judge(job, self.calibration, self.release)

    def explain(self, job: Job) -> None:
        """The heat map of what the network saw, where one was asked for; its picture only where that was, too."""
        if not job.request.explain:
            return
        if job.face:
            job.evidence = gradcam.margin_map(job.features, self.runtime.head_weight)
        if job.request.overlay:
            limit = self.release.limits.overlay_max_side
            picture = gradcam.reduced(job.photo.decoded(limit), limit)
            if job.face:
                box = gradcam.scaled(job.crop.box, picture.width / job.photo.width)
                picture = gradcam.overlay(picture, box, job.evidence, full_scale=self.release.explanation.full_scale)
            job.overlay = png(picture)

    def respond(self, number: int, jobs: list[Job], context) -> str | bytes:
        """The body of one request, with its status and headers."""
        job = jobs[0]
        if job.request and job.request.is_list:
            context.set_response_content_type(number, response.JSON)
            return response.dumps({"predictions": [self.answer(one) for one in jobs]})
        if job.error:
            context.set_response_status(job.error.status, HTTPStatus(job.error.status).phrase, number)
        elif job.request.png:
            context.set_response_content_type(number, response.PNG)
            for name, value in response.png_headers(job.verdict, job.score_ai).items():
                context.set_response_header(number, name, value)
            return job.overlay
        context.set_response_content_type(number, response.JSON)
        return response.dumps(self.answer(job))

    def answer(self, job: Job) -> dict:
        """The JSON of one image: a verdict or an error."""
        if job.error:
            return response.error(job.error, job.request_id)
        body = response.verdict(job, self.release)
        if job.request.explain:
            body["explanation"] = response.explanation(job, self.release.explanation.full_scale)
        return body

    def describe(self) -> dict:
        """What is served: answers `GET /models/face?customized=true` of the management API."""
        return response.description(self.release, self.runtime.name, self.runtime.note)
