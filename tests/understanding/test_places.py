"""The country a text is about."""
# ruff: noqa: E501  (Khmer is narrower than it counts; tables read best with one line for each kind)

import pytest

from bot.conversation.understand import Reader

TABLE = """
TH thailand|ថៃ|srok thai|in Bangkok|នៅរយ៉ង|tver ka nov rayong|embassy in bkk|នៅប៉ាតាយ៉ា|300 baht a day|thai police|contract in thai
MY malaysia|KL|in Kuala Lumpur|Penang jail|ម៉ាឡេស៊ី|tov malay|1500 ringgit|maleysia
KR korea|កូរ៉េ|tov kore|Ansan factory|korean husband|EPS exam|from korea to cambodia
JP japan|ជប៉ុន|tov jabon|tokyo|300000 yen
AE dubai|ឌូបៃ|nov du bai|abu dhabi
SA saudi|សាអូឌី|riyadh maid|saudi arabia
HK hong kong|ហុងកុង|hk maid
CN china|ចិន|tov jen|guangzhou
VN vietnam|វៀតណាម|prum den viet
TW taiwan|តៃវ៉ាន់
SG singapore|សិង្ហបុរី
KH poipet|ប៉ោយប៉ែត|scam company sihanoukville|cambodia|chinese boss in sihanoukville|ស្រុកខ្មែរ
MM myawaddy|មីយ៉ាន់ម៉ា
QA qatar
IL israel
PL poland
MY from thailand, malaysia boss does not pay
TH deported from thailand now in poipet|i want to go home to cambodia from thailand|cambodia embassy in bangkok|ប៉ូលិសថៃ គេចេះនិយាយខ្មែរទេ
- ថ្ងៃនេះ|ថៃ្ងនេះ|hello|passport|ភាសាខ្មែរ|english|what is human trafficking|my boss|battambang|who won
""".strip().splitlines()

ROWS = [(code, text) for code, _, texts in (line.partition(" ") for line in TABLE) for text in texts.split("|")]


@pytest.mark.parametrize(("code", "text"), ROWS)
def test_country(ear: Reader, code: str, text: str) -> None:
    assert ear.country(text) == (None if code == "-" else code)
