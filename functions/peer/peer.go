package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	readTime = 8 * time.Second
	// maxBody leaves room for the attributes around the greatest data.
	maxBody = events.MaxData + 16<<10
	// maxSource is the longest source of a peer's event that still fits behind
	// the name of the peer.
	maxSource = 150
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	mux := http.NewServeMux()
	for _, route := range manifest.Routes {
		mux.HandleFunc(route, f.serve)
	}
	return &host.Function{Manifest: manifest, Routes: mux}, nil
}

// taken answers an event that is safe here.
type taken struct {
	EventID   string `json:"event_id"`
	Duplicate bool   `json:"duplicate,omitempty"`
}

// serve answers 202 once the event is durable, 401 with an empty body without a
// valid proof, 503 where nobody has described the peer or given it a secret yet:
// it may try again when somebody has.
func (f *function) serve(w http.ResponseWriter, r *http.Request) {
	tenant, name := r.PathValue("tenant"), r.PathValue("peer")
	if !f.env.Tenants[tenant] || !peer.ValidName(name) {
		f.refuse(w, "unknown", "unknown", fault.New(fault.NotFound, "peer: no such tenant or peer"))
		return
	}
	got, err := f.handle(w, r, tenant, name)
	if err != nil {
		f.refuse(w, tenant, name, err)
		return
	}
	obs.Count("okence_peer_events_total", "tenant", tenant, "peer", name)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(got) // the peer may have hung up; what it sent is safe
}

func (f *function) refuse(w http.ResponseWriter, tenant, name string, err error) {
	kind := fault.Of(err)
	if tenant == "unknown" || kind == fault.NotFound { // any word may be asked for: no label of it
		name = "unknown"
	}
	obs.Count("okence_peer_refused_total", "tenant", tenant, "peer", name, "reason", string(kind))
	if kind == fault.Unauthenticated {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	host.WriteProblem(w, err)
}

func (f *function) handle(w http.ResponseWriter, r *http.Request, tenant, name string) (taken, error) {
	p, err := peer.Find(tenant, name)
	if err == nil && len(p.Secrets) == 0 {
		err = fault.New(fault.Unavailable, "peer: no secret")
	}
	if fault.Is(err, fault.NotFound) {
		return taken{}, fault.New(fault.Unavailable, "peer: not described yet")
	}
	if err != nil {
		obs.Count("okence_alarm_total", "alarm", "peer_without_secret", "tenant", tenant, "peer", name)
		f.env.Log.Error("a peer can't be heard", "tenant", tenant, "setting", peer.Variable(tenant, name), "error", err.Error())
		return taken{}, err
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime)) // not every server can
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return taken{}, fault.New(fault.TooLarge, "peer: a body over %d bytes, or one that ended early", maxBody)
	}
	if err := p.Verify(r.Header, body, f.env.Work.Now().UTC()); err != nil {
		return taken{}, err
	}
	e, err := f.read(r, body, p)
	if err != nil {
		return taken{}, err
	}
	e.Tenant = tenant
	return f.take(r.Context(), p, e)
}

// read makes the peer's event one of this tenant's: it comes from the peer, so
// its source begins with the peer's name and can't be taken for another's.
func (f *function) read(r *http.Request, body []byte, p *peer.Peer) (events.Event, error) {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	es, err := host.ParseEvents(again)
	if err != nil {
		return events.Event{}, err
	}
	if len(es) != 1 {
		return events.Event{}, fault.New(fault.Invalid, "peer: one event a call")
	}
	e := es[0]
	if !p.MaySend(e.Type) {
		return e, fault.New(fault.Forbidden, "peer: this type is not accepted from this peer")
	}
	if len(e.Source) > maxSource {
		return e, fault.New(fault.Invalid, "peer: the source is longer than %d characters", maxSource)
	}
	e.Source, e.Actor, e.TraceParent = "/peers/"+p.Name+":"+e.Source, Actor(p.Name), ""
	if e.Time.IsZero() || e.Time.After(f.env.Work.Now()) {
		e.Time = f.env.Work.Now().UTC()
	}
	return e, nil
}

// Actor is the id under which a peer acts.
func Actor(name string) string { return "peer:" + name }

// take makes the event durable, once by its source and id: content sealed as an
// intake record, the event, which names the record instead, in the outbox.
func (f *function) take(ctx context.Context, p *peer.Peer, e events.Event) (taken, error) {
	s := work.Scope{
		Tenant: e.Tenant, Function: manifest.Name, Actor: access.Actor{ID: Actor(p.Name), Role: access.Producer}, Use: manifest.Use,
		Source: e.Source, ID: e.ID, At: e.Time,
	}
	if _, err := events.Decode(e); err != nil {
		return taken{}, err
	}
	out, err := f.env.Work.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
		if err := u.Fetch(ctx); err != nil { // taken before
			return err
		}
		sealed, err := seal(ctx, u, e)
		if err == nil {
			u.Forward(sealed)
		}
		return err
	})
	return taken{EventID: e.ID, Duplicate: out.Duplicate}, err
}

// seal takes the content out of an event that brings any.
func seal(ctx context.Context, u *work.Unit, e events.Event) (events.Event, error) {
	d, err := events.Decode(e)
	if err != nil {
		return e, err
	}
	c, ok := d.(events.WithContent)
	if !ok {
		return e, nil
	}
	content, err := c.TakeContent()
	if err != nil {
		return e, fault.New(fault.Internal, "peer: content can't be encoded")
	}
	if content != nil {
		rec := &intake.Intake{Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: content}
		if rec.ID, err = u.NewID(ctx, "intake"); err != nil {
			return e, err
		}
		work.Save(u, record.Intakes, rec)
		c.SetIntake(rec.ID)
	}
	if e.Data, err = json.Marshal(c); err != nil {
		return e, fault.New(fault.Internal, "peer: an event can't be encoded")
	}
	return e, nil
}
