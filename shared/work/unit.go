package work

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// Unit is one attempt at one piece of work. It belongs to one goroutine.
type Unit struct {
	env   *Env
	scope Scope
	now   time.Time

	parent  *Unit // of an inline consumer's unit
	slots   map[store.Key]*slot
	order   []*slot // in order of first use: the commit is the same every time
	ordinal int
	emitted []events.Event
	notes   []*note
	answer  json.RawMessage
	mark    store.Key // "" where the unit leaves none
}

// slot is a record as the unit knows it.
type slot struct {
	shape   *record.Shape
	key     store.Key
	read    bool
	version string            // as read; "" is absent
	body    record.Body       // as read
	opened  map[string][]byte // parts of it, by name, that were opened
	act     store.Act         // "" until saved or deleted
	rec     any               // pointer to the Go form, once loaded or saved
	plain   *record.Plain     // of rec, once the handler is done
	packed  record.Body       // what is written
	noted   bool              // stands in the log's notes already
	dropped []string          // stored files that Drop takes out

	anonymises bool // by Unit.Anonymise
}

// errDuplicate ends a unit whose mark is already there.
var errDuplicate = errors.New("work: done already")

func newUnit(env *Env, s Scope, now time.Time, parent *Unit) *Unit {
	return &Unit{env: env, scope: s, now: now, parent: parent, slots: map[store.Key]*slot{}}
}

// Now is the instant of the unit, UTC: the same for all that it does.
func (u *Unit) Now() time.Time { return u.now }

// Tenant is the tenant that the unit is bound to.
func (u *Unit) Tenant() string { return u.scope.Tenant }

// Actor is who acts.
func (u *Unit) Actor() access.Actor { return u.scope.Actor }

// Use is the purpose that the unit is bound to.
func (u *Unit) Use() access.Use { return u.scope.Use }

// Hash is the tenant's keyed hash of parts under a label: blind indexes, and
// ids that must be the same whenever the same thing is seen.
func (u *Unit) Hash(ctx context.Context, label string, parts ...string) (string, error) {
	return u.env.Vault.Hash(ctx, u.scope.Tenant, label, parts...)
}

// Derive returns a key of the tenant's own (vault.Derive).
func (u *Unit) Derive(ctx context.Context, label string) ([]byte, error) {
	return u.env.Vault.Derive(ctx, u.scope.Tenant, label)
}

// NewID makes an id for a record that the unit creates: when the unit was set
// off, then a keyed hash of what did it and a running number, so that doing the
// work again makes the same id. In a read, which nothing repeats, it is random.
func (u *Unit) NewID(ctx context.Context, kind string) (string, error) {
	at := u.scope.At
	if at.IsZero() {
		at = u.now
	}
	if u.scope.ID == "" {
		return stamp(at) + randomID(), nil
	}
	u.ordinal++
	h, err := u.Hash(ctx, "id", kind, u.scope.Function, u.scope.Source, u.scope.ID, strconv.Itoa(u.ordinal))
	return stamp(at) + h, err
}

// stamp is an instant in seconds as seven characters whose order is that of
// time, until the year 3058.
func stamp(t time.Time) string {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	var out [7]byte
	s := max(t.Unix(), 0)
	for i := range out {
		out[6-i] = digits[s>>(5*i)&31]
	}
	return string(out[:])
}

// Emit adds an event about subject (an opaque id).
func (u *Unit) Emit(ctx context.Context, subject string, d events.Data) error {
	e, err := u.Event(ctx, subject, d)
	if err == nil {
		u.emitted = append(u.emitted, e)
	}
	return err
}

// Event makes an event as Emit does, without adding it.
func (u *Unit) Event(ctx context.Context, subject string, d events.Data) (events.Event, error) {
	e, err := events.New(subject, d)
	if err != nil {
		return e, err
	}
	if e.ID, err = u.NewID(ctx, "event"); err != nil {
		return e, err
	}
	e.Source, e.Tenant, e.Time = ownSource+u.scope.Function, u.scope.Tenant, u.now
	e.Actor, e.TraceParent = u.scope.Actor.ID, u.scope.TraceParent
	return e, nil
}

// Forward adds an event as it is: a redriven one, or one taken in from outside.
func (u *Unit) Forward(e events.Event) { u.emitted = append(u.emitted, e) }

// Answer keeps ids and states to be given to whoever asks for the same again.
func (u *Unit) Answer(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fault.New(fault.Internal, "work: an answer that can't be encoded")
	}
	u.answer = b
	return nil
}

// Note adds an entry to the processing log, about a person's records. The unit
// itself notes what it loads for people, collects, changes and erases; a
// handler notes what only it knows: disclosures, merges, refusals.
func (u *Unit) Note(act audit.Act, subject string, items ...audit.Item) *audit.Entry {
	n := u.noted(act, subject)
	for _, item := range items {
		n.add(item)
	}
	return &n.entry
}

// NoteTicket is Note for what is done about a ticket: the entry ends with it
// (K12).
func (u *Unit) NoteTicket(act audit.Act, subject, ticket string, items ...audit.Item) *audit.Entry {
	n := u.notedOf(act, subject, ticket)
	for _, item := range items {
		n.add(item)
	}
	return &n.entry
}

func randomID() string { return strings.ToLower(rand.Text()) }

// split takes the record apart, once: the handler is done with it by then.
func (s *slot) split() error {
	if s.plain != nil {
		return nil
	}
	plain, err := s.shape.Split(s.rec)
	s.plain = &plain
	return err
}
