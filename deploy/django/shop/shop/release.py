import os
from urllib.parse import quote


def read_release():
    release = os.environ.get("MAINTENANCE_PAGE_RELEASE", "").strip()
    # For who reloads in place: a process that stays keeps its environment, and reads a file anew.
    path = os.environ.get("MAINTENANCE_PAGE_RELEASE_FILE", "")
    if not release and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            release = file.readline().strip()
    return quote(release, safe="")


RELEASE = read_release()


def release_header(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Release"] = RELEASE
        return response

    return middleware
