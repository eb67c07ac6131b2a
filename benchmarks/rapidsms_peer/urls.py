"""The peer's two addresses."""

from django.http import HttpResponse
from django.urls import path
from hotline.views import TwilioView

urlpatterns = [
    path("webhooks/twilio/sms", TwilioView.as_view(backend_name="twilio")),
    path("healthz", lambda request: HttpResponse("ok")),
]
