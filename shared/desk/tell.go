package desk

import (
	"context"
	"strings"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
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
// has been merged (K04), in the language of what they said there, and to nobody
// else who writes in the same conversation; and notes it in the communication log.
// Where nobody can be written to (a voice call, restricted data), the work log says
// so, for an adviser to see.
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
		if about = conv.ID; content != "" && last.ContactID != t.ContactID {
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
		ConversationID: about, Beside: conv.ID, ContactID: last.ContactID, Automatic: true, Language: language, Reference: t.Number, Bare: content == "",
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
