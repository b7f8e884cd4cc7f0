"""The LitServe application: `python -m tests.bench.peers.litserve_app --port 8000 --workers 2 --batch 8 --timeout 0.005`."""

import argparse
import base64

import litserve

from tests.bench.connection import HOST


class ClassifierApi(litserve.LitAPI):
    """Decodes one by one, infers stacked."""

    def setup(self, device) -> None:
        from tests.bench.peers.classifier import Classifier  # in the workers only: the API servers need no torch

        self.classifier = Classifier()

    def decode_request(self, request):
        return self.classifier.decode(base64.b64decode(request["image_data"]))

    def batch(self, inputs):
        return inputs

    def predict(self, images):
        return self.classifier.infer(images)

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return output


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--port", type=int, required=True)
    cli.add_argument("--workers", type=int, required=True)
    cli.add_argument("--batch", type=int, required=True, help="images")
    cli.add_argument("--timeout", type=float, required=True, help="seconds a batch waits to be filled")
    arguments = cli.parse_args()
    api = ClassifierApi(max_batch_size=arguments.batch, batch_timeout=arguments.timeout)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=arguments.workers)
    server.run(host=HOST, port=arguments.port, generate_client_file=False, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
