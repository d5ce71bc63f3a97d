import os

from shop.settings import *  # noqa: F403

ROOT_URLCONF = "accident_urls"

if "BEHIND_TLS" in os.environ:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
