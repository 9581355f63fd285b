"""The docs are run: every console block in a folder of its own, the reference made anew, the README's two commands."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "docs" / "tutorial.md", *(ROOT / "docs" / "how-to").glob("*.md")])
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(page: Path) -> list[tuple[str, str]]:
    """The commands of a page with the output that stands below each."""
    found = []
    for block in CONSOLE.findall(page.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def is_like(output: str, expected: str) -> bool:
    """Whether an output is as the page shows it; `...` stands for anything, blanks at line ends do not count."""
    tidy = "\n".join(line.rstrip() for line in output.strip().splitlines())
    pattern = re.escape("\n".join(line.rstrip() for line in expected.strip().splitlines())).replace(r"\.\.\.", ".*")
    return re.fullmatch(re.sub(r"(\\ )+", r"\\s+", pattern), tidy, re.DOTALL) is not None


@pytest.mark.parametrize("page", [one for one in PAGES if steps(one)], ids=lambda page: page.stem)
def test_every_command_of_a_page_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "SHEETCRM_HOME": str(tmp_path / "home"), "TZ": "UTC"}
    folder = tmp_path / "work"
    folder.mkdir()
    if page.stem != "tutorial":
        run("sheetcrm init crm.xlsx", folder, environment)
    for command, expected in steps(page):
        output = run(command, folder, environment)
        assert is_like(output, expected), f"$ {command}\n{output}"


@pytest.mark.parametrize(
    "page", [one for one in PAGES if PYTHON.search(one.read_text("utf-8"))], ids=lambda page: page.stem
)
def test_the_python_of_a_page_runs_and_prints_what_its_comments_say(page: Path, tmp_path: Path) -> None:
    run("sheetcrm init crm.xlsx", tmp_path, {**os.environ})
    program = "".join(PYTHON.findall(page.read_text("utf-8")))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    for expected in re.findall(r"^print\(.*\) +# (.*)$", program, re.MULTILINE):
        assert any(is_like(line, expected) for line in done.stdout.splitlines()), f"{expected}\n{done.stdout}"


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    words = shlex.split(command, comments=True)
    assert words[0] == "sheetcrm"
    done = subprocess.run(
        [sys.executable, "-m", "sheetcrm", *words[1:]], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize(
    "page", [one for one in PAGES if TOML.search(one.read_text("utf-8"))], ids=lambda page: page.stem
)
def test_every_setting_that_a_page_shows_is_taken(page: Path, tmp_path: Path) -> None:
    from sheetcrm.config import load_settings

    for i, text in enumerate(TOML.findall(page.read_text("utf-8"))):
        path = tmp_path / f"{i}.toml"
        path.write_text(text, encoding="utf-8")
        settings = load_settings(path)
        assert settings != load_settings(None)
        assert tomllib.loads(text).keys() <= set(type(settings).model_fields)


def test_the_reference_is_what_the_code_says() -> None:
    path = ROOT / "docs" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.reference() == (ROOT / "docs" / "reference.md").read_text("utf-8"), (
        "run: python docs/make_reference.py"
    )


def test_the_readmes_first_two_sh_blocks_are_one_line_each() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    first, second = blocks[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.strip().endswith("sheetcrm demo")
    assert second.strip().endswith("-m pytest")


def test_every_page_that_the_docs_link_to_is_there() -> None:
    for page in [ROOT / "README.md", *PAGES, ROOT / "docs" / "architecture.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
