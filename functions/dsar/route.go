package dsar

import (
	"context"
	"fmt"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// route decides who answers (K20), hands over what others answer, at once, and
// tells the person the reason and the addressee.
func (f *function) route(ctx context.Context, u *work.Unit, m *matter) error {
	rules := dsar.Rules{
		Us: m.us, Found: m.Request.Found, Party: m.FoundParty, Reason: string(m.Request.Found),
		Controller: m.terms.ControllerFor(m.us, policy.Class(m.Class)),
		Competent:  func(k dsar.Key) string { c, _ := m.terms.Competence(k); return c.By },
	}
	if rules.Party == "" {
		rules.Party = m.terms.OtherController(m.us)
	}
	if m.Origin != nil { // it has been handed over once: it does not go round in circles
		rules.Controller, rules.Found = "", dsar.Ours
	}
	n := len(m.Handovers)
	for _, h := range m.Route(rules, func() string { n++; return fmt.Sprintf("%s.h%d", m.ID, n) }, u.Now()) {
		if err := f.handOver(ctx, u, m, h); err != nil {
			return err
		}
	}
	return nil
}

// handOver passes items on: to an Okence, or the like, as a signed event; to
// anybody else as a letter to the address that the pack has for requests. The
// clock is shared: the first receipt goes with it.
func (f *function) handOver(ctx context.Context, u *work.Unit, m *matter, h dsar.Handover) error {
	if h.Case == dsar.Unclear {
		m.Handover(h.ID).MeetingBy = u.Now().Add(m.terms.Meeting())
	}
	d := &events.DsarHandedOver{
		Handover: h.ID, Request: m.ID, Case: h.Case, Asks: events.Asks(h.Keys), ReceivedAt: m.ReceivedAt, Reason: h.Reason,
		Proved: !m.Identity.ProvedAt.IsZero(), Language: m.Language, Service: m.Service, Marketing: m.Marketing,
		Content: &events.DsarContent{Name: m.Name, Address: m.replyTo(ctx, u), Text: clip(m.Text), Statement: clip(m.Statement)},
	}
	if m.Representative != nil {
		d.Content.Representative, d.Content.Authority = m.Representative.Name, m.Representative.Authority
	}
	line := &register.Disclosure{ContactID: m.ContactID, Recipient: h.Party, Ground: register.Handover, About: []string{record.Requests.Name + "/" + m.ID}}
	_, err := peer.Queue(ctx, u, f.env, h.Party, m.ID, d, []*register.Disclosure{line})
	if fault.Is(err, fault.NotFound) {
		if err = f.forwardByLetter(ctx, u, m, h); err == nil {
			err = dossier.Disclose(ctx, u, line)
		}
	}
	if err != nil {
		return err
	}
	u.Note(audit.Disclose, m.ContactID, audit.Item{Kind: record.Requests.Name, ID: m.ID}).Recipient = h.Party
	values := map[string]string{"addressee": f.named(m, h.Party), "reason": m.why(h.Reason)}
	if h.Case == dsar.Theirs || h.Case == dsar.Unclear {
		values["deadline"] = m.lastDay(m.Clock.DueAt)
	}
	return f.tell(ctx, u, m, told[h.Case], values)
}

// told is the letter for each case.
var told = map[dsar.Case]string{
	dsar.NotJoint: "not_joint", dsar.Theirs: "handed_over", dsar.Unclear: "unclear", dsar.AsProcessor: "processor",
}

// clip keeps what a person wrote within what an event may hold.
func clip(text string) string {
	const most = 12 << 10
	if len(text) <= most {
		return text
	}
	for cut := most; ; cut-- {
		if text[cut]&0xC0 != 0x80 { // a rune begins here
			return text[:cut] + "…"
		}
	}
}

// replyTo is where the person wants the answer, or may be reached.
func (m *matter) replyTo(ctx context.Context, u *work.Unit) string {
	if m.Address != "" {
		return m.Address
	}
	c, ok, err := work.Find(ctx, u, record.Contacts, m.ContactID)
	if err != nil || !ok || len(c.Addresses) == 0 {
		return ""
	}
	return c.Addresses[0].Address
}

// named is a party's name as the pack has it.
func (f *function) named(m *matter, party string) string {
	if p := m.terms.Parties[party]; p.Name != "" {
		return p.Name
	}
	return party
}

// mailbox is where a party takes requests of data subjects.
func (m *matter) mailbox(party string) string {
	p := m.terms.Parties[party]
	if len(p.Intake) > 0 {
		return p.Intake[0]
	}
	if p.DPO.Email != "" {
		return p.DPO.Email
	}
	return p.Email
}
