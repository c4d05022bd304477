"""What the two networks hold, as plain records."""

from dataclasses import dataclass, field


@dataclass
class XUser:
    id: str
    username: str
    name: str
    description: str = ""
    max_length: int = 280
    created_at: float = 0
    suspended: bool = False
    filler: bool = False  # someone to follow and like, not offered on the sign-in page


@dataclass
class Tweet:
    id: str
    author_id: str
    sent: str  # exactly what the client sent
    text: str  # what X shows: trimmed, NFC, links shortened, escaped
    created_at: float
    visible_from: float
    filtered_from: float = 0  # when questions with a date begin to show it
    key: str = ""  # its words as the duplicate check compares them
    entities: dict = field(default_factory=dict)
    note: dict | None = None  # the full text of a long post
    media_ids: list[str] = field(default_factory=list)
    reply_to: str | None = None
    poll: dict | None = None
    reply_settings: str = "everyone"
    history: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # of strangers who are not modelled
    deleted_at: float | None = None
    origin: str = "api"  # api, fixture or control


@dataclass
class XMedia:
    id: str
    owner_id: str
    type: str
    category: str
    data: bytes
    expires_at: float
    expected: int | None = None  # bytes still to be appended, None once finalised
    segments: dict[int, bytes] = field(default_factory=dict)
    ready_at: float = 0
    processed: bool = False  # goes through processing_info
    alt_text: str = ""


@dataclass
class XGrant:
    """One access token, with its refresh token when offline.access was granted."""

    client_id: str
    user_id: str | None  # None: app-only
    scopes: frozenset[str]
    access: str
    expires_at: float
    refresh: str | None = None
    refresh_spent: bool = False
    revoked: bool = False


@dataclass
class Code:
    """An authorization code of either network."""

    value: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: frozenset[str]
    expires_at: float
    challenge: str = ""
    challenge_method: str = ""
    used: bool = False


@dataclass
class FacebookUser:
    id: str
    name: str
    checkpoint: bool = False
    friends: list[str] = field(default_factory=list)
    likes: list[dict] = field(default_factory=list)


@dataclass
class Page:
    id: str
    name: str
    category: str
    username: str = ""
    tasks: dict[str, list[str]] = field(default_factory=dict)  # by person
    followers: int = 0


@dataclass
class FacebookGrant:
    """What one person allowed one app: the unticked things are simply not here."""

    client_id: str
    user_id: str
    scopes: set[str]
    declined: set[str]
    pages: set[str]
    granted_at: float


@dataclass
class FacebookToken:
    value: str
    kind: str  # user, page or app
    client_id: str
    user_id: str = ""
    page_id: str = ""
    long: bool = False
    issued_at: float = 0
    expires_at: float = 0  # 0: never
    dead: int | None = None  # the error_subcode it died of; 0 is a death without subcode


@dataclass
class FacebookPost:
    id: str
    page_id: str
    message: str
    created_at: float
    visible_from: float
    filtered_from: float = 0  # when questions with a date begin to show it
    sent: str = ""
    link: str = ""
    photos: list[str] = field(default_factory=list)
    published: bool = True
    scheduled_at: float | None = None
    author_id: str = ""  # a visitor of the Page; empty: the Page itself
    kind: str = "feed"
    updated_at: float = 0
    counts: dict[str, int] = field(default_factory=dict)
    deleted_at: float | None = None
    origin: str = "api"


@dataclass
class Photo:
    id: str
    page_id: str
    data: bytes
    type: str
    caption: str
    published: bool
    alt_text: str = ""
    post_id: str = ""
    deleted: bool = False
