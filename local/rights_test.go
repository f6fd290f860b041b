package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/vault"
	vaultfile "github.com/okence/okence/shared/vault/file"
	"github.com/okence/okence/shared/work"
)

// used collects the rights that each function used, in the words of granted.
type used struct {
	mu  sync.Mutex
	all map[string]map[string]int
}

func (u *used) note(function string, right ...string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all[function] == nil {
		u.all[function] = map[string]int{}
	}
	u.all[function][strings.Join(right, ":")]++
}

// watchedStore notes what a function does in a table.
type watchedStore struct {
	store.Store
	used     *used
	function string
	table    string // data, keys or tree
}

func (w watchedStore) Get(ctx context.Context, keys ...store.Key) ([]store.Doc, error) {
	for _, k := range keys {
		w.note("read", k.Kind)
	}
	return w.Store.Get(ctx, keys...)
}

func (w watchedStore) Commit(ctx context.Context, ops ...store.Op) error {
	for _, o := range ops {
		if o.Act == store.Check {
			w.note("read", o.Key.Kind)
		} else {
			w.note("write", o.Key.Kind)
		}
	}
	return w.Store.Commit(ctx, ops...)
}

func (w watchedStore) Query(ctx context.Context, q store.Query) (store.Page, error) {
	page, err := w.Store.Query(ctx, q)
	for _, d := range page.Docs { // read by key once they are found
		w.note("read", d.Key.Kind)
	}
	return page, err
}

func (w watchedStore) note(what, kind string) {
	if w.table != "data" {
		kind = ""
	}
	w.used.note(w.function, w.table, what, kind)
}

// watchedBlobs notes what a function does with objects.
type watchedBlobs struct {
	blob.Store
	used     *used
	function string
}

func (w watchedBlobs) List(ctx context.Context, prefix, token string) ([]blob.Info, string, error) {
	w.used.note(w.function, "list")
	return w.Store.List(ctx, prefix, token)
}

// watchedKMS notes the use of the key of tenant keys.
type watchedKMS struct {
	vault.KMS
	used     *used
	function string
}

func (w watchedKMS) Wrap(ctx context.Context, c vault.Context, p []byte) ([]byte, error) {
	w.used.note(w.function, "kms")
	return w.KMS.Wrap(ctx, c, p)
}

func (w watchedKMS) Unwrap(ctx context.Context, c vault.Context, p []byte) ([]byte, error) {
	w.used.note(w.function, "kms")
	return w.KMS.Unwrap(ctx, c, p)
}

// granted are the rights that infra/aws/modules/function/rights.tf makes of a
// function's part of functions.tf.json.
func granted(t *testing.T) map[string]map[string]bool {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "infra/aws/functions.tf.json"))
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Locals struct {
			Functions map[string]struct {
				Emits, Lists  bool
				Writes, Reads []string
				Tree          string
			}
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]bool{}
	for name, f := range in.Locals.Functions {
		g := map[string]bool{"list": f.Lists, "emit": f.Emits, "tree:read:": f.Tree != "", "tree:write:": f.Tree == "write"}
		for _, k := range f.Writes {
			g["data:write:"+k], g["data:read:"+k] = true, true
		}
		for _, k := range f.Reads {
			g["data:read:"+k] = true
		}
		if len(f.Writes)+len(f.Reads) > 0 {
			g["keys:read:"], g["keys:write:"], g["kms"] = true, true, true
		}
		out[name] = g
	}
	return out
}

// TestRightsUsedAreGranted plays the demo with every function on an environment
// of its own, as they are deployed, and compares what each did with what its
// role in infra/aws may do.
func TestRightsUsedAreGranted(t *testing.T) {
	if testing.Short() {
		t.Skip("short: plays the whole story")
	}
	u := &used{all: map[string]map[string]int{}}
	d := playApart(t, u)
	for _, part := range d.parts() {
		if err := part(); err != nil {
			t.Fatal(err)
		}
	}
	grants := granted(t)
	for name, rights := range u.all {
		for right := range rights {
			if !grants[name][right] && !(grants[name]["list"] && strings.HasPrefix(right, "data:read:")) {
				t.Errorf("function %s used the right %q (%d times), which its manifest does not lead to: functions/%s/function.yaml", name, right, rights[right], name)
			}
		}
	}
	for name, g := range grants {
		var idle []string
		for right, ok := range g {
			if ok && u.all[name][right] == 0 && strings.HasPrefix(right, "data:write:") {
				idle = append(idle, right)
			}
		}
		slices.Sort(idle)
		if len(idle) > 0 {
			t.Logf("function %s: granted, and not used by the story: %s", name, strings.Join(idle, " "))
		}
	}
}

// TestAnErasureUsesWhatIsGranted plants a person everywhere and has them erased,
// with every function apart, as they are deployed.
func TestAnErasureUsesWhatIsGranted(t *testing.T) {
	withoutArchive(t)
	u := &used{all: map[string]map[string]int{}}
	send := senders(t)
	_, d := startApart(t, u, nil)
	apart := *d.system
	apart.local = nil
	apart.clock.set(start)
	w := &world{t: t, system: &apart, base: d.base, data: d.env.Settings.Data, keys: d.env.Settings.Keys, logs: &logs{}}
	send(w)
	request := w.asks(w.plantPerson(), "erasure", kept["request text"], nil)
	for range 3 {
		w.elapse(2 * time.Minute)
	}
	w.certificate(request)
	grants := granted(t)
	for name, rights := range u.all {
		for right := range rights {
			if !grants[name][right] && !(grants[name]["list"] && strings.HasPrefix(right, "data:read:")) {
				t.Errorf("function %s used the right %q (%d times), which its manifest does not lead to: functions/%s/function.yaml", name, right, rights[right], name)
			}
		}
	}
}

// TestWhoGathersAPersonMayReadEveryKind: everything of a person is found by one
// index, whatever its kind; what is due, by another. A kind that is added is found
// there by functions that do not name it: they must be able to read it, and those
// that erase, to delete it.
func TestWhoGathersAPersonMayReadEveryKind(t *testing.T) {
	grants := granted(t)
	for _, k := range record.All() {
		owned := slices.ContainsFunc(k.Fields, func(f record.Field) bool { return strings.HasPrefix(f.Owner, ".") })
		for _, function := range []string{"dossier", "dsar", "portal", "retention"} {
			if owned && !grants[function]["data:read:"+k.Name] {
				t.Errorf("functions/%s/function.yaml: reads lacks %s", function, k.Name)
			}
		}
		goes := k.End.Lives || k.End.With != ""
		if goes && !grants["retention"]["data:write:"+k.Name] {
			t.Errorf("functions/retention/function.yaml: keeps lacks %s, which ends by a sweep", k.Name)
		}
		if spared := k.LivesIn("platform", "request") || k.LivesIn("platform", "consent") || k == record.Coverings.Shape; owned && goes && !spared && !grants["dossier"]["data:write:"+k.Name] {
			t.Errorf("functions/dossier/function.yaml: keeps lacks %s, which an erasure reaches", k.Name)
		}
	}
}

// apart are the functions, each on an environment of its own that is watched.
type apart struct {
	functions []*host.Function
	envs      map[string]*host.Env
	clock     *clock
	used      *used
}

func playApart(t *testing.T, u *used) *demo {
	t.Helper()
	_, d := startApart(t, u, nil)
	return d
}

// ports are the drivers of a deployment.
type ports struct {
	docs, keys, tree store.Store
	blobs            blob.Store
	kms              vault.KMS
}

// startApart starts every function on an environment of its own, on the drivers
// that open gives, or else on the embedded ones.
func startApart(t *testing.T, u *used, open func(function string) ports) (*apart, *demo) {
	t.Helper()
	dir := t.TempDir()
	logTo = t.Output()
	s, err := startSystem(dir+"/data", dir+"/keys", "http://127.0.0.1", &clock{manual: true, at: begin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	s.local.Close() // its drivers are used, its background is not
	a := &apart{envs: map[string]*host.Env{}, clock: s.clock, used: u}
	kms, err := vaultfile.Open(s.env.Settings.Keys)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := sqlite.Open(filepath.Join(s.env.Settings.Keys, "keys.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	for _, f := range s.local.Functions {
		name := f.Manifest.Name
		p := ports{s.env.Work.Store, keys, s.env.Ledger.Tree, s.env.Work.Blobs, kms}
		if open != nil {
			p = open(name)
		}
		env := *s.env
		v := vault.New(watchedKMS{p.kms, u, name}, watchedStore{p.keys, u, name, "keys"})
		env.Work = &work.Env{Store: watchedStore{p.docs, u, name, "data"}, Vault: v, Blobs: watchedBlobs{p.blobs, u, name}, Now: s.clock.Now}
		b := &apartBus{a, name}
		env.Bus = b
		env.Work.Published = func(ctx context.Context, tenant string, es []events.Event) {
			ids := make([]string, len(es))
			for i, e := range es {
				ids[i] = work.OutboxID(e)
			}
			if b.Publish(ctx, es...) == nil {
				_ = env.Work.Sent(ctx, tenant, ids...)
			}
		}
		env.Ledger = &ledger.Log{Docs: env.Work.Store, Tree: watchedStore{p.tree, u, name, "tree"}, Vault: v, Now: s.clock.Now, Origin: s.env.Ledger.Origin}
		env.Log = obs.Discard()
		all, err := functions(&env)
		if err != nil {
			t.Fatal(err)
		}
		for _, own := range all {
			if own.Manifest.Name == name {
				a.functions = append(a.functions, own)
				a.envs[name] = &env
			}
		}
	}
	server := httptest.NewServer(a.handler())
	t.Cleanup(server.Close)
	return a, &demo{system: s, base: server.URL, ids: map[string]string{}}
}

// apartBus hands events on at once.
type apartBus struct {
	*apart
	function string
}

func (b *apartBus) Publish(ctx context.Context, es ...events.Event) error {
	for _, e := range es {
		b.used.note(b.function, "emit")
		for _, f := range b.functions {
			if f.Handlers[e.Type] == nil {
				continue
			}
			if _, err := f.Deliver(ctx, b.envs[f.Manifest.Name], e, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *apartBus) Close() error { return nil }

// handler is the functions' routes, and the clock.
func (a *apart) handler() http.Handler {
	mux := http.NewServeMux()
	for _, f := range a.functions {
		for _, r := range f.Manifest.Routes {
			mux.Handle(r, f.Routes)
		}
	}
	mux.HandleFunc("POST /dev/clock", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Now time.Time }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a.settle(r.Context())
		a.clock.set(in.Now)
		a.settle(r.Context())
		fmt.Fprint(w, "{}")
	})
	return mux
}

func (a *apart) settle(ctx context.Context) {
	for _, f := range a.functions {
		for _, s := range f.Manifest.Schedules {
			_, _ = f.Deliver(ctx, a.envs[f.Manifest.Name], host.Tick(s.Type, "ekc", a.clock.Now().Truncate(s.Every)), 1)
		}
	}
}

// TestEveryAlarmHasItsRunbook: an alarm's text names a page that is there.
func TestEveryAlarmHasItsRunbook(t *testing.T) {
	dir := filepath.Join("..", "infra/aws")
	for _, file := range []string{"operations.tf", "modules/function/alarms.tf"} {
		body, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(body)) {
			_, text, ok := strings.Cut(line, "alarm_description")
			if !ok {
				continue
			}
			pages := 0
			for word := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(text), "= \"")) {
				if name := filepath.Base(strings.Trim(word, "\"")); strings.HasSuffix(name, ".md") {
					pages++
					if _, err := os.Stat(filepath.Join(dir, "runbooks", name)); err != nil {
						t.Errorf("%s: %v", file, err)
					}
				}
			}
			if pages == 0 {
				t.Errorf("%s: an alarm without a runbook: %s", file, text)
			}
		}
	}
	for _, c := range amazon.Causes {
		if _, err := os.Stat(filepath.Join(dir, "runbooks", string(c)+".md")); err != nil {
			t.Errorf("cause %s: %v", c, err)
		}
	}
}
