"""Jobs for the tests of the queue, registered for as long as one test runs."""

ran: list[object] = []
KNOWN = {f"tests.project.job_samples.{name}" for name in ("remember", "fail")}


def remember(key: object) -> None:
    ran.append(key)


def fail(key: object) -> None:
    raise RuntimeError("no luck with access_token=SECRET123")
