"""What workers do for this room: each job takes one id and calls one method of its row."""

from .models import Delivery


def send_delivery(job_id: str) -> None:
    delivery = Delivery.objects.claim(job_id)
    if delivery is not None:
        delivery.send()


def look_up_delivery(job_id: str) -> None:
    delivery = Delivery.objects.take_look(job_id)
    if delivery is not None:
        delivery.look()


def sweep() -> None:
    Delivery.objects.sweep()
