"""Starting points for who has nothing to repeat: plain ones, and such about an interest."""

from django.utils.translation import gettext_lazy as _

PLAIN_PROMPTS = {
    "today": _("What did you learn today that somebody else could use?"),
    "question": _("Ask the people who read you one question."),
    "thanks": _("Whom do you want to thank, and for what?"),
    "behind": _("Show something that people usually do not get to see of your work."),
    "mistake": _("Tell of a mistake, and what you do differently since."),
    "tool": _("Which small thing makes your days easier?"),
    "place": _("Where are you right now, and what is it like there?"),
    "read": _("What have you read lately that stayed with you?"),
    "before": _("What would you have liked to know a year ago?"),
    "plan": _("What are you looking forward to?"),
    "opinion": _("What do you see otherwise than most people?"),
    "picture": _("Pick a picture of this week and say what is in it."),
}

INTEREST_PROMPTS = (
    _("What is new about {topic}?"),
    _("What do you wish more people knew about {topic}?"),
    _("How did you come to {topic}?"),
    _("Recommend one thing about {topic}."),
)
