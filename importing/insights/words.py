"""What a text is about: its hashtags, and those of its words that say something."""

import re

HASHTAG_PATTERN = re.compile(r"#(\w*[^\W\d_]\w*)")
LINK_PATTERN = re.compile(r"https?://\S+|www\.\S+")
MENTION_PATTERN = re.compile(r"@\w+")
WORD_PATTERN = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
SHORTEST_TOPIC = 5  # letters of a word that may be a topic
COMMON_WORDS = frozenset(
    """about above after again against almost alone along already although always among another
    anybody anyone anything around became because become becomes before behind being below better
    between beyond bring called cannot could different doing during either enough every everybody
    everyone everything first found getting given gives going great happy having hello herself
    himself however inside instead itself keeps known later least likely little longer looking
    maybe might myself never nobody nothing often other others ourselves people perhaps please
    quite rather really right right-now shall should since small some somebody someone something
    sometimes still taken thanks their theirs themselves there therefore these thing things think
    those though through today together tomorrow tonight toward under until using usually wants
    week weeks where whether which while whole whose within without would write years yesterday
    yourself yours""".split()
)


def hashtags_of(text: str) -> set[str]:
    """Return the hashtags of `text`, in small letters, without their #."""
    return {tag.lower() for tag in HASHTAG_PATTERN.findall(LINK_PATTERN.sub(" ", text))}


def words_of(text: str) -> set[str]:
    """Return the words of `text` that may be topics, in small letters; not what everybody says all
    the time."""
    plain = MENTION_PATTERN.sub(" ", HASHTAG_PATTERN.sub(" ", LINK_PATTERN.sub(" ", text)))
    words = {word.lower() for word in WORD_PATTERN.findall(plain)}
    return {word for word in words if len(word) >= SHORTEST_TOPIC and word not in COMMON_WORDS}


def topic_words_of(text: str) -> set[str]:
    """Return both, the hashtags with their #."""
    return {f"#{tag}" for tag in hashtags_of(text)} | words_of(text)
