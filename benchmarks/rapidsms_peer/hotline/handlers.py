"""What is said to `help`."""

from rapidsms.contrib.handlers.handlers.keyword import KeywordHandler

from hotline.models import remember

HELP = "Police 117. Labour ministry 1297. Reply 1 for numbers abroad."


class HelpHandler(KeywordHandler):
    keyword = "help"

    def help(self) -> None:
        remember(self.msg.connections[0], "help")
        self.respond(HELP)

    def handle(self, text: str) -> None:
        self.help()
