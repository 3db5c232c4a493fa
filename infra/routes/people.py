"""Routes of people who sign in or want to drive, of customers, and of companies that work for the platform."""

from infra.routes.model import SESSION, Auth, Route

ROUTES = (
    Route("GET /v1/track/{token}", "customer/tracking", Auth.LINK),
    Route("POST /v1/track/{token}/rating", "customer/actions", Auth.LINK),
    Route("POST /v1/track/{token}/tip", "customer/actions", Auth.LINK),
    Route("PUT /v1/track/{token}/instructions", "customer/actions", Auth.LINK),
    Route(f"POST {SESSION}", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/answer", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/refresh", "user/session", Auth.SESSION),
    Route(f"DELETE {SESSION}", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/forgotten", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/forgotten/confirm", "user/session", Auth.SESSION),
    Route(f"POST {SESSION}/totp", "user/session"),
    Route(f"PUT {SESSION}/totp", "user/session"),
    Route("GET /v1/applications/zones", "user/apply", Auth.OPEN),
    Route("POST /v1/applications", "user/apply", Auth.OPEN),
    Route("POST /v1/providers/screening/reports", "provider/screening", Auth.PROVIDER),
    Route("GET /v1/track/{token}/messages", "customer/contact", Auth.LINK, seldom=True),
    Route("POST /v1/track/{token}/messages", "customer/contact", Auth.LINK),
    Route("POST /v1/track/{token}/messages/read", "customer/contact", Auth.LINK),
    Route("GET /v1/track/{token}/proof/{kind}", "customer/proof", Auth.LINK, seldom=True),
    Route("POST /v1/track/{token}/call", "customer/contact", Auth.LINK),
)
