"""Opt-out is exact over the whole message (rule H10) and never guessed from a part of one."""
# ruff: noqa: E501  (Khmer is narrower than it counts; tables read best with one line for each kind)

import pytest

from bot.conversation.understand import Reader
from tests.understanding.measure import DEV, OWN, rows

STOPS = (
    """
STOP|stop|Stop.|STOP!!|ＳＴＯＰ|S T O P|s.t.o.p|QUIT|END|REVOKE|OPT OUT|opt-out|OPTOUT|CANCEL|UNSUBSCRIBE|STOPALL|Stop please|please stop
pls stop sms|stop sending me messages|please stop sending me messages|don't text me|do not send me any more messages
I don't want your messages anymore|Stop texting this number please|no more sms|unsubscribe me|take me off this list
ឈប់|ឈប់។|ឈប់\u200b|ឈ\u200bប់|ឈប់!|សូមឈប់|ឈប់ផង|បញ្ឈប់|ឈប់ផ្ញើ|ឈប់ ផ្ញើ|ឈប់ផ្ញើសារ|កុំផ្ញើសារមកទៀត|សូមកុំផ្ញើសារមកខ្ញុំទៀត|ឈប់រំខានខ្ញុំ
chhop|chop|CHOB|chhob|chob pong|chob chob|STOP STOP|stop!!! stop|STOPPP|ឈប់ៗ|ឈប់ ឈប់|chob pnher|kom pnher sms mok tiet|kom romkan nhom tiet|som chhob pnher sar
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

NOT_STOPS = (
    """
they won't stop|they won't stop hitting me|can't stop|stop him please he is beating me|non stop work 16 hours|bus stop|stop the bus here
how do i stop my loan|my boss wants me to stop|stopped working|my contract end when|end of contract|cancel my visa|cancel contract fee
can i cancel my contract|quit job|can i quit my job|i want to quit my job in korea|don't send me back|do not send me home|please dont send me to myanmar
don't text me back my boss reads it|stop calling me a thief they beat me|i don't want to go|i do not want to work here
ខ្ញុំឈប់រៀន|ខ្ញុំឈប់រៀនហើយ|ថ្ងៃឈប់សម្រាក|ខ្ញុំឈប់ធ្វើការហើយ|ឈប់ធ្វើការបានទេ|បើឈប់គេវាយ|ពួកគេមិនឈប់វាយខ្ញុំទេ|ឈប់ពីការងារ|មិនឈប់|ឈប់សម្រាក|កុំផ្ញើខ្ញុំទៅវិញ
ber nhom chhob thver ke vay|nhom chob rean hery|chhob tver ka ban te|chob rean|tngai chhub|ke min chhob vay nhom|chop ot ban|min chhob
next|end my life|help|start|hello|12|?
job|Job please|please dont stop sending|lan chhob nv na|ឈប់នៅឯណា|stop work|stop him|I quit|never|cancel ticket|ចង់ឈប់
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", STOPS)
def test_opts_out(ear: Reader, text: str) -> None:
    found = ear.urgent(text)
    assert found is not None
    assert (found.topic, found.confidence) == ("stop", 1.0)


@pytest.mark.parametrize("text", NOT_STOPS)
def test_is_no_opt_out(ear: Reader, text: str) -> None:
    assert ear.understand(text).topic != "stop"


def test_no_labelled_text_is_a_false_opt_out(ear: Reader) -> None:
    wrong = [
        row.id for row in (*rows(DEV), *rows(OWN)) if row.topic != "stop" and ear.understand(row.text).topic == "stop"
    ]
    assert wrong == []
