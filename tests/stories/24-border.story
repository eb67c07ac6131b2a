# Is the border open?
phone +855 12 345 678

> ព្រំដែនប៉ោយប៉ែតបើកវិញហើយឬនៅ
= topic border
