import os
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse


def read_release():
    release = os.environ.get("MAINTENANCE_PAGE_RELEASE", "").strip()
    # For who reloads in place: a process that stays keeps its environment, and reads a file anew.
    path = os.environ.get("MAINTENANCE_PAGE_RELEASE_FILE", "")
    if not release and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            release = file.readline().strip()
    return quote(release, safe="")


RELEASE = read_release().encode()

api = FastAPI()


@api.get("/", response_class=PlainTextResponse)
def home():
    return "Welcome to the shop"


@api.get("/orders")
def orders():
    raise RuntimeError("column orders.note does not exist")


def tell_release(app):
    # Around the whole app: what add_middleware adds does not see the answer to an unhandled exception.
    async def told(scope, receive, send):
        async def send_told(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), (b"x-release", RELEASE)]}
            await send(message)

        await app(scope, receive, send_told)

    return told


app = tell_release(api)
