from django.http import HttpResponse, JsonResponse

from .models import Order


def home(request):
    return HttpResponse("Welcome to the shop")


def orders(request):
    return JsonResponse({"orders": [order.title for order in Order.objects.order_by("id")]})


def health(request):
    return HttpResponse("ok", content_type="text/plain")
