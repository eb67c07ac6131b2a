"""Where each person is in the conversation."""

from django.db import models
from rapidsms.models import Connection


class Session(models.Model):
    connection = models.OneToOneField(Connection, on_delete=models.CASCADE)
    state = models.CharField(max_length=60)
    changed_on = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "hotline"


def remember(connection: Connection, state: str) -> None:
    """Read the person's session, or open one, and write where they are now."""
    session, _ = Session.objects.get_or_create(connection=connection)
    session.state = state
    session.save()
