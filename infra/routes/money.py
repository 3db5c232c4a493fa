"""Routes of money: the books, payouts, and what a driver earns and is paid to."""

from infra.routes.model import DRIVER, STAFF, Auth, Route

ROUTES = (
    Route(f"GET {DRIVER}/money", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/tax-form", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/bank-account", "driver/onboarding", seldom=True),
    Route(f"GET {DRIVER}/earnings", "driver/earnings"),
    Route(f"GET {STAFF}/ledger/trial-balance", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments", "console/ledger"),
    Route(f"GET {STAFF}/ledger/adjustments", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments/{{adjustment_id}}/approve", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments/{{adjustment_id}}/refuse", "console/ledger"),
    Route(f"POST {STAFF}/settlements", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}/statements", "console/ledger"),
    Route(f"GET {STAFF}/payouts", "console/payouts"),
    Route(f"GET {STAFF}/payouts/{{payout_id}}", "console/payouts"),
    Route(f"POST {STAFF}/payouts/{{payout_id}}/decisions", "console/payouts"),
    Route(f"POST {STAFF}/payouts/bank-returns", "console/payouts"),
    Route(f"GET {STAFF}/pay-runs", "console/payouts"),
    Route(f"POST {STAFF}/pay-runs", "console/payouts"),
    Route(f"GET {DRIVER}/instant-pay", "driver/pay", seldom=True),
    Route(f"POST {DRIVER}/instant-pay", "driver/pay", seldom=True),
    Route(f"PUT {DRIVER}/pay-schedule", "driver/pay", seldom=True),
    Route("POST /v1/providers/stripe/events", "provider/payouts", Auth.PROVIDER),
)
