package relay

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// carrier is a bus that fails as told and remembers.
type carrier struct {
	fail error
	got  []events.Event
}

func (c *carrier) Publish(_ context.Context, es ...events.Event) error {
	c.got = append(c.got, es...)
	return c.fail
}
func (c *carrier) Close() error { return nil }

type world struct {
	*worktest.World
	t   *testing.T
	env *host.Env
	fn  *host.Function
	bus *carrier
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t, bus: &carrier{}}
	w.env = &host.Env{Work: w.Env, Bus: w.bus, Tenants: map[string]bool{"ekc": true}, Log: obs.Discard()}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.fn = fn
	return w
}

// round is one tick of the scheduler.
func (w *world) round() {
	w.t.Helper()
	if d, err := w.fn.Deliver(w.t.Context(), w.env, host.Tick(events.RelayDueType, "ekc", w.Clock.Now()), 1); err != nil || d != host.Done {
		w.t.Fatal(d, err)
	}
}

func (w *world) run(id string, fn func(context.Context, *work.Unit) error) error {
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake, Source: "/test", ID: id}
	_, err := w.Run(w.t.Context(), s, fn)
	return err
}

func (w *world) seal(id string) {
	w.t.Helper()
	err := w.run("seal"+id, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Intakes, &intake.Intake{ID: id, Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: []byte("Kje dobim potrdilo?")})
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(id string) error {
	return w.run("", func(ctx context.Context, u *work.Unit) error {
		_, err := work.OpenFile(ctx, u, record.Intakes, id, "Raw")
		return err
	})
}

func TestWhatACrashLeftIsPublished(t *testing.T) {
	w := newWorld(t)
	if err := w.run("emit", func(ctx context.Context, u *work.Unit) error {
		return u.Emit(ctx, "m1", &events.MediaRequested{MessageID: "m1"})
	}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(work.RelayAfter)
	w.round()
	w.Clock.Add(time.Minute)
	w.round()
	if len(w.bus.got) != 1 || w.bus.got[0].Type != events.MediaRequestedType {
		t.Fatalf("published %d events, want the one, once", len(w.bus.got))
	}
}

// TestIntakeKeysLiveThirtyDays looks at both sides of the boundary: a day's key
// goes thirty days after the day began.
func TestIntakeKeysLiveThirtyDays(t *testing.T) {
	w := newWorld(t)
	day := time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)
	w.seal("i1") // at nine o'clock
	w.Clock.Add(day.Add(intake.KeyLife - time.Second).Sub(w.Clock.Now()))
	w.round()
	w.Restart()
	if err := w.open("i1"); err != nil {
		t.Fatalf("one second before the key's end: %v", err)
	}
	w.Clock.Add(time.Second)
	w.round()
	w.Restart()
	if err := w.open("i1"); !fault.Is(err, fault.Gone) {
		t.Fatalf("at the key's end: %v", err)
	}
}

func TestUnhandledIntakeRaisesAnAlarmBeforeItsKeyGoes(t *testing.T) {
	w := newWorld(t)
	w.seal("i1")
	alarms := func() uint64 { return obs.Value("okence_alarm_total", "alarm", "intake_unhandled", "tenant", "ekc") }
	before := alarms()
	goes := time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC).Add(intake.KeyLife)
	w.Clock.Add(goes.Add(-5*24*time.Hour - time.Second).Sub(w.Clock.Now()))
	w.round()
	if alarms() != before {
		t.Fatal("too early")
	}
	w.Clock.Add(time.Second)
	w.round()
	if alarms() != before+1 {
		t.Fatal("no alarm five days before the key goes")
	}
	w.Clock.Add(9 * 24 * time.Hour)
	w.round()
	if alarms() != before+1 {
		t.Fatal("an alarm for what is gone")
	}
	if err := w.open("i1"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("the unreadable record is still there: %v", err)
	}
}

func TestWhatIsFedInLateIsNotTakenForOld(t *testing.T) {
	w := newWorld(t)
	if err := w.run("late", func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Intakes, &intake.Intake{ID: "i1", Day: intake.Day(u.Now()), ReceivedAt: u.Now().Add(-90 * 24 * time.Hour), Raw: []byte("x")})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.round()
	if err := w.open("i1"); err != nil {
		t.Fatal(err)
	}
}

func TestKeysOfOtherDaysAndPersonsStay(t *testing.T) {
	w := newWorld(t)
	keep := vault.Owner{Subject: "ana", Class: "channel"}
	if _, err := w.Vault.Keys(t.Context(), "ekc", keep); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(100 * 24 * time.Hour)
	w.seal("new")
	w.round()
	w.Restart()
	if _, err := w.Vault.Existing(t.Context(), "ekc", keep); err != nil {
		t.Fatal(err)
	}
	if err := w.open("new"); err != nil {
		t.Fatal(err)
	}
}

func TestOldMarksAreForgotten(t *testing.T) {
	w := newWorld(t)
	w.seal("i1")
	marks := func() int {
		page, err := w.Docs.Query(t.Context(), store.Query{Tenant: "ekc", Index: work.ByExpiry, Partition: "mark", Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Docs)
	}
	w.Clock.Add(work.MarkLife - time.Second)
	w.round()
	if marks() != 2 { // the seal's, and the round's own
		t.Fatalf("%d marks one second before the end", marks())
	}
	w.Clock.Add(2 * time.Second)
	w.round()
	if marks() != 2 { // the two rounds'
		t.Fatalf("%d marks after the end", marks())
	}
}

// aged shows blobs as if they were stored a while ago.
type aged struct {
	blob.Store
	by time.Duration
}

func (a aged) List(ctx context.Context, prefix, token string) ([]blob.Info, string, error) {
	infos, next, err := a.Store.List(ctx, prefix, token)
	for i := range infos {
		infos[i].StoredAt = infos[i].StoredAt.Add(-a.by)
	}
	return infos, next, err
}

func TestBlobsThatNobodyNamesGo(t *testing.T) {
	w := newWorld(t)
	big := make([]byte, 100<<10)
	if err := w.run("file", func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Attachments, &message.Attachment{ID: "f", ContactID: "ana", MessageID: "m", Bytes: big})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ekc/attachment/f/left", "ekc/attachment/gone/left", "other/attachment/x/y"} {
		if err := w.Blobs.Put(t.Context(), name, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		infos, _, _ := w.Blobs.List(t.Context(), "", "")
		return len(infos)
	}
	w.round()
	if left() != 4 {
		t.Fatal("a blob went that may belong to a commit under way")
	}
	w.Env.Blobs = aged{w.Blobs, orphanAge + time.Minute}
	w.Clock.Add(time.Minute)
	w.round()
	if left() != 2 {
		t.Fatalf("%d blobs left, want the named one and the other tenant's", left())
	}
	if err := w.run("", func(ctx context.Context, u *work.Unit) error {
		b, err := work.OpenFile(ctx, u, record.Attachments, "f", "Bytes")
		if len(b) != len(big) {
			t.Error("a named blob went")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
