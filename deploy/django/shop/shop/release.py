import os
from urllib.parse import quote

RELEASE = quote(os.environ.get("MAINTENANCE_PAGE_RELEASE", "").strip(), safe="")


def release_header(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Release"] = RELEASE
        return response

    return middleware
