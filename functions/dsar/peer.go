package dsar

import (
	"context"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// from is the peer that an event came from. functions/peer, which proved the
// signature, writes it into the event.
func from(e events.Event) (string, error) {
	name, ok := strings.CutPrefix(e.Actor, "peer:")
	if !ok || !strings.HasPrefix(e.Source, "/peers/"+name+":") {
		return "", fault.New(fault.Poison, "dsar: this event comes from a peer alone")
	}
	return name, nil
}

// handedOver handles dsar.handed.over: another controller's request is ours to
// answer, or to dispute. Its receipt is confirmed at once.
func (f *function) handedOver(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarHandedOver](e)
	if err != nil {
		return err
	}
	name, err := from(e)
	if err != nil {
		return err
	}
	id, err := u.Hash(ctx, "request of handover", name, d.Handover)
	if err != nil {
		return err
	}
	if _, ok, err := work.Find(ctx, u, record.Requests, id); err != nil || ok {
		return err
	}
	c, err := content(ctx, u, d.Intake)
	if err != nil {
		return err
	}
	r := &dsar.Request{
		ID: id, Language: d.Language, Service: d.Service, Marketing: d.Marketing,
		Name: c.Name, Address: c.Address, Text: c.Text, Statement: c.Statement,
	}
	if c.Representative != "" {
		r.Representative = &dsar.Representative{Name: c.Representative, Authority: c.Authority}
	}
	r.Ask(events.Keys(d.Asks)...)
	r.Receive(dsar.Receipt{At: d.ReceivedAt, Way: dsar.Peer, EnteredBy: e.Actor, EnteredAt: u.Now()})
	if err := f.filed(ctx, u, r); err != nil {
		return err
	}
	m, err := f.matterOf(u, r)
	if err != nil {
		return err
	}
	if err := m.count(); err != nil { // shared, and never begun anew
		return err
	}
	m.Arrive(dsar.Handover{ID: d.Handover, Case: d.Case, Party: name, Other: d.Request, Keys: events.Keys(d.Asks), Reason: d.Reason, At: e.Time, State: dsar.Sent}, u.Now())
	if d.Proved { // by the other; what is ours of this person is linked by our own evidence
		if err := refused(m.Link(dsar.Link{ContactID: m.ContactID, Means: dsar.ByHandover, At: u.Now()})); err != nil {
			return err
		}
	}
	m.Request.Check(f.needs(m), m.checked(), m.marketingExempt())
	if err := f.say(ctx, u, m, &events.DsarHandoverAnswered{Handover: d.Handover, Request: m.ID, Answer: events.AnswerReceived}); err != nil {
		return err
	}
	switch d.Case {
	case dsar.Unclear: // a meeting settles it (K20 3b)
		m.Origin.MeetingBy = u.Now().Add(m.terms.Meeting())
		return f.keep(ctx, u, m)
	case dsar.Theirs:
		if f.competent(m) {
			return f.accept(ctx, u, m)
		}
		return f.dispute(ctx, u, m) // the pack gives it to somebody else (K20 3a)
	}
	return f.proceed(ctx, u, m)
}

// competent reports whether the pack gives all of it to us.
func (f *function) competent(m *matter) bool {
	for _, i := range m.Items {
		if c, ok := m.terms.Competence(i.Key); ok && c.By != m.us && c.By != dsar.Granter {
			return false
		}
	}
	return true
}

// accept confirms, to the other controller and the person at once (K20 3a).
func (f *function) accept(ctx context.Context, u *work.Unit, m *matter) error {
	if m.Origin != nil && m.Origin.State != dsar.Accepted {
		if err := refused(m.Accept(m.us, u.Now())); err != nil {
			return err
		}
	}
	if err := f.say(ctx, u, m, &events.DsarHandoverAnswered{Handover: m.Origin.ID, Request: m.ID, Answer: events.AnswerAccepted, Competent: m.us}); err != nil {
		return err
	}
	return f.ours(ctx, u, m)
}

// ours is what follows once it is settled that we answer.
func (f *function) ours(ctx context.Context, u *work.Unit, m *matter) error {
	if err := f.tell(ctx, u, m, "accepted", map[string]string{"addressee": f.named(m, m.us), "deadline": m.lastDay(m.Clock.DueAt)}); err != nil {
		return err
	}
	if m.State == dsar.Verifying && m.Identity.AskedAt.IsZero() {
		if err := f.ask(ctx, u, m, m.Identity.Need, ""); err != nil {
			return err
		}
	}
	return f.keep(ctx, u, m)
}

// dispute calls the meeting (K20 3a).
func (f *function) dispute(ctx context.Context, u *work.Unit, m *matter) error {
	if m.Origin.State == dsar.Sent {
		if err := refused(m.Dispute(m.Origin.Party, u.Now().Add(m.terms.Meeting()), u.Now())); err != nil {
			return err
		}
	}
	by := m.Origin.MeetingBy
	err := f.say(ctx, u, m, &events.DsarHandoverAnswered{Handover: m.Origin.ID, Request: m.ID, Answer: events.AnswerDisputed, Competent: m.Origin.Our, MeetingBy: &by})
	if err != nil {
		return err
	}
	return f.keep(ctx, u, m)
}

// say sends something about the origin's hand-over, or ours, to the other side.
func (f *function) say(ctx context.Context, u *work.Unit, m *matter, d events.Data) error {
	party := ""
	switch d := d.(type) {
	case *events.DsarHandoverAnswered:
		party = m.Handover(d.Handover).Party
	case *events.DsarAnswered:
		party = m.Handover(d.Handover).Party
	}
	_, err := peer.Queue(ctx, u, f.env, party, m.ID, d, nil) // ids alone
	if fault.Is(err, fault.NotFound) {                       // settled on paper
		return nil
	}
	return err
}

// between finds the request that a hand-over with a peer is about: one that we
// handed over, or one that came to us. fault.Poison: there is none with this peer.
func (f *function) betweenUs(ctx context.Context, u *work.Unit, name, handover string) (*matter, error) {
	id, err := u.Hash(ctx, "request of handover", name, handover)
	if err != nil {
		return nil, err
	}
	ids := []string{id}
	if own, _, ok := cutLast(handover, ".h"); ok {
		ids = append(ids, own)
	}
	for _, id := range ids {
		r, ok, err := work.Find(ctx, u, record.Requests, id)
		if err != nil {
			return nil, err
		}
		if h := r.Handover(handover); ok && h != nil && h.Party == name {
			return f.matterOf(u, r)
		}
	}
	return nil, fault.New(fault.Poison, "dsar: no such hand-over with this peer")
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// handoverAnswered handles dsar.handover.answered.
func (f *function) handoverAnswered(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarHandoverAnswered](e)
	if err != nil {
		return err
	}
	name, err := from(e)
	if err != nil {
		return err
	}
	m, err := f.betweenUs(ctx, u, name, d.Handover)
	if err != nil {
		return err
	}
	h := m.Handover(d.Handover)
	h.Other = d.Request
	switch d.Answer {
	case events.AnswerReceived:
		if h.ReceiptAt.IsZero() {
			h.ReceiptAt = e.Time
		}
	case events.AnswerAccepted:
		_, err = m.Hear(d.Handover, dsar.Accepted, d.Request, time.Time{}, u.Now())
	case events.AnswerDisputed:
		meeting := u.Now().Add(m.terms.Meeting())
		if d.MeetingBy != nil {
			meeting = d.MeetingBy.UTC()
		}
		h.Their = d.Competent
		_, err = m.Hear(d.Handover, dsar.Disputed, d.Request, meeting, u.Now())
	case events.AnswerNamed:
		return f.nominated(ctx, u, m, h, name, d.Competent)
	}
	if err != nil {
		return refused(err)
	}
	return f.keep(ctx, u, m)
}

// nominated takes a side's word on who answers. Once both name the same, the
// person is told by whoever answers.
func (f *function) nominated(ctx context.Context, u *work.Unit, m *matter, h *dsar.Handover, by, competent string) error {
	settled, err := m.Nominate(h.ID, m.us, by, competent, u.Now())
	if err != nil {
		return refused(err)
	}
	if settled && competent == m.us {
		return f.ours(ctx, u, m)
	}
	return f.keep(ctx, u, m)
}

// answered handles dsar.answered: the competent controller has written the final
// answer (K20 3c).
func (f *function) answered(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarAnswered](e)
	if err != nil {
		return err
	}
	name, err := from(e)
	if err != nil {
		return err
	}
	m, err := f.betweenUs(ctx, u, name, d.Handover)
	if err != nil {
		return err
	}
	if _, err := m.AnsweredElsewhere(d.Handover, d.AnsweredAt.UTC(), u.Now()); err != nil {
		return refused(err)
	}
	return f.keep(ctx, u, m)
}
