"""What a serving process loads: each driver and Alembic only where they are needed."""

import subprocess
import sys

from bot.store import migrate

OPEN = """
import sys
from pathlib import Path
from bot.store.opening import open_store
open_store(sys.argv[1], Path(sys.argv[2]))
unwanted = {"alembic", "mako", "psycopg", "sqlalchemy.dialects.postgresql", "numpy", "requests", "twilio"}
print(*sorted(unwanted & set(sys.modules)))
"""


def test_a_migrated_sqlite_house_loads_no_more_than_it_needs(tmp_path):
    url = f"sqlite:///{tmp_path / 'phlov.db'}"
    migrate(url)
    said = subprocess.run(
        [sys.executable, "-c", OPEN, url, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == ""
