"""SES refuses us, whose sender is not verified: the mail waits, no address is blamed, and it comes once later."""

from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (tove,) = scene.open(1, named=("Tove Lind",))
    delivery = scene.order_with_mail(requirements={"pin": True})
    tove.go_on_duty()
    tove.accept(scene.offer_to(tove))
    tove.fetch(delivery)
    _lose(scene)
    try:
        scene.say(f"{scene.sender} is no longer a verified sender of ours")
        tove.step(delivery, "depart", stop="dropoff")
        scene.sms(delivery, "on its way")
        scene.until("the shop sees the mail wait", lambda: _state(scene, delivery, "email") == "waiting")
        assert _state(scene, delivery, "sms") == "sent", "the SMS was kept by the mail's trouble"
        assert scene.mails(delivery) == [], "the mail was sent by a sender that is not verified"
        scene.say("the SMS is there; the mail waits, and the address is not blamed")
    finally:
        _verify(scene)
    mail = scene.mail(delivery, "is on its way")
    assert _state(scene, delivery, "email") == "sent", "the shop still sees the mail wait"
    (address,) = {one["because"] for one in scene.shop.get(_path(delivery))["addresses"]}
    assert address is None, f"the address was suppressed because of {address}"
    scene.say("the sender is verified again, and the mail comes by itself")

    tove.bring(delivery)
    tove.step(delivery, "deliver", pin=mail["BodyText"].partition("Your PIN is ")[2][:4])
    scene.mail(delivery, "was delivered")
    subjects = [one["Subject"] for one in scene.mails(delivery)]
    assert len(subjects) == len(set(subjects)), f"a mail came twice: {subjects}"
    scene.say(f"{len(subjects)} mails in all, each once")


def _lose(scene: Scene) -> None:
    """Make the sender's address one that is not verified: in both of SES's APIs, which the emulator keeps apart."""
    scene.stack.client("ses").delete_identity(Identity=scene.sender)
    with suppress(ClientError):
        scene.stack.client("sesv2").delete_email_identity(EmailIdentity=scene.sender)


def _verify(scene: Scene) -> None:
    scene.stack.client("ses").verify_email_identity(EmailAddress=scene.sender)


def _path(delivery: dict[str, Any]) -> str:
    return f"/v1/deliveries/{delivery['id']}/notices"


def _state(scene: Scene, delivery: dict[str, Any], channel: str) -> str | None:
    told = scene.shop.get(_path(delivery))["notices"]
    first = (one["state"] for one in told if one["channel"] == channel and one["type"].endswith("en_route_to_dropoff"))
    return next(first, None)
