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
    consumer = jobs.create_consumer(workers=1, periodic=False)
    began, cpu = time.perf_counter(), time.process_time()
    consumer.start()
    while (folder / "sent").stat().st_size < length(count):
        time.sleep(0.005)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    consumer.stop()
    print(json.dumps({"count": count, "seconds": seconds, "cpu": cpu}))


def length(count: int) -> int:
    """Bytes of the file when every task has run."""
    return sum(len(f"{number}\n") for number in range(count))


if __name__ == "__main__":
    main()
