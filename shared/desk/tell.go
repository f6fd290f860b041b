package desk

import (
	"context"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Texts of the pack for what a person is told. But for ToldSolution they name the
// ticket and say nothing of what it is about: they may go to any address of the
// person's.
const (
	ToldEscalated = "ticket_escalated"
	ToldReturned  = "ticket_returned"
	ToldResolved  = "ticket_resolved"
	ToldSolution  = "ticket_solution" // in place of ToldResolved, where somebody wrote what the solution is
)

// Tell writes to the person on the channel that they used last, over all that
// has been merged (K04), and notes it in the communication log. Where nobody
// can be written to (a voice call, restricted data), the work log says so, for
// an adviser to see.
func Tell(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, text string) error {
	return tell(ctx, u, env, t, text, "")
}

// Solved tells the person that the ticket is solved, and how. The solution is
// content: it goes to an address of the conversation in which the ticket began,
// or one that has been verified since that was merged. Any other hears that it
// is solved (shared/notice), and the solution waits in the conversation.
func Solved(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, solution string) error {
	if solution == "" {
		return tell(ctx, u, env, t, ToldResolved, "")
	}
	return tell(ctx, u, env, t, ToldSolution, solution)
}

func tell(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, text, content string) error {
	conv, last, err := lastHeard(ctx, u, env, t)
	if err != nil {
		return untold(ctx, u, t, text, err)
	}
	about, err := began(ctx, u, t)
	if err != nil {
		return err
	}
	if about == "" { // of no conversation: content goes to this very contact alone
		if about = conv.ID; content != "" && conv.ContactID != t.ContactID {
			text, content = ToldResolved, ""
		}
	}
	terms, err := env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	language := message.LanguageOf(last.Text)
	words, _, ok := terms.Text(text, policy.Language(language))
	if !ok {
		return fault.New(fault.Internal, "desk: the pack has no text %s", text)
	}
	a := notice.Answer{
		ConversationID: about, Beside: conv.ID, Automatic: true, Language: language, Reference: t.Number, Bare: content == "",
		Text: strings.NewReplacer("{number}", t.Number, "{solution}", content).Replace(words),
	}
	if conv.Channel == message.Email {
		a.Subject = t.Number
	}
	sent, err := notice.Reply(ctx, u, env, a)
	if err != nil {
		return untold(ctx, u, t, text, err)
	}
	out := sent.Message
	if sent.Bare != nil {
		out = sent.Bare
		if err := Log(ctx, u, t, &ticket.Entry{Kind: ticket.Communication, Message: sent.Message.ID, Text: "kept back: " + notice.CodeUnproven}); err != nil {
			return err
		}
	}
	return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Communication, Visible: true, Message: out.ID, To: out.Recipients[0].Address, Text: out.Text})
}

// untold notes that the person could not be told, where that is why.
func untold(ctx context.Context, u *work.Unit, t *ticket.Ticket, text string, err error) error {
	switch fault.Of(err) {
	case fault.Forbidden, fault.Gone, fault.NotFound, fault.Invalid:
		return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Communication, Text: "not told: " + text})
	}
	return err
}

// began is the conversation in which a ticket began, if it is still there.
func began(ctx context.Context, u *work.Unit, t *ticket.Ticket) (string, error) {
	if t.ConversationID == "" {
		return "", nil
	}
	there, err := u.There(ctx, work.Of(record.Conversations, t.ConversationID))
	if err != nil || !there {
		return "", err
	}
	return t.ConversationID, nil
}

const maxHeard = 50 // conversations of one person that are looked at

// lastHeard finds where the person said something last, and what: of the accounts
// that can send, else of those that wait for a secret. fault.NotFound: nowhere
// that an answer could go to.
func lastHeard(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) (*conversation.Conversation, *message.Message, error) {
	people, err := everyone(ctx, u, t)
	if err != nil {
		return nil, nil, err
	}
	var best *conversation.Conversation
	ready := false // best is of an account that can send now
	for _, id := range people {
		page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: id, Desc: true, Limit: maxHeard})
		if err != nil {
			return nil, nil, err
		}
		for _, c := range page.Items {
			can, now := sends(env, u.Tenant(), c)
			if !can || c.HeardAt.IsZero() || (ready && !now) {
				continue
			}
			if best == nil || (now && !ready) || c.HeardAt.After(best.HeardAt) {
				best, ready = c, now
			}
		}
	}
	if best == nil {
		return nil, nil, fault.New(fault.NotFound, "desk: nowhere to answer to")
	}
	page, err := work.Scan(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: best.ID, Desc: true, Limit: maxHeard})
	if err != nil {
		return nil, nil, err
	}
	for _, m := range page.Items {
		if m.Direction != message.In || m.Kind != message.Said || m.Automatic {
			continue
		}
		last, err := work.Load(ctx, u, record.Messages, m.ID)
		if err != nil {
			return nil, nil, err
		}
		conv, err := work.Load(ctx, u, record.Conversations, best.ID)
		if err == nil && last.Sender.Address == "" {
			err = fault.New(fault.NotFound, "desk: nobody to answer to")
		}
		return conv, last, err
	}
	return nil, nil, fault.New(fault.NotFound, "desk: nothing to answer to")
}

// everyone lists the contacts that are this person: those merged, and those of
// the conversations merged with the ticket's.
func everyone(ctx context.Context, u *work.Unit, t *ticket.Ticket) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	add := func(id string) {
		if id != "" && !seen[id] && len(out) < maxHeard {
			seen[id] = true
			out = append(out, id)
		}
	}
	add(t.ContactID)
	if t.ConversationID != "" {
		err := eachPart(ctx, u, record.Conversations, t.ConversationID, (*conversation.Conversation).Node, func(c *conversation.Conversation) { add(c.ContactID) })
		if err != nil {
			return nil, err
		}
	}
	for _, id := range append([]string(nil), out...) {
		err := eachPart(ctx, u, record.Contacts, id, contactNode, func(c *contact.Contact) { add(c.ID) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func contactNode(c *contact.Contact) conversation.Node {
	return conversation.Node{ID: c.ID, Into: &c.Into, Merge: &c.Merge, Parts: &c.Parts}
}

// eachPart visits a record's head and everything merged into that, by clear
// parts.
func eachPart[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], id string, node func(*T) conversation.Node, visit func(*T)) error {
	rec, err := work.Peek(ctx, u, k, id)
	for n := 0; err == nil && *node(rec).Into != "" && n < conversation.MaxParts; n++ {
		rec, err = work.Peek(ctx, u, k, *node(rec).Into)
	}
	if fault.Is(err, fault.NotFound) { // gone by its own retention
		return nil
	}
	if err != nil {
		return err
	}
	waiting := []*T{rec}
	for n := 0; len(waiting) > 0 && n <= conversation.MaxParts; n++ {
		next := waiting[0]
		waiting = waiting[1:]
		visit(next)
		for _, id := range *node(next).Parts {
			part, err := work.Peek(ctx, u, k, id)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			waiting = append(waiting, part)
		}
	}
	return nil
}

// sends reports whether an answer can go out where a conversation is, and
// whether the account has a secret to send with now.
func sends(env *host.Env, tenant string, c *conversation.Conversation) (can, now bool) {
	name := channel.Name{Channel: c.Channel, Provider: c.Provider}
	s, ok := registry.Lookup(name).(channel.Sender)
	if !ok || c.Channel == message.Voice {
		return false, false
	}
	secrets, err := env.Secrets(tenant, name)
	return true, err == nil && channel.Usable(secrets, s.Sends()...) != nil
}
