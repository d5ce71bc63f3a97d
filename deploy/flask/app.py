import os
from urllib.parse import quote

from flask import Flask

RELEASE = quote(os.environ.get("MAINTENANCE_PAGE_RELEASE", "").strip(), safe="")

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
