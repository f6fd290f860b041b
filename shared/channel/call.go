package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// maxAnswer is the greatest answer of a send API in bytes that is read: real
// ones have a few hundred.
const maxAnswer = 256 << 10

// Answered is what a send API answered, read whole.
type Answered struct {
	Status int
	Header http.Header
	Body   []byte
}

// Call makes one HTTP call of a send API. An error tells apart what surely
// never reached the provider (Retry) and what may have (Lost): from the first
// byte of a request on, silence proves nothing.
func Call(ctx context.Context, do Doer, method, url string, header http.Header, body []byte) (Answered, *SendError) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaderField: func(string, []string) { written.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Answered{}, Failed(Blocked, "url")
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := do.Do(req)
	if err != nil {
		if written.Load() {
			return Answered{}, Failed(Lost, "no_answer")
		}
		return Answered{}, Failed(Retry, "not_reached")
	}
	defer resp.Body.Close()
	a := Answered{Status: resp.StatusCode, Header: resp.Header}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(a.Body) > maxAnswer {
		a.Body = nil // a status tells enough where it refuses; a 2xx without its body does not
		if a.Status < 300 {
			return a, Failed(Lost, "answer_cut")
		}
	}
	return a, nil
}

// JSON makes one call with a JSON body.
func JSON(ctx context.Context, do Doer, url string, header http.Header, body any) (Answered, *SendError) {
	raw, err := json.Marshal(body)
	if err != nil || !utf8.Valid(raw) {
		return Answered{}, Failed(Final, "encoding")
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "application/json")
	return Call(ctx, do, http.MethodPost, url, header, raw)
}

// Refused is what an HTTP status alone tells of a message that was not taken,
// where the provider's own code says no more. Nobody knows whether a gateway's
// 500, 502 or 504 stands before or behind the provider.
func (a Answered) Refused(code string) *SendError {
	if code == "" {
		code = "http_" + strconv.Itoa(a.Status)
	}
	class := Final
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		class = Throttled
	case s == http.StatusServiceUnavailable:
		class = Retry
	case s == http.StatusRequestTimeout, s >= 500:
		class = Lost
	case s == http.StatusUnauthorized, s == http.StatusPaymentRequired, s == http.StatusForbidden, s == http.StatusNotFound, s >= 300 && s < 400:
		class = Blocked
	case s < 300: // taken, and the answer says nothing that we can use
		class = Lost
	}
	return a.As(class, code)
}

// As is a SendError of a class, with what the answer asks us to wait.
func (a Answered) As(c Class, code string) *SendError {
	e := Failed(c, code)
	e.After = RetryAfter(a.Header)
	return e
}

// maxRetryAfter bounds what a provider may ask: more is a mistake.
const maxRetryAfter = 24 * time.Hour

// RetryAfter reads the header of that name in seconds (RFC 9110, 10.2.3); a date
// would need the provider's clock, and is passed over.
func RetryAfter(h http.Header) time.Duration {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get("Retry-After")), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}

// TextOnly refuses what a channel can't carry: files, nothing at all, or more
// than so many characters.
func TextOnly(out Outgoing, limit int) *SendError {
	switch {
	case len(out.Files) > 0:
		return Failed(Final, "files")
	case strings.TrimSpace(out.Text) == "":
		return Failed(Final, "empty")
	case utf8.RuneCountInString(out.Text) > limit:
		return Failed(Final, "too_long")
	case out.To.Address == "":
		return Failed(Final, "address")
	}
	return nil
}

// Digits is a number as providers take it, without "+"; a party known by an id
// alone keeps that.
func Digits(address string) string { return strings.TrimPrefix(address, "+") }
