"""What goes in and out, as the description has it. What is written is checked by the composer's own
form; here only that it is of the right shape."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from publishing.media.media import ALT_CHARACTERS, PICTURES_PER_POST

from .problems import PROBLEM_TYPES

LONGEST_TEXT = 100_000  # characters; every network takes less
MOST_CHANNELS = 1_000
MOST_ID = 2**63 - 1  # of a row
EXAMPLE_ID = "7f9c2ba4-e88f-4d6a-9f5c-3f1f0d6b8a11"
EXAMPLE_CHANNEL = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
EXAMPLE_JOB = "c56a4180-65aa-42ec-a945-5fd21dec0538"

State = Literal["queued", "sending", "sent", "unconfirmed", "failed", "canceled"]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(max_length=40)]
Texts = Annotated[
    dict[Name, Text], Field(description="Other words for one network, by its name.", max_length=50)
]
Extras = Annotated[
    dict[Name, dict[Name, Text]],
    Field(description="What more is chosen there: network → name → value.", max_length=50),
]


def example(**facts: Any) -> ConfigDict:
    """Of what goes out."""
    return ConfigDict(json_schema_extra={"examples": [facts]})


def strict(**facts: Any) -> ConfigDict:
    """Of what comes in: a name that is mistyped is told, not ignored."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [facts]})


# ── In ────────────────────────────────────────────────────────────────────────────────────────
class PictureIn(Schema):
    """A picture that was uploaded."""

    model_config = strict(id=EXAMPLE_ID, alt="The new oven")

    id: UUID
    alt: Annotated[str, Field(max_length=ALT_CHARACTERS)] | None = None


Pictures = Annotated[list[PictureIn], Field(max_length=PICTURES_PER_POST)]
Channels = Annotated[list[UUID], Field(max_length=MOST_CHANNELS)]
At = Annotated[
    AwareDatetime | None,
    Field(description="When it goes out, with its offset from UTC; null: at once."),
]


class Words(Schema):
    """What a person writes, and where and when it goes."""

    model_config = strict(
        text="The oven is on.", channels=[EXAMPLE_CHANNEL], at="2027-03-01T08:30:00+01:00"
    )

    text: Text = ""
    texts: Texts = Field(default_factory=dict)
    extras: Extras = Field(default_factory=dict)
    channels: Channels = Field(default_factory=list)
    at: At = None
    media: Pictures = Field(default_factory=list)


class PostIn(Words):
    """A post to be."""

    model_config = strict(text="The oven is on.", channels=[EXAMPLE_CHANNEL])

    at: AwareDatetime | Literal["next"] | None = Field(  # type: ignore[assignment]
        None, description="As of a draft; or next: the next free one of your posting times."
    )
    instead_of: UUID | None = Field(
        None, description="The job of a delivery that failed, in whose place this goes out."
    )


class DraftIn(Words):
    """What is being written: it may be wrong or half."""

    model_config = strict(text="The oven is", channels=[EXAMPLE_CHANNEL])


class Change(Schema):
    """What is to be otherwise; what is not named stays."""

    model_config = strict(text="The oven is on, at last.")

    text: Text = ""
    texts: Texts = Field(default_factory=dict)
    extras: Extras = Field(default_factory=dict)
    channels: Channels = Field(default_factory=list)
    at: At = None
    media: Pictures = Field(default_factory=list)


class Seen(Schema):
    """The number of the attempt that was seen, so that an answer to an older question settles no
    newer one."""

    model_config = strict(attempt=1)

    attempt: int = Field(ge=0, le=2_147_483_647, description="As attempts of the delivery said.")


class NoticeAct(Schema):
    """What is to become of all that a notice is about."""

    model_config = strict(verb="retry")

    verb: Literal["retry", "drop"]


class Confirmation(Seen):
    """It is there: the link, or one of the candidates' ids."""

    model_config = strict(attempt=1, link="https://social.example/alice/1234567")

    link: str = Field(max_length=1000)


# ── Out ───────────────────────────────────────────────────────────────────────────────────────
class ErrorOut(Schema):
    """One thing that is wrong, and where."""

    pointer: str = Field(description="A JSON pointer into what was sent; empty: the whole.")
    code: str
    detail: str


class ProblemOut(Schema):
    """RFC 9457."""

    model_config = example(
        type="https://fanfare.example.org/api/problems/#invalid",
        title="This cannot be taken as it is",
        status=422,
        detail="Choose at least one channel.",
        instance="/api/v1/posts",
        code="invalid",
        errors=[
            {"pointer": "/channels", "code": "no_channel", "detail": "Choose at least one channel."}
        ],
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(json_schema_extra={"enum": list(PROBLEM_TYPES)})
    errors: list[ErrorOut] | None = None


class TokenOut(Schema):
    """The token that asks."""

    name: str
    prefix: str
    scopes: list[str]
    channels: list[str] = Field(description="It publishes to these only; empty: to all.")
    expires_at: datetime | None


class MeOut(Schema):
    """Whose token it is."""

    model_config = example(
        username="alice",
        time_zone="Europe/Berlin",
        token={
            "name": "CI",
            "prefix": "fan_Ab3dE6gH",
            "scopes": ["read", "publish"],
            "channels": [],
            "expires_at": None,
        },
    )

    username: str
    time_zone: str
    token: TokenOut


class ChannelOut(Schema):
    """A place to post to."""

    model_config = example(
        id=EXAMPLE_CHANNEL,
        network="pond",
        name="Alice",
        handle="alice",
        channel="pond:alice",
        url="https://social.example/alice",
        state="works",
        reason=None,
    )

    id: UUID
    network: str
    name: str
    handle: str
    channel: str = Field(description="As deliveries name it.")
    url: str
    state: Literal["disconnected", "offered", "paused", "reconnect", "incomplete", "works"]
    reason: str | None


class ChannelsOut(Schema):
    items: list[ChannelOut]
    next: None = Field(None, description="All of them come at once.")


class CandidateOut(Schema):
    """What stands there and could be it."""

    id: str
    url: str
    text: str
    at: str


class DeliveryOut(Schema):
    """One post going to one channel, as `/status/<job_id>` says it."""

    model_config = example(
        job_id=EXAMPLE_JOB,
        post=EXAMPLE_ID,
        state="unconfirmed",
        waiting_for=None,
        channel="pond:alice",
        channel_id=EXAMPLE_CHANNEL,
        network="pond",
        url=None,
        reason="We do not know whether it arrived.",
        attempts=1,
        next_attempt_at="2027-03-01T07:31:00Z",
        done=False,
        may_be_live=True,
        candidates=[],
        status_url=f"https://fanfare.example.org/api/v1/deliveries/{EXAMPLE_JOB}",
    )

    job_id: UUID
    post: UUID
    state: State
    waiting_for: str | None
    channel: str
    channel_id: UUID
    network: str
    url: str | None
    reason: str | None
    attempts: int
    next_attempt_at: str | None
    done: bool
    may_be_live: bool = Field(description="It is there, or may be: never send it again yourself.")
    candidates: list[CandidateOut]
    status_url: str


class JobOut(Schema):
    job_id: UUID
    status_url: str
    channel: str


class AcceptedOut(Schema):
    """It is stored, and goes out by itself. Ask each address what became of it."""

    model_config = example(
        post=EXAMPLE_ID,
        url=f"https://fanfare.example.org/api/v1/posts/{EXAMPLE_ID}",
        jobs=[
            {
                "job_id": EXAMPLE_JOB,
                "status_url": f"https://fanfare.example.org/api/v1/deliveries/{EXAMPLE_JOB}",
                "channel": "pond:alice",
            }
        ],
    )

    post: UUID
    url: str
    jobs: list[JobOut]


class MediaOut(Schema):
    """A picture of yours."""

    model_config = example(id=EXAMPLE_ID, alt="The new oven", width=1200, height=800, notes=[])

    id: UUID
    alt: str
    width: int
    height: int
    notes: list[str] = Field(description="What was changed of it, in sentences.")


class PictureOut(Schema):
    id: UUID
    alt: str


class PostOut(Schema):
    """A post and what becomes of it."""

    model_config = example(
        id=EXAMPLE_ID,
        text="The oven is on.",
        texts={},
        extras={},
        media=[],
        at="2027-03-01T07:30:00Z",
        time_zone="Europe/Berlin",
        status="scheduled",
        is_editable=True,
        revision="first",
        created_at="2027-02-27T10:00:00Z",
        edited_at=None,
        page=f"https://fanfare.example.org/posts/{EXAMPLE_ID}/",
        jobs=[],
    )

    id: UUID
    text: str
    texts: dict[str, str]
    extras: dict[str, dict[str, str]]
    media: list[PictureOut]
    at: datetime | None
    time_zone: str
    status: str
    is_editable: bool
    revision: str = Field(description="Its ETag, for If-Match.")
    created_at: datetime
    edited_at: datetime | None
    page: str
    jobs: list[DeliveryOut]


class PostsOut(Schema):
    items: list[PostOut]
    next: str | None = Field(description="For after; null: that was the last page.")


class DraftOut(Schema):
    """What is being written."""

    model_config = example(
        id=EXAMPLE_ID,
        revision=3,
        text="The oven is",
        texts={},
        extras={},
        channels=[EXAMPLE_CHANNEL],
        media=[],
        at=None,
        post=None,
        created_at="2027-02-27T10:00:00Z",
        changed_at="2027-02-27T10:05:00Z",
        page=f"https://fanfare.example.org/drafts/{EXAMPLE_ID}/",
    )

    id: UUID
    revision: int = Field(description="Its ETag, for If-Match.")
    text: str
    texts: dict[str, str]
    extras: dict[str, dict[str, str]]
    channels: list[str]
    media: list[PictureOut]
    at: datetime | None
    post: UUID | None = Field(description="The scheduled post that it changes.")
    created_at: datetime
    changed_at: datetime
    page: str


class CopyOut(DraftOut):
    """A draft that says what a post did, as far as that still stands."""

    remarks: list[str] = Field(description="What was left out, in sentences.")


class DraftsOut(Schema):
    items: list[DraftOut]
    next: str | None


class NoticeOut(Schema):
    """What its person has to know."""

    model_config = example(
        id=12,
        kind="failed",
        title="Not sent to Alice",
        why="Its network refused it.",
        post=EXAMPLE_ID,
        network=None,
        count=1,
        is_open=True,
        raised_at="2027-03-01T07:31:00Z",
        page=f"https://fanfare.example.org/posts/{EXAMPLE_ID}/",
    )

    id: int
    kind: str
    title: str
    why: str
    post: UUID | None
    network: str | None
    count: int
    is_open: bool
    raised_at: datetime
    page: str


class NoticesOut(Schema):
    items: list[NoticeOut]
    next: str | None
