"""What is said to everything else, so that each text has its answer as in the other cells."""

from rapidsms.apps.base import AppBase

from hotline.models import remember

MENU = "Reply 1 legal ways, 2 costs, 3 agencies, 4 help now."


class Hotline(AppBase):
    def default(self, msg) -> bool:
        remember(msg.connections[0], "menu")
        msg.respond(MENU)
        return True
