"""The ceiling: the least a signed Flask webhook can do. It checks the signature, says a fixed thing, keeps nothing."""

from __future__ import annotations

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from benchmarks.posts import PATH, TOKEN

app = Flask(__name__)
validator = RequestValidator(TOKEN)


@app.post(PATH)
def sms() -> Response:
    if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403)
    reply = MessagingResponse()
    reply.message("Phlov. Reply 1 for help.")
    return Response(str(reply), content_type="text/xml")


@app.get("/healthz")
def healthz() -> str:
    return "ok"
