"""Put the people of the benchmark into the peer's tables, one number a line on stdin: everybody has written before."""

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402
from hotline.models import Session  # noqa: E402
from rapidsms.models import Backend, Connection  # noqa: E402

with transaction.atomic():
    backend = Backend.objects.create(name="twilio")
    numbers = [Connection(backend=backend, identity=line.strip()) for line in sys.stdin]
    known = Connection.objects.bulk_create(numbers, batch_size=1000)
    Session.objects.bulk_create([Session(connection=one, state="menu") for one in known], batch_size=1000)
