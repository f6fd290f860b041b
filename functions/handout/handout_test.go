package handout

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

const token, code = "abcdefghijklmnopqrstuvwxyz", "12345678"

func newWorld(t *testing.T) (*worktest.World, func(method, link, code string) (int, string)) {
	w := worktest.New(t)
	fn, err := New(&host.Env{Work: w.Env, Log: obs.Discard(), Tenants: map[string]bool{"ekc": true}})
	if err != nil {
		t.Fatal(err)
	}
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Rights}
	_, err = w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
		p := &model.Package{ID: "r1.access", RequestID: "r1", ContactID: "p1", ContactIDs: []string{"p1"}, Form: model.Access, Language: "sl", CreatedAt: u.Now()}
		p.Finish([]byte("PK zip"), "d", u.Now())
		hash, err := dossier.CodeHash(ctx, u, token, code)
		if err != nil {
			return err
		}
		work.Save(u, record.Packages, p)
		work.Save(u, record.Requests, &dsar.Request{ID: "r1", ContactID: "p1", State: dsar.Answered, Identity: dsar.Identity{Links: []dsar.Link{{ContactID: "p1", Means: dsar.BySight, Confidence: 97}}}})
		return p.Offer(token, hash, "officer-1", u.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, func(method, link, code string) (int, string) {
		r := httptest.NewRequest(method, "/packages/ekc/"+link, strings.NewReader(url.Values{"code": {code}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		fn.Routes.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
}

var link = model.LinkName("r1.access", token)

func TestALinkWorksOnceWithItsCode(t *testing.T) {
	_, ask := newWorld(t)
	if status, _ := ask(http.MethodGet, link, ""); status != 200 {
		t.Errorf("the form: %d", status)
	}
	if status, _ := ask(http.MethodPost, link, "00000000"); status != 403 {
		t.Errorf("a wrong code: %d", status)
	}
	if status, body := ask(http.MethodPost, link, code); status != 200 || body != "PK zip" {
		t.Errorf("the right code: %d %q", status, body)
	}
	if status, _ := ask(http.MethodPost, link, code); status != 410 {
		t.Errorf("the same again: %d", status)
	}
}

func TestALinkThatDoesNotWorkSaysNothing(t *testing.T) {
	for name, c := range map[string]struct {
		link string
		wait time.Duration
		want int
	}{
		"a token of nobody":          {model.LinkName("r1.access", strings.Repeat("x", 26)), 0, 410},
		"a package of nobody":        {model.LinkName("r9.access", token), 0, 410},
		"no token at all":            {"r1.access", 0, 410},
		"a second before it expires": {link, model.LinkLife - time.Second, 200},
		"when it expires":            {link, model.LinkLife, 410},
	} {
		t.Run(name, func(t *testing.T) {
			w, ask := newWorld(t)
			w.Clock.Add(c.wait)
			if status, _ := ask(http.MethodPost, c.link, code); status != c.want {
				t.Errorf("%d, want %d", status, c.want)
			}
		})
	}
}

// A merge was taken back since: the package holds somebody else's data, and the
// right code opens nothing.
func TestALinkToWhatIsNoLongerAllTheirsDoesNotWork(t *testing.T) {
	w, ask := newWorld(t)
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Rights}
	if _, err := w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
		p, err := work.Load(ctx, u, record.Packages, "r1.access")
		if err != nil {
			return err
		}
		p.ContactIDs = append(p.ContactIDs, "p2")
		work.Save(u, record.Packages, p)
		r, err := work.Load(ctx, u, record.Requests, "r1")
		if err != nil {
			return err
		}
		r.Identity.Links = append(r.Identity.Links, dsar.Link{ContactID: "p2", Means: dsar.ByOfficer, Confidence: 90, Edge: "undone"})
		work.Save(u, record.Requests, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if status, body := ask(http.MethodPost, link, code); status != 410 {
		t.Errorf("%d %q", status, body)
	}
}

func TestGuessingEndsTheLink(t *testing.T) {
	_, ask := newWorld(t)
	for range model.MaxFailures {
		if status, _ := ask(http.MethodPost, link, "00000000"); status != 403 {
			t.Fatalf("%d", status)
		}
	}
	if status, _ := ask(http.MethodPost, link, code); status != 410 {
		t.Errorf("the right code after too many wrong ones: %d", status)
	}
}
