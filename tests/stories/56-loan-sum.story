# What the lender asks, counted: first with a slip, then in Khmer digits and riel, then as a story that is no sum
phone +855 12 345 678

> LOAN 500 18
< គិតកម្ចី សរសេរ៖ កម្ចី ចំនួន ការប្រាក់ ខែ។ កម្ចី 500 18 12 គឺ $500, 18%/ឆ្នាំ, 12 ខែ។
  1. ជួយរឿងបំណុល
  2. ម៉ឺនុយ
= topic loans
> 500 18 12
< ការ 18%/ឆ្នាំ (បើខែ ផ្ញើ៖ ខែ)
  ថយ៖ $45.84/ខែ សរុប $550.08 ការ $50.08
  ថេរ៖ $49.17/ខែ សរុប $590.00 ការ $90.00 = 31.7%/ឆ្នាំ
  ថេរ លើសច្បាប់មីក្រូ 18%។ តេ 015 365 222
= topic loans
= says 45.84
= says 590.00
> ប្រាក់កម្ចី ៥០០០០០០៛ ៣% ក្នុងមួយខែ ២៤ខែ
< ការ 3%/ខែ
  ថយ៖ 295,237៛/ខែ សរុប 7,085,692៛ ការ 2,085,692៛
  ថេរ៖ 358,333៛/ខែ សរុប 8,600,000៛ ការ 3,600,000៛ = 58.6%/ឆ្នាំ
  លើសច្បាប់មីក្រូ 18%។ តេ 015 365 222
= topic loans
> loan shark comes every day to my house
< This week ask the lender to pay less or later, before you miss a month. They will not listen? Complain about a bank or microfinance: call 015 365 222. To count the interest send LOAN
  More: send MORE
= topic loans|sos
> LOAN 500 18 600
< I cannot count with these. Amount and interest must be above 0 and not too big, months up to 360. Like this: LOAN 500 18 12
  1. Help with debt
  2. Main menu
= says LOAN 500 18 12
