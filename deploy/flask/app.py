import os
from urllib.parse import quote

from flask import Flask


def read_release():
    release = os.environ.get("MAINTENANCE_PAGE_RELEASE", "").strip()
    # For who reloads in place: a process that stays keeps its environment, and reads a file anew.
    path = os.environ.get("MAINTENANCE_PAGE_RELEASE_FILE", "")
    if not release and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            release = file.readline().strip()
    return quote(release, safe="")


RELEASE = read_release()

app = Flask(__name__)


@app.after_request
def tell_release(response):
    response.headers["X-Release"] = RELEASE
    return response


@app.get("/")
def home():
    return "Welcome to the shop"


@app.get("/orders")
def orders():
    raise RuntimeError("column orders.note does not exist")
