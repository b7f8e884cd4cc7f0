"""The FastAPI application: `uvicorn tests.bench.peers.fastapi_app:app --workers 2`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request

from config.cores import usable_cores
from tests.bench.peers.classifier import Classifier

app = FastAPI()
classifier = Classifier()
# connections are not spread evenly over the processes: each can use every core when it gets most of them
pool = ThreadPoolExecutor(usable_cores())


@app.post("/predict")
async def predict(request: Request) -> dict[str, float]:
    body = await request.body()
    return await asyncio.get_running_loop().run_in_executor(pool, classify, body)


def classify(jpeg: bytes) -> dict[str, float]:
    return classifier.infer([classifier.decode(jpeg)])[0]
