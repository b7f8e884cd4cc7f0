"""Recording rules and alerts of the component `monitoring`, on made-up series, by Prometheus's own rule tester."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from config.server import ROOT
from tests.k8s.rendering import K8S, of_kind, render

RULES = of_kind(yaml.safe_load_all((K8S / "components" / "monitoring" / "rules.yaml").read_text()), "PrometheusRule")["face"][
    "spec"
]
POD = 'namespace="face", pod="a"'


@pytest.fixture
def check(tmp_path):
    """Runs one test of promtool: `check(series, alerts={name: {minute: [labels]}}, values=[(expression, minute, samples)])`."""
    promtool = shutil.which("promtool") or pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(RULES))

    def run(series: dict[str, str], alerts: dict | None = None, values: list | None = None, interval: str = "1m") -> None:
        test = {
            "interval": interval,
            "input_series": [{"series": name, "values": samples} for name, samples in series.items()],
            "promql_expr_test": [
                {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}
                for expression, minute, samples in values or []
            ],
        }
        (tmp_path / "test.yaml").write_text(
            yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "30s", "tests": [test]})
        )
        told = subprocess.run(
            [promtool, "test", "rules", "test.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert told.returncode == 0, told.stdout + told.stderr
        for name, minutes in (alerts or {}).items():
            for minute, firing in minutes.items():
                assert is_firing(promtool, tmp_path, test, name, minute) == firing, f"{name} after {minute} minutes"

    return run


def is_firing(promtool: str, folder, test: dict, alert: str, minute: int) -> bool:
    """Whether the alert fires: promtool compares with none expected, and says what it got."""
    expectation = {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": []}
    test = {name: value for name, value in test.items() if name != "promql_expr_test"} | {"alert_rule_test": [expectation]}
    (folder / "alert.yaml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "30s", "tests": [test]})
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
    check(
        series, {"FaceVerdictDrift": {before_it: False, before_it + 200: True}}, [("face:ai_share:ratio1h", before_it, [share])]
    )


def test_no_replica(check):
    check({f"ts_inference_requests_total{{{POD}}}": "0+60x10 _x30"}, {"FaceNoReplica": {10: False, 30: True}})


def test_the_dashboard_and_the_canary_ask_for_metrics_that_exist():
    """Metrics named in queries are recorded here, or are TorchServe's and the handler's (config/metrics.yaml)."""
    declared = yaml.safe_load((ROOT / "config" / "metrics.yaml").read_text())
    names = {metric["name"] for part in ("ts_metrics", "model_metrics") for kind in declared[part].values() for metric in kind}
    names |= {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
    manifests = render("production", ("monitoring", "canary/rollout"))
    dashboard = json.loads(of_kind(manifests, "ConfigMap")["face-dashboard"]["data"]["face.json"])
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    analysis = of_kind(manifests, "AnalysisTemplate")["face"]["spec"]["metrics"]
    queries += [metric["provider"]["prometheus"]["query"] for metric in analysis]
    queries += [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]
    asked = {name for query in queries for name in re.findall(r"\b(?:face[_:]|ts_|Requests)[\w:]+", query)}
    assert len(asked) > 8
    assert {re.sub(r"_bucket$", "", name) for name in asked} <= names
