"""What became of a mutant."""

KILLED, SURVIVED, TIMED_OUT = "killed", "survived", "timed out"
UNDECIDED, UNREACHED, NOT_APPLIED = "undecided", "reached by no test", "not applied"
NOTICED = (KILLED, TIMED_OUT)  # a test failed, or took far too long
UNNOTICED = (SURVIVED, UNDECIDED, UNREACHED)
