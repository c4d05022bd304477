"""The emoji that are written with several characters, and weigh two all the same.

They are those that Unicode recommends (emoji-test.txt of Emoji 18.0, September 2026, in their full
form), and with them all that twitter-text 3.1.0 knows. To renew them: what the list has gained
goes where its like stands. The sandbox has them too, put down in another way; a test compares.
"""

import re

J, P = "\u200d", "\ufe0f"  # joins two; makes a picture of what may be plain text
TONE = "[\U0001f3fb-\U0001f3ff]"
PICTURES = (  # with the sign for a picture they are one
    "©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏭-⏯⏱⏲⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫"
    "⚰⚱⚽⚾⛄⛅⛈⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❗❣❤➡⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙🀄🅰🅱🅾🅿🈂🈚🈯🈷🌡"
    "🌤-🌬🌶🍽🎖🎗🎙-🎛🎞🎟🏋-🏎🏔-🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳-🕹🖇🖊-🖍🖐🖥🖨🖱🖲🖼🗂-🗄🗑-🗓🗜-🗞🗡🗣🗨🗯🗳🗺🛋🛍-🛏🛠-🛥🛩🛰🛳"
)
TONED = (
    "☝⛷⛹✊-✍🎅🏂-🏄🏇🏊-🏌👂👃👆-👐👦-👩👫-👸👼💁-💃💅-💇💏💑💪🕴🕵🕺🖐🖕🖖🙅-🙇🙋-🙏🚣🚴-🚶🛀"
    "🛌🤌🤏🤘-🤟🤦🤰-🤹🤼-🤾🥷🦵🦶🦸🦹🦻🧍-🧏🧑-🧝🫃-🫅🫰-🫺"
)
TONED_PICTURES = "☝⛷⛹✌✍🏋🏌🕴🕵🖐"
GENDERED = (
    "👮👰👱👯👳👷💁💂💆💇🏃🏄🏊🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤵🤷🤸🤹🤼🤽🤾🦸🦹🧍🧎🧏🧔🧖🧗🧘🧙🧚🧛🧜🧝"
)
ROLES = "🌾🍳🍼🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯-🦳🦼🦽"
FLAGS = (  # a first letter, and the second ones that make a country's code with it
    "ACDEFGILMOQRSTUWXZ BABDEFGHIJLMNOQRSTVWYZ CACDFGHIKLMNOPQRUVWXYZ DEGJKMOZ EACEGHRSTU "
    "FIJKMOR GABDEFGHILMNPQRSTUWY HKMNRTU ICDELMNOQRST JEMOP KEGHIMNPRWYZ LABCIKRSTUVY "
    "MACDEFGHKLMNOPQRSTUVWXYZ NACEFGILOPRUZ OM PAEFGHKLMNRSTWY QA REOSUW "
    "SABCDEGHIJKLMNORSTVXYZ TACDFGHJKLMNORTVWZ UAGMNSYZ VACEGINU WFS XK YET ZAMW"
)
REGIONS = "gbeng gbsct gbwls"


COUPLES = (
    f"(?:👨{J}❤{P}{J}(?:💋{J})?👨|👩{J}❤{P}{J}(?:💋{J})?[👨👩]|🧑{J}🤝{J}🧑)"
    f"|(?:👨{TONE}{J}❤{P}{J}(?:💋{J})?👨|👩{TONE}{J}❤{P}{J}(?:💋{J})?[👨👩]|🧑{TONE}{J}🤝{J}🧑){TONE}"
)
UNLIKE_COUPLES = (  # of two tones
    f"(?=.(?P<tone>{TONE}))(?:👨.{J}[🤝🐰\U0001faef]{J}👨|👩.{J}(?:🤝{J}[👨👩]|[🐰\U0001faef]{J}👩)"
    f"|🧑.{J}(?:❤{P}(?:{J}💋)?|[🐰\U0001faef]){J}🧑|🫱.{J}🫲)(?!(?P=tone)){TONE}"
)
WORKERS = (
    f"[👨👩🧑]{TONE}?{J}(?:[⚕⚖✈]{P}|[🦯🦼🦽](?:{J}➡{P})?|[{ROLES}])|🧑{TONE}?{J}[🎄\U0001fa70]"
)
GENDERS = (
    f"[🏃🚶🧎]{TONE}?(?:{J}[♀♂]{P})?{J}➡{P}|[{GENDERED}]{TONE}?{J}[♀♂]{P}"
    f"|[🏋🏌🕴🕵⛹](?:{TONE}|{P}){J}[♀♂]{P}|[🧞🧟]{J}[♀♂]{P}"
)
FAMILIES = (
    f"(?:👨{J}(?:[👨👩]{J})?|👩{J}(?:👩{J})?)(?:👦(?:{J}👦)?|👧(?:{J}[👦👧])?)"
    f"|🧑{J}(?:🧑{J})?🧒(?:{J}🧒)?"
)
OTHERS = (
    f"👁{P}{J}🗨{P}|👁{J}🗨|🏳{P}{J}(?:⚧{P}|🌈)|🏴{J}☠{P}|❤{P}{J}[🔥🩹]|⛓{P}{J}💥|🐦{J}[⬛🔥]|🐈{J}⬛"
    f"|🐕{J}🦺|🐻{J}❄{P}|🍄{J}🟫|🍋{J}🟩|😮{J}💨|😵{J}💫|😶{J}🌫{P}|🙂{J}[↔↕]{P}"
)


def regional(letters: str) -> str:
    return "".join(chr(ord(letter) - ord("A") + 0x1F1E6) for letter in letters)


def tags(letters: str) -> str:
    return "".join(chr(ord(letter) + 0xE0000) for letter in letters)


FLAG = "|".join(f"{regional(flags[0])}[{regional(flags[1:])}]" for flags in FLAGS.split())
REGION = f"🏴(?:{'|'.join(map(tags, REGIONS.split()))})\U000e007f"
SINGLE = f"[#*0-9]{P}?\u20e3|[{TONED}]{TONE}|[{TONED_PICTURES}]{P}{TONE}|[{PICTURES}]{P}"
SEQUENCE = re.compile(
    "|".join((COUPLES, UNLIKE_COUPLES, WORKERS, GENDERS, FAMILIES, OTHERS, FLAG, REGION, SINGLE))
)
