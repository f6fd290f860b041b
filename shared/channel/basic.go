package channel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/okence/okence/shared/fault"
)

// VerifyBasic checks Basic credentials (RFC 7617) against the keys username
// and password, strictly decoded: one user and password have one spelling. It
// is all that some providers have, so it proves who sent a body and not that
// the body is whole: TLS does that.
func VerifyBasic(r Request, s Secret) error {
	given, err := Once(r.Header, "Authorization")
	if err != nil {
		return err
	}
	scheme, code, _ := strings.Cut(given, " ")
	pair, err := base64.StdEncoding.Strict().DecodeString(code)
	if !strings.EqualFold(scheme, "Basic") || err != nil || strings.ContainsAny(code, "\r\n") {
		return fault.New(fault.Unauthenticated, "authorization is not Basic")
	}
	// Sums of equal length tell neither how much of the text nor of its length fits.
	want, got := sha256.Sum256([]byte(s.Text("username")+":"+s.Text("password"))), sha256.Sum256(pair)
	if !basicable(s) || !hmac.Equal(got[:], want[:]) {
		return fault.New(fault.Unauthenticated, "user name or password do not match")
	}
	return nil
}

// SignBasic adds the credentials to r.
func SignBasic(r *Request, s Secret) error {
	if !basicable(s) {
		return fault.New(fault.Invalid, "secret has no username and password that Basic can carry")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(s.Text("username")+":"+s.Text("password"))))
	return nil
}

// basicable: both are there, and the first colon ends the user name (RFC 7617, 2).
func basicable(s Secret) bool {
	return s.Text("username") != "" && s.Text("password") != "" && !strings.Contains(s.Text("username"), ":")
}
