"""Settings, read from the environment; nothing secret is written here (docs/operations.md lists them)."""

import secrets
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF
from environs import Env

from anlan.foundation.postgres import django_databases

env = Env()
ROOT = Path(__file__).resolve().parents[3]
PACK = env.str("PACK", "standard")
PACKS_DIR = ROOT / "src" / "anlan" / "packs"
DATA_DIR = Path(env.str("ANLAN_DATA_DIR", "") or ROOT / "var" / PACK)
KEYS_DIR = DATA_DIR / "keys"
FILES_DIR = DATA_DIR / "files"
CRYPTO_SUITE = env.str("ANLAN_CRYPTO_SUITE", "aes")  # aes (AES-256-GCM, SHA-256) or sm (SM4-GCM, SM3)
DISTRICT_CODE = env.str("ANLAN_DISTRICT_CODE", "")  # empty: that of the place of the pack
ANLAN_REVEALS_PER_DAY = env.int("ANLAN_REVEALS_PER_DAY", 300)  # masked fields one person may have shown a day


def _secret_key() -> str:
    """Return the signing key of this installation, made at first use and readable by its owner alone."""
    given = env.str("SECRET_KEY", "")
    if given:
        return given
    path = KEYS_DIR / "django"
    if not path.exists():
        KEYS_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
BEHIND_TLS = env.bool("ANLAN_BEHIND_TLS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "anlan.foundation",  # before allauth, whose pages it writes anew
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_cotton",
    "django_htmx",
    "django_prometheus",
    "procrastinate.contrib.django",
    "anlan.organisation",
    "anlan.people",
    "anlan.affairs",
    "anlan.health",
    "anlan.workorders",
    "anlan.surveillance",
    "anlan.response",
    "anlan.insight",
    "anlan.exercises",
    "anlan.field",
    "anlan.exchange",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "anlan.foundation.middleware.RequestIdentity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "anlan.foundation.middleware.ChosenLanguage",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "anlan.foundation.middleware.ActThroughOnePost",
    "anlan.foundation.api_frame.ApiFrame",
    "anlan.foundation.own_password.OwnPasswordFirst",
    "anlan.foundation.signing_in.SecondFactorForSensitivePosts",
    "anlan.foundation.middleware.NoUnstorableText",
    "anlan.foundation.middleware.RefusalsAsPages",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "anlan.wiring.urls"
ASGI_APPLICATION = "anlan.wiring.asgi.application"
WSGI_APPLICATION = "anlan.wiring.asgi.pages"
ANLAN_PORTS = env.str("ANLAN_PORTS", "anlan.wiring.ports.PORTS")
ANLAN_POSTS_OF_ACCOUNT = "anlan.organisation.queries.posts_of_account"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django_cotton.cotton_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "anlan.wiring.navigation.navigation",
            ],
        },
    }
]

DATABASES = django_databases(DATA_DIR)
# No parallel plans: behind a policy the planner starts workers for pages that need 0.2 ms.
for _alias in DATABASES.values():
    _alias.setdefault("OPTIONS", {})["options"] = (
        "-c search_path=public,epidemic -c timezone=UTC -c max_parallel_workers_per_gather=0"
    )
    _alias["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 300
DATABASE_ROUTERS = ["anlan.foundation.database.router.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "foundation.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "anlan.foundation.signing_in.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
# Generous by address, which a whole office or the proxy shares; by account axes locks first.
ACCOUNT_RATE_LIMITS = {"login": "1000/m/ip", "login_failed": "300/m/ip,10/5m/key"}
# 0 is an installation for real work: without synthetic district, sign-ins of one are no longer exempt.
ANLAN_DEMO = env.str("ANLAN_DEMO", "1") != "0"
# Posts of the purposes health, audit, security and privacy need a one-time code; off in the demonstration.
ANLAN_REQUIRE_SECOND_FACTOR = env.bool("ANLAN_REQUIRE_SECOND_FACTOR", not ANLAN_DEMO)
MFA_ADAPTER = "anlan.foundation.signing_in.EncryptedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Anlan"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "anlan.foundation.signing_in.name_given"
AXES_DISABLE_ACCESS_LOG = True  # signing in is in the audit
AXES_LOCKOUT_TEMPLATE = "errors/locked_out.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # lock-out is per account: an address is shared by a whole office

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "src" / "anlan" / "foundation" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # files go through foundation.files
    "staticfiles": {
        "BACKEND": env.str("ANLAN_STATIC_STORAGE", "whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROMETHEUS_EXPORT_MIGRATIONS = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("ANLAN_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "axes": {"level": "CRITICAL"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
