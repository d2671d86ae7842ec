"""What a customer may ask about their own data, and what we decide."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Customer
from madoguchi.foundation import audit, clock, crypto
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.foundation.jobs import enqueue
from madoguchi.protection.models import Evidence

from ..models import ErasureRequest, Session, SignInLink
from ..queries import people_of
from .requests import actor_of

PURPOSES = ("survey", "followup")
LONGEST_ANSWER = 2000
ASK_AGAIN_AFTER = timedelta(days=1)
OPEN = ErasureRequest.State.OPEN


@transaction.atomic
def save_choices(*, session: Session, language: str, wanted: set[str]) -> None:
    """The language that we write in, and what the customer wants to be asked unasked, of PURPOSES."""
    customers.update_customer(customer_id=session.customer_id, language=language, by=actor_of(session))
    for purpose in PURPOSES:
        verb = customers.accept_again if purpose in wanted else customers.refuse
        verb(customer=session.customer, purpose=purpose, by=actor_of(session))


def ask_for_erasure(*, session: Session) -> None:
    """Once at a time, and not again on the day of a refusal. Raises Conflict."""
    recent = ErasureRequest.objects.filter(customer=session.customer, asked_at__gt=clock.now() - ASK_AGAIN_AFTER)
    if recent.exclude(state=ErasureRequest.State.WITHDRAWN).exists():
        raise Conflict(_("You have asked for this already. We answer by mail."))
    try:
        with transaction.atomic():
            row = ErasureRequest.objects.create(customer=session.customer, asked_at=clock.now())
            audit.record("portal.ask_erasure", by=actor_of(session), subject=f"erasure:{row.pk}")
    except IntegrityError as error:
        raise Conflict(_("You have asked for this already. We answer by mail.")) from error


def withdraw_erasure(*, session: Session) -> None:
    """The customer changed their mind; too late once somebody has decided."""
    mine = ErasureRequest.objects.filter(customer=session.customer, state=OPEN)
    mine.update(state=ErasureRequest.State.WITHDRAWN, decided_at=clock.now())


@transaction.atomic
def decide_erasure(*, request_id: int, erase: bool, by: Actor, answer: str = "") -> None:
    """Erase, or refuse with a reason that the customer reads. Raises Invalid without one, NotFound when it was decided already."""
    if not erase and not answer.strip():
        raise Invalid(fields={"answer": _("Say why. The customer reads it.")})
    state = ErasureRequest.State.ERASING if erase else ErasureRequest.State.REFUSED
    waiting = ErasureRequest.objects.filter(pk=request_id, state=OPEN)
    if waiting.update(state=state, decided_at=clock.now(), decided_by=by.agent_id, answer=answer.strip()[:LONGEST_ANSWER]) != 1:
        raise NotFound
    audit.record("portal.decide_erasure", by=by, subject=f"erasure:{request_id}", detail={"erase": erase})
    if erase:
        enqueue("portal.erase", key=f"portal.erase:{request_id}", request=request_id)
    else:
        row = ErasureRequest.objects.select_related("customer").get(pk=request_id)
        tell(row.customer, row)


@transaction.atomic
def erase_customer(*, request_id: int) -> None:
    """Carry out what was decided. Every room erases its own; rows of figures and the audit log stay. Safe to repeat."""
    row = ErasureRequest.objects.select_related("customer").filter(pk=request_id, state=ErasureRequest.State.ERASING).first()
    if row is None:
        return
    people = people_of(row.customer)
    ErasureRequest.objects.filter(pk=row.pk).update(state=ErasureRequest.State.ERASED)
    row.state = ErasureRequest.State.ERASED
    tell(row.customer, row)
    addresses = list(row.customer.identities.filter(kind="mail").values_list("value", flat=True))
    evidence = set(Evidence.objects.filter(message__ticket__customer__in=people).values_list("message", flat=True))
    for path in settings.PERSONAL_DATA_ERASERS:
        import_string(path)(customer_ids=people, kept=evidence)
    Session.objects.filter(customer__in=people).delete()
    SignInLink.objects.filter(address__in=addresses).delete()
    by = Actor("agent", row.decided_by_id, row.decided_by.name if row.decided_by else "")
    audit.record("portal.erase", by=by, subject=f"customer:{row.customer_id}", detail={"kept_as_evidence": len(evidence)})


def tell(customer: Customer, row: ErasureRequest) -> None:
    """Mail the decision, in the customer's language; the address goes along, since it may be gone when the mail is sent."""
    identity = customer.identities.filter(kind="mail").order_by("-is_primary", "id").first()
    if identity is not None:
        enqueue(
            "portal.mail_decision", address=crypto.encrypt(identity.value), language=customer.language,
            erased=row.state == ErasureRequest.State.ERASED, answer=crypto.encrypt(row.answer),
        )  # fmt: skip
