package contract

import "strings"

// knownHeader tells that a response header needs no declaration: it belongs to
// HTTP itself, or was put there by what stands between server and client.
func knownHeader(name string) bool {
	name = strings.ToLower(name)
	if registered[name] {
		return true
	}
	for _, prefix := range intermediaries {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// registered holds the HTTP Field Name Registry of IANA (permanent, provisional
// and obsoleted entries that may stand in a response).
var registered = words(`
accept accept-additions accept-ch accept-charset accept-datetime accept-encoding accept-features
accept-language accept-patch accept-post accept-query accept-ranges accept-signature
access-control access-control-allow-credentials access-control-allow-headers
access-control-allow-methods access-control-allow-origin access-control-expose-headers
access-control-max-age access-control-request-headers access-control-request-method
activate-storage-access age allow alpn alt-svc alt-used alternates amp-cache-transform
apply-to-redirect-ref authentication-control authentication-info authorization
available-dictionary c-ext c-man c-opt c-pep c-pep-info cache-control cache-group-invalidation
cache-groups cache-status cal-managed-id caldav-timezones capsule-protocol cdn-cache-control
cdn-loop cert-not-after cert-not-before clear-site-data client-cert client-cert-chain close
cmcd-object cmcd-request cmcd-session cmcd-status cmsd-dynamic cmsd-static
concealed-auth-export configuration-context connection content-base content-digest
content-disposition content-encoding content-id content-language content-length content-location
content-md5 content-range content-script-type content-security-policy
content-security-policy-report-only content-style-type content-type content-version cookie
cookie2 cross-origin-embedder-policy cross-origin-embedder-policy-report-only
cross-origin-opener-policy cross-origin-opener-policy-report-only cross-origin-resource-policy
cta-common-access-token dasl date dav default-style delta-base deprecation depth
derived-from destination detached-jws dictionary-id differential-id digest dpop dpop-nonce
early-data ediint-features etag expect expect-ct expires ext forwarded from getprofile
hobareg host http2-settings idempotency-key if if-match if-modified-since if-none-match if-range
if-schedule-tag-match if-unmodified-since im include-referred-token-binding-id isolation
keep-alive label last-event-id last-modified link link-template location lock-token man
max-forwards memento-datetime meter method-check method-check-expires mime-version negotiate nel
odata-entityid odata-isolation odata-maxversion odata-version opt optional-www-authenticate
ordering-type origin origin-agent-cluster oscore oslc-core-version overwrite p3p pep pep-info
permissions-policy pics-label ping-from ping-to position pragma prefer preference-applied
priority profileobject protocol protocol-info protocol-query protocol-request
proxy-authenticate proxy-authentication-info proxy-authorization proxy-connection
proxy-features proxy-instruction proxy-status public public-key-pins public-key-pins-report-only
range redirect-ref referer referer-root referrer-policy refresh repeatability-client-id
repeatability-first-sent repeatability-request-id repeatability-result replay-nonce
reporting-endpoints repr-digest retry-after safe schedule-reply schedule-tag
sec-fetch-storage-access sec-gpc sec-purpose sec-token-binding sec-websocket-accept
sec-websocket-extensions sec-websocket-key sec-websocket-protocol sec-websocket-version
security-scheme server server-timing set-cookie set-cookie2 set-txn setprofile signature
signature-input slug soapaction speculation-rules status-uri strict-transport-security sunset
surrogate-capability surrogate-control tcn te timeout timing-allow-origin topic traceparent
tracestate trailer transfer-encoding ttl unencoded-digest upgrade urgency uri use-as-dictionary
user-agent variant-vary vary via want-content-digest want-digest want-repr-digest
want-unencoded-digest warning www-authenticate x-content-type-options x-frame-options
x-xss-protection x-robots-tag x-ua-compatible x-dns-prefetch-control x-download-options
x-permitted-cross-domain-policies report-to feature-policy server-session-id sourcemap x-sourcemap
`)

// intermediaries are the name prefixes of proxies, CDNs, load balancers, hosting
// platforms and tracing, each as its own documentation writes it.
var intermediaries = []string{
	":", // HTTP/2 pseudo-fields that recorders list as headers
	// tracing
	"x-request-id", "request-id", "x-correlation-id", "x-trace-id", "x-b3-", "b3", "x-cloud-trace-context",
	"x-amzn-trace-id", "x-datadog-", "x-ot-", "uber-trace-id", "baggage", "sentry-trace",
	// proxies, load balancers and caches
	"x-envoy-", "x-kong-", "x-forwarded-", "x-real-ip", "x-cache", "x-varnish", "x-served-by", "x-timer",
	"x-proxy-", "x-backend-", "x-upstream-", "x-hits", "x-haproxy-", "x-accel-", "x-nginx-",
	// CDNs and hosting platforms
	"cf-", "x-amz-", "x-amzn-", "x-fastly-", "fastly-", "x-akamai-", "akamai-", "x-azure-", "x-msedge-", "x-goog-",
	"x-gfe-", "x-vercel-", "x-nf-", "x-render-", "x-railway-", "fly-", "x-heroku-", "x-github-", "x-bunny-", "cdn-",
	"x-cdn", "x-edge-", "x-iinfo",
	// frameworks that sign their work
	"x-powered-by", "x-aspnet", "x-runtime", "x-generator", "x-process-time",
}

func words(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
