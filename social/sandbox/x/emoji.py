"""Every emoji of several characters that X counts as one, as a set.

Those of emoji-test.txt in their full form (Emoji 18.0, September 2026), and what twitter-text 3.1.0
takes besides.
"""

from collections.abc import Iterator
from itertools import product

ZWJ, VS16, KEYCAP, CANCEL = "\u200d", "\ufe0f", "\u20e3", "\U000e007f"
TONES = [chr(code) for code in range(0x1F3FB, 0x1F400)]
WITH_VS16 = (
    "©®‼⁉™ℹ↔↕↖↗↘↙↩↪⌚⌛⌨⏏⏭⏮⏯⏱⏲⏸⏹⏺Ⓜ▪▫▶◀◻◼◽◾☀☁☂☃☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸☹☺♀♂♈♉♊♋♌♍♎♏♐♑"
    "♒♓♟♠♣♥♦♨♻♾♿⚒⚓⚔⚕⚖⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛏⛑⛓⛔⛩⛪⛰⛱⛲⛳⛴⛵⛷⛸⛹⛺⛽✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❗"
    "❣❤➡⤴⤵⬅⬆⬇⬛⬜⭐⭕〰〽㊗㊙🀄🅰🅱🅾🅿🈂🈚🈯🈷🌡🌤🌥🌦🌧🌨🌩🌪🌫🌬🌶🍽🎖🎗🎙🎚🎛🎞🎟🏋🏌🏍🏎🏔🏕🏖🏗🏘🏙🏚🏛🏜🏝🏞🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳"
    "🕴🕵🕶🕷🕸🕹🖇🖊🖋🖌🖍🖐🖥🖨🖱🖲🖼🗂🗃🗄🗑🗒🗓🗜🗝🗞🗡🗣🗨🗯🗳🗺🛋🛍🛎🛏🛠🛡🛢🛣🛤🛥🛩🛰🛳"
)
WITH_TONE = (
    "☝⛷⛹✊✋✌✍🎅🏂🏃🏄🏇🏊🏋🏌👂👃👆👇👈👉👊👋👌👍👎👏👐👦👧👨👩👫👬👭👮👯👰👱👲👳👴👵👶👷"
    "👸👼💁💂💃💅💆💇💏💑💪🕴🕵🕺🖐🖕🖖🙅🙆🙇🙋🙌🙍🙎🙏🚣🚴🚵🚶🛀🛌🤌🤏🤘🤙🤚🤛🤜🤝🤞🤟🤦🤰"
    "🤱🤲🤳🤴🤵🤶🤷🤸🤹🤼🤽🤾🥷🦵🦶🦸🦹🦻🧍🧎🧏🧑🧒🧓🧔🧕🧖🧗🧘🧙🧚🧛🧜🧝🫃🫄🫅🫰🫱🫲🫳🫴"
    "🫵🫶🫷🫸🫹🫺"
)
COUNTRIES = (
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN "
    "BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY "
    "CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG "
    "GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS "
    "IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC "
    "MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO "
    "NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD "
    "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO "
    "TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
ACTIVE = (
    "👮👰👱👯👳👷💁💂💆💇🏃🏄🏊🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤵🤷🤸🤹🤼🤽🤾🦸🦹🧍🧎🧏🧔🧖🧗🧘🧙🧚🧛🧜🧝"
)
JOBS = [*"🌾🍳🍼🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦰🦱🦲🦳🦼🦽", *(sign + VS16 for sign in "⚕⚖✈")]
SINGLY = (
    "👁️+🗨️ 👁+🗨 🏳️+⚧️ 🏳️+🌈 🏴+☠️ ❤️+🔥 ❤️+🩹 ⛓️+💥 🐦+⬛ 🐦+🔥 🐈+⬛ 🐕+🦺 🐻+❄️ 🍄+🟫 🍋+🟩 "
    "😮+💨 😵+💫 😶+🌫️ 🙂+↔️ 🙂+↕️ 🧑+🤝+🧑"
)


def simple() -> Iterator[str]:
    yield from (sign + VS16 for sign in WITH_VS16)
    yield from (person + tone for person in WITH_TONE for tone in TONES)
    yield from (sign + VS16 + tone for sign in "☝⛷⛹✌✍🏋🏌🕴🕵🖐" for tone in TONES)
    yield from (sign + vs + KEYCAP for sign in "#*0123456789" for vs in ("", VS16))
    yield from ("".join(chr(ord(c) + 0x1F1A5) for c in code) for code in COUNTRIES.split())
    for region in ("gbeng", "gbsct", "gbwls"):
        yield "🏴" + "".join(chr(ord(c) + 0xE0000) for c in region) + CANCEL
    yield from (joined.replace("+", ZWJ) for joined in SINGLY.split())


def people() -> Iterator[str]:
    arrow = f"{ZWJ}➡{VS16}"
    for tone in ("", *TONES):
        for person, job in product("👨👩🧑", JOBS):
            yield f"{person}{tone}{ZWJ}{job}"
            if job in "🦯🦼🦽":
                yield f"{person}{tone}{ZWJ}{job}{arrow}"
        yield from (f"🧑{tone}{ZWJ}{job}" for job in "🎄\U0001fa70")
        yield from (f"{person}{tone}{ZWJ}{sex}{VS16}" for person in ACTIVE for sex in "♀♂")
        for person in "🏋🏌🕴🕵⛹":
            yield from (f"{person}{tone or VS16}{ZWJ}{sex}{VS16}" for sex in "♀♂")
        for person, sex in product("🏃🚶🧎", ("", f"{ZWJ}♀{VS16}", f"{ZWJ}♂{VS16}")):
            yield f"{person}{tone}{sex}{arrow}"
    yield from (f"{person}{ZWJ}{sex}{VS16}" for person in "🧞🧟" for sex in "♀♂")


def families() -> Iterator[str]:
    for parents in ("👨", "👩", "👨👨", "👨👩", "👩👩"):
        for children in ("👦", "👧", "👦👦", "👧👦", "👧👧"):
            yield ZWJ.join(parents + children)
    yield from (ZWJ.join(parents + kids) for parents in ("🧑", "🧑🧑") for kids in ("🧒", "🧒🧒"))


def couples() -> Iterator[str]:
    heart, kiss = f"❤{VS16}", f"❤{VS16}{ZWJ}💋"
    for first, second in (("👨", "👨"), ("👩", "👨"), ("👩", "👩")):
        yield from (ZWJ.join((first, sign, second)) for sign in (heart, kiss))
    pairs = [tuple(pair) for pair in ("👨👨", "👩👨", "👩👩", "🧑🧑")]
    for (a, b), one, other in product(pairs, TONES, TONES):
        signs = [heart, kiss, "🤝"]
        if one == other:
            signs = ["🤝"] if a == "🧑" else [heart, kiss]
        elif a == b:
            signs += ["🐰", "\U0001faef"]
        yield from (ZWJ.join((a + one, sign, b + other)) for sign in signs)
    yield from (f"🫱{a}{ZWJ}🫲{b}" for a, b in product(TONES, TONES) if a != b)


EMOJI = frozenset((*simple(), *people(), *families(), *couples()))
LONGEST = max(map(len, EMOJI))
BEGINNINGS = frozenset(emoji[0] for emoji in EMOJI)


def emoji_at(text: str, at: int) -> int:
    """How many characters the longest emoji of several has that is there; 0 for none."""
    if text[at] in BEGINNINGS:
        for length in range(LONGEST, 1, -1):
            if text[at : at + length] in EMOJI:
                return length
    return 0
