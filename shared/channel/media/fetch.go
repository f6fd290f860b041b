package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
)

const (
	// DefaultMaxBytes is the largest file that a provider passes on: a
	// WhatsApp document (channels.md 3).
	DefaultMaxBytes = 100 << 20

	// DefaultTimeout is for one file, redirects included.
	DefaultTimeout = 60 * time.Second

	maxRedirects = 3
)

// Options are a Fetcher's limits. Zero values are the defaults.
type Options struct {
	Hosts    map[string]Hosts // by channel.Name.String; nil is Known
	MaxBytes int64            // of one file; default DefaultMaxBytes
	Timeout  time.Duration    // for one file; default DefaultTimeout
	Resolver Resolver         // default: the system's
	Roots    *x509.CertPool   // default: the system's

	// Loopback also allows listed hosts on other ports and without TLS, and
	// those on loopback addresses only: for test servers, never when deployed.
	Loopback bool
}

// Fetcher fetches files. It keeps no connections and no state, and may be used
// from many goroutines.
type Fetcher struct{ options Options }

// New returns a Fetcher with o's limits.
func New(o Options) *Fetcher {
	if o.Hosts == nil {
		o.Hosts = Known
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Resolver == nil {
		o.Resolver = system
	}
	return &Fetcher{options: o}
}

// Request asks for one file.
type Request struct {
	Provider      string // channel.Name.String, whose hosts the link must stay on
	URL           string
	Authorization string // the whole header value; sent to trusted hosts only
	SHA256        string // hex, as claimed; "" is not compared
	MaxBytes      int64  // less than the Fetcher's; 0 is the Fetcher's
}

// File is what came.
type File struct {
	Bytes  []byte
	Mime   string // by the first 512 bytes (WHATWG MIME sniffing), never by a claim
	SHA256 string // hex
	Size   int64  // bytes
}

// Fetch gets a file whole, or nothing. Errors: Invalid (no such link can be),
// Forbidden (a link that must not be followed, or refused credentials),
// NotFound (expired or deleted there), TooLarge, Poison (another hash than
// claimed, an answer that is no file), Overload and Unavailable (try later).
func (f *Fetcher) Fetch(ctx context.Context, r Request) (File, error) {
	ctx, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	limit := f.options.MaxBytes
	if r.MaxBytes > 0 && r.MaxBytes < limit {
		limit = r.MaxBytes
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		return File{}, fault.New(fault.Invalid, "media: no link")
	}
	hosts := f.options.Hosts[r.Provider]
	credentials := r.Authorization
	for range maxRedirects + 1 {
		h, err := f.check(hosts, u)
		if err != nil {
			return File{}, err
		}
		if !h.trusted {
			credentials = "" // and never again, wherever it leads back to
		}
		file, next, err := f.get(ctx, h, credentials, limit)
		if err != nil {
			return File{}, err
		}
		if next == nil {
			return file, claim(file, r.SHA256)
		}
		if !sameOrigin(u, next) {
			credentials = ""
		}
		u = next
	}
	return File{}, fault.New(fault.Forbidden, "media: more than %d redirects", maxRedirects)
}

// get makes one request: a file, or where to ask next.
func (f *Fetcher) get(ctx context.Context, h hop, credentials string, limit int64) (File, *url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url.String(), nil)
	if err != nil {
		return File{}, nil, fault.New(fault.Invalid, "media: no link")
	}
	req.Header.Set("User-Agent", "okence")
	req.Header.Set("Accept-Encoding", "identity")
	if credentials != "" {
		req.Header.Set("Authorization", credentials)
	}
	transport := &http.Transport{ // no proxy: it would resolve for us
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return f.dial(ctx, network, addr, h.local)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: f.options.Roots},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return File{}, nil, broken(err, "media: no answer")
	}
	defer resp.Body.Close()
	if next, ok := redirect(resp, h.url); ok {
		return File{}, next, nil
	}
	if err := refusal(resp); err != nil {
		return File{}, nil, err
	}
	file, err := read(resp, limit)
	return file, nil, err
}

func redirect(resp *http.Response, from *url.URL) (*url.URL, bool) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if next, err := from.Parse(resp.Header.Get("Location")); err == nil && resp.Header.Get("Location") != "" {
			return next, true
		}
	}
	return nil, false
}

func refusal(resp *http.Response) error {
	code := resp.StatusCode
	switch {
	case code == http.StatusOK:
		if e := resp.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
			return fault.New(fault.Poison, "media: compressed against our word")
		}
		return nil
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fault.New(fault.Forbidden, "media: refused with status %d", code)
	case code == http.StatusNotFound || code == http.StatusGone:
		return fault.New(fault.NotFound, "media: status %d", code)
	case code == http.StatusTooManyRequests:
		return fault.New(fault.Overload, "media: status %d", code)
	case code >= 500 || code == http.StatusRequestTimeout || code == http.StatusTooEarly:
		return fault.New(fault.Unavailable, "media: status %d", code)
	default:
		return fault.New(fault.Poison, "media: status %d", code)
	}
}

// read takes at most one byte more than the limit off the wire.
func read(resp *http.Response, limit int64) (File, error) {
	if resp.ContentLength > limit {
		return File{}, fault.New(fault.TooLarge, "media: over %d bytes announced", limit)
	}
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(resp.Body, limit+1))
	switch {
	case n > limit:
		return File{}, fault.New(fault.TooLarge, "media: over %d bytes", limit)
	case err != nil:
		return File{}, broken(err, "media: the file broke off")
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return File{}, fault.New(fault.Unavailable, "media: %d bytes of %d", n, resp.ContentLength)
	}
	sum := sha256.Sum256(buf.Bytes())
	return File{Bytes: buf.Bytes(), Mime: http.DetectContentType(buf.Bytes()), SHA256: hex.EncodeToString(sum[:]), Size: n}, nil
}

func claim(f File, sum string) error {
	if sum != "" && !strings.EqualFold(sum, f.SHA256) {
		return fault.New(fault.Poison, "media: another hash than claimed")
	}
	return nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

// broken keeps a kind of ours and drops every other text: network errors hold
// hosts and addresses.
func broken(err error, text string) error {
	var ours *fault.Error
	if errors.As(err, &ours) {
		return ours
	}
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Unavailable, "%s in time", text)
	}
	return fault.New(fault.Unavailable, "%s", text)
}
