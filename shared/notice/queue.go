package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Recipient is an office of an organisation.
type Recipient = notice.Recipient

// To is who gets a letter: a person, or an organisation.
type To struct {
	// ContactID is a person's. ConversationID is where the person's matter was
	// talked about; empty: the conversation in which they were heard last. Others
	// may write in it, too: the letter goes to this person's address alone.
	ContactID      string
	ConversationID string

	// Party is an organisation's id in the pack, Mailbox its mail address from
	// there, and Name the office's, if it has one.
	Party   string
	Mailbox string
	Name    string
}

// File is a document that goes along, by mail only.
type File struct {
	Name  string
	Mime  string
	Bytes []byte
}

// Letter is what is to be written, to whom, about what.
type Letter struct {
	Template string
	Language string            // "sl", "en", "sk"; anything else is "en"
	Values   map[string]string // exactly the template's
	To       To
	About    deadline.Ref
	Files    []File

	// Ready asks that it go out now, or not at all: fault.NotFound where nothing of a
	// person takes a letter at this moment. Without it such a letter waits, and fails.
	Ready bool

	// ConfirmBy asks for a confirmation by an instant; Otherwise are told in
	// turn, each after as long a time, while nobody confirms.
	ConfirmBy time.Time
	Otherwise []Recipient
}

// Queue writes a letter and puts it on its way, within the unit. The unit must
// be for a purpose that opens what was collected for service (access.Opens).
// fault.Internal: the template; fault.NotFound: the person has never written on
// a channel that we can send on; fault.Forbidden: their data is restricted.
func Queue(ctx context.Context, u *work.Unit, env *host.Env, l Letter) (*notice.Notice, error) {
	text, err := Render(l.Template, l.Language, l.Values)
	if err != nil {
		return nil, err
	}
	return queue(ctx, u, env, l, text, "")
}

// queue sends a text that is written already. after is the notice that it
// follows.
func queue(ctx context.Context, u *work.Unit, env *host.Env, l Letter, text Text, after string) (*notice.Notice, error) {
	var sent Sent
	var err error
	if l.To.Mailbox != "" {
		sent, err = write(ctx, u, env, l.To, l.About, Answer{Subject: text.Subject, Text: text.Body, Secrets: text.Secrets, Files: l.Files, Automatic: true})
	} else {
		sent, err = tell(ctx, u, env, l, text)
	}
	if err != nil {
		return nil, err
	}
	id, err := u.NewID(ctx, notice.Kind)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(text.Subject + "\n" + text.Body))
	n := &notice.Notice{
		ID: id, Template: l.Template, Version: text.Version, Language: text.Language, About: l.About, Party: l.To.Party,
		ContactID: sent.Message.ContactID, ConversationID: sent.Message.ConversationID, MessageID: sent.Message.ID, Withheld: sent.Bare != nil,
		SHA256: hex.EncodeToString(sum[:]), QueuedAt: u.Now(), ConfirmBy: l.ConfirmBy, Otherwise: l.Otherwise, After: after,
	}
	for _, f := range l.Files {
		sum := sha256.Sum256(f.Bytes)
		n.Files = append(n.Files, hex.EncodeToString(sum[:]))
	}
	work.Save(u, record.Notices, n)
	if !l.ConfirmBy.IsZero() {
		limit := deadline.New(ref(n), notice.Confirm, u.Now(), l.ConfirmBy)
		limit.Party = l.To.Party
		work.Save(u, record.Limits, limit)
	}
	act := audit.Collect
	if l.To.Party != "" {
		act = audit.Disclose
	}
	e := u.Note(act, n.ContactID, audit.Item{Kind: notice.Kind, ID: n.ID, Fields: []string{"text.sha256." + n.SHA256}})
	if l.To.Party != "" {
		e.Recipient, e.Reason = l.To.Party, l.Template+" "+text.Version
	}
	return n, nil
}

func ref(n *notice.Notice) deadline.Ref { return deadline.Ref{Kind: notice.Kind, ID: n.ID} }

// tell writes to a person where their matter was talked about, or, where nothing
// can be sent there now, or no place is named, where they were heard last.
func tell(ctx context.Context, u *work.Unit, env *host.Env, l Letter, text Text) (Sent, error) {
	a := Answer{ConversationID: l.To.ConversationID, ContactID: l.To.ContactID, Subject: text.Subject, Text: text.Body, Secrets: text.Secrets, Files: l.Files, Automatic: true, Language: text.Language}
	named, writable := a.ConversationID != "", false
	if named {
		c, err := work.Peek(ctx, u, record.Conversations, a.ConversationID)
		if err != nil {
			return Sent{}, err
		}
		writable = takes(c, u.Now())
	}
	if !writable {
		page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: l.To.ContactID, Desc: true, Limit: store.MaxPage})
		if err != nil {
			return Sent{}, err
		}
		open := slices.DeleteFunc(slices.Clone(page.Items), func(c *conversation.Conversation) bool { return !takes(c, u.Now()) })
		last := heardLast(open, l.Files)
		if last == nil && l.Ready {
			return Sent{}, fault.New(fault.NotFound, "nothing of contact %s takes a letter now", l.To.ContactID)
		}
		if last == nil && named {
			return Reply(ctx, u, env, a) // it fails, and an adviser sees why
		}
		if last == nil {
			last = heardLast(page.Items, l.Files)
		}
		if last == nil {
			return Sent{}, fault.New(fault.NotFound, "no conversation of contact %s to write in", l.To.ContactID)
		}
		a.ConversationID, a.Part = last.ID, last.ID
	}
	sent, err := Reply(ctx, u, env, a)
	if errors.Is(err, ErrNoAddress) {
		err = fault.New(fault.NotFound, "contact %s can't be written to in conversation %s", l.To.ContactID, a.ConversationID)
	}
	return sent, err
}

// Confirm notes that somebody confirmed a notice: by is their opaque id, how a
// code. It meets the limit that waits for it. Doing it again changes nothing.
func Confirm(ctx context.Context, u *work.Unit, n *notice.Notice, by, how string, at time.Time) error {
	if !n.ConfirmedWith(by, how, at) {
		return nil
	}
	work.Save(u, record.Notices, n)
	return end(ctx, u, n, func(l *deadline.Limit) bool { return l.Meet(at) })
}

// end ends the limit of a notice, if it has one.
func end(ctx context.Context, u *work.Unit, n *notice.Notice, how func(*deadline.Limit) bool) error {
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(ref(n), notice.Confirm))
	if err == nil && ok && how(l) {
		work.Save(u, record.Limits, l)
	}
	return err
}

// State is the proof of sending: the message that carries a notice, without its
// content. A notice that was withheld is proved by the bare one that went out.
func State(ctx context.Context, u *work.Unit, n *notice.Notice) (*message.Message, error) {
	return work.Peek(ctx, u, record.Messages, n.MessageID)
}
