"""A request that would be right, for every route: what doors and bad input are tried with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from local.city.driver import picture
from local.city.papers import nothing
from tests.api_calls import Caller, ok
from tests.api_clients import Driver, Network, Shop, Zone, driver_input

KEYED = frozenset(
    {"POST /v1/deliveries", "POST /v1/deliveries/bulk", "POST /v1/quotes", "POST /v1/jobs", "POST /v1/applications"}
    | {"POST /v1/driver/instant-pay"}
    | {f"POST /v1/deliveries/{{delivery_id}}/{deed}" for deed in ("tip", "redeliver")}
)
"""Routes that want an Idempotency-Key."""

EMERGENCY_ID = "3f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77"
MESSAGE = {"message_id": "b7a1c9d4-2f6e-4b0a-8c3d-5e9f1a2b3c4d", "text": "The bell is broken."}

ADDRESS = {"street": "1 Main Street", "city": "Chicago", "state": "IL", "zip": "60601"}

SUBSCRIPTION = {
    "endpoint": "http://127.0.0.1:9/nobody-takes-messages-here",
    "expirationTime": None,
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
"""A browser with the keys of RFC 8291's example."""

SHOPIFY_SECRET = "a-secret-of-the-shop-and-us"


@dataclass
class Targets:
    """Things that exist, for a request to be about.

    Attributes
    ----------
    assigned
        A delivery that ``driver`` has accepted.
    offered, offer_id
        A delivery that waits for the driver's answer, and its offer.
    endpoint_id
        A webhook endpoint of the shop, disabled, so that nothing is sent there.
    quote_id, job_id
        A quote, and a job for the next day.
    """

    network: Network
    zone: Zone
    shop: Shop
    driver: Driver
    assigned: dict[str, Any]
    offered: dict[str, Any]
    offer_id: str
    signing: dict[str, str]
    endpoint_id: str
    quote_id: str
    job_id: str

    @classmethod
    def of(cls, network: Network, name: str) -> Targets:
        """Return them in a zone of their own."""
        zone = network.zone(name, offers={"seconds": 3600})
        shop, driver = network.shop(zone), network.driver(zone)
        shopify = {"shop_domain": f"{shop.id[4:]}.example.com", "shared_secret": SHOPIFY_SECRET}
        assert network.staff("PUT", f"/v1/staff/merchants/{shop.id}/shopify", shopify).status_code == 200
        woocommerce = {"shop_url": f"https://{shop.id[4:]}.example.com"}
        shop_secrets = {
            "woocommerce": network.staff("PUT", f"/v1/staff/merchants/{shop.id}/woocommerce", woocommerce),
            "webhook": network.staff("PUT", f"/v1/staff/merchants/{shop.id}/webhook-source"),
        }
        signing = {name: str(ok(answer)["signing_secret"]) for name, answer in shop_secrets.items()}
        endpoint = shop.api.post("/v1/account/endpoints", {"url": "https://shop.example/hooks"}, 201)["endpoint_id"]
        ok(shop.api("PATCH", f"/v1/account/endpoints/{endpoint}", {"active": False}))
        driver.go_on_duty()
        assigned = shop.order()
        driver.take(assigned["id"])
        offered = shop.order()
        offer_id = driver.offer_of(offered["id"])["offer_id"]
        quote, job = shop.quote(), shop.job(driver.now(hours=-24), driver.now(hours=-25))
        made = (quote["id"], job["id"])
        return cls(network, zone, shop, driver, assigned, offered, offer_id, signing, endpoint, *made)

    def clear(self) -> None:
        """Leave nothing behind that anybody would have to look after."""
        for delivery in (self.assigned, self.offered, *self.shop.api.get(f"/v1/jobs/{self.job_id}")["deliveries"]):
            self.shop.cancel(delivery["id"])
        self.driver.go_home()

    def caller_of(self, path: str) -> Caller:
        """Return who may call a path."""
        if path.startswith("/v1/staff/"):
            return self.network.staff
        if path.startswith(("/v1/driver/", "/v1/session/totp")):
            return self.driver.api
        ours = ("/v1/days", "/v1/deliveries", "/v1/quotes", "/v1/jobs", "/v1/events", "/v1/account")
        return self.shop.api if path.startswith(ours) else self.network.caller()

    def path(self, path: str) -> str:
        """Return a route's path with what exists in place of its parameters."""
        delivery = self.assigned if path.startswith("/v1/driver/") else self.offered
        values = {
            "day": str(self.network.today()),
            "delivery_id": delivery["id"],
            "driver_id": self.driver.id,
            "endpoint_id": self.endpoint_id,
            "key_id": self.shop.key_id,
            "merchant_id": self.shop.id,
            "job_id": self.job_id,
            "offer_id": self.offer_id,
            "replay_id": "rpl_none",
            "source": "woocommerce",
            "message_id": "smg_none",
            "incident_id": "inc_none",
            "subscription_id": "none",
            "quote_id": self.quote_id,
            "period": str(self.network.today() - timedelta(days=1)),
            "emergency_id": EMERGENCY_ID,
            "adjustment_id": "adj_none",
            "payout_id": "pay_none",
            "verdict": "refuse",
            "account": "platform:fees",
            "posting_id": "pst_none",
            "export_id": "jxp_none",
            "month": f"{self.network.today():%Y-%m}",
            "table_id": "ptb_none",
            "incentive_id": "inc_none",
            "block_id": "blk_none",
            "case_id": "cas_none",
            "claim_id": "clm_none",
            "invoice_id": "inv_none",
            "correction_id": "cor_none",
            "application_id": "app_none",
            "kind": "out_for_delivery" if "/templates/" in path else "insurance" if "/documents/" in path else "photo",
            "document_id": "doc_none",
            "module": "safety_training",
            "attempt_id": "att_none",
            "year": f"{self.network.today():%Y}",
            "language": "en",
            "channel": "sms",
            "token": self.offered["tracking_url"].rpartition("/")[2],
            "zone_id": self.zone.id,
        }
        return path.format(**values)

    def query(self, on: str) -> dict[str, str]:
        """Return the query that a route cannot do without."""
        zone, today = {"zone_id": self.zone.id}, str(self.network.today())
        queries = {
            "GET /v1/deliveries": {"external_id": self.offered["external_id"]},
            "GET /v1/staff/deliveries": {**zone, "day": today},
            "PUT /v1/driver/deliveries/{delivery_id}/proofs/{kind}": {
                "sha256": hashlib.sha256(picture("photo")).hexdigest()
            },
            "PUT /v1/driver/documents/{kind}": {"sha256": hashlib.sha256(nothing()).hexdigest()},
            "GET /v1/staff/classification": zone,
            "GET /v1/staff/law": zone,
            "GET /v1/staff/cases": {"waits_for": "appeal"},
            "GET /v1/staff/search": {"q": self.offered["external_id"]},
            "GET /v1/staff/driver-names": {"driver_id": self.driver.id},
            "GET /v1/staff/audit": {"subject": self.zone.id},
            "GET /v1/staff/ledger/trial-balance": {"period": today},
            "GET /v1/staff/break-even": zone,
            "GET /v1/staff/ledger/accounts/{account}/statement": {"first": today, "last": today},
        }
        return queries.get(on, {})

    def body(self, on: str) -> Any:
        """Return a body that is right for a route; None if it takes none."""
        step = {"device_at": self.driver.now()}
        route = self.driver.api.get("/v1/driver/route") if "/route" in on else {"revision": 0, "stops": []}
        bodies = {
            "POST /v1/deliveries": self.shop.request(),
            "PATCH /v1/deliveries/{delivery_id}": {"tip": 1, "parcel": {"weight_g": 1}},
            "POST /v1/deliveries/bulk": {"deliveries": [self.shop.request()]},
            "POST /v1/quotes": {"dropoff": {"point": self.shop.customer()["point"]}},
            "POST /v1/jobs": {"dropoffs": [self.shop.request(), self.shop.request()]},
            "POST /v1/deliveries/{delivery_id}/cancel": {"reason": "other"},
            "POST /v1/deliveries/import": self.csv(),
            "POST /v1/deliveries/{delivery_id}/ready": {"ready_at": None},
            "POST /v1/deliveries/{delivery_id}/tip": {"amount": 100},
            "POST /v1/deliveries/{delivery_id}/redeliver": {"external_id": f"again-{self.zone.id}"},
            "PATCH /v1/account": {"contact_email": "somebody@shop.example"},
            "PATCH /v1/account/sources/{source}": {"date_order": "day_first"},
            "POST /v1/account/sources/{source}/messages/{message_id}/retry": None,
            "POST /v1/account/keys": {"scopes": ["deliveries:read"]},
            "POST /v1/account/keys/{key_id}/rotate": {"grace_hours": 24},
            "POST /v1/sources/bigcommerce/{merchant_id}/orders": {"scope": "store/order/created"},
            "POST /v1/sources/shopify/{merchant_id}/orders": self.shopify_order(),
            "POST /v1/sources/woocommerce/{merchant_id}/orders": self.woocommerce_order(),
            "POST /v1/sources/webhook/{merchant_id}/orders": self.shop.request(),
            "POST /v1/session": {"username": "drv_nobody", "password": "x"},
            "POST /v1/session/answer": {
                "username": "drv_nobody",
                "kind": "totp",
                "session": "s" * 20,
                "answer": "123456",
            },
            "POST /v1/applications": {
                "name": "Nia Okoro",
                "email": f"nia@{self.zone.id}.example",
                "phone": "+13125550177",
                "zone_id": self.zone.id,
                "vehicle": "car",
            },
            "POST /v1/driver/onboarding/consent": {"version": "2026-11", "agreed": True},
            "PUT /v1/driver/onboarding/identity": {
                "legal_name": "Nia Okoro",
                "born_on": "1990-05-05",
                "address": ADDRESS,
            },
            "PUT /v1/driver/onboarding/vehicle": {
                "vehicle": {"kind": "car", "max_weight_g": 100_000, "max_volume_l": 300}
            },
            "POST /v1/driver/onboarding/dispute": {"text": "That is another person of my name."},
            "PUT /v1/driver/tax-form": {
                "name": "Nia Okoro",
                "classification": "individual",
                "address": ADDRESS,
                "tin_kind": "ssn",
                "tin": "123-45-6789",
                "signed_by": "Nia Okoro",
                "certified": True,
            },
            "POST /v1/staff/tax/notices": {
                "change": {"action": "sent", "sent_on": "2026-01-05", "driver_ids": [self.driver.id]}
            },
            "POST /v1/staff/tax/years/{year}": {"change": {"action": "task", "task": "review"}},
            "PUT /v1/driver/bank-account": {
                "holder": "Nia Okoro",
                "kind": "checking",
                "routing_number": "021000021",
                "account_number": "000123456",
            },
            "POST /v1/providers/screening/reports": {
                "check_id": "chk-1",
                "reference": "app_none.1",
                "candidate_id": self.driver.id,
                "result": "clear",
            },
            "POST /v1/staff/applications/{application_id}/check/decide": {"verdict": "go_on"},
            "POST /v1/staff/applications/{application_id}/check/close-dispute": {"outcome": "upheld"},
            "POST /v1/staff/applications/{application_id}/check/order": None,
            "POST /v1/staff/applications/{application_id}/approve": None,
            "POST /v1/staff/applications/{application_id}/refuse": {"reason": "duplicate"},
            "POST /v1/session/refresh": None,
            "POST /v1/session/forgotten": {"username": "drv_nobody"},
            "POST /v1/session/forgotten/confirm": {
                "username": "drv_nobody",
                "code": "123456",
                "new_password": "Not-anybodys-1",
            },
            "POST /v1/session/totp": None,
            "PUT /v1/session/totp": {"code": "123456"},
            "POST /v1/track/{token}/rating": {"stars": 5},
            "POST /v1/track/{token}/tip": {"amount": 100},
            "PUT /v1/track/{token}/instructions": {"text": "second bell"},
            "POST /v1/driver/emergencies": {"emergency_id": EMERGENCY_ID, "position": self.driver.at.json},
            "POST /v1/driver/messages": MESSAGE,
            "POST /v1/driver/messages/read": {"until": self.driver.now()},
            "POST /v1/driver/deliveries/{delivery_id}/messages": MESSAGE,
            "POST /v1/driver/deliveries/{delivery_id}/messages/read": {"until": self.driver.now()},
            "POST /v1/staff/emergencies/{emergency_id}/handle": {"note": "all is well"},
            "POST /v1/staff/drivers/{driver_id}/messages": MESSAGE,
            "POST /v1/staff/drivers/{driver_id}/messages/read": {"until": self.driver.now()},
            "POST /v1/track/{token}/call": None,
            "POST /v1/driver/deliveries/{delivery_id}/call": None,
            "PUT /v1/account/logo": None,
            "PUT /v1/account/templates/{kind}/{language}/{channel}": {"text": "on its way: {link}"},
            "POST /v1/account/templates/{kind}/{language}/{channel}/preview": {"text": "on its way: {link}"},
            "POST /v1/account/templates/{kind}/{language}/{channel}/test": None,
            "POST /v1/deliveries/{delivery_id}/notices/lift": {"channel": "email", "reason": "address_confirmed"},
            "POST /v1/staff/deliveries/{delivery_id}/notices/lift": {"channel": "email", "reason": "address_confirmed"},
            "POST /v1/track/{token}/messages": MESSAGE,
            "POST /v1/track/{token}/messages/read": {"until": self.driver.now()},
            "POST /v1/driver/duty": {"position": self.driver.at.json},
            "POST /v1/driver/positions": {"fixes": [{"point": self.driver.at.json, **step}]},
            "POST /v1/driver/offers/{offer_id}/accept": None,
            "POST /v1/driver/offers/{offer_id}/decline": {"reason": "busy"},
            "POST /v1/driver/route/confirm": {"revision": 0},
            "POST /v1/driver/deliveries/{delivery_id}/depart": {"stop": "pickup", **step},
            "POST /v1/driver/deliveries/{delivery_id}/arrive": {"stop": "pickup", **step},
            "POST /v1/driver/deliveries/{delivery_id}/unassign": step,
            "POST /v1/driver/deliveries/{delivery_id}/pick-up": step,
            "POST /v1/driver/deliveries/{delivery_id}/deliver": step,
            "POST /v1/driver/deliveries/{delivery_id}/fail": {
                "reason": "customer_absent",
                "position": self.driver.at.json,
                **step,
            },
            "POST /v1/driver/deliveries/{delivery_id}/return": step,
            "POST /v1/driver/deliveries/{delivery_id}/correct": {"reason": "pressed_by_mistake", **step},
            "POST /v1/driver/deliveries/{delivery_id}/proofs": {"kind": "photo", "content_type": "image/png"},
            "PUT /v1/driver/deliveries/{delivery_id}/proofs/{kind}": picture("photo"),
            "PUT /v1/driver/push/subscriptions": SUBSCRIPTION,
            "POST /v1/driver/data-export": None,
            "POST /v1/driver/corrections": {
                "request_id": EMERGENCY_ID,
                "field": "name",
                "wanted": "Ana Diaz-Lee",
                "reason": "I married.",
            },
            "POST /v1/staff/corrections/{correction_id}/decide": {"granted": True, "words": "Done."},
            "POST /v1/driver/documents": {"kind": "insurance", "content_type": "image/jpeg"},
            "POST /v1/driver/documents/{document_id}/check": None,
            "PUT /v1/driver/documents/{kind}": nothing(),
            "POST /v1/staff/drivers/{driver_id}/documents/{document_id}/approve": {"valid_until": "2027-06-01"},
            "POST /v1/staff/drivers/{driver_id}/documents/{document_id}/refuse": {"reason": "cut_off"},
            "POST /v1/driver/trainings/{module}/attempts": None,
            "POST /v1/driver/trainings/{module}/attempts/{attempt_id}/answers": {
                "answers": [{"question": "phone", "answer": "b"}]
            },
            "POST /v1/staff/merchants": {"name": "Shop", "billing_email": "books@shop.example"},
            "PATCH /v1/staff/merchants/{merchant_id}": {"active": True},
            "POST /v1/staff/merchants/{merchant_id}/keys": {"scopes": ["deliveries:read"]},
            "PUT /v1/staff/merchants/{merchant_id}/bigcommerce": {
                "api_path": "https://api.bigcommerce.com/stores/b4ker1/v3/",
                "access_token": "0123456789abcdef",
            },
            "PUT /v1/staff/merchants/{merchant_id}/shopify": {
                "shop_domain": "other.example.com",
                "shared_secret": "0123456789abcdef",
            },
            "PUT /v1/staff/merchants/{merchant_id}/woocommerce": {"shop_url": "https://other.example.com"},
            "PUT /v1/staff/merchants/{merchant_id}/webhook-source": None,
            "PUT /v1/staff/zones/{zone_id}": self.zone.settings,
            "POST /v1/staff/zones/{zone_id}/day-plans": {
                "opens_from": self.driver.now(),
                "opens_until": self.driver.now(hours=-12),
                "drivers": [
                    {"driver_id": self.driver.id, "on_at": self.driver.now(), "off_at": self.driver.now(hours=-8)}
                ],
                "seconds": 1,
            },
            "POST /v1/staff/zones/{zone_id}/incidents": {
                "centre": {"lat": 0.0, "lon": 0.0},
                "radius_m": 100,
                "ends_at": self.driver.now(hours=-1),
                "slowdown": 2,
                "note": "fair",
            },
            "POST /v1/staff/drivers": driver_input(self.zone),
            "PATCH /v1/staff/drivers/{driver_id}": {"skills": []},
            "POST /v1/driver/cases/{case_id}/appeal": {"words": "I was there."},
            "POST /v1/driver/claims/{claim_id}/answer": {"words": "I rang."},
            "POST /v1/claims": {"withdraws": "clm_0000000000000000"},
            "POST /v1/staff/claims": {
                "decision": {"claim_id": "clm_0000000000000000", "verdict": "refuse", "reasons": "No."}
            },
            "POST /v1/staff/invoices/{invoice_id}/payments": {"act": "written_off"},
            "POST /v1/staff/drivers/{driver_id}/cases": {
                "request_id": EMERGENCY_ID,
                "ground": "own_lateness",
                "evidence": [{"kind": "report", "id": "report-1"}],
                "note": "often late",
            },
            "POST /v1/staff/cases/{case_id}/stop": {"reason": "a danger"},
            "POST /v1/staff/cases/{case_id}/decide": {"level": "warning", "reasons": "often late"},
            "POST /v1/staff/cases/{case_id}/dismiss": {"reasons": "it was the shop"},
            "POST /v1/staff/cases/{case_id}/answer": {"outcome": "upheld", "words": "it stands"},
            "POST /v1/staff/policies": {
                "text": "Theft and impairment end the work; a person decides, another one answers.",
                "grounds": ["theft", "impairment"],
            },
            "POST /v1/staff/drivers/{driver_id}/shifts": {
                "zone_id": self.zone.id,
                "on_at": self.driver.now(hours=-1),
                "off_at": self.driver.now(hours=-5),
            },
            "POST /v1/staff/drivers/{driver_id}/shifts/remove": {"on_at": self.driver.now()},
            "PUT /v1/staff/drivers/{driver_id}/route": {
                "revision": route["revision"],
                "order": [stop["stop_id"] for stop in route["stops"]],
                "dry_run": True,
            },
            "POST /v1/staff/drivers/{driver_id}/route/transfer": {
                "revision": route["revision"],
                "dry_run": True,
            },
            "POST /v1/staff/deliveries/{delivery_id}/assign": {"driver_id": self.driver.id},
            "POST /v1/staff/deliveries/{delivery_id}/cancel": {"reason": "other"},
            "POST /v1/staff/deliveries/{delivery_id}/complete": {"reason": "app_failed"},
            "POST /v1/staff/deliveries/{delivery_id}/fail": {"reason": "goods_damaged"},
            "POST /v1/staff/deliveries/{delivery_id}/release-pay": {"ground": "customer_confirms"},
            "POST /v1/staff/deliveries/{delivery_id}/refuse-pay": {"ground": "was_elsewhere"},
            "POST /v1/staff/ledger/adjustments": {
                "reference": f"door-{self.zone.id}",
                "driver_id": self.driver.id,
                "amount": {"amount": 1, "currency": "USD"},
                "note": "a cent too much",
            },
            "PUT /v1/staff/finance/mails": {"plans": self.network.staff.get("/v1/staff/finance/mails")["plans"]},
            "POST /v1/staff/ledger/adjustments/{adjustment_id}/{verdict}": None,
            "POST /v1/staff/ledger/months/{month}/close": None,
            "POST /v1/staff/ledger/postings/{posting_id}/reversal": {
                "reference": f"reversal-{self.zone.id}",
                "note": "booked twice",
            },
            "POST /v1/staff/ledger/exports": {
                "first": str(self.network.today()),
                "last": str(self.network.today()),
                "format": "csv",
            },
            "POST /v1/staff/settlements": {"period": str(self.network.today())},
            "POST /v1/staff/pay-runs": {"period": str(self.network.today())},
            "POST /v1/staff/payouts/{payout_id}/decisions": {"decision": "retry", "note": "look again"},
            "POST /v1/staff/payouts/bank-returns": "reference,code,amount,currency,on,corrected\n0,R02,1,USD,,\n",
            "POST /v1/driver/instant-pay": {"amount": {"amount": 100, "currency": "USD"}},
            "PUT /v1/driver/pay-schedule": {"cadence": "weekly"},
            "POST /v1/providers/stripe/events": {"type": "payout.paid"},
            "POST /v1/staff/price-tables": {
                "request_id": EMERGENCY_ID,
                "name": "Fair prices",
                "currency": "USD",
                "zone_ids": [self.zone.id],
                "starts_on": str(self.network.today()),
                "rows": [{"charge_base": "5.99", "pay_base": "3.25"}],
            },
            "POST /v1/staff/price-tables/{table_id}/decisions": {"verdict": "refuse", "reason": "only a test"},
            "POST /v1/staff/price-tables/{table_id}/simulations": None,
            "PUT /v1/staff/zones/{zone_id}/surge": {
                "percent": 100,
                "until": self.driver.now(hours=1),
                "reason": "only a test",
            },
            "POST /v1/staff/incentives": {
                "request_id": EMERGENCY_ID,
                "zone_id": self.zone.id,
                "title": "Fair evening",
                "terms": {"kind": "quest", "steps": [{"deliveries": 3, "amount": 500}]},
                "starts_at": self.driver.now(hours=-24),
                "ends_at": self.driver.now(hours=-25),
                "budget": {"amount": 5000, "currency": "USD"},
            },
            "POST /v1/staff/incentives/{incentive_id}/stop": None,
            "POST /v1/staff/blocks": {
                "request_id": EMERGENCY_ID,
                "zone_id": self.zone.id,
                "title": "Fair lunch",
                "day": str(self.network.today() + timedelta(days=2)),
                "opens": "11:00",
                "closes": "14:00",
                "capacity": 1,
                "guarantee": {"amount": 5000, "currency": "USD"},
            },
            "POST /v1/staff/blocks/{block_id}/stop": None,
            "POST /v1/driver/incentives/{incentive_id}/join": None,
            "POST /v1/driver/blocks/{block_id}/booking": None,
        }
        bodies |= {
            "POST /v1/staff/deliveries/assign": {
                "assignments": [{"delivery_id": self.offered["id"], "driver_id": self.driver.id}]
            },
            "POST /v1/staff/deliveries/{delivery_id}/offer": {
                "area": {"centre": self.driver.at.json, "radius_m": 1000},
            },
            "POST /v1/staff/zones/{zone_id}/dispatch": {"delivery_ids": [self.offered["id"]]},
            "PUT /v1/staff/zones/{zone_id}/pause": {"orders": True, "offers": False, "until": None, "reason": "fair"},
        }
        for of in ("/v1/account", "/v1/staff/merchants/{merchant_id}"):
            one = f"{of}/endpoints/{{endpoint_id}}"
            bodies |= {
                f"POST {of}/endpoints": {"url": "https://shop.example/hooks", "events": ["delivery.*"]},
                f"PATCH {one}": {"description": "at the till"},
                f"POST {one}/rotate-secret": {"overlap_hours": 24},
                f"POST {one}/test": None,
                f"POST {one}/replay": {"event_id": "evt_none"},
            }
        method = on.partition(" ")[0]
        return bodies[on] if method in ("POST", "PUT", "PATCH") else None

    def headers(self, on: str) -> dict[str, str]:
        """Return the headers that a route cannot do without, but for the credential."""
        if on in KEYED:
            return {"Idempotency-Key": f"door-{self.zone.id}"}
        if on == "POST /v1/deliveries/import":
            return {"Idempotency-Key": f"door-csv-{self.zone.id}", "Content-Type": "text/csv"}
        if on == "POST /v1/staff/payouts/bank-returns":
            return {"Content-Type": "text/plain"}
        if on == "PUT /v1/driver/deliveries/{delivery_id}/proofs/{kind}":
            return {"Content-Type": "image/png"}
        if on == "PUT /v1/driver/documents/{kind}":
            return {"Content-Type": "image/jpeg"}
        return {}

    def csv(self, *changes: dict[str, str]) -> str:
        """Return a file of orders, of one as it should be if nothing else is said."""
        there = self.zone.centre.moved(250)
        rows = []
        for change in changes or ({},):
            asked = self.shop.request()
            person = asked["dropoff"]["contact"]
            row = {
                "external_id": asked["external_id"],
                "customer": person["name"],
                "phone": person["phone"],
                "address": person["address"],
                "dropoff_lat": str(there.lat),
                "dropoff_lon": str(there.lon),
                "tip": "",
            }
            rows.append({**row, **change})
        return "\r\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows), ""])

    def woocommerce_order(self, **changes: Any) -> dict[str, Any]:
        """Return an order as a WooCommerce shop sends it."""
        there = self.zone.centre.moved(250)
        address = {"first_name": "Sam", "last_name": "Shopper", "address_1": "8 Green Lane", "city": "Marina"}
        return {
            "id": 4711,
            "status": "processing",
            "currency": "USD",
            "billing": {**address, "country": "US", "email": "sam@example.com", "phone": "(415) 555-0111"},
            "shipping": {**address, "country": "US", "phone": ""},
            "meta_data": [
                {"id": 1, "key": "_crowdship_lat", "value": str(there.lat)},
                {"id": 2, "key": "_crowdship_lon", "value": str(there.lon)},
            ],
            **changes,
        }

    def woocommerce_headers(self, body: bytes, delivery_id: str, secret: str | None = None) -> dict[str, str]:
        """Return what a WooCommerce shop sends along with these bytes."""
        key = (secret or self.signing["woocommerce"]).encode()
        return {
            "X-WC-Webhook-Signature": base64.b64encode(hmac.digest(key, body, hashlib.sha256)).decode(),
            "X-WC-Webhook-Topic": "order.updated",
            "X-WC-Webhook-Delivery-ID": delivery_id,
            "X-WC-Webhook-Source": f"https://{self.shop.id[4:]}.example.com/",
        }

    def webhook_headers(
        self, body: bytes, message_id: str, secret: str | None = None, ago_s: int = 0
    ) -> dict[str, str]:
        """Return what a system that signs as Standard Webhooks say sends along with these bytes."""
        at = datetime.now(UTC) - timedelta(seconds=ago_s)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret or self.signing["webhook"]).sign(message_id, at, body.decode()),
        }

    def shopify_order(self) -> dict[str, Any]:
        """Return an order as a Shopify shop sends it."""
        there = self.zone.centre.moved(250)
        return {
            "id": 7_000_000_000_001,
            "currency": "USD",
            "shipping_address": {
                "name": "Sam Shopper",
                "phone": "+14155550111",
                "address1": "8 Green Lane",
                "city": "Marina",
                "latitude": there.lat,
                "longitude": there.lon,
            },
        }

    def shopify_headers(self, body: bytes, webhook_id: str, secret: str = SHOPIFY_SECRET) -> dict[str, str]:
        """Return what a Shopify shop sends along with these bytes."""
        return {
            "X-Shopify-Hmac-SHA256": base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode(),
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Webhook-Id": webhook_id,
            "X-Shopify-Shop-Domain": f"{self.shop.id[4:]}.example.com",
        }

    def standing(self) -> str:
        """Return how everything stands, to be compared with later."""
        staff = self.network.staff
        told = [
            self._delivery(self.assigned["id"]),
            self._delivery(self.offered["id"]),
            staff.get(f"/v1/staff/merchants/{self.shop.id}"),
            self.shop.api.get("/v1/account/endpoints"),
            staff.get(f"/v1/staff/drivers/{self.driver.id}"),
            staff.get(f"/v1/staff/zones/{self.zone.id}"),
            staff.get(f"/v1/staff/zones/{self.zone.id}/board")["open"],
            # How long the trip takes is reckoned from the moment of asking.
            [{**offer, "trip": None, "pay_per_hour": None} for offer in self.driver.offers()],
            self.driver.api.get("/v1/driver/route")["stops"],
        ]
        return json.dumps(_without_estimates(told), indent=1, sort_keys=True)

    def _delivery(self, delivery_id: str) -> dict[str, Any]:
        """Return how a delivery stands, without the numbers that a moved arrival raises as well."""
        found = self.network.delivery(delivery_id)
        return {**found, "version": None, "delivery": {**found["delivery"], "sequence": None}}


def _without_estimates(told: Any) -> Any:
    """Return what was told without expected arrivals, which move on while a driver stands still."""
    if isinstance(told, dict):
        return {name: _without_estimates(one) for name, one in told.items() if not name.startswith("eta")}
    return [_without_estimates(one) for one in told] if isinstance(told, list) else told
