"""All settings, every value from the environment (or from the `.env` of a local checkout)."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from project import environment, networks, service_urls
from project.hosts import check_allowed_hosts, checked_public_url, refuse_debug_elsewhere
from project.private import private_folder
from project.variables import Environment
from project.web.static_files import add_static_headers

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VISITED_FILE = VAR_DIR / "visited"  # when somebody was last at the pages (project/web/visits.py)

environment.read()
env = Environment()

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
TOKEN_KEYS = env.keys("TOKEN_KEYS")

# ── Where we are ──────────────────────────────────────────────────────────────────────────────
PORT = env.whole("PORT", 8000, 1, 65535)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", LOOPBACK if DEBUG else [])
if not DEBUG and not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS is not set: name the host people will use, for example fanfare.example.org."
    )
usual_url = f"http://127.0.0.1:{PORT}" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
public_url = env.text("PUBLIC_URL", usual_url)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
if DEBUG:
    refuse_debug_elsewhere(public_url, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS)
check_allowed_hosts(ALLOWED_HOSTS)
PUBLIC_URL = checked_public_url(public_url)
# Below which we are (project/web/mounting.py); mostly nothing.
PUBLIC_PATH = urlsplit(PUBLIC_URL).path
FORCE_SCRIPT_NAME = PUBLIC_PATH or None
CSRF_TRUSTED_ORIGINS = CSRF_TRUSTED_ORIGINS or [PUBLIC_URL.removesuffix(PUBLIC_PATH)]
INSTANCE_ID = env.shaped("INSTANCE_ID", "", r"[ -~]{0,200}", "fanfare-1")
SIGN_UP = env.word("SIGN_UP", ("open", "first", "closed"), "open" if DEBUG else "first")
METRICS_TOKEN = env.text("METRICS_TOKEN")

# ── Where the networks live ───────────────────────────────────────────────────────────────────
network_values = networks.options(env)
REAL_HOSTS = networks.real_hosts(network_values)
network_values |= networks.hosts(env, REAL_HOSTS)
# A mix of real and other hosts is refused by a system check (project/checks.py).
ELSEWHERE = [name for name, real in REAL_HOSTS.items() if network_values[name] != real]
SANDBOX_MODE = len(ELSEWHERE) == len(REAL_HOSTS)
network_values |= networks.credentials(env, SANDBOX_MODE)
globals().update(network_values)  # each under the name of its variable
NETWORK_TOKEN_PATTERNS = networks.TOKEN_PATTERNS
NETWORK_HOMES = networks.HOMES  # what libraries call the networks → the variable that says where
# A PEM file of certificates that are trusted beside the public ones, in sandbox mode only.
SANDBOX_CA = env.text("SANDBOX_CA")
# Where servers that people name may live beside the public internet (social/networks/http.py).
PRIVATE_HOMES = env.networks("PRIVATE_HOMES")
for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # social/networks/tls.py reads them
    env.readable(name)
TIME_SCALE = env.factor("TIME_SCALE", 1.0)

# ── Rooms ─────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "project.accounts",
    "project.webhooks",
    "project.api",
    "project.feeds",
    "project.jobs",  # before django_q: its qcluster command is ours
    "social",
    *networks.APPS,
    "publishing",
    "importing",
    "django_q",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.usersessions",
    "allauth.mfa",
    "csp",
    "whitenoise.runserver_nostatic",
    "project.jobs.operations.site.OperatorsConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "project.web.middleware.HostMiddleware",
    "project.web.proxies.UnknownProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.web.middleware.CompressingMiddleware",
    "project.web.visits.VisitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "project.web.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "project.accounts.middleware.SamePersonMiddleware",
    "project.accounts.middleware.TimeZoneMiddleware",
]
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.web.context.instance",
            ],
            "builtins": ["django.templatetags.i18n"],  # every template speaks
        },
    }
]

# ── Data ──────────────────────────────────────────────────────────────────────────────────────
# Small letters, here and for EMAIL_URL: no setting may hold a secret under a harmless name.
usual_file = {"ENGINE": "project.sqlite", "NAME": VAR_DIR / "fanfare.sqlite3"}
database_url = env.text("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": service_urls.database(database_url, BASE_DIR) if database_url else usual_file
}
if DATABASES["default"]["ENGINE"] == "project.sqlite":
    if Path(DATABASES["default"]["NAME"]).parent == VAR_DIR:
        try:
            private_folder(VAR_DIR)
        except OSError as error:
            raise ImproperlyConfigured(
                f"DATABASE_URL leads to SQLite in {VAR_DIR}, and that folder cannot be made:"
                f" {error.strerror}. Set it to a file elsewhere, or to a PostgreSQL."
            ) from error
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # FULL, not NORMAL: after a power cut NORMAL may have forgotten the attempt that was
        # written ahead of a send, and the post would go out twice.
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 10,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    } | DATABASES["default"]["OPTIONS"]
DATABASE_SESSION = {
    "client_connection_check_interval": "5000",  # milliseconds: whose cable is cut notices
    # Whatever the server's own is: what is written ahead of a send must outlast a power cut.
    "synchronous_commit": "on",
}
DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# PostgreSQL connections of one worker process: its many threads mostly wait for a network.
DATABASE_POOL = env.whole("DATABASE_POOL", 8, 1, 1000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # In the database, so that sign-in throttles count across processes.
    "default": {
        "BACKEND": "project.cache.JSONDatabaseCache",
        "LOCATION": "cache",
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# ── Jobs ──────────────────────────────────────────────────────────────────────────────────────
JOB_TIMEOUT = 60  # seconds; the last resort, every call of ours has a shorter deadline
# How many jobs of a queue run at a time in one worker process: wide where they wait for a network,
# narrow where they compute. In order of priority.
JOB_SLOTS = env.widths(
    "SLOTS",
    {"publish": 24, "mail": 4, "webhooks": 2, "import": 2, "stats": 1, "housekeeping": 2},
    most=500,
)
QUEUES = env.some_of("QUEUE", JOB_SLOTS, JOB_SLOTS)
JOB_PROCESSES = env.span("COUNT", (2, 2), most=64)  # from, to: by how long jobs wait
JOB_MEMORY = env.whole("JOB_MEMORY", 300, 50)  # MB, at which a worker is replaced
Q_CLUSTER = {
    "name": "fanfare",
    "cluster_name": "housekeeping",  # the queue of a job that names none
    "orm": "default",
    "broker_class": "project.jobs.queue.broker.JobBroker",
    "timeout": JOB_TIMEOUT,  # no worker of ours asks, but django-q2 warns without these two
    "retry": 2 * JOB_TIMEOUT,
    "cache": "process",  # its statistics would write twice a second; our heartbeat is a row
    "label": "Timetable",
}
KEEP_FINISHED_JOBS = 10_000  # successes; failures stay until a person acts
# Days for which what is over is kept; what is unfinished is never let go of.
KEEP_ATTEMPTS = env.whole(
    "KEEP_ATTEMPTS", 365, 0, 36_500
)  # tries in vain, and looks; how it ended stays
KEEP_NOTICES = env.whole("KEEP_NOTICES", 30, 0, 36_500)
KEEP_THUMBNAILS = env.whole("KEEP_THUMBNAILS", 730, 0, 36_500)  # after the originals went

# ── Reading back ──────────────────────────────────────────────────────────────────────────────
# What is read of a channel as soon as it is connected; the rest when its person asks for it.
# Set to nothing it is nothing, unlike the others: reading costs money.
IMPORT_AT_ONCE = []
if not env.is_blank("IMPORT_AT_ONCE"):
    IMPORT_AT_ONCE = env.some_of("IMPORT_AT_ONCE", ("post", "like", "friend", "home"), ["post"])
# Items a connection and day (UTC), because a network may bill each: at most 5 US dollars then.
IMPORT_DAILY_ITEMS = env.whole("IMPORT_DAILY_ITEMS", 10_000 if SANDBOX_MODE else 1_000)
IMPORT_REREAD = env.whole("IMPORT_REREAD", 20)  # of the newest posts each time: their counts change
KEEP_IMPORT_RUNS = 30  # days

# ── People ────────────────────────────────────────────────────────────────────────────────────
AUTHENTICATION_BACKENDS = ["project.accounts.backend.SteadyAuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "project.accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "project.accounts.forms.SignUpForm"
ACCOUNT_FORMS = {
    "signup": "project.accounts.allauth_forms.SignupForm",
    "reset_password": "project.accounts.allauth_forms.ResetPasswordForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody has us write to strangers
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SIGN_UP == "open" and not DEBUG else "optional"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_USERNAME_BLACKLIST = ["demo"]  # whoever clicks "demo" is signed in as that person
# A second step, for whoever wants one (project/accounts/second_steps.py).
MFA_ADAPTER = "project.accounts.second_steps.SecondStepAdapter"
MFA_FORMS = {
    "add_webauthn": "project.accounts.passkey_forms.AddPasskeyForm",
    "authenticate_webauthn": "project.accounts.passkey_forms.AuthenticateForm",
    "login_webauthn": "project.accounts.passkey_forms.LoginForm",
    "reauthenticate_webauthn": "project.accounts.passkey_forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Fanfare"
MFA_TOTP_TOLERANCE = 1  # clocks of phones go up to half a minute wrong
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = True
# Otherwise who has a second step could not change their address, and there may be no mail at all.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# How many proxies of ours add to X-Forwarded-For; 0 would throttle all people behind one as one.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("TRUSTED_PROXY_COUNT", 0, 0, 10)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"connect": "20/h/user"}  # by a form of ours; beside allauth's own
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme

# Networks are linked to a person, never a way to sign in (social/connections/adapter.py).
SOCIALACCOUNT_ADAPTER = "social.connections.adapter.LinkOnlyAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
# The other kind of asking for a password again would keep the network's tokens in the session.
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 4  # two calls a callback: its page comes within 10 s
SOCIALACCOUNT_PROVIDERS = networks.providers(network_values)

# ── Mail ──────────────────────────────────────────────────────────────────────────────────────
mail = service_urls.mail(env.text("EMAIL_URL", "consolemail://"))
# No page waits for a mail server: ours stores the message, a job sends it by MAIL_BACKEND.
EMAIL_BACKEND = "project.accounts.mail.QueuedEmailBackend"
MAIL_BACKEND = mail["EMAIL_BACKEND"]
EMAIL_HOST = mail.get("EMAIL_HOST", "localhost")
EMAIL_PORT = mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = mail.get("EMAIL_FILE_PATH")
EMAIL_TIMEOUT = 10
usual_sender = f"Fanfare <fanfare@{urlsplit(PUBLIC_URL).hostname}>"
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", usual_sender)
SERVER_EMAIL = env.sender("SERVER_EMAIL", DEFAULT_FROM_EMAIL)

# ── Pages ─────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["project.formats"]
STATIC_URL = f"{PUBLIC_PATH}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "project" / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = add_static_headers
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}

# A thousand Pages may be chosen at once. Files are bounded by the handler below, which says so.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000
# Nothing larger than a picture may be is kept of an upload, by any page.
FILE_UPLOAD_HANDLERS = [
    "publishing.media.incoming.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ── Safety ────────────────────────────────────────────────────────────────────────────────────
HTTPS = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
# Asked from inside, where no TLS is.
SECURE_REDIRECT_EXEMPT = [rf"^{PUBLIC_PATH.lstrip('/')}/?(healthz|metrics)$"]
# For this host only, and for days: other hosts below it are not ours, and a browser that was told a
# year cannot be told otherwise when the certificate is gone.
HSTS_SECONDS = env.whole("HSTS_SECONDS", 30 * 24 * 3600, 0, 10 * 365 * 24 * 3600)
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # no subdomains, no preloading
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Browsers hold what is called __Host- to this host and all of it, what is called __Secure- to TLS.
cookie_kind = "" if not HTTPS else "__Secure-" if PUBLIC_PATH else "__Host-"
SESSION_COOKIE_NAME = f"{cookie_kind}sessionid"
CSRF_COOKIE_NAME = f"{cookie_kind}csrftoken"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = PUBLIC_PATH or "/"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "project.accounts.returning.refuse_old_form"
X_FRAME_OPTIONS = "DENY"

AUTHORIZE_ORIGINS = networks.authorize_origins(network_values, SANDBOX_MODE)
PICTURE_ORIGINS = networks.picture_origins(network_values, SANDBOX_MODE)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *PICTURE_ORIGINS],
        # Connecting is a form whose answer redirects to the network.
        "form-action": [SELF, *AUTHORIZE_ORIGINS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# Debug pages hide settings by their names; ours hides values, wherever they stand.
DEFAULT_EXCEPTION_REPORTER = "project.web.debugging.RedactingReporter"

# ── Logs ──────────────────────────────────────────────────────────────────────────────────────
LOG = env.word("LOG", ("quiet", "normal", "verbose"), "normal")
LOG_LEVEL = {"quiet": "WARNING", "normal": "INFO", "verbose": "DEBUG"}[LOG]
LOG_FILE = env.log_file("LOG_FILE", BASE_DIR)
LOG_HANDLER = (
    {"class": "project.logs.PrivateFileHandler", "filename": LOG_FILE}
    if LOG_FILE
    else {"class": "logging.StreamHandler", "stream": sys.stdout}
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "brief": {"()": "project.logs.BriefRefusals"},
        "redact": {"()": "social.redacting.RedactingFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"out": {**LOG_HANDLER, "formatter": "line", "filters": ["brief", "redact"]}},
    "root": {"handlers": ["out"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["out"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["out"], "level": LOG_LEVEL, "propagate": False},
        "django-q": {
            "handlers": ["out"],
            "level": "INFO" if LOG == "verbose" else "WARNING",
            "propagate": False,
        },
        # At DEBUG these print Authorization headers and URLs with tokens in them.
        **{
            name: {"level": "INFO"}
            for name in (*networks.LOUD_LOGGERS, "urllib3", "requests_oauthlib", "oauthlib")
        },
    },
}
