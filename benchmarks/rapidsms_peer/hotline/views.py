"""The webhook: RapidSMS's generic HTTP backend, with Twilio's field names, signature and answer."""

import types

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from rapidsms.backends.http.views import GenericHttpBackendView
from rapidsms.router import receive
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

validator = RequestValidator("0123456789abcdef0123456789abcdef")


class TwilioView(GenericHttpBackendView):
    http_method_names = ("post",)
    params = types.MappingProxyType({"identity_name": "From", "text_name": "Body"})

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(request.build_absolute_uri(), request.POST, signature):
            return HttpResponseForbidden()
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form) -> HttpResponse:
        message = receive(**form.get_incoming_data())
        reply = MessagingResponse()
        for response in message.responses:
            reply.message(response["text"])
        return HttpResponse(str(reply), content_type="text/xml")
