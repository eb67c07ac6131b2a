"""Emergencies are found before everything else but opt-out; fear, jokes, games and school work are not emergencies."""
# ruff: noqa: E501  (Khmer is narrower than it counts; tables read best with one line for each kind)

import pytest

from bot.conversation.understand import Reader

DANGER = (
    """
SOS|HELP ME|help me please|HELPP ME|i need help|save me|ជួយផង|ជួយខ្ញុំផង|ជួយ|ជំនួយ|ជំ\u200bនួយ|សង្គ្រោះ|CHUOY|chuoy phong|juy nhom pg|chui phang
they locked me in a room|boss keeps us locked|we can not leave the compound|my friend is trapped in a scam building|the guards have guns
ចាក់សោខ្ញុំក្នុងបន្ទប់|គេឃុំប្អូនខ្ញុំ|គេមិនឲ្យយើងចេញ|គេមិនអោយឡើងគោក គេវាយ|ke jak so nhom knong bontob|ke min oy jenh|jenh min ruoch
boss beat me|he hits me every night|they use electric shock|គេវាយខ្ញុំ|ថៅកែវាយប្អូនស្រីខ្ញុំ|ឆក់ខ្សែភ្លើង|thaoke vay nhom|ke veay bong nhom|ke tver bab nhom
they sold me|they will sell me to another company|គេលក់ខ្ញុំ|គេលក់បន្តទៅក្រុមហ៊ុនផ្សេង|ke lok nhom tov jen|ransom 5000|ត្រូវលោះខ្លួន ៥០០០ដុល្លារ|tear luy los
boss rape my sister|he touches me at night|រំលោភ|គេបង្ខំឱ្យរួមដំណេក|ke romlop kon srey nhom|no food for 3 days|អត់បាយ៣ថ្ងៃ|min oy nham bay|ot oy bay
i want to die|i will kill myself|ខ្ញុំចង់ស្លាប់|មិនចង់រស់ទៀតទេ|jong slab|min jong rous|they will kill me|គេគំរាមសម្លាប់ខ្ញុំ|ke somlab nhom
forced to work|they force me to work as prostitute|គេបង្ខំខ្ញុំ|ពួកវាគំរាមកាត់ម្រាមដៃ|ke bongkhom nhom tver ka|kidnapped|jab jorng bangkhang
117|119|we do not know where i am they keep us|transfer me to another boss for money|ort mean bay nham 3 thngai|our boat is sinking|ទូកយើងកំពុងលិច
pushed two workers into the sea|strangers took my daughter in a van|រោងចក្រឆេះ មនុស្សនៅក្នុង|ke deng kroy nhom, ke rok nhom|i took a lot of pills|thaoke jah teuk puh
ber nhom chhob thver ke vay|my son says they will cut his finger if we dont send money
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

NO_DANGER = (
    """
ជួយចុច like|ជួយចុច like ផេកខ្ញុំផង|chuy like page nhom pong|this loan is killing me lol|haha you are killing me|how do traffickers sell people? for my school homework
homework: what is human trafficking|cambodia beat vietnam 2-0|who will beat thailand tonight|ថៃវាយឈ្នះវៀតណាម បាល់ទាត់|វាយអក្សរខ្មែរ|nham bay nov|bay nov
bank mok team loy rol tngai khlach ke yok dey|klach police jab os visa|i am afraid of flying|sold my land to go to korea|luk moto tov korea|ខេត្តបាត់ដំបង
what is forced labour|signs of trafficking|help me find a job|ជួយរកការងារផង|how can i help my family|my boss keep my passport|boss not pay me|i lost my passport
ជួយប្រាប់ផងទៅកូរ៉េធ្វើម៉េច|STOP|menu|where is the embassy|hungry now lets eat|lok te|bong ot sos
i looked for it|the rates are random|the app is stuck and will not open|my salad was wrapped|here is my resume|thread and trash|bears and bacon|i treated him
help me fill the passport form|i want a job as security guard in malaysia|រកការងារអ្នកយាមនៅម៉ាឡេស៊ី|វាយសារមក|vay sms mok|my phone is locked|sim locked|i want out of this contract
escape poverty|broker can sell me a visa|លោះប៉ាស្ព័រពីបញ្ចាំវិញ|dying to see the concert|jab chhnot eps thngai na
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", DANGER)
def test_is_an_emergency(ear: Reader, text: str) -> None:
    found = ear.urgent(text)
    assert found is not None
    assert found.topic == "sos"


@pytest.mark.parametrize("text", NO_DANGER)
def test_is_no_emergency(ear: Reader, text: str) -> None:
    assert ear.understand(text).topic != "sos"
