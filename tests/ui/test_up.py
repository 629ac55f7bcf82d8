"""`dateline up`: files that say the same in two forms, and the same processes on this machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
import yaml

from rag.errors import SettingsError
from rag.settings import Settings
from tests import servers
from ui.cli import run
from ui.fleet.local import Part, Together, _answers, _note, alone
from ui.fleet.plan import Plan, files, write


def loaded(plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    written = files(plan)
    return yaml.safe_load(written["compose.yaml"]), yaml.safe_load(written["values.yaml"])


@pytest.mark.parametrize(
    "plan",
    [Plan(), Plan(model=None), Plan(engine="pgvector", workers=5), Plan(domain="news.example")],
)
def test_compose_and_helm_say_the_same(plan: Plan) -> None:
    composed, helm = loaded(plan)
    services = composed["services"]
    assert set(services) == set(plan.images)
    assert set(helm["controllers"]) == set(services) - {"proxy"}
    for name, controller in helm["controllers"].items():
        image = controller["containers"]["main"]["image"]
        assert f"{image['repository']}:{image['tag']}" == services[name]["image"]
        assert re.search(r"\d", image["tag"]), "a version, so that tomorrow's files start the same"
        assert controller["replicas"] == 1
        assert helm["service"][name]["controller"] == name
        (mount,) = helm["persistence"][name]["advancedMounts"][name]["main"]
        assert services[name]["volumes"] == [f"{name}:{mount['path']}"]
    ours = helm["controllers"]["dateline"]["containers"]["main"]
    plain = {k: v for k, v in ours["env"].items() if isinstance(v, str)}
    assert plain.pop("DATELINE_AUTH__MODE") == "none"
    assert plain.items() <= services["dateline"]["environment"].items()
    assert ours["args"] == services["dateline"]["command"]
    database = helm["controllers"]["postgres"]["containers"]["main"]
    assert database["args"] == services["postgres"]["command"] == ["-c", "shared_buffers=512MB"]
    assert ("chroma" in services) is (plan.engine == "chroma-server")
    assert ("vllm" in services) is (plan.model is not None)
    if plan.model:
        assert services["vllm"]["command"][0] == plan.model
        server = helm["controllers"]["vllm"]["containers"]["main"]
        assert server["args"] == services["vllm"]["command"]


@pytest.mark.parametrize("plan", [Plan(), Plan(engine="pgvector", model=None)])
def test_in_kubernetes_what_is_named_is_there_by_that_name(plan: Plan) -> None:
    """The chart puts the release's name before others', and refuses a reference by identifier."""
    _, helm = loaded(plan)
    services = {one["forceRename"] for one in helm["service"].values()}
    held = {one["forceRename"]: one["stringData"] for one in helm["secrets"].values()}
    told = plan.environment("pass")
    asked = [told[name] for name in told if name.endswith(("ARCHIVE", "__URL", "BASE_URL"))]
    hosts = {urlsplit(at).hostname for at in asked if plan.domain not in at}
    assert hosts >= {"postgres"}
    assert hosts <= services
    sent = [
        value["valueFrom"]["secretKeyRef"]
        for controller in helm["controllers"].values()
        for value in controller["containers"]["main"]["env"].values()
        if isinstance(value, dict)
    ]
    assert len(sent) == 3
    for reference in sent:
        assert reference["key"] in held[reference["name"]]


def test_the_image_keeps_its_models_where_no_volume_hides_them() -> None:
    composed, helm = loaded(Plan())
    (folder,) = re.findall(r"^ENV DATELINE_CACHE=(\S+)$", files(Plan())["Dockerfile"], re.MULTILINE)
    (volume,) = composed["services"]["dateline"]["volumes"]
    assert not folder.startswith(volume.partition(":")[2])
    (user,) = re.findall(r"useradd --create-home --uid (\d+)", files(Plan())["Dockerfile"])
    pod = helm["controllers"]["dateline"]["pod"]
    assert pod["securityContext"]["fsGroup"] == int(user), "it writes to its volume"


def test_people_are_one_line_of_the_secrets_away(monkeypatch: pytest.MonkeyPatch) -> None:
    told = loaded(Plan())[0]["services"]["dateline"]["environment"]
    assert told["DATELINE_AUTH__MODE"] == "${DATELINE_AUTH__MODE:-none}"
    assert told["DATELINE_AUTH"] == "${DATELINE_AUTH:-}", "both together are refused"
    lines = dict(
        line.split("=", 1) for line in files(Plan())[".env"].splitlines() if line[0] != "#"
    )
    assert lines["DATELINE_AUTH__MODE"] == "none"
    monkeypatch.setenv("DATELINE_AUTH__MODE", "password")
    assert Settings().auth.mode == "password"


def test_what_dateline_is_told_are_settings_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    told = loaded(Plan(workers=3))[0]["services"]["dateline"]["environment"]
    for name, value in told.items():
        monkeypatch.setenv(name, re.sub(r"\$\{(\w+)(:-)?(\w*)\}", r"\3", value) or "a:b")
    settings = Settings()
    assert settings.serve.workers == 3
    assert settings.serve.public_url == "https://dateline.example"
    assert settings.index.engine == "chroma-server"
    assert settings.index.url == "http://chroma:8000"
    assert settings.chat.elsewhere
    assert settings.telemetry.metrics
    assert settings.auth.mode == "none"
    assert settings.telemetry.otlp_endpoint is None, "nothing leaves the machines"


def test_only_the_proxy_is_open_to_others() -> None:
    composed, helm = loaded(Plan())
    assert [name for name, one in composed["services"].items() if "ports" in one] == ["proxy"]
    assert composed["networks"]["inside"]["internal"] is True
    for name in ("postgres", "chroma"):
        assert composed["services"][name]["networks"] == ["inside"]
    assert list(helm["ingress"]) == ["dateline"]
    assert "respond @metrics 404" in files(Plan())["Caddyfile"]


def test_what_depends_on_another_waits_until_that_is_well() -> None:
    for plan in (Plan(), Plan(engine="pgvector", model=None)):
        composed, _ = loaded(plan)
        services = composed["services"]
        for name, one in services.items():
            for other, how in one.get("depends_on", {}).items():
                assert other in services, name
                if how["condition"] == "service_healthy":
                    assert "healthcheck" in services[other]
        used = {v.split(":")[0] for one in services.values() for v in one["volumes"]}
        assert {u for u in used if not u.startswith(".")} == set(composed["volumes"])


def test_secrets_are_new_each_time_and_in_one_file_of_the_owner(tmp_path: Path) -> None:
    assert write(Plan(), tmp_path) == [(name, True) for name in files(Plan())]
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    told = (tmp_path / ".env").read_text()
    password = re.search(r"POSTGRES_PASSWORD=(\S{20,})", told)
    assert password
    assert password[1] not in (tmp_path / "compose.yaml").read_text()
    assert password[1] not in files(Plan())[".env"]
    assert "change-me" in json.dumps(loaded(Plan())[1]), "a person sets those of Kubernetes"


def test_a_file_that_was_changed_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["up", str(tmp_path), "--model", "none"]) == 0
    mine = tmp_path / "compose.yaml"
    mine.write_text("services: {}\n")
    (tmp_path / "Caddyfile").unlink()
    assert run(["up", str(tmp_path)]) == 0
    assert mine.read_text() == "services: {}\n"
    assert (tmp_path / "Caddyfile").exists()
    assert "compose.yaml: is there already" in capsys.readouterr().out.replace("\n", "")


def test_two_do_not_run_in_one_folder(tmp_path: Path) -> None:
    with (
        alone(tmp_path),
        pytest.raises(SettingsError, match="another `dateline up`"),
        alone(tmp_path),
    ):
        pass


def _part(name: str, code: str, **more: Any) -> Part:
    command = [sys.executable, "-u", "-c", code]
    return Part(name=name, command=command, well=lambda: True, environment={}, **more)


def test_a_shell_reads_what_other_commands_must_be_told(tmp_path: Path) -> None:
    told = {
        "DATELINE_ARCHIVE": "postgresql://d@/p?host=%2Fa%20b&port=5",
        "DATELINE_X": "it's $HOME",
    }
    at = tmp_path / "env"
    for _ in range(2):
        _note(at, told)
    assert at.stat().st_mode & 0o777 == 0o600
    shown = subprocess.run(
        ["sh", "-c", '. "$1"; printf "%s\\n" "$DATELINE_ARCHIVE" "$DATELINE_X"', "sh", at],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines() == list(told.values())


@pytest.mark.parametrize(("status", "well"), [(200, True), (401, True), (404, False), (503, False)])
def test_a_server_that_asks_for_a_login_is_well(status: int, well: bool) -> None:
    """With people, or with one login for all, nothing that is asked without a key is answered."""

    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Says) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert _answers(f"http://127.0.0.1:{server.server_port}/api/v1/ready") is well
        thread.join()


def test_what_ends_is_started_again_but_not_for_ever(tmp_path: Path) -> None:
    together = Together([_part("chroma", "print('no disk'); raise SystemExit(3)")], tmp_path)
    assert list(together.start()) == ["chroma"]

    def watch() -> None:
        while True:
            together.look()
            time.sleep(0.02)

    with pytest.raises(SettingsError, match="chroma ends again and again: no disk"):
        watch()
    assert together.stop() == []


def test_what_is_never_well_says_why(tmp_path: Path) -> None:
    part = _part("postgres", "print('the port is taken'); raise SystemExit(1)")
    part.well = lambda: False
    (tmp_path / "postgres.log").write_text("of yesterday\n")
    with pytest.raises(SettingsError, match="postgres ended at once: the port is taken"):
        list(Together([part], tmp_path).start())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of that")
def test_who_is_killed_leaves_nothing_running(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from ui.fleet.local import Part, Together
command = [sys.executable, "-c", "import time; time.sleep(600)"]
part = Part(name="chroma", command=command, well=lambda: True, environment={{}})
list(Together([part], Path({str(tmp_path)!r})).start())
print(part.process.pid, flush=True)
time.sleep(600)
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = Path("/proc", process.stdout.readline().strip())
        assert (child / "stat").exists()
        process.kill()
    end = time.monotonic() + 60
    while child.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not child.exists()


@pytest.fixture
def folder() -> Iterator[Path]:
    # Short, since a socket's path may have no more than 107 bytes; open, for who runs PostgreSQL.
    at = Path(f"/tmp/up{os.getpid()}")
    at.mkdir(mode=0o755)
    yield at
    shutil.rmtree(at, ignore_errors=True)


def _get(address: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    told = {"content-type": "application/json"}
    asked = Request(address, data, told, method=method)
    with urlopen(asked, timeout=120) as response:
        return json.load(response)


def _running(folder: Path) -> list[str]:
    """Return the command lines of processes that have to do with a folder."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            command = (one / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
        if one.name.isdigit() and str(folder) in command:
            found.append(command)
    return found


@pytest.mark.slow
def test_the_whole_of_it_runs_here_answers_and_stops_with_ctrl_c(folder: Path) -> None:
    if servers.programs("postgres-15") is None or find_spec("psycopg") is None:
        pytest.skip("PostgreSQL is not on this machine")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    code = "import sys; from ui.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "up", str(folder), "--local", "--port", str(port)]
    at = f"http://127.0.0.1:{port}"
    text = "The council of Ostvik voted on 3 May 2024 to close the ferry. It cost 4 million euros."
    with subprocess.Popen([*command, "--llm", "none"], stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            told = b""
            while b"dateline is well" not in told:
                line = process.stderr.readline()
                assert line, told.decode()
                told += line
            record = {"id": "ferry", "text": text, "title": "Ferry", "published": "2024-05-04"}
            batch = _get(f"{at}/api/uploads", {})["batch"]
            _get(f"{at}/api/uploads/{batch}?name=a.jsonl", record, "PUT")
            job = _get(f"{at}/api/v1/jobs", {"upload": batch})["id"]
            end = time.monotonic() + 300
            while _get(f"{at}/api/v1/jobs/{job}")["running"] and time.monotonic() < end:
                time.sleep(0.5)
            for _ in range(4):  # by both workers
                answer = _get(
                    f"{at}/api/v1/ask", {"question": "When was the ferry of Ostvik closed?"}
                )
                assert answer["citations"][0]["article_id"] == "ferry"
            listed = f'. {shlex.quote(str(folder / "env"))}; exec {sys.executable} -c "$1" list'
            shown = subprocess.run(
                ["sh", "-c", listed, "sh", code], capture_output=True, text=True, check=True
            )
            assert "Ferry" in shown.stdout
            process.send_signal(signal.SIGINT)
            assert process.wait(240) in (0, 130)
            assert process.stderr.read().decode().rstrip().endswith("stopped")
        finally:
            if process.poll() is None:  # killed, it would leave what it has started
                process.send_signal(signal.SIGINT)
                process.wait(240)
    assert _running(folder) == []
    assert not (folder / "postgres" / "data" / "postmaster.pid").exists(), "it was shut down well"
