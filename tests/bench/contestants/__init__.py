"""Who is measured. `ALL` maps names to classes; each starts one way to do the work, and puts one load on it."""

from tests.bench.contestants.contestant import Contestant
from tests.bench.contestants.face import FaceServer
from tests.bench.contestants.fastapi_server import FastApiServer
from tests.bench.contestants.in_process import InProcess
from tests.bench.contestants.litserve_server import LitServer
from tests.bench.contestants.torchserve_stock import StockServer

ALL: dict[str, type[Contestant]] = {one.name: one for one in (FaceServer, InProcess, StockServer, FastApiServer, LitServer)}
