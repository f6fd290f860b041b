package dsar

import (
	"context"
	"strings"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// received handles dsar.received: a new request, or an earlier arrival of one
// that is known, which moves its limits.
func (f *function) received(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarReceived](e)
	if err != nil {
		return err
	}
	c, err := content(ctx, u, d.Intake)
	if err != nil {
		return err
	}
	in := dsar.Receipt{At: d.ReceivedAt, Way: d.Way, Address: d.Address, MessageID: d.MessageID, EnteredBy: e.Actor, EnteredAt: u.Now()}
	if d.Request != "" {
		known, ok, err := work.Find(ctx, u, record.Requests, d.Request)
		if err != nil {
			return err
		}
		if ok {
			return f.again(ctx, u, known, in, d)
		}
	}
	r := &dsar.Request{
		ID: d.Request, ContactID: d.ContactID, Language: d.Language, Service: d.Service, Class: d.Class, Marketing: d.Marketing, Found: d.Found, FoundParty: d.Party,
		Name: c.Name, Address: c.Address, Text: c.Text, Statement: c.Statement,
	}
	if c.Representative != "" {
		r.Representative = &dsar.Representative{Name: c.Representative, Authority: c.Authority}
	}
	if r.Language == "" {
		r.Language = message.LanguageOf(c.Text)
	}
	r.Ask(events.Keys(d.Asks)...)
	r.Receive(in)
	return f.open(ctx, u, r, evidence(d, e, u))
}

// evidence is what the receipt itself shows of who asks.
func evidence(d *events.DsarReceived, e events.Event, u *work.Unit) *dsar.Link {
	if d.ContactID == "" || d.Proved == "" {
		return nil
	}
	l := &dsar.Link{ContactID: d.ContactID, Means: d.Proved, At: u.Now()}
	if d.Proved != dsar.ByToken && d.Proved != dsar.ByAddress {
		l.By = e.Actor
	}
	return l
}

// again adds an arrival, and rights that were not asked for before.
func (f *function) again(ctx context.Context, u *work.Unit, r *dsar.Request, in dsar.Receipt, d *events.DsarReceived) error {
	m, err := f.matterOf(u, r)
	if err != nil {
		return err
	}
	if m.Receive(in) {
		if err := m.count(); err != nil {
			return err
		}
		if err := f.sooner(ctx, u, m); err != nil {
			return err
		}
	}
	if !m.State.Closed() {
		m.Ask(events.Keys(d.Asks)...)
		if err := f.route(ctx, u, m); err != nil {
			return err
		}
	}
	return f.keep(ctx, u, m)
}

// open makes a request known: who asks, who answers, by when.
func (f *function) open(ctx context.Context, u *work.Unit, r *dsar.Request, shown *dsar.Link) error {
	var err error
	if r.ID == "" {
		if r.ID, err = u.NewID(ctx, "request"); err != nil {
			return err
		}
	}
	if err := f.filed(ctx, u, r); err != nil {
		return err
	}
	m, err := f.matterOf(u, r)
	if err != nil {
		return err
	}
	if err := m.count(); err != nil {
		return err
	}
	if shown != nil {
		if err := refused(m.Link(*shown)); err != nil {
			return err
		}
	}
	m.Request.Check(f.needs(m), m.checked(), m.marketingExempt())
	if m.Recognition != nil && m.Recognition.Verdict == "" { // an adviser first
		m.State = dsar.Suggested
		return f.keep(ctx, u, m)
	}
	return f.proceed(ctx, u, m)
}

// proceed is what follows once it is certain that it is a request.
func (f *function) proceed(ctx context.Context, u *work.Unit, m *matter) error {
	if err := f.route(ctx, u, m); err != nil {
		return err
	}
	if m.State != dsar.Forwarded {
		if err := f.tell(ctx, u, m, "received", map[string]string{"received": m.date(m.ReceivedAt), "deadline": m.lastDay(m.Clock.DueAt)}); err != nil {
			return err
		}
	}
	if m.State == dsar.Verifying {
		if err := f.ask(ctx, u, m, m.Identity.Need, ""); err != nil {
			return err
		}
	}
	return f.keep(ctx, u, m)
}

// filed sees to it that the request has an owner. Who is not known by more than
// what they say gets a contact of their own: nothing of anybody else's is joined
// to it, nor is the request shown to anybody else.
func (f *function) filed(ctx context.Context, u *work.Unit, r *dsar.Request) error {
	if r.ContactID != "" {
		_, err := work.Peek(ctx, u, record.Contacts, r.ContactID)
		if fault.Is(err, fault.NotFound) {
			err = fault.New(fault.Poison, "dsar: the request is of a contact that is not there")
		}
		return err
	}
	c := &contact.Contact{CreatedAt: u.Now(), Name: r.Name}
	var err error
	if c.ID, err = u.NewID(ctx, "contact"); err != nil {
		return err
	}
	if a, ok := addressOf(r.Address); ok {
		a.SeenAt = u.Now()
		c.Reach(a)
	}
	r.ContactID = c.ID
	work.Save(u, record.Contacts, c)
	return nil
}

// addressOf reads a mail address or a phone number.
func addressOf(text string) (contact.Address, bool) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Count(text, "@") == 1 && !strings.ContainsAny(text, " \r\n<>,;"):
		return contact.Address{Scheme: message.Mailto, Address: text, Channel: message.Email}, true
	case strings.HasPrefix(text, "+") && len(text) > 7 && strings.Trim(text[1:], "0123456789") == "":
		return contact.Address{Scheme: message.Tel, Address: text, Channel: message.SMS}, true
	}
	return contact.Address{}, false
}

// needs are the reasons to check identity that the request itself shows.
func (f *function) needs(m *matter) []dsar.Need {
	var out []dsar.Need
	if m.Identity.ProvedAt.IsZero() {
		out = append(out, dsar.UnusualAddress)
	}
	if m.Item(dsar.Key{Right: dsar.Erasure, Scope: dsar.Data}) != nil {
		out = append(out, dsar.TotalErasure)
	}
	return out
}

// checked are the needs that the pack lists.
func (m *matter) checked() []dsar.Need {
	var out []dsar.Need
	for _, n := range m.terms.Requests.Verify.When {
		out = append(out, dsar.Need(n))
	}
	return out
}

// marketingExempt: nobody is checked who only wants marketing to end. The
// directive says so (P11), and the law asks for no more (GDPR arts. 12(6), 21(3)).
func (m *matter) marketingExempt() bool { return true }
