"""The house's own rules, watched by tests: sizes, names, scripts, floors, and what a server may load."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "bot").rglob("*.py"))
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES]
KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
LOADED_LATER = {
    "twilio.rest", "requests", "aiohttp", "phonenumbers.geocoder", "phonenumbers.carrier", "phonenumbers.timezone",
    "openpyxl", "numpy", "scipy", "sklearn", "babel", "alembic", "pydantic", "pydantic_settings", "rich", "psycopg",
    "khmer_segmenter", "sqlalchemy.orm", "bot.console", "bot.services.login", "argon2", "pyotp", "segno",
}  # fmt: skip

each_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@each_file
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) <= 400


@each_file
def test_functions_are_short(path):
    long = [node.name for node in functions(path) if (node.end_lineno or 0) - node.lineno >= 60]
    assert long == []


def test_most_functions_are_very_short():
    sizes = sorted((node.end_lineno or 0) - node.lineno + 1 for path in FILES for node in functions(path))
    assert sizes[len(sizes) // 2] <= 8


@each_file
def test_words_for_people_live_in_messages(path):
    assert not KHMER.search(path.read_text()), "write code points as \\u17xx; texts belong in messages/"


@each_file
def test_a_module_says_what_it_is_for(path):
    assert path.stat().st_size == 0 or ast.get_docstring(ast.parse(path.read_text()))


@each_file
def test_names_say_something(path):
    assert not {"utils", "util", "helpers", "manager", "base", "common"} & set(path.with_suffix("").parts[-3:])


def test_the_floors_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "bot" / "channels").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_each_channel_has_its_tests(path):
    assert (ROOT / "tests" / "channels" / f"test_{path.stem}.py").exists()


SERVE_ONE_TEXT = """
import sys
sys.path.insert(0, {tests!r})
from signed import ACCOUNT, NUMBER, PUBLIC, TOKEN, form, request
from bot import app
from bot.config import Settings
from pathlib import Path
settings = Settings(data_dir=Path({data!r}), twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN,
                    twilio_number=NUMBER, public_url=PUBLIC)
wanted = request(form("help"))
answer = app.site(settings).test_client().post(wanted.path, data=wanted.body, headers=wanted.headers)
assert answer.status_code == 200, answer.text
print(*sorted(sys.modules), sep="\\n")
"""


def test_a_server_loads_only_what_it_needs(tmp_path):
    env = {**os.environ, "PHLOV_DATA_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "bot", "migrate"], check=True, cwd=ROOT, env=env, capture_output=True)
    program = SERVE_ONE_TEXT.format(tests=str(ROOT / "tests"), data=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=ROOT, capture_output=True, text=True, env=os.environ
    )
    loaded = set(done.stdout.splitlines())
    assert "bot.services.inbox" in loaded
    assert loaded & LOADED_LATER == set()
