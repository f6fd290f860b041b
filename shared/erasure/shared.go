package erasure

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// removeFree removes a record, unless records with a life of their own still stand
// under it: a conversation in which messages are left stays. In an erasure on
// request (asked), one in which only others' messages are left is theirs from then
// on: nothing of its person stays in it.
func removeFree(ctx context.Context, u *work.Unit, r work.Ref, asked bool, t *took) (stays bool, err error) {
	if r.Shape() != record.Conversations.Shape {
		return false, remove(ctx, u, r, t)
	}
	clear, ok, err := u.Clear(ctx, r)
	if err != nil || !ok {
		return false, err
	}
	person := clear.(*conversation.Conversation).ContactID
	heir, stays, err := left(ctx, u, r.ID(), person)
	switch {
	case err != nil:
		return false, err
	case heir == "" && !stays:
		return false, remove(ctx, u, r, t)
	case stays || !asked:
		return true, nil
	}
	return false, handOn(ctx, u, r, heir, t)
}

// left looks at the messages that are left in a conversation: heir is whose the
// oldest is of those that aren't its own person's; own reports whether one is.
func left(ctx context.Context, u *work.Unit, conv, person string) (heir string, own bool, err error) {
	q := store.Query{Index: record.ByConversation, Partition: conv, Limit: perUnit}
	for {
		found, next, err := u.Seek(ctx, q, record.Messages.Name)
		if err != nil {
			return "", false, err
		}
		for _, f := range found {
			there, err := u.There(ctx, f.Ref)
			if err != nil {
				return "", false, err
			}
			of := f.Rec.(*message.Message).ContactID
			switch {
			case !there:
			case of == person:
				return heir, true, nil
			case heir == "":
				heir = of
			}
		}
		if q.Token = next; next == "" {
			return heir, false, nil
		}
	}
}

// handOn makes a conversation another person's. Its subject and the provider's own
// id of it were the first one's: they go, opened or not.
func handOn(ctx context.Context, u *work.Unit, r work.Ref, heir string, t *took) error {
	rec, ok, err := u.Clear(ctx, r)
	if err != nil || !ok {
		return err
	}
	c := rec.(*conversation.Conversation)
	person := c.ContactID
	t.persons = append(t.persons, person)
	c.ContactID, c.HeardAt = heir, time.Time{}
	u.Anonymise(r.Shape(), c, person)
	return nil
}
