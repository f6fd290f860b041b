package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/redact"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Hidden is a record that may have to be kept from its person (S08).
type Hidden interface{ Hidden(now time.Time) bool }

// Gathered is everything of a person: their records, and who else took part.
type Gathered struct {
	Subjects []string
	Records  []*work.Owned
	Own      redact.Person
	Others   []redact.Person
	Ours     []string // addresses of our own lines
	Apart    []string // ids of others' messages in the person's conversations

	conversations map[string]*conversation.Conversation
	shared        map[string]bool // conversations in which somebody else took part
}

// pageSize is how many records are read at once.
const pageSize = 200

// Gather finds everything of the persons named, who are one (the contacts that
// a request covers), in time proportional to their own records and to the
// conversations they took part in. The unit's purpose must be one that stays
// open under restriction (access.Rights).
func Gather(ctx context.Context, u *work.Unit, subjects []string) (*Gathered, error) {
	g := &Gathered{Subjects: subjects, conversations: map[string]*conversation.Conversation{}, shared: map[string]bool{}}
	for _, s := range subjects {
		if err := g.records(ctx, u, s); err != nil {
			return nil, err
		}
	}
	for _, o := range g.Records {
		g.learn(o)
	}
	return g, g.around(ctx, u)
}

func (g *Gathered) records(ctx context.Context, u *work.Unit, subject string) error {
	for cursor := ""; ; {
		page, err := work.ListOwned(ctx, u, subject, cursor, pageSize)
		if err != nil {
			return err
		}
		for _, o := range page.Items {
			if h, ok := o.Rec.(Hidden); ok && h.Hidden(u.Now()) {
				continue
			}
			if o.Shape == record.Packages.Shape {
				continue // what was made of all this before
			}
			g.Records = append(g.Records, o)
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// learn takes from a record what the person is called and reached by: fields of
// identity, address and identifier that can only be the owner's.
func (g *Gathered) learn(o *work.Owned) {
	for _, f := range o.Shape.Fields {
		if !f.Personal || f.File || f.Parties {
			continue
		}
		switch f.Category {
		case record.Identity, record.Address, record.Identifier:
		default:
			continue
		}
		texts(fieldOf(o.Rec, f.Name), func(key, s string) {
			if s == "" {
				return
			}
			switch {
			case f.Category == record.Identity:
				g.Own.Names = append(g.Own.Names, s)
			case key != "scheme" && key != "channel" && key != "seen_at":
				g.Own.Addresses = append(g.Own.Addresses, s)
			}
		})
	}
	switch r := o.Rec.(type) {
	case *conversation.Conversation:
		g.conversations[r.ID] = r
		g.Ours = append(g.Ours, r.Line)
	case *message.Message:
		if r.Direction != message.In {
			g.Ours = append(g.Ours, r.Sender.Address)
			return
		}
		g.Own.Names = append(g.Own.Names, r.Sender.Name)
		g.Own.Addresses = append(g.Own.Addresses, nonEmpty(r.Sender.Address, r.Sender.Raw, r.Sender.UserID)...)
	}
}

// around finds who else took part: in the person's conversations, and in those
// of others in which the person wrote.
func (g *Gathered) around(ctx context.Context, u *work.Unit) error {
	all := map[string]bool{}
	for id := range g.conversations {
		all[id] = true
	}
	for _, o := range g.Records {
		if m, ok := o.Rec.(*message.Message); ok && m.ConversationID != "" {
			all[m.ConversationID] = true
		}
	}
	people := map[string]bool{}
	for _, id := range sorted(all) {
		if err := g.conversation(ctx, u, id, people); err != nil {
			return err
		}
	}
	for _, id := range sorted(people) {
		c, err := work.Load(ctx, u, record.Contacts, id)
		switch fault.Of(err) {
		case "":
			g.Others = append(g.Others, personOf(c))
		case fault.NotFound, fault.Gone:
		default:
			return err
		}
	}
	g.parties()
	return nil
}

// conversation notes the other people of one conversation.
func (g *Gathered) conversation(ctx context.Context, u *work.Unit, id string, people map[string]bool) error {
	if g.conversations[id] == nil {
		c, err := work.Peek(ctx, u, record.Conversations, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			g.conversations[id] = c
			g.Ours = append(g.Ours, c.Line)
			if !slices.Contains(g.Subjects, c.ContactID) {
				people[c.ContactID], g.shared[id] = true, true
			}
		}
	}
	mine := g.conversations[id] != nil && slices.Contains(g.Subjects, g.conversations[id].ContactID)
	q := store.Query{Index: record.ByConversation, Partition: id, Limit: pageSize}
	for {
		page, err := work.Scan(ctx, u, record.Messages, q)
		if err != nil {
			return err
		}
		for _, m := range page.Items {
			if slices.Contains(g.Subjects, m.ContactID) {
				continue
			}
			people[m.ContactID], g.shared[id] = true, true
			if mine {
				g.Apart = append(g.Apart, m.ID)
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
	}
}

// parties adds those who only stand among senders and recipients.
func (g *Gathered) parties() {
	r, ours := redact.New(g.Own, nil), map[string]bool{}
	for _, a := range g.Ours {
		ours[a] = a != ""
	}
	for _, o := range g.Records {
		m, ok := o.Rec.(*message.Message)
		if !ok {
			continue
		}
		for _, p := range append([]message.Party{m.Sender}, m.Recipients...) {
			if r.Own(p.Address) || ours[p.Address] || p.Address == "" && (p.Name == "" || r.Own(p.Name)) {
				continue
			}
			g.shared[m.ConversationID] = true
			g.Others = append(g.Others, redact.Person{Names: nonEmpty(p.Name), Addresses: nonEmpty(p.Address, p.UserID)})
		}
	}
	g.Ours = sorted(ours)
	slices.SortFunc(g.Others, func(a, b redact.Person) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	g.Others = slices.CompactFunc(g.Others, func(a, b redact.Person) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
}

func personOf(c *contact.Contact) redact.Person {
	p := redact.Person{Names: nonEmpty(c.Name)}
	for _, a := range c.Addresses {
		p.Addresses = append(p.Addresses, nonEmpty(a.Address)...)
	}
	return p
}

func nonEmpty(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// name is how a record is called in a package.
func name(o *work.Owned) string { return fmt.Sprintf("%s/%s", o.Shape.Name, o.ID) }
