package dsar

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// post writes a letter to the person that no channel takes for an officer to print,
// with the legal limit by which it is to leave: that of the answer, or of telling an
// extension. A one-time code goes to no such list: it would have ended before it came.
func (f *function) post(ctx context.Context, u *work.Unit, m *matter, template string, values map[string]string) error {
	if template == "code" {
		return nil
	}
	text, err := notice.Render("dsar."+template, m.language(), values)
	if err != nil {
		return err
	}
	name := m.Name
	if m.acts() { // the answer goes to whom the person empowered
		name = m.Representative.Name
	}
	if name == "" {
		c, ok, err := work.Find(ctx, u, record.Contacts, m.ContactID)
		if err != nil && !fault.Is(err, fault.Gone) {
			return err
		}
		if ok {
			name = c.Name
		}
	}
	return f.print(u, m, template, text, name, m.Address, m.postBy(template))
}

// print puts a letter on the officer's list, with its limit.
func (f *function) print(u *work.Unit, m *matter, template string, text notice.Text, name, address string, by time.Time) error {
	m.Post(template, u.Now())
	p := &dsar.Posting{
		ID: dsar.PostingID(m.ID, len(m.ByPost)), RequestID: m.ID, ContactID: m.ContactID, Template: template, Version: text.Version, Language: text.Language,
		QueuedAt: u.Now(), PostBy: by, Name: name, Address: address, Subject: text.Subject, Text: text.Body,
	}
	work.Save(u, record.Postings, p)
	start := u.Now()
	if !p.PostBy.After(start) { // it is late already, and says so
		start = m.ReceivedAt
	}
	l := deadline.New(deadline.Ref{Kind: record.Postings.Name, ID: p.ID}, dsar.PostingLimit, start, p.PostBy, m.terms.Breach.Warn...)
	l.Party, l.Law = m.us, "GDPR art. 12(3)"
	work.Save(u, record.Limits, l)
	return nil
}

// postBy is when a letter is to have left: with the answer, or in time to tell an
// extension.
func (m *matter) postBy(template string) time.Time {
	if template == "extended" {
		return m.Clock.TellBy
	}
	return m.Clock.DueAt
}

// sooner moves the limits of letters that wait, where an earlier arrival moved that
// of the answer.
func (f *function) sooner(ctx context.Context, u *work.Unit, m *matter) error {
	for n := range m.ByPost {
		p, ok, err := work.Find(ctx, u, record.Postings, dsar.PostingID(m.ID, n+1))
		if err != nil {
			return err
		}
		if !ok || !p.PostedAt.IsZero() || !m.postBy(p.Template).Before(p.PostBy) {
			continue
		}
		l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Postings.Name, ID: p.ID}, dsar.PostingLimit))
		if err != nil {
			return err
		}
		p.PostBy = m.postBy(p.Template)
		work.Save(u, record.Postings, p)
		if ok && l.Move(u.Now(), p.PostBy, m.terms.Breach.Warn...) {
			work.Save(u, record.Limits, l)
		}
	}
	return nil
}

// posted handles the step: an officer says that a letter left. An extension has been
// told then, where the terms do not ask that it be received, or it was handed over;
// an erasure that waits for its answer goes on.
func (f *function) posted(ctx context.Context, u *work.Unit, m *matter, id string) error {
	p, err := work.Load(ctx, u, record.Postings, id)
	if err != nil || p.PostedAt.IsZero() {
		return err
	}
	switch p.Template {
	case "extended":
		received := m.terms.Requests.Extension.Delivered
		if x := m.Clock.Extension; x != nil && x.ToldAt.IsZero() && (p.Handed || received == nil || !*received) {
			m.Told(p.PostedAt)
		}
	case "erasing":
		return f.erasing(ctx, u, m)
	}
	return f.keep(ctx, u, m)
}

// left reports whether the newest letter of a template that goes by post has left.
func left(ctx context.Context, u *work.Unit, r *dsar.Request, template string) (bool, error) {
	for n := len(r.ByPost); n > 0; n-- {
		if r.ByPost[n-1].Template != template {
			continue
		}
		p, err := work.Peek(ctx, u, record.Postings, dsar.PostingID(r.ID, n))
		if fault.Is(err, fault.NotFound) { // of a request from before there was a list
			return false, nil
		}
		return err == nil && !p.PostedAt.IsZero(), err
	}
	return false, nil
}
