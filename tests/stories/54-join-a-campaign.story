# Nobody joins without a yes; who said STOP must come back first.
phone +855 12 345 678
= campaign KYA12 begins
> JOIN KYA12
< Road show KYA12៖ សារដំណឹង និងដំបូន្មានពីការទៅធ្វើការក្រៅប្រទេស ច្រើនបំផុត 2 សារមួយសប្ដាហ៍។ ចង់ឈប់ពេលណាក៏បាន ផ្ញើ: ឈប់។ ចង់ទទួលទេ?
  1. ចង់
  2. អត់ទេ
= language km
= says Road show KYA12
= says ឈប់
= members 0
> ២
< បាន អត់មានអ្វីប្ដូរទេ។ មើលប្រធានបទ ផ្ញើ: ម៉ឺនុយ
= members 0
> english
< All right, nothing was changed. To see the topics send MENU
> join kya 12
< Road show KYA12: texts with news and advice on working abroad, at most 2 a week. To end them send STOP at any time. Do you want them?
  1. Yes
  2. No
= says at most 2 a week
= says STOP
> yes
< Done. These texts come to you from now on. To end them send STOP
= says To end them send STOP
= members 1
> JOIN KYA12
< Road show KYA12: texts with news and advice on working abroad, at most 2 a week. To end them send STOP at any time. Do you want them?
  1. Yes
  2. No
> 1
< Done. These texts come to you from now on. To end them send STOP
= members 1
> JOIN KYA99
< This code is not known. Please look at the banner again and send JOIN and the code. To see the topics send MENU
= says This code is not known
= wait 11 minutes
> STOP
< Stopped. SOS and NUMBERS still get an answer. To come back, send START
= opted out
= members 0
> JOIN KYA12
< To join, first send START, then JOIN and the code.
= says first send START
> yes
= nothing
= members 0
> START
< Started again. To see the topics send MENU. To stop send STOP
> chol ruom kya12
< Road show KYA12: texts with news and advice on working abroad, at most 2 a week. To end them send STOP at any time. Do you want them?
  1. Yes
  2. No
> ok
< Done. These texts come to you from now on. To end them send STOP
= members 1
> erase
< Erased here. Please delete the texts on your phone too. To come back, send START
= erased
= members 0
