"""Somebody with access to bucket and table changes a proof afterwards, and the verification finds each change."""

from typing import Any

import requests

from local.city.driver import picture
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene


def play(scene: Scene) -> None:
    """Play it."""
    (noor,) = scene.open(1, named=("Noor Haddad",))
    noor.go_on_duty()
    order = scene.order(requirements={"photo": True})
    noor.accept(scene.offer_to(noor))
    noor.fetch(order)
    noor.bring(order)
    form = _uploaded(noor, order)
    assert noor.step(order, "deliver", position=noor.at.json()) == "delivered"
    assert _faults(scene, order) == []
    scene.say("Noor hands it over with a photo; staff and the shop verify the proof, and it is intact")

    seen = _picture(scene, order)
    _send(form, picture("signature"))
    assert _picture(scene, order) == seen, "a later upload is shown in place of the photo"
    assert _faults(scene, order) == []
    scene.say("the upload form still works for minutes, but what is uploaded after the hand-over changes nothing")

    table = _Table(scene, order)
    for sort_key, old, new, fault in (
        ("CUSTODY#0001", '"step":"delivered"', '"step":"returned"', "entry_changed"),
        ("PROOF", '"kind":"photo"', '"kind":"signature"', "proof_changed"),
        ("PROOF", '"custody":["', '"custody":["f', "list_changed"),
    ):
        undo = table.change(sort_key, old, new)
        found = _faults(scene, order)
        assert fault in found, f"{old} in {sort_key} was changed to {new}, and the verification found {found}"
        undo()
    undo = table.take_out("CUSTODY#0000")
    assert "entry_missing" in _faults(scene, order), "an entry was taken out, and nobody noticed"
    undo()
    assert _faults(scene, order) == [], "the proof was put back as it was"
    scene.say("a changed or missing row of the table is found, by entry")

    bucket, s3 = scene.stack.outputs["ProofBucket"], scene.stack.client("s3")
    versions = s3.list_object_versions(Bucket=bucket, Prefix=f"{order['id']}/shown-")["Versions"]
    (shown,) = ({"Bucket": bucket, "Key": each["Key"], "VersionId": each["VersionId"]} for each in versions)
    assert _is_locked(s3, shown), "a version that became proof could be deleted"
    s3.delete_object(**shown, BypassGovernanceRetention=True)
    s3.put_object(Bucket=bucket, Key=shown["Key"], Body=picture("signature"))
    assert "picture_missing" in _faults(scene, order), "the photo was replaced, and nobody noticed"
    scene.say("the photo is locked; who may bypass the lock and replaces it is found out")


def _is_locked(s3: Any, version: dict[str, str]) -> bool:
    try:
        s3.delete_object(**version)
    except s3.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] == "AccessDenied")
    return False


def _uploaded(driver: Actor, order: dict[str, Any]) -> dict[str, Any]:
    """Upload a photo by a form, and return the form."""
    request = {"kind": "photo", "content_type": "image/png"}
    form: dict[str, Any] = driver.app.post(f"/v1/driver/deliveries/{order['id']}/proofs", request)
    _send(form, picture("photo"))
    return form


def _send(form: dict[str, Any], body: bytes) -> None:
    requests.post(form["url"], data=form["fields"], files={"file": body}, timeout=30).raise_for_status()


def _picture(scene: Scene, order: dict[str, Any]) -> bytes:
    (image,) = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/proof")["images"]
    answer = requests.get(image["url"], timeout=30)
    answer.raise_for_status()
    return answer.content


def _faults(scene: Scene, order: dict[str, Any]) -> list[str]:
    """Return the kinds of faults that staff see; the shop must see the same."""
    told = scene.staff.get(f"/v1/staff/deliveries/{order['id']}/proof/verify")
    to_shop = scene.shop.get(f"/v1/deliveries/{order['id']}/proof/verify")
    assert to_shop["faults"] == told["faults"], "staff and shop read different faults"
    kinds = [str(fault["kind"]) for fault in told["faults"]]
    assert told["intact"] == (not kinds), f"intact is {told['intact']} with {kinds}"
    return kinds


class _Table:
    """The rows of an order's proof, for somebody who may write them."""

    def __init__(self, scene: Scene, order: dict[str, Any]) -> None:
        self._dynamodb = scene.stack.client("dynamodb")
        self._table = scene.stack.outputs["ProofTable"]
        self._id = order["id"]

    def _key(self, sort_key: str) -> dict[str, Any]:
        return {"pk": {"S": self._id}, "sk": {"S": sort_key}}

    def _row(self, sort_key: str) -> dict[str, Any]:
        row: dict[str, Any] = self._dynamodb.get_item(TableName=self._table, Key=self._key(sort_key))["Item"]
        return row

    def change(self, sort_key: str, old: str, new: str) -> Any:
        """Change the text of a row; return what undoes it."""
        row = self._row(sort_key)
        text = row["body"]["S"]
        assert old in text, f"{sort_key} has no {old}: {text}"
        self._dynamodb.put_item(TableName=self._table, Item={**row, "body": {"S": text.replace(old, new, 1)}})
        return lambda: self._dynamodb.put_item(TableName=self._table, Item=row)

    def take_out(self, sort_key: str) -> Any:
        """Delete a row; return what undoes it."""
        row = self._row(sort_key)
        self._dynamodb.delete_item(TableName=self._table, Key=self._key(sort_key))
        return lambda: self._dynamodb.put_item(TableName=self._table, Item=row)
