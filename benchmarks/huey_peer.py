"""The baseline of (f): as many no-op tasks through SqliteHuey. `python -m benchmarks.huey_peer FOLDER COUNT`.

Like the no-op gateway, a task does nothing but note the id it was given in a file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from huey import SqliteHuey


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    jobs = SqliteHuey("benchmark", filename=str(folder / "huey.db"), results=False)
    noted = os.open(folder / "sent", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    @jobs.task()
    def send(number: int) -> None:
        os.write(noted, b"%d\n" % number)

    for number in range(count):
        send(number)
    worker = jobs.create_consumer(workers=1, periodic=False)._create_worker()
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        worker.loop()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert (folder / "sent").read_bytes().count(b"\n") == count
    print(json.dumps({"count": count, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
