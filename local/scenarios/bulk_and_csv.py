"""Forty orders in one call, forty in a file: errors are named row by row, and no delivery is made twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import requests

from local.scenarios.scene import Scene

ORDERS = 40


def play(scene: Scene) -> None:
    """Play it."""
    scene.open(0)
    send_in_bulk(scene)
    send_as_file(scene)


def send_in_bulk(scene: Scene) -> None:
    """Send a bulk, whose rows are independent: 38 deliveries are made, and two rows have errors."""
    rows = [scene.order_body(east_m=100 + 30 * number) for number in range(ORDERS)]
    for row in rows:  # for later, so that no driver is searched for now
        row["pickup_window"] = {"opens_at": _later(scene, 20), "closes_at": _later(scene, 22)}
    rows[7] = {**rows[7], "dropoff": {**rows[7]["dropoff"], "point": {"lat": 0, "lon": 0}}}
    rows[9] = {"external_id": rows[9]["external_id"], "dropoff": "5 Green Lane"}
    body, key = {"deliveries": rows}, f"{scene.run}-bulk"

    def send(_number: int) -> object:
        try:
            return scene.shop.post("/v1/deliveries/bulk", body, Idempotency_Key=key)
        except Exception as refused:
            return getattr(refused, "code", refused)

    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(send, range(3)))
    answers = [answer for answer in told if isinstance(answer, dict)]
    assert answers, f"the bulk was answered {told}"
    assert all(answer == "still_running" for answer in told if not isinstance(answer, dict)), f"it was answered {told}"
    again = scene.shop.post("/v1/deliveries/bulk", body, Idempotency_Key=key)
    assert all(answer == again for answer in answers), "the same bulk was answered in two ways"
    codes = {row["row"]: row["problem"]["code"] for row in again["rows"] if row["problem"]}
    assert codes == {7: "outside_service_area", 9: "invalid_request"}, f"refused were {codes}"
    ids = {row["delivery"]["id"] for row in again["rows"] if row["delivery"]}
    assert len(ids) == again["created"] == ORDERS - 2
    scene.say(f"{ORDERS} orders in one call, three times at once: {len(ids)} deliveries, two rows say what is wrong")

    waiting = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")["open"]
    assert not ids & {line["delivery_id"] for line in waiting}, "orders for the evening are on the board already"
    for delivery_id in sorted(ids):
        scene.shop.post(f"/v1/deliveries/{delivery_id}/cancel", {"reason": "other"})


def send_as_file(scene: Scene) -> None:
    """Send a file, which makes all of its deliveries or none."""
    rows = [row(scene, number) for number in range(ORDERS)]
    wrong = [{**rows[0], "phone": "five-five-five"}, *rows[1:-1], {**rows[-1], "external_id": rows[1]["external_id"]}]
    status, told = upload(scene, wrong, dry_run=True)
    assert status == 200, f"the dry run was answered with {status} {told}"
    found = [(fault["row"], fault["column"]) for fault in told["errors"]]
    assert found == [(2, "phone"), (ORDERS + 1, "external_id")], f"the dry run found {found}"
    scene.say(f"a dry run of {ORDERS} orders names two wrong cells: {told['errors'][0]['detail']}")
    status, told = upload(scene, wrong)
    assert (status, told["code"]) == (422, "rows_invalid"), f"the faulty file was answered with {status} {told}"
    pointers = [error["pointer"] for error in told["errors"]]
    scene.say(f"without dry_run the whole file is refused, with pointers to {' and '.join(pointers)}")
    board = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")
    assert board["open"] == [], f"{len(board['open'])} deliveries were created anyway"

    status, told = upload(scene, rows)
    assert status == 201, f"the corrected file was answered with {status} {told}"
    made = [line["delivery_id"] for line in told["deliveries"]]
    assert len(set(made)) == ORDERS, f"{len(set(made))} deliveries were made of {ORDERS} orders"
    status, again = upload(scene, rows)
    assert (status, again) == (201, told), "the same file under the same key was answered differently"
    board = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")
    assert len(board["open"]) == ORDERS, f"{len(board['open'])} deliveries are open"
    scene.say(f"the corrected file, sent twice, creates its {ORDERS} deliveries once")
    for delivery_id in made:
        scene.shop.post(f"/v1/deliveries/{delivery_id}/cancel", {"reason": "other"})
    scene.webhook({"id": made[-1]}, "delivery.cancelled")


def _later(scene: Scene, hours: float) -> str:
    return (scene.now() + timedelta(hours=hours)).isoformat()


def row(scene: Scene, number: int) -> dict[str, str]:
    """Return one order as a European spreadsheet writes it: a semicolon in a cell, a decimal comma."""
    order = scene.order_body(east_m=200.0 + number, north_m=100.0)
    point, contact = order["dropoff"]["point"], order["dropoff"]["contact"]
    return {
        "external_id": order["external_id"],
        "customer": contact["name"],
        "phone": contact["phone"],
        "address": '"5 Green Lane; rear ""blue"" door"',
        "dropoff_lat": f"{point['lat']:.6f}".replace(".", ","),
        "dropoff_lon": f"{point['lon']:.6f}".replace(".", ","),
        "photo": "yes",
    }


def upload(scene: Scene, rows: list[dict[str, str]], *, dry_run: bool = False) -> tuple[int, Any]:
    """Send the rows in Excel's format, with a byte order mark; return the status and the answer."""
    lines = [";".join(rows[0]), *(";".join(cells.values()) for cells in rows)]
    answer = requests.post(
        f"{scene.stack.api_url}/v1/deliveries/import",
        params={"dry_run": "true"} if dry_run else {},
        data="\r\n".join(["\ufeff" + lines[0], *lines[1:], ""]).encode(),
        headers={
            "Authorization": f"Bearer {scene.town.register.merchants['shop'].api_key}",
            "Content-Type": "text/csv; charset=utf-8",
            "Idempotency-Key": f"file-{scene.run}",
        },
        timeout=60,
    )
    return answer.status_code, answer.json()
