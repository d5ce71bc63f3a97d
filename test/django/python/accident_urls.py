import os
import signal

from django.urls import include, path


def broken(request):
    raise RuntimeError("an error that no deploy has made")


def killed(request):
    os.kill(os.getpid(), signal.SIGKILL)


urlpatterns = [path("broken/", broken), path("killed/", killed), path("", include("shop.urls"))]
