from django.db import models


class Order(models.Model):
    title = models.CharField(max_length=100)
    note = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField(auto_now_add=True)
