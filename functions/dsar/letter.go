package dsar

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	model "github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// tell writes a letter to the person, in their language.
func (f *function) tell(ctx context.Context, u *work.Unit, m *matter, template string, values map[string]string) error {
	_, err := f.write(ctx, u, m, template, values)
	return err
}

// write is tell that returns the id of the message: "" where the person has no
// address that a machine can write to, and an officer sends the letter by post.
func (f *function) write(ctx context.Context, u *work.Unit, m *matter, template string, values map[string]string) (string, error) {
	return f.writeTo(ctx, u, m, m.ContactID, template, values)
}

func (f *function) writeTo(ctx context.Context, u *work.Unit, m *matter, contactID, template string, values map[string]string) (string, error) {
	n, ok, err := f.queue(ctx, u, m, contactID, template, values)
	if err != nil || !ok {
		return "", err
	}
	return n.MessageID, nil
}

// queue is write for any contact. It returns the notice; ok is false where the
// letter goes by post.
func (f *function) queue(ctx context.Context, u *work.Unit, m *matter, contactID, template string, values map[string]string) (n *model.Notice, ok bool, err error) {
	if values == nil {
		values = map[string]string{}
	}
	values["reference"] = m.reference()
	l := notice.Letter{
		Template: "dsar." + template, Language: m.language(), Values: values, Ready: true,
		To: notice.To{ContactID: contactID, ConversationID: f.conversation(ctx, u, m, contactID)}, About: aboutRequest(m.ID),
	}
	if contactID == m.ContactID && m.acts() && m.Address != "" { // whom the person empowered gets the answers, where they want them
		if a, ok := addressOf(m.Address); ok && a.Scheme == message.Mailto {
			l.To = notice.To{Mailbox: a.Address}
		} else if !ok {
			return new(model.Notice), false, f.post(ctx, u, m, template, values)
		}
	}
	if n, err = notice.Queue(ctx, u, f.env, l); !fault.Is(err, fault.NotFound) {
		return n, err == nil, err
	}
	var others []notice.To
	if contactID == m.ContactID {
		if others, err = f.others(ctx, u, m, template == "code"); err != nil {
			return new(model.Notice), false, err
		}
	}
	for _, l.To = range others {
		if n, err = notice.Queue(ctx, u, f.env, l); !fault.Is(err, fault.NotFound) {
			return n, err == nil, err
		}
	}
	return new(model.Notice), false, f.post(ctx, u, m, template, values)
}

// acts reports whether a representative acts whose authority a named person saw.
func (m *matter) acts() bool { return m.Representative != nil && m.Representative.CheckedBy != "" }

// others are how the person may be reached where nothing under their contact takes a
// letter now (what is written to WhatsApp is not taken a day after they were heard
// there), in turn: what else the request covers; mail addresses that they are known
// by; where they want the answer. Where all of these fail, it goes by post. A code
// proves who has an address that is on file: it goes to no other.
func (f *function) others(ctx context.Context, u *work.Unit, m *matter, code bool) (out []notice.To, err error) {
	onFile := false // the contact was made with the address of the request, or has it
	others := slices.DeleteFunc(m.Covered(), func(id string) bool { return id == m.ContactID })
	for _, id := range others {
		out = append(out, notice.To{ContactID: id})
	}
	for _, id := range append([]string{m.ContactID}, others...) {
		c, ok, err := work.Find(ctx, u, record.Contacts, id)
		if fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		for _, a := range c.Addresses {
			onFile = onFile || id == m.ContactID && a.Scheme == message.Mailto && a.Address == strings.TrimSpace(m.Address)
			theirs, err := leadsTo(ctx, u, a, id)
			if err != nil {
				return nil, err
			}
			if theirs {
				out = append(out, notice.To{Mailbox: a.Address})
			}
		}
	}
	if a, ok := addressOf(m.Address); ok && a.Scheme == message.Mailto && (!code || onFile) {
		out = append(out, notice.To{Mailbox: a.Address})
	}
	return out, nil
}

// leadsTo reports whether an address is a mailbox that is found under a contact.
func leadsTo(ctx context.Context, u *work.Unit, a contact.Address, contactID string) (bool, error) {
	if a.Scheme != message.Mailto {
		return false, nil
	}
	id, err := locate.AddressID(ctx, u, a.Scheme, "", a.Address)
	if err != nil {
		return false, err
	}
	l, ok, err := work.Find(ctx, u, record.Lookups, id)
	return ok && l.ContactID == contactID, err
}

// conversation is that in which the request came, so that the answer goes where
// the person wrote.
func (f *function) conversation(ctx context.Context, u *work.Unit, m *matter, contactID string) string {
	if m.Recognition == nil || contactID != m.ContactID {
		return ""
	}
	msg, err := work.Peek(ctx, u, record.Messages, m.Recognition.MessageID)
	if err != nil {
		return ""
	}
	return msg.ConversationID
}

// authority is the supervisory authority's name as a recipient.
const authority = "authority"

// toAuthority forwards a complaint with the request's file.
func (f *function) toAuthority(ctx context.Context, u *work.Unit, m *matter, c *dsar.Complaint) (string, error) {
	file, err := json.MarshalIndent(m.Request, "", " ")
	if err != nil {
		return "", fault.New(fault.Internal, "dsar: the file of a request can't be encoded")
	}
	n, err := notice.Queue(ctx, u, f.env, notice.Letter{
		Template: "dsar.authority", Language: string(f.own(u)),
		Values: map[string]string{"reference": m.reference(), "words": m.Words[dsar.WordsOf("complaint", c.ID)], "file": string(file)},
		To:     notice.To{Party: authority, Mailbox: m.terms.Authority.Email}, About: aboutRequest(m.ID),
	})
	if err != nil {
		return "", err
	}
	return n.MessageID, dossier.DiscloseOnce(ctx, u, &register.Disclosure{
		ContactID: m.ContactID, Recipient: authority, Mailbox: m.terms.Authority.Email, Ground: register.Complaint, About: []string{record.Requests.Name + "/" + m.ID},
	}, "complaint", m.ID, c.ID)
}

// forwardByLetter hands a request to a party that has no Okence: by mail, and where
// the pack knows no mailbox, by a letter for an officer to send at once.
func (f *function) forwardByLetter(ctx context.Context, u *work.Unit, m *matter, h dsar.Handover) error {
	var asks []string
	for _, k := range h.Keys {
		asks = append(asks, m.right(k))
	}
	values := map[string]string{
		"reference": m.reference(), "reason": m.why(h.Reason), "received": m.date(m.ReceivedAt), "asks": strings.Join(asks, ", "),
		"name": m.Name, "address": m.replyTo(ctx, u), "text": m.Text,
	}
	language, by := string(f.own(u)), u.Now().Add(m.terms.Meeting())
	mailbox := m.mailbox(h.Party)
	if mailbox == "" {
		text, err := notice.Render("dsar.forward", language, values)
		if err != nil {
			return err
		}
		return f.print(u, m, "forward", text, f.named(m, h.Party), m.terms.Parties[h.Party].Address, by)
	}
	_, err := notice.Queue(ctx, u, f.env, notice.Letter{
		Template: "dsar.forward", Language: language, Values: values,
		To: notice.To{Party: h.Party, Mailbox: mailbox}, About: aboutRequest(m.ID), ConfirmBy: by,
	})
	return err
}

// own is the first language of the pack: what organisations are written in.
func (f *function) own(u *work.Unit) policy.Language {
	if p, err := f.env.Policy.ForTenant(u.Tenant()); err == nil && len(p.Languages) > 0 {
		return p.Languages[0]
	}
	return policy.English
}

func (m *matter) reference() string { return conversation.Reference(m.ID) }

func (m *matter) language() string {
	if m.Language == "" {
		if m.limits.Calendar.Jurisdiction() == "SK" {
			return "sk"
		}
		return "sl"
	}
	return m.Language
}

// date is a day as the person reads it, in the pack's zone.
func (m *matter) date(at time.Time) string {
	layout := "2. 1. 2006"
	if m.language() == "en" {
		layout = "2 January 2006"
	}
	return at.In(m.limits.Calendar.Location()).Format(layout)
}

// lastDay is the last day of a limit, whose end is exclusive.
func (m *matter) lastDay(end time.Time) string { return m.date(end.Add(-time.Second)) }

// authority names the supervisory authority and how it is reached.
func (m *matter) authority() string {
	a := m.terms.Authority
	parts := []string{}
	for _, p := range []string{a.Name, a.Address, a.Email} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// worded is a reason: the officer's words, else the pack's text of that key, else
// the key itself, which is one of the pack's grounds.
func (m *matter) worded(name, key string) string {
	if words := m.Words[name]; words != "" {
		return words
	}
	if text, _, ok := m.terms.Text(key, policy.Language(m.language())); ok {
		return text
	}
	return key
}
