"""What people call a letter (Unicode, Annex 29), counted with the standard library alone: enough
for combining marks, emoji of several characters, flags and Hangul."""

import unicodedata

JOINER = "\u200d"
FLAGS = range(0x1F1E6, 0x1F200)
TONES = range(0x1F3FB, 0x1F400)
TAGS = range(0xE0020, 0xE0080)
LEADING, VOWEL, TRAILING = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)
LONE_VOWEL = range(0xAC00, 0xD7A4)  # whole syllables


def graphemes(text: str) -> int:
    count, flags, before = 0, 0, ""
    for letter in text:
        is_flag = ord(letter) in FLAGS
        if not before or not goes_on(before, letter, flags):
            count += 1
            flags = 0
        flags = flags + 1 if is_flag else 0
        before = letter
    return count


def goes_on(before: str, letter: str, flags: int) -> bool:
    """Whether `letter` belongs to what `before` ends; `flags` letters of one are there already."""
    if "\n" in (before, letter) or "\r" in (before, letter):
        return before + letter == "\r\n"
    if letter == JOINER or unicodedata.category(letter) in ("Mn", "Me", "Mc"):
        return True
    if ord(letter) in TONES or ord(letter) in TAGS or ord(letter) == 0xE007F:
        return True
    if before == JOINER and is_picture(letter):
        return True
    if ord(letter) in FLAGS and ord(before) in FLAGS:
        return flags % 2 == 1
    return is_hangul(before, letter)


def is_picture(letter: str) -> bool:
    return ord(letter) >= 0x1F000 or unicodedata.category(letter) == "So"


def is_hangul(before: str, letter: str) -> bool:
    first, second = ord(before), ord(letter)
    if first in LEADING:
        return second in LEADING or second in VOWEL or second in LONE_VOWEL
    if first in VOWEL or (first in LONE_VOWEL and (first - 0xAC00) % 28 == 0):
        return second in VOWEL or second in TRAILING
    return (first in LONE_VOWEL or first in TRAILING) and second in TRAILING
