package contract

// Numbers are compared as they are written, digit by digit: a float64 cannot
// tell 2^53 from 2^53+1, and an int64 id may need to.

import (
	"math/big"
	"strconv"
	"strings"
)

// A decimal is the exact value 0.digits × 10^exp. digits starts and ends with a
// digit that is not zero; it is empty for zero.
type decimal struct {
	negative bool
	digits   string
	exp      int64
}

// maxExponent keeps the arithmetic on exponents from overflowing; a literal
// beyond it is larger, or nearer to zero, than any bound that a document states.
const maxExponent = 1 << 40

// parseDecimal reads a JSON number literal (RFC 8259 section 6). The syntax has
// been checked before.
func parseDecimal(literal string) decimal {
	var d decimal
	literal, d.negative = strings.CutPrefix(literal, "-")
	mantissa, exponent := literal, ""
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		mantissa, exponent = literal[:i], literal[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}
	}
	d.exp = int64(len(whole) - (len(whole+fraction) - len(digits)))
	d.digits = strings.TrimRight(digits, "0")
	if exponent != "" {
		e, err := strconv.ParseInt(exponent, 10, 64)
		if err != nil || e > maxExponent || e < -maxExponent {
			if e = maxExponent; exponent[0] == '-' {
				e = -maxExponent
			}
		}
		d.exp += e
	}
	return d
}

// String gives one spelling to each value: an integer and an exponent.
func (d decimal) String() string {
	if d.digits == "" {
		return "0"
	}
	sign := ""
	if d.negative {
		sign = "-"
	}
	return sign + d.digits + "e" + strconv.FormatInt(d.exp-int64(len(d.digits)), 10)
}

// cmp is -1, 0 or 1 as d is less than, equal to or greater than o.
func (d decimal) cmp(o decimal) int {
	sign := func(x decimal) int {
		switch {
		case x.digits == "":
			return 0
		case x.negative:
			return -1
		}
		return 1
	}
	if s, t := sign(d), sign(o); s != t {
		return compare(s, t)
	} else if s == 0 {
		return 0
	}
	c := compare(d.exp, o.exp)
	if c == 0 {
		c = strings.Compare(d.digits, o.digits)
	}
	if d.negative {
		return -c
	}
	return c
}

func compare[T int | int64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// multipleOf tells whether d / m is an integer. m must not be zero.
func (d decimal) multipleOf(m decimal) bool {
	if d.digits == "" {
		return true
	}
	// d = a × 10^p and m = b × 10^q with integers a and b.
	a, _ := new(big.Int).SetString(d.digits, 10)
	b, _ := new(big.Int).SetString(m.digits, 10)
	shift := (d.exp - int64(len(d.digits))) - (m.exp - int64(len(m.digits)))
	if shift >= 0 {
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(shift), b)
		return power.Mul(power, a).Mod(power, b).Sign() == 0
	}
	if -shift >= int64(len(d.digits)) {
		return false // 10^-shift divides b's multiples but is larger than a, which ends in no zero
	}
	b.Mul(b, new(big.Int).Exp(big.NewInt(10), big.NewInt(-shift), nil))
	return a.Mod(a, b).Sign() == 0
}
