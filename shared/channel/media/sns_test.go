package media

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/okence/okence/shared/fault"
)

func TestWhatSNSPointsTo(t *testing.T) {
	var asked atomic.Int64
	fx := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/a.pem":
			fmt.Fprint(w, "certificate")
		case "/":
			fmt.Fprint(w, "<ConfirmSubscriptionResponse/>")
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}, func(o *Options) { o.Hosts = Known })
	s := NewSNS(fx.fetcher)
	for range 3 {
		text, err := s.Certificate(fx.at("sns.eu-central-1.amazonaws.com", "/a.pem"))
		if err != nil || string(text) != "certificate" {
			t.Fatalf("%q %v", text, err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("a certificate was asked for %d times", n)
	}
	for range 2 { // a failure isn't remembered
		_, err := s.Certificate(fx.at("sns.eu-central-1.amazonaws.com", "/b.pem"))
		wantKind(t, err, fault.Unavailable)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
	_, err := s.Certificate(fx.at("evil.test", "/a.pem"))
	wantKind(t, err, fault.Forbidden)
	wantKind(t, s.Confirm(fx.at("sns.eu-central-1.amazonaws.com", "/?Action=ConfirmSubscription&Token=x")), "")
	wantKind(t, s.Confirm(fx.at("sns.eu-central-1.amazonaws.com", "/gone")), fault.Unavailable)
}
