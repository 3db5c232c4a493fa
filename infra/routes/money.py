"""Routes of money: the books, and what a driver earns and is paid to."""

from infra.routes.model import DRIVER, STAFF, Route

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
    Route(f"GET {STAFF}/finance/mails", "console/finance_mails"),
    Route(f"PUT {STAFF}/finance/mails", "console/finance_mails"),
    Route(f"GET {STAFF}/break-even", "console/break_even"),
    Route(f"POST {STAFF}/settlements", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}/statements", "console/ledger"),
)
