"""The archive serves by itself: in a clean process, from a folder where there is no repository."""

import json
import subprocess
import sys
import zipfile

from tests.pictures import SAMPLE
from tests.releases import make_release
from training.archive import archive

SERVE = """
import json, sys, types
sys.path.insert(0, sys.argv[1])
import face_handler, handler

class Metric:
    def add_or_update(self, value, labels):
        pass

class Context:
    model_name, system_properties = "face", {"model_dir": sys.argv[1], "gpu_id": None}
    model_yaml_config = None
    metrics = types.SimpleNamespace(get_metric=lambda *_: Metric())
    get_request_header = staticmethod(lambda number, name: None)
    get_all_request_header = staticmethod(lambda number: {})
    get_request_id = staticmethod(lambda number: "one")
    set_response_content_type = staticmethod(lambda number, kind: None)

service = face_handler.FaceHandler()
service.initialize(Context())
answer = json.loads(service.handle([{"body": bytearray(open(sys.argv[2], "rb").read())}], Context())[0])
print(json.dumps({"answer": answer, "file": handler.__file__, "modules": sorted(sys.modules)}))
"""


def test_an_unpacked_archive_answers_without_the_repository(tmp_path):
    make_release(tmp_path / "face-1.0")
    mar = archive(tmp_path / "face-1.0")
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(mar) as file:
        assert not [name for name in file.namelist() if name.endswith((".pt", ".pth", ".pkl", ".bin"))]
        file.extractall(folder)
    command = [sys.executable, "-I", "-c", SERVE, str(folder), str(SAMPLE)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["answer"]["face"]["count"] == 1
    assert told["file"] == str(folder / "handler" / "__init__.py")
    assert not [name for name in told["modules"] if name.split(".")[0] in {"training", "torch", "torchvision", "captum"}]
