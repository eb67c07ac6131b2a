"""The table of gateways."""

from importlib import import_module

import pytest

from bot.channels import Unset
from bot.channels.kinds import KINDS, wire
from bot.config import Settings
from bot.protocol import Refused, Request


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_gateway_is_wired_by_its_own_file_and_turned_on_by_a_setting(kind):
    assert callable(import_module(kind.module).wire)
    assert getattr(Settings(), kind.setting) is None


def test_a_gateway_without_settings_says_so_and_may_be_tried_again():
    channels = wire(Settings())
    assert set(channels) == {kind.name for kind in KINDS}
    for channel in channels.values():
        assert isinstance(channel, Unset)
        with pytest.raises(Refused, match=r"set PHLOV_") as refused:
            channel.read(Request("POST", "/", "", {}, b""))
        assert refused.value.status == 503
