"""The stack of the pages that people open in a browser: a private bucket behind CloudFront, with the API beside it."""

from aws_cdk import App, Aws, Duration, Environment, Fn, RemovalPolicy, Token
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3

from infra.parts.nag import accept
from infra.parts.platform import emulator_endpoint
from infra.parts.reference import Published, reference
from infra.parts.stage_stack import StageStack
from infra.settings import ROOT, Settings

REQUEST_FUNCTION = ROOT / "web" / "edge" / "request.js"

EDGE_HEADER = "Origin-Secret"
"""The header by which a function knows that a call came through CloudFront."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",  # MapLibre's buttons; a photo that was just taken
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SCANNER_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
"""The policy of the barcode scanner's files. Its worker compiles WebAssembly, which no page may do itself."""

PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
"""A driver's page takes photos and tells where it is; no page needs anything else."""


class PagesStack(StageStack):
    """The files of ``web/`` and the API on one origin, so that pages need no other host and no CORS.

    The files are not part of the stack: ``make up`` and ``make deploy`` upload them. Deployed before the rooms, which
    write the address of the pages into messages.
    """

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        super().__init__(app, settings, "Pages", "the pages for customers, drivers and dispatchers", env)
        self._settings = settings
        bucket = self._bucket()
        distribution = self._distribution(bucket)
        Published(
            self,
            settings,
            {"PagesBucket": bucket.bucket_name, "PagesUrl": self._address(distribution.distribution_domain_name)},
        )

    def _bucket(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Files",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not self._settings.local,  # the emulator speaks plain HTTP
            # The files can be made again at any time.
            removal_policy=RemovalPolicy.DESTROY,
        )
        accept(bucket, "S1", "It holds the files of a public site, which only CloudFront reads")
        return bucket

    def _distribution(self, bucket: s3.Bucket) -> cloudfront.Distribution:
        local = self._settings.local
        headers = self._headers("Headers", "pages", CONTENT_SECURITY_POLICY)
        files = origins.S3BucketOrigin.with_origin_access_control(bucket, origin_access_control=self._access())
        # The emulator serves no https, to which it would send every call.
        scheme = cloudfront.ViewerProtocolPolicy
        for_pages = scheme.ALLOW_ALL if local else scheme.REDIRECT_TO_HTTPS
        for_api = scheme.ALLOW_ALL if local else scheme.HTTPS_ONLY
        request = cloudfront.Function(
            self,
            "Request",
            function_name=self._settings.named("pages-request"),
            code=cloudfront.FunctionCode.from_inline(REQUEST_FUNCTION.read_text()),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="An address within a page is answered with the page",
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=self._settings.named("pages"),
            default_behavior=cloudfront.BehaviorOptions(
                origin=files,
                viewer_protocol_policy=for_pages,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=headers,
                function_associations=[
                    cloudfront.FunctionAssociation(
                        function=request, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                    )
                ],
            ),
            additional_behaviors={
                "/v1/*": cloudfront.BehaviorOptions(
                    origin=self._api(),
                    viewer_protocol_policy=for_api,
                    allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                    cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                    origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                    response_headers_policy=headers,
                ),
                "/scan/*": cloudfront.BehaviorOptions(
                    origin=files,
                    viewer_protocol_policy=for_pages,
                    cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                    response_headers_policy=self._headers("ScannerHeaders", "scanner", SCANNER_POLICY),
                ),
            },
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=None if local else reference(self, self._settings, "FirewallArn"),
        )
        accept(distribution, "CFR1", "Customers may open their link wherever they are")
        accept(distribution, "CFR3", "A log of addresses would hold the tokens of tracking links")
        accept(distribution, "CFR4", "CloudFront's own certificate serves the address that CloudFront gives")
        return distribution

    def _access(self) -> cloudfront.S3OriginAccessControl:
        name = self._settings.named("pages")
        return cloudfront.S3OriginAccessControl(self, "Access", origin_access_control_name=name)

    def _headers(self, construct_id: str, name: str, content_policy: str) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            construct_id,
            response_headers_policy_name=self._settings.named(name),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    # The token of a link is in the address, which no other site is to see.
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER,
                    override=True,
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(730), include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header="Permissions-Policy", value=PERMISSIONS_POLICY, override=True
                    )
                ]
            ),
        )

    def _api(self) -> origins.HttpOrigin:
        api_id = reference(self, self._settings, "ApiId")
        if not self._settings.local:
            secret = reference(self, self._settings, "EdgeSecretArn")
            return origins.HttpOrigin(
                f"{api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
                custom_headers={EDGE_HEADER: Fn.join("", ["{{resolve:secretsmanager:", secret, ":SecretString:::}}"])},
            )
        return origins.HttpOrigin(
            "127.0.0.1",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
            http_port=Token.as_number(self._emulator_port()),
            origin_path=f"/_aws/execute-api/{api_id}/$default",
        )

    def _address(self, domain: str) -> str:
        """Return the address of the pages, without a slash at the end."""
        if not self._settings.local:
            return f"https://{domain}"
        label = Fn.select(0, Fn.split(".", domain))
        return Fn.join("", ["http://", label, ".cloudfront.localhost:", self._emulator_port()])

    def _emulator_port(self) -> str:
        return Fn.select(2, Fn.split(":", emulator_endpoint(self)))
