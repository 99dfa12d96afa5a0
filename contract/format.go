package contract

// Formats are checked by the law that each name stands for. A name that is not
// in the table says nothing about the value (OAS 3.0.3, Data Types: "format is
// an open value").

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// stringFormats tells for each format whether a string has it.
var stringFormats = map[string]func(string) bool{
	"date-time": isDateTime,
	"date":      isDate,
	"uuid":      uuidSyntax.MatchString,
	"uri":       isURI,
	"email":     isEmail,
	"hostname":  isHostname,
	"ipv4":      func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":      func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
	"byte":      isBase64,
}

// integerFormats has the least and the greatest value of each (OAS 3.0.3, Data Types).
var integerFormats = map[string][2]decimal{
	"int32": {parseDecimal("-2147483648"), parseDecimal("2147483647")},
	"int64": {parseDecimal("-9223372036854775808"), parseDecimal("9223372036854775807")},
}

// formatLaw names for each format what it asks for, in the words of a report.
var formatLaw = map[string]string{
	"date-time": "a date-time of RFC 3339",
	"date":      "a full-date of RFC 3339",
	"uuid":      "a UUID of RFC 4122",
	"uri":       "a URI of RFC 3986",
	"email":     "a mailbox of RFC 5321",
	"hostname":  "a host name of RFC 1123",
	"ipv4":      "an IPv4 address of RFC 2673",
	"ipv6":      "an IPv6 address of RFC 4291",
	"byte":      "base64 of RFC 4648",
	"int32":     "an integer of 32 bits",
	"int64":     "an integer of 64 bits",
}

// RFC 3339 section 5.6: letters in either case, any number of fraction digits.
var dateTimeSyntax = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$`)

func isDateTime(s string) bool {
	m := dateTimeSyntax.FindStringSubmatch(s)
	if m == nil || !isDate(m[1]) {
		return false
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v } // an absent group is 0
	hour, minute, second, offset := n(2), n(3), n(4), n(6)*60+n(7)
	if hour > 23 || minute > 59 || second > 60 || n(6) > 23 || n(7) > 59 {
		return false
	}
	if second < 60 {
		return true
	}
	// Appendix D: leap seconds fall on 23:59:60 UTC, wherever the clock stands.
	if m[5] == "+" {
		offset = -offset
	}
	const day = 24 * 60
	return (hour*60+minute+offset+day)%day == day-1
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// RFC 4122 section 3: either case is read, the hyphens are not optional.
var uuidSyntax = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// RFC 3986 section 2: what may stand in a URI without being percent-encoded.
var uriCharacters = regexp.MustCompile(`^(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$`)

// isURI asks for a scheme: a relative reference is no URI (RFC 3986 section 4.3).
func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && uriCharacters.MatchString(s)
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || strings.ContainsAny(s, "<>()") {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	// RFC 5321 section 4.5.3.1: lengths in octets; 4.1.3: address literals.
	local, domain := s[:at], s[at+1:]
	return len(local) <= 64 && len(domain) <= 255 &&
		(isHostname(domain) || strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]"))
}

// RFC 1123 section 2.1 lets a label start with a digit.
var hostnameSyntax = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)

func isHostname(s string) bool { return len(s) <= 253 && hostnameSyntax.MatchString(s) }

func isBase64(s string) bool {
	if strings.ContainsAny(s, "\r\n") {
		return false // RFC 4648 section 3.1: no line feeds
	}
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}
