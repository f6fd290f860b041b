package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/fault"
)

const png = "\x89PNG\r\n\x1a\n then pixels"

func hexOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// fixture is a provider on loopback: files.test and cdn.test are one server.
type fixture struct {
	*httptest.Server
	fetcher *Fetcher
	lookups atomic.Int64
}

func serve(t *testing.T, h http.HandlerFunc, change ...func(*Options)) *fixture {
	t.Helper()
	fx := &fixture{Server: httptest.NewServer(h)}
	t.Cleanup(fx.Close)
	o := Options{
		Hosts:    map[string]Hosts{"x/y": {Trusted: []string{"files.test", "127.0.0.1"}, Plain: []string{"cdn.test"}}, "whatsapp/meta": {Trusted: []string{"files.test"}}},
		MaxBytes: 1000, Timeout: 5 * time.Second, Loopback: true,
		Resolver: func(context.Context, string) ([]netip.Addr, error) {
			fx.lookups.Add(1)
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
	}
	for _, c := range change {
		c(&o)
	}
	fx.fetcher = New(o)
	return fx
}

// at is a link to the server under another host name.
func (fx *fixture) at(host, path string) string {
	u, _ := url.Parse(fx.URL)
	return "http://" + host + ":" + u.Port() + path
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if got := fault.Of(err); got != want {
		t.Fatalf("kind %q (%v), want %q", got, err, want)
	}
	if err == nil {
		return
	}
	for _, private := range []string{"files.test", "cdn.test", "127.0.0.1", "169.254", "secret", "http:", "https:", "Bearer"} {
		if strings.Contains(err.Error(), private) {
			t.Errorf("the error tells %q: %v", private, err)
		}
	}
}

func TestAFileComesWholeWithItsHashAndItsSniffedType(t *testing.T) {
	fx := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			t.Error("a trusted host was sent no credentials")
		}
		w.Header().Set("Content-Type", "text/html") // a claim, not believed
		fmt.Fprint(w, png)
	})
	f, err := fx.fetcher.Fetch(t.Context(), Request{Provider: "x/y", URL: fx.at("files.test", "/a?secret"), Authorization: "Bearer secret", SHA256: strings.ToUpper(hexOf(png))})
	wantKind(t, err, "")
	if string(f.Bytes) != png || f.Mime != "image/png" || f.SHA256 != hexOf(png) || f.Size != int64(len(png)) {
		t.Errorf("got %+v", f)
	}
	if n := fx.lookups.Load(); n != 1 {
		t.Errorf("the name was resolved %d times", n)
	}
}

func TestALinkThatMustNotBeFollowed(t *testing.T) {
	fx := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was called") })
	noLoopback := New(Options{Hosts: fx.fetcher.options.Hosts, Resolver: fx.fetcher.options.Resolver})
	for name, c := range map[string]struct {
		f    *Fetcher
		url  string
		want fault.Kind
	}{
		"a host on nobody's list":                     {fx.fetcher, fx.at("other.test", "/"), fault.Forbidden},
		"a host that only ends in the same letters":   {fx.fetcher, fx.at("evilfiles.test", "/"), fault.Forbidden},
		"a listed host as a label of another":         {fx.fetcher, fx.at("files.test.evil.test", "/"), fault.Forbidden},
		"a listed host as user name":                  {fx.fetcher, fx.at("files.test@evil.test", "/"), fault.Forbidden},
		"credentials in the link":                     {fx.fetcher, fx.at("a:b@files.test", "/"), fault.Forbidden},
		"an address instead of a name":                {fx.fetcher, "https://169.254.169.254/latest/meta-data", fault.Forbidden},
		"loopback as a decimal number":                {fx.fetcher, "https://2130706433/", fault.Forbidden},
		"a file":                                      {fx.fetcher, "file:///etc/passwd", fault.Invalid},
		"a scheme of another kind":                    {fx.fetcher, "gopher://files.test/", fault.Forbidden},
		"no host":                                     {fx.fetcher, "https:///x", fault.Invalid},
		"no link":                                     {fx.fetcher, "https://files.test/\x7f", fault.Invalid},
		"nothing":                                     {fx.fetcher, "", fault.Invalid},
		"http when deployed":                          {noLoopback, "http://files.test/", fault.Forbidden},
		"another port when deployed":                  {noLoopback, "https://files.test:8443/", fault.Forbidden},
		"loopback when deployed":                      {noLoopback, "https://files.test/", fault.Forbidden},
		"loopback on 443 even in a test":              {fx.fetcher, "https://files.test/", fault.Forbidden},
		"a listed literal loopback when deployed":     {noLoopback, "https://127.0.0.1/", fault.Forbidden},
		"a provider without a list (checked by name)": {New(Options{Hosts: map[string]Hosts{}}), "https://files.test/", fault.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.f.Fetch(t.Context(), Request{Provider: "x/y", URL: c.url, Authorization: "Bearer secret"})
			wantKind(t, err, c.want)
		})
	}
}

func TestEveryAddressOfAHostMustBePublic(t *testing.T) {
	for name, addrs := range map[string][]string{
		"the metadata service":           {"169.254.169.254"},
		"a public and a private address": {"93.184.216.34", "10.0.0.1"},
		"IPv4 mapped into IPv6":          {"::ffff:127.0.0.1"},
		"NAT64":                          {"64:ff9b::7f00:1"},
		"AWS metadata over IPv6":         {"fd00:ec2::254"},
	} {
		t.Run(name, func(t *testing.T) {
			f := New(Options{Hosts: map[string]Hosts{"x/y": {Trusted: []string{"files.test"}}}, Resolver: func(context.Context, string) ([]netip.Addr, error) {
				var out []netip.Addr
				for _, a := range addrs {
					out = append(out, netip.MustParseAddr(a))
				}
				return out, nil
			}})
			_, err := f.Fetch(t.Context(), Request{Provider: "x/y", URL: "https://files.test/"})
			wantKind(t, err, fault.Forbidden)
		})
	}
}

func TestATestServerIsReachedOnLoopbackOnly(t *testing.T) {
	fx := serve(t, nil, func(o *Options) {
		o.Resolver = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
		}
	})
	_, err := fx.fetcher.Fetch(t.Context(), Request{Provider: "x/y", URL: fx.at("files.test", "/")})
	wantKind(t, err, fault.Forbidden)
}

// The first answer is good, every later one leads inside: a guard that
// resolves to check and again to connect falls for it.
func TestANameThatIsReboundBetweenTwoLookupsLeadsNowhere(t *testing.T) {
	var fx *fixture
	fx = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/again" {
			http.Redirect(w, r, "/inside", http.StatusFound)
			return
		}
		fmt.Fprint(w, png)
	}, func(o *Options) {
		o.Resolver = func(context.Context, string) ([]netip.Addr, error) {
			if fx.lookups.Add(1) > 1 {
				return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
	})
	_, err := fx.fetcher.Fetch(t.Context(), Request{Provider: "x/y", URL: fx.at("files.test", "/")})
	wantKind(t, err, "")
	fx.lookups.Store(0)
	_, err = fx.fetcher.Fetch(t.Context(), Request{Provider: "x/y", URL: fx.at("files.test", "/again")})
	wantKind(t, err, fault.Forbidden)
}

func TestRedirects(t *testing.T) {
	var fx *fixture
	seen := map[string]string{}
	fx = serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen[strings.Split(r.Host, ":")[0]+r.URL.Path] = r.Header.Get("Authorization")
		to := map[string]string{
			"/metadata": "http://169.254.169.254/latest/meta-data/", "/elsewhere": fx.at("evil.test", "/"), "/file": "file:///etc/passwd",
			"/own": "/done", "/cdn": fx.at("cdn.test", "/done"), "/below": fx.at("a.files.test", "/done"),
			"/away": fx.at("cdn.test", "/back"), "/back": fx.at("files.test", "/done"),
			"/1": "/2", "/2": "/3", "/3": "/done", "/0": "/1", "/loop": "/loop", "/nowhere": "",
		}[r.URL.Path]
		if r.URL.Path == "/done" {
			fmt.Fprint(w, png)
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	for name, c := range map[string]struct {
		path string
		want fault.Kind
		end  string // where the file came from
		auth string // and what it was sent
	}{
		"to the metadata service":                          {"/metadata", fault.Forbidden, "", ""},
		"to a host on nobody's list":                       {"/elsewhere", fault.Forbidden, "", ""},
		"to a file":                                        {"/file", fault.Invalid, "", ""},
		"on the same host keeps the credentials":           {"/own", "", "files.test/done", "Bearer secret"},
		"to a content network drops the credentials":       {"/cdn", "", "cdn.test/done", ""},
		"to another trusted host drops the credentials":    {"/below", "", "a.files.test/done", ""},
		"away and back again doesn't restore them":         {"/away", "", "files.test/done", ""},
		"three are followed":                               {"/1", "", "files.test/done", "Bearer secret"},
		"a fourth isn't":                                   {"/0", fault.Forbidden, "", ""},
		"a loop ends":                                      {"/loop", fault.Forbidden, "", ""},
		"one that says nowhere is no file and no redirect": {"/nowhere", fault.Poison, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			clear(seen)
			f, err := fx.fetcher.Fetch(t.Context(), Request{Provider: "x/y", URL: fx.at("files.test", c.path), Authorization: "Bearer secret"})
			wantKind(t, err, c.want)
			if c.want != "" {
				return
			}
			if got, ok := seen[c.end]; !ok || got != c.auth || string(f.Bytes) != png {
				t.Errorf("asked %v, want %s with %q", seen, c.end, c.auth)
			}
		})
	}
}

func TestAPlainHostIsNeverSentCredentials(t *testing.T) {
	fx := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("it was")
		}
	})
	_, err := fx.fetcher.Fetch(t.Context(), Request{Provider: "x/y", URL: fx.at("cdn.test", "/"), Authorization: "Bearer secret"})
	wantKind(t, err, "")
}

func TestLimits(t *testing.T) {
	body := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("x"), n)) }
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		max  int64
		want fault.Kind
	}{
		"a file of exactly the limit":        {body(1000), 0, ""},
		"a byte more":                        {body(1001), 0, fault.TooLarge},
		"the request's own limit":            {body(100), 100, ""},
		"a byte more than the request's own": {body(101), 100, fault.TooLarge},
		"a request can't raise the limit":    {body(1001), 2000, fault.TooLarge},
		"a huge announcement": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999999999")
			w.Write([]byte("x"))
		}, 0, fault.TooLarge},
		"an endless body without announcement": {func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			for {
				if _, err := w.Write(make([]byte, 500)); err != nil {
					return
				}
			}
		}, 0, fault.TooLarge},
		"less than announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("x"))
		}, 0, fault.Unavailable},
		"compressed against our word": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip") }, 0, fault.Poison},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := serve(t, c.h).fetch(t, Request{MaxBytes: c.max})
			wantKind(t, err, c.want)
		})
	}
}

func (fx *fixture) fetch(t *testing.T, r Request) (File, error) {
	r.Provider, r.URL = "x/y", fx.at("files.test", "/secret.jpg")
	return fx.fetcher.Fetch(t.Context(), r)
}

func TestSlowAnswersEndInTime(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"no header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a byte now and then": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.Write([]byte("x"))
				w.(http.Flusher).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			fx := serve(t, h, func(o *Options) { o.Timeout = 100 * time.Millisecond })
			start := time.Now()
			_, err := fx.fetch(t, Request{})
			wantKind(t, err, fault.Unavailable)
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

func TestAnotherHashThanClaimedIsPoison(t *testing.T) {
	fx := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, png) })
	for _, claim := range []string{hexOf(png + "!"), hexOf(png)[:62], "no hash at all"} {
		_, err := fx.fetch(t, Request{SHA256: claim})
		wantKind(t, err, fault.Poison)
	}
}

func TestStatusesMeanWhatACallerCanDo(t *testing.T) {
	for status, want := range map[int]fault.Kind{
		204: fault.Poison, 206: fault.Poison, 304: fault.Poison, 400: fault.Poison, 401: fault.Forbidden, 403: fault.Forbidden,
		404: fault.NotFound, 410: fault.NotFound, 408: fault.Unavailable, 425: fault.Unavailable, 429: fault.Overload, 500: fault.Unavailable, 503: fault.Unavailable,
	} {
		fx := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, err := fx.fetch(t, Request{})
		wantKind(t, err, want)
	}
}

func TestADeadHostOrResolverIsTriedLater(t *testing.T) {
	fx := serve(t, nil)
	fx.Close()
	_, err := fx.fetch(t, Request{})
	wantKind(t, err, fault.Unavailable)
	f := New(Options{Hosts: map[string]Hosts{"x/y": {Plain: []string{"files.test"}}}, Resolver: func(context.Context, string) ([]netip.Addr, error) {
		return nil, errors.New("lookup files.test: no such host")
	}})
	_, err = f.Fetch(t.Context(), Request{Provider: "x/y", URL: "https://files.test/"})
	wantKind(t, err, fault.Unavailable)
}
