"""Routes of money: the books, and what a driver earns and is paid to, claims, invoices."""

from infra.routes.model import DRIVER, STAFF, Auth, Route

ROUTES = (
    Route(f"GET {DRIVER}/money", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/tax-form", "driver/onboarding", seldom=True),
    Route(f"PUT {DRIVER}/bank-account", "driver/onboarding", seldom=True),
    Route(f"GET {DRIVER}/earnings", "driver/earnings"),
    Route(f"GET {STAFF}/ledger/trial-balance", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments", "console/ledger"),
    Route(f"GET {STAFF}/ledger/adjustments", "console/ledger"),
    Route(f"POST {STAFF}/ledger/adjustments/{{adjustment_id}}/{{verdict}}", "console/ledger"),
    Route(f"GET {STAFF}/ledger/accounts/{{account}}/statement", "console/books"),
    Route(f"GET {STAFF}/ledger/open-items", "console/books"),
    Route(f"GET {STAFF}/ledger/postings/{{posting_id}}", "console/books"),
    Route(f"POST {STAFF}/ledger/postings/{{posting_id}}/reversal", "console/books"),
    Route(f"POST {STAFF}/ledger/exports", "console/books"),
    Route(f"GET {STAFF}/ledger/exports/{{export_id}}", "console/books"),
    Route(f"POST {STAFF}/ledger/months/{{month}}/close", "console/books"),
    Route(f"GET {STAFF}/ledger/months", "console/books"),
    Route(f"POST {STAFF}/settlements", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}", "console/ledger"),
    Route(f"GET {STAFF}/settlements/{{period}}/statements", "console/ledger"),
    Route("GET /v1/claims", "merchant/claims", Auth.KEY),
    Route("POST /v1/claims", "merchant/claims", Auth.KEY),
    Route(f"GET {STAFF}/claims", "console/claims"),
    Route(f"POST {STAFF}/claims", "console/claims"),
    Route(f"GET {DRIVER}/claims", "driver/claims", seldom=True),
    Route(f"POST {DRIVER}/claims/{{claim_id}}/answer", "driver/claims", seldom=True),
    Route("GET /v1/invoices", "merchant/invoices", Auth.KEY),
    Route(f"GET {STAFF}/invoices", "console/invoices"),
    Route(f"POST {STAFF}/invoices/{{invoice_id}}/payments", "console/invoices"),
)
