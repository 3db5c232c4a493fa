"""A shop uploads a file of orders: one wrong row and nothing is made, the mended file makes all, once."""

from typing import Any

import requests

from local.scenarios.scene import Scene

ORDERS = 40


def play(scene: Scene) -> None:
    """Play it."""
    scene.open(0)
    rows = [row(scene, number) for number in range(ORDERS)]
    wrong = [{**rows[0], "phone": "five-five-five"}, *rows[1:-1], {**rows[-1], "external_id": rows[1]["external_id"]}]
    status, told = upload(scene, wrong, dry_run=True)
    assert status == 200, f"the dry run was answered with {status} {told}"
    found = [(fault["row"], fault["column"]) for fault in told["errors"]]
    assert found == [(2, "phone"), (ORDERS + 1, "external_id")], f"the dry run found {found}"
    scene.say(f"a dry run of {ORDERS} orders names two wrong cells: {told['errors'][0]['detail']}")
    status, told = upload(scene, wrong)
    assert (status, told["code"]) == (422, "rows_invalid"), f"the wrong file was answered with {status} {told}"
    pointers = [error["pointer"] for error in told["errors"]]
    scene.say(f"sent in earnest it is refused whole, pointing at {' and '.join(pointers)}")
    board = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")
    assert board["open"] == [], f"{len(board['open'])} deliveries were made all the same"

    status, told = upload(scene, rows)
    assert status == 201, f"the mended file was answered with {status} {told}"
    made = [line["delivery_id"] for line in told["deliveries"]]
    assert len(set(made)) == ORDERS, f"{len(set(made))} deliveries were made of {ORDERS} orders"
    status, again = upload(scene, rows)
    assert (status, again) == (201, told), "the same file under the same key was answered differently"
    board = scene.staff.get(f"/v1/staff/zones/{scene.town.key}/board")
    assert len(board["open"]) == ORDERS, f"{len(board['open'])} deliveries are open"
    scene.say(f"the mended file, sent twice, makes {ORDERS} deliveries, once")
    for delivery_id in made:
        scene.shop.post(f"/v1/deliveries/{delivery_id}/cancel", {"reason": "other"})
    scene.webhook({"id": made[-1]}, "delivery.cancelled")


def row(scene: Scene, number: int) -> dict[str, str]:
    """Return one order as a spreadsheet in Europe has it: a semicolon inside, a decimal comma."""
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
    """Send the rows as Excel saves them, with a byte order mark; return the status and the answer."""
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
