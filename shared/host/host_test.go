package host

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/kelseyhightower/envconfig"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

// open opens an embedded environment of the test's own. now is its clock; nil
// is the wall clock.
func openEnv(t testing.TB, now func() time.Time, edit ...func(*Settings)) *Env {
	t.Helper()
	dir := t.TempDir()
	var s Settings
	if err := envconfig.Process("okence_host_test", &s); err != nil { // nobody sets these: the defaults
		t.Fatal(err)
	}
	s.Data, s.Keys, s.Grace, s.Concurrency = filepath.Join(dir, "data"), filepath.Join(dir, "keys"), 5*time.Second, 64
	for _, e := range edit {
		e(&s)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	env, err := Open(s, obs.Discard(), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(env.Close)
	return env
}

// keeper is a function that does with events what do says.
func keeper(do func(context.Context, *work.Unit, events.Event) error) *Function {
	return &Function{
		Manifest: Manifest{
			Name: "keeper", Use: access.Operation, Timeout: 5 * time.Second,
			Consumes:  []Consumed{{Type: events.RelayDueType}, {Type: events.MediaRequestedType}},
			Schedules: []Schedule{{Type: events.RelayDueType, Every: time.Minute}},
		},
		Handlers: map[string]work.Handler{events.RelayDueType: do, events.MediaRequestedType: do},
	}
}

func fine(context.Context, *work.Unit, events.Event) error { return nil }

func failing(k fault.Kind) work.Handler {
	return func(context.Context, *work.Unit, events.Event) error { return fault.New(k, "as it was told to") }
}

// media is an event that keeper consumes.
func media(id string) events.Event {
	return events.Event{
		ID: id, Source: "/test", Type: events.MediaRequestedType, Tenant: "ekc", Time: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC),
		Data: json.RawMessage(`{"message_id":"m1","index":0}`),
	}
}
