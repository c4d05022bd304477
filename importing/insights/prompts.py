"""Starting points for who has nothing to repeat: plain ones, and such about an interest."""

PLAIN_PROMPTS = {
    "today": "What did you learn today that somebody else could use?",
    "question": "Ask the people who read you one question.",
    "thanks": "Whom do you want to thank, and for what?",
    "behind": "Show something that people usually do not get to see of your work.",
    "mistake": "Tell of a mistake, and what you do differently since.",
    "tool": "Which small thing makes your days easier?",
    "place": "Where are you right now, and what is it like there?",
    "read": "What have you read lately that stayed with you?",
    "before": "What would you have liked to know a year ago?",
    "plan": "What are you looking forward to?",
    "opinion": "What do you see otherwise than most people?",
    "picture": "Pick a picture of this week and say what is in it.",
}

INTEREST_PROMPTS = (
    "What is new about {topic}?",
    "What do you wish more people knew about {topic}?",
    "How did you come to {topic}?",
    "Recommend one thing about {topic}.",
)
