"""Deliveries: what became of each, and what a person does with one."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from publishing.deliveries.confirm import confirm
from publishing.deliveries.views import own_delivery
from publishing.models import Delivery
from publishing.notices.sync import sync_posts

from ..access import token_of
from ..answers import reading, writing
from ..once import Act, KeptAnswer, once
from ..presenting import delivery_as_json
from ..problems import Problem, error_at, invalid
from ..schemas import Confirmation, DeliveryOut, Seen
from ..writing import check_places

router = Router(tags=["deliveries"])


@reading(router, "/deliveries/{uuid:job_id}", DeliveryOut)
def get_delivery(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """What became of one job. `may_be_live` says whether it is there, or may be."""
    return KeptAnswer(200, delivery_as_json(own_delivery(request, job_id))).as_response()


@writing(router, "POST", "/deliveries/{uuid:job_id}/retries", {200: DeliveryOut})
def retry_delivery(request: HttpRequest, job_id: uuid.UUID, payload: Seen) -> HttpResponse:
    """Try again what failed, or what waits, now."""
    return settle(request, job_id, payload.attempt, Delivery.retry)


@writing(router, "POST", "/deliveries/{uuid:job_id}/cancellations", {200: DeliveryOut})
def cancel_delivery(request: HttpRequest, job_id: uuid.UUID, payload: Seen) -> HttpResponse:
    """Cancel it before it is being sent."""
    return settle(request, job_id, payload.attempt, lambda row: row.cancel(at=timezone.now()))


@writing(router, "POST", "/deliveries/{uuid:job_id}/resends", {200: DeliveryOut})
def send_delivery_again(request: HttpRequest, job_id: uuid.UUID, payload: Seen) -> HttpResponse:
    """You looked, and it is not there: send it again."""
    return settle(request, job_id, payload.attempt, Delivery.send_again)


@writing(router, "POST", "/deliveries/{uuid:job_id}/confirmations", {200: DeliveryOut})
def confirm_delivery(
    request: HttpRequest, job_id: uuid.UUID, payload: Confirmation
) -> HttpResponse:
    """You looked, and it is there. Its network is asked whose it is before that counts."""

    def confirm_it(delivery: Delivery) -> bool:
        try:
            return confirm(delivery, payload.link)
        except ValueError as error:
            raise invalid([error_at("/link", str(error), "link")]) from error

    return settle(request, job_id, payload.attempt, confirm_it)


@writing(router, "POST", "/deliveries/{uuid:job_id}/drops", {200: DeliveryOut})
def drop_delivery(request: HttpRequest, job_id: uuid.UUID, payload: Seen) -> HttpResponse:
    """You do not want to know any more. It may be there all the same."""
    return settle(request, job_id, payload.attempt, Delivery.drop)


def settle(
    request: HttpRequest, job_id: uuid.UUID, attempt: int, act: Callable[[Delivery], bool]
) -> HttpResponse:
    """Do `act` to what still is as its caller saw it."""

    def prepare() -> Act:
        delivery = own_delivery(request, job_id)
        check_places(token_of(request), [delivery.channel_id])
        return lambda _key: KeptAnswer(200, settled(request, delivery, attempt, act))

    return once(request, prepare)


def settled(
    request: HttpRequest, delivery: Delivery, attempt: int, act: Callable[[Delivery], bool]
) -> dict[str, object]:
    if not (delivery.is_question_about(attempt) and act(delivery)):
        raise Problem("changed")
    sync_posts([delivery.post_id])
    return delivery_as_json(own_delivery(request, delivery.job_id))
