"""Recording rules and alerts on made-up series, by Prometheus's own rule tester."""

import math
import re
import shutil
import subprocess

import pytest
import yaml

from config.monitoring import dashboard
from config.monitoring.run import FOLDER, rules
from config.server import ROOT
from handler.features import EDGES
from tests.k8s.rendering import of_kind, render

RULES = rules()
RARELY = "3m"  # evaluations over days take their time
POD = 'namespace="face", pod="a"'


@pytest.fixture
def check(tmp_path):
    """Runs one test of promtool: `check(series, alerts={name: {minute: [labels]}}, values=[(expression, minute, samples)])`."""
    promtool = shutil.which("promtool") or pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(RULES))

    def run(
        series: dict[str, str],
        alerts: dict | None = None,
        values: list | None = None,
        interval: str = "1m",
        evaluation: str = "30s",
    ) -> None:
        test = {
            "interval": interval,
            "input_series": [{"series": name, "values": samples} for name, samples in series.items()],
            "promql_expr_test": [
                {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}
                for expression, minute, samples in values or []
            ],
        }
        (tmp_path / "test.yaml").write_text(
            yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": evaluation, "tests": [test]})
        )
        told = subprocess.run(
            [promtool, "test", "rules", "test.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert told.returncode == 0, told.stdout + told.stderr
        for name, minutes in (alerts or {}).items():
            for minute, firing in minutes.items():
                assert is_firing(promtool, tmp_path, test, evaluation, name, minute) == firing, f"{name} after {minute} minutes"

    return run


def is_firing(promtool: str, folder, test: dict, evaluation: str, alert: str, minute: int) -> bool:
    """Whether the alert fires: promtool compares with none expected, and says what it got."""
    expectation = {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": []}
    test = {name: value for name, value in test.items() if name != "promql_expr_test"} | {"alert_rule_test": [expectation]}
    (folder / "alert.yaml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": evaluation, "tests": [test]})
    )
    told = subprocess.run([promtool, "test", "rules", "alert.yaml"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0 or f'alertname="{alert}"' in told.stdout + told.stderr, told.stdout + told.stderr
    return told.returncode != 0


def test_the_rules_are_valid(tmp_path):
    promtool = shutil.which("promtool") or pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(RULES))
    told = subprocess.run([promtool, "check", "rules", "rules.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stdout + told.stderr


def test_queue_time_is_seconds_a_request(check):
    """One request a second, each of which waits for 0.7 s; scraped as often as in a cluster."""
    series = {
        f"ts_inference_requests_total{{{POD}}}": "0+15x80",
        f"ts_queue_latency_microseconds{{{POD}}}": "0+10500000x80",
    }
    sample = {"labels": 'face:queue_seconds:mean1m{namespace="face", pod="a"}', "value": 0.7}
    check(series, {"FaceQueueLong": {3: False, 12: True}}, [("face:queue_seconds:mean1m", 10, [sample])], interval="15s")


def test_server_errors_count_from_none(check):
    """Without a failure the ratio is 0, not unknown; 3 of 60 are 5 %, and fire after five minutes."""
    requests = {f"ts_inference_requests_total{{{POD}}}": "0+60x40"}
    none = {"labels": 'face:server_errors:ratio5m{namespace="face"}', "value": 0}
    check(requests, {"FaceServerErrors": {20: False}}, [("face:server_errors:ratio5m", 20, [none])])
    check(requests | {f"Requests5XX{{{POD}}}": "0+3x40"}, {"FaceServerErrors": {3: False, 12: True}})


def test_drift_is_a_change_of_the_ai_share_against_yesterday(check):
    """10 % ai for a day and a half, then 50 %. Images without a face are not counted."""
    before_it = 36 * 60  # minutes
    series = {
        f'face_verdicts_total{{{POD}, ModelVersion="1.0", Verdict="{verdict}"}}': (
            f"0+{before}x{before_it} {before * before_it}+{after}x240"
        )
        for verdict, before, after in (("ai", 1, 5), ("real", 9, 5), ("no_face", 50, 0))
    }
    share = {"labels": 'face:ai_share:ratio1h{namespace="face", ModelVersion="1.0"}', "value": 0.1}
    alerts = {"FaceVerdictDrift": {before_it: False, before_it + 200: True}}
    check(series, alerts, [("face:ai_share:ratio1h", before_it, [share])], evaluation=RARELY)


def test_no_replica(check):
    alive = f'face_worker_alive_seconds_total{{{POD}, ModelVersion="1.0"}}'
    check({alive: "0+60x10 _x30"}, {"FaceNoReplica": {10: False, 30: True}})


@pytest.mark.parametrize("ready, firing", [("0+15x40 600x80", True), ("0+15x160", False), ("0+22x40 880+15x80", False)])
def test_a_server_without_a_ready_worker(check, ready, firing):
    """A worker that is ready counts its seconds; with one left of one and a half, the server still answers."""
    check(
        {f'face_worker_alive_seconds_total{{{POD}, ModelVersion="1.0"}}': ready},
        {"FaceNoWorker": {9: False, 20: firing}},
        interval="15s",
    )


def test_a_server_whose_model_never_came_up(check):
    up = {f'up{{{POD}, job="face/face"}}': "1x80", 'up{namespace="face", pod="b", job="other"}': "1x80"}
    check(up, {"FaceNoWorker": {1: False, 5: True}}, interval="15s")
    check(
        up | {f'face_worker_alive_seconds_total{{{POD}, ModelVersion="1.0"}}': "0+15x80"},
        {"FaceNoWorker": {5: False}},
        interval="15s",
    )


def test_the_number_of_ready_workers(check):
    alive = {f'face_worker_alive_seconds_total{{{POD}, ModelVersion="1.0"}}': "0+120x20"}
    two = {"labels": 'face:workers_ready:mean1m{namespace="face", pod="a", ModelVersion="1.0"}', "value": 2}
    check(alive, values=[("face:workers_ready:mean1m", 10, [two])])


def test_workers_that_die_again_and_again(check):
    """Two at the beginning are no alarm, nor is one that dies in a day; one death a minute is."""
    starts = f'face_worker_starts_total{{{POD}, ModelVersion="1.0"}}'
    check({starts: "2x20 3x20"}, {"FaceWorkersDie": {5: False, 25: False}})
    check({starts: "2x20 2+1x20"}, {"FaceWorkersDie": {20: False, 27: True}})


def test_refusals_are_shares_of_the_images(check):
    series = {
        f'face_errors_total{{{POD}, ModelVersion="1.0", Code="bad_image"}}': "0+60x40",
        f'face_verdicts_total{{{POD}, ModelVersion="1.0", Verdict="real"}}': "0+20x40",
    }
    share = {"labels": '{namespace="face"}', "value": 0.75}
    check(series, {"FaceRefusals": {10: False, 30: True}}, [("round(face:refusals:ratio5m, 1e-6)", 20, [share])])


def test_the_slowest_twentieth_is_read_from_the_histogram(check):
    """Of 100 images a minute 90 take up to 0.2 s and 10 up to 1 s: the 95th is half-way between these two bounds."""
    labels = f'{POD}, ModelVersion="1.0", Stage="total"'
    series = {
        f'face_stage_seconds_bucket{{{labels}, le="{bound}"}}': f"0+{count}x40"
        for bound, count in (("0.2", 90), ("1", 100), ("+Inf", 100))
    }
    p95 = {"labels": '{namespace="face", ModelVersion="1.0", Stage="total"}', "value": 0.6}
    check(series, {"FaceSlow": {3: False, 12: True}}, [("round(face:stage_seconds:p95_5m, 1e-6)", 20, [p95])])


def features(name: str, bins: dict[str, str]) -> dict[str, str]:
    return {
        f'face_features_total{{{POD}, ModelVersion="1.0", Feature="{name}", Bin="{edge}"}}': at for edge, at in bins.items()
    }


def references(name: str, shares: dict[str, float]) -> dict[str, str]:
    labels = f'{POD}, ModelVersion="1.0", Feature="{name}"'
    return {f'face_reference_share{{{labels}, Bin="{edge}"}}': f"{share}x2000" for edge, share in shares.items()}


def test_psi_by_hand(check):
    """600 images an hour, all in the lower of two bins, against halves: half an image more each is 600.5 and 0.5 of 601."""
    p, q = 600.5 / 601, 0.5 / 601
    psi = (p - 0.5) * math.log(p / 0.5) + (q - 0.5) * math.log(q / 0.5)
    series = features("score_ai", {"0.5": "0+10x120", "1": "0x120"}) | references("score_ai", {"0.5": 0.5, "1": 0.5})
    sample = {"labels": '{namespace="face", ModelVersion="1.0", Feature="score_ai"}', "value": round(psi, 6)}
    values = [("round(face:psi_reference:1h, 1e-6)", 100, [sample])]
    check(series, {"FaceScoreDrift": {20: False, 100: True}}, values)


def test_the_same_mixture_in_other_numbers_is_no_drift(check):
    series = features("score_ai", {"0.5": "0+30x120", "1": "0+10x120"}) | references("score_ai", {"0.5": 0.75, "1": 0.25})
    check(series, {"FaceScoreDrift": {100: False}})


def test_a_few_images_are_no_drift(check):
    series = features("score_ai", {"0.5": "0+1x120", "1": "0x120"}) | references("score_ai", {"0.5": 0.5, "1": 0.5})
    check(series, {"FaceScoreDrift": {100: False}})


def test_a_feature_without_reference_is_held_against_yesterday(check):
    """Dark pictures for a day and a half, then bright ones."""
    before = 36 * 60  # minutes
    series = features("brightness", {"0.3": f"0+10x{before} {10 * before}x240", "0.8": f"0x{before} 0+10x240"})
    check(series, {"FaceInputDrift": {before: False, before + 200: True}}, evaluation=RARELY)


def test_uncertain_and_faceless_images(check):
    def verdicts(undecided: str, real: int) -> dict[str, str]:
        series = f'face_verdicts_total{{{POD}, ModelVersion="1.0", Verdict='
        return {f'{series}"{undecided}"}}': "0+6x120", f'{series}"real"}}': f"0+{real}x120"}

    check(verdicts("uncertain", 2), {"FaceUndecided": {90: True}})
    check(verdicts("no_face", 2), {"FaceUndecided": {90: True}})
    check(verdicts("no_face", 10), {"FaceUndecided": {90: False}})


def test_two_versions_for_hours(check):
    """A rollout of an hour is none of its business."""
    series = f'face_verdicts_total{{{POD}, Verdict="real", ModelVersion='
    check(
        {f'{series}"1.0"}}': "0+6x600", f'{series}"2.0"}}': "0+6x60 360x540"},
        {"FaceVersionSkew": {500: False}},
        evaluation=RARELY,
    )
    check(
        {f'{series}"1.0"}}': "0+6x600", f'{series}"2.0"}}': "0+6x600"},
        {"FaceVersionSkew": {300: False, 500: True}},
        evaluation=RARELY,
    )


def test_marks_on_the_dashboard(check):
    """1.0 serves all the time; 2.0 comes after nine minutes, a worker of it starts again, and it is gone after thirty."""
    series = {}
    for version, starts, alive in (("1.0", "2x60", "0+120x60"), ("2.0", "_x9 2x4 3x50", "_x9 0+120x20 2400x40")):
        series[f'face_worker_starts_total{{{POD}, ModelVersion="{version}"}}'] = starts
        series[f'face_worker_alive_seconds_total{{{POD}, ModelVersion="{version}"}}'] = alive
    series[f'ALERTS{{{POD}, alertname="FaceSlow", alertstate="firing"}}'] = "_x40 1x3 _x60"
    marked = {
        "Versions that come": {5: False, 9: True, 14: True, 20: False},
        "Versions that go": {20: False, 30: True, 45: False},
        "Alerts": {30: False, 42: True},
    }
    queries = {mark.title: f"count({mark.query.replace(dashboard.NAMESPACE, 'face')})" for mark in dashboard.MARKS}
    one = [{"labels": "{}", "value": 1}]
    values = [(queries[title], minute, one if seen else []) for title, at in marked.items() for minute, seen in at.items()]
    check(series, values=values)


def test_every_alert_is_tried_here():
    source = re.sub(r"\s", "", (ROOT / "tests" / "monitoring" / "test_rules.py").read_text())
    alerts = [rule["alert"] for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
    assert [alert for alert in alerts if f'"{alert}":' not in source] == []


def test_the_dashboard_that_is_checked_in_is_the_code():
    assert dashboard.FILE.read_text() == dashboard.text(), "run `python -m config.monitoring.dashboard`"


def test_what_the_operator_gets_is_the_same():
    manifests = render("production", ("monitoring",))
    assert of_kind(manifests, "PrometheusRule")["face"]["spec"] == RULES
    assert of_kind(manifests, "ConfigMap")["face-dashboard"]["data"]["face.json"] == (FOLDER / "dashboard.json").read_text()


def test_the_dashboard_and_the_canary_ask_for_metrics_that_exist():
    """Metrics named in queries are recorded here, or are TorchServe's and the handler's (config/metrics.yaml)."""
    declared = yaml.safe_load((ROOT / "config" / "metrics.yaml").read_text())
    names = {metric["name"] for part in ("ts_metrics", "model_metrics") for kind in declared[part].values() for metric in kind}
    names |= {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
    queries = [query for panels in dashboard.PANELS.values() for panel in panels for query in panel.queries]
    queries += [mark.query for mark in dashboard.MARKS]
    analysis = of_kind(render("production", ("monitoring", "canary/rollout")), "AnalysisTemplate")["face"]["spec"]["metrics"]
    queries += [metric["provider"]["prometheus"]["query"] for metric in analysis]
    queries += [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]
    asked = {name for query in queries for name in re.findall(r"\b(?:face[_:]|ts_|Requests)[\w:]+", query)}
    assert len(asked) > 20
    assert asked - EDGES.keys() <= names
