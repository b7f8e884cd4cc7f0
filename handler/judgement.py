"""What the service says of one image: score, verdict, and what a reader of it should know."""

from handler import quality, response
from handler.calibration import Calibration
from handler.job import Job
from handler.release import Release


def judge(job: Job, calibration: Calibration, release: Release) -> None:
    """Fills in `score_ai`, `verdict` and `reasons` of a job that has been through the network, or that shows no face.

    A picture that shows too little of the face is `uncertain` whatever its score; that it shows several faces is worth knowing,
    and no doubt about the one that was judged.
    """
    if job.face is None:
        job.reasons = [response.reason("no_face")]
        return
    job.score_ai = round(float(calibration.score_ai(job.logits[None])[0]), 6)
    job.verdict = calibration.verdict(job.score_ai)
    weak = quality.weaknesses(job.photo, job.face, job.crop, release.quality)
    job.reasons = [response.reason(code, **details) for code, details in weak]
    if job.verdict == "uncertain":
        job.reasons.append(response.reason("between_thresholds"))
    if weak:
        job.verdict = "uncertain"
    if job.face.count > 1:
        job.reasons.append(response.reason("several_faces", count=job.face.count))
