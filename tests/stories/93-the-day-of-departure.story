# DEPART: only for members of a campaign whose series counts from the day; STOP and ERASE forget it
phone +855 12 345 678
= campaign KYA12 begins
> DEPART 15 1
< ឥឡូវមិនមានសារសម្រាប់ថ្ងៃចេញដំណើរទេ។ មើលប្រធានបទ: ម៉ឺនុយ
= topic menu
= no departure day
= series departure runs for KYA12
> DEPART 15 1
< មុនដំបូង ផ្ញើ: ចូលរួម និងកូដលើផ្ទាំង។ មើលប្រធានបទ: ម៉ឺនុយ
= no departure day
> english
< For this first send JOIN and the code on the banner. To see the topics send MENU
> JOIN KYA12
< Road show KYA12: texts with news and advice on working abroad, at most 2 a week. To end them send STOP at any time. Do you want them?
  1. Yes
  2. No
> yes
< Done. These texts come to you from now on. To end them send STOP
> DEPART 15 1
< Noted: 15/1/2027. Advice comes before and after that day, at most 7 texts. To end it send STOP
= says 15/1/2027
= departure on 2027-01-15
> DEPART 20 11
< Please send a coming day and month, in numbers: DEPART 15 1
= says a coming day
= departure on 2027-01-15
> depart 2/2/2027
< Noted: 2/2/2027. Advice comes before and after that day, at most 7 texts. To end it send STOP
= departure on 2027-02-02
= wait 11 minutes
> STOP
< Stopped. SOS and NUMBERS still get an answer. To come back, send START
= opted out
= no departure day

phone +855 12 345 679
> ចូលរួម KYA១២
< Road show KYA12៖ សារដំណឹង និងដំបូន្មានពីការទៅធ្វើការក្រៅប្រទេស ច្រើនបំផុត 2 សារមួយសប្ដាហ៍។ ចង់ឈប់ពេលណាក៏បាន ផ្ញើ: ឈប់។ ចង់ទទួលទេ?
  1. ចង់
  2. អត់ទេ
> ១
< រួចហើយ។ ពីពេលនេះទៅ នឹងផ្ញើសារមក។ ចង់ឈប់ ផ្ញើ: ឈប់
> ថ្ងៃចេញដំណើរ ១៥ ១
< កត់ទុក 15/1/2027។ ផ្ញើដំបូន្មានមុនក្រោយ 7 សារ។ ចង់ឈប់ ផ្ញើ: ឈប់
= departure on 2027-01-15
= language km
> លុប
< លុបនៅទីនេះហើយ។ សូមលុបសារក្នុងទូរស័ព្ទផង។ ចង់បានវិញ ផ្ញើ: ចាប់ផ្ដើម
= no departure day

phone +855 12 345 680
> khmer latin
< Suosdey! Phlov jea masin chhlery. Ke ach an sar ban. Phnher lek:
  1. Trov ka chumnuoy
  2. Mun chenh domner
  3. Tver kar krav srok
  4. Bomnol, rien, kar ngear
  5. Lek tel
  6. Tam protes
  7. Pinit, quiz
  8. Pheasa/Language
  9. Suor bukkalik
> chol ruom kya12
< Road show KYA12: sar domneng neng domboun mean pi tver ka krav prates, jren bamphot 2 muoy sapda. Chong chhob, phnher: CHHOB. Chong totuol te?
  1. Chong
  2. Ort te
> ok
< Ruoch hery. Pi pel nis tov, nung phnher sar mok. Chong chhob, phnher: CHHOB
> chenh domner 15
< Som phnher thngai khae khang mok, chea lek: CHENH DOMNER 15 1
= no departure day
> chenh domner 15-1
< Kot tuk 15/1/2027. Nung phnher domboun mean mun neng kroy, jren bamphot 7 sar. Chong chhob, phnher: CHHOB
= language km_Latn
= departure on 2027-01-15
= broadcast sent
