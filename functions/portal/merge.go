package portal

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// maxUndecided bounds what an unmerge lists for a decision.
const maxUndecided = 100

// mergeBody names the other side, by exactly one of the two: the id in the path
// goes under Into, or From goes under the id in the path.
type mergeBody struct {
	Into string `json:"into"`
	From string `json:"from"`
}

// mergeView is an edge as it goes out (schema Merge). Undecided is what came in
// while two things were one and can't be given to either side by its address.
type mergeView struct {
	ID        string               `json:"id"`
	Of        conversation.MergeOf `json:"of"`
	Into      string               `json:"into"`
	From      string               `json:"from"`
	By        string               `json:"by"`
	At        time.Time            `json:"at"`
	UndoneBy  string               `json:"undone_by,omitempty"`
	UndoneAt  time.Time            `json:"undone_at,omitzero"`
	Undecided []undecidedView      `json:"undecided,omitempty"`
	More      bool                 `json:"more,omitempty"` // more are undecided than listed
}

type undecidedView struct {
	MessageID      string    `json:"message_id"`
	ConversationID string    `json:"conversation_id"`
	ContactID      string    `json:"contact_id"`
	ReceivedAt     time.Time `json:"received_at"`
}

func viewMerge(m *conversation.Merge) mergeView {
	return mergeView{ID: m.ID, Of: m.Of, Into: m.Into, From: m.From, By: m.By, At: m.At.UTC(), UndoneBy: m.UndoneBy, UndoneAt: m.UndoneAt}
}

// joint is what merging needs to know of conversations, or of contacts.
type joint[T any] struct {
	kind    *record.Kind[T]
	of      conversation.MergeOf
	node    func(*T) conversation.Node
	subject func(*T) string // whose data it is
	// conversations lists those of a group.
	conversations func(context.Context, *work.Unit, []*T, time.Time) ([]*conversation.Conversation, error)
}

var conversationJoint = joint[conversation.Conversation]{
	kind: record.Conversations, of: conversation.OfConversations, node: (*conversation.Conversation).Node,
	subject: func(c *conversation.Conversation) string { return c.ContactID },
	conversations: func(_ context.Context, _ *work.Unit, all []*conversation.Conversation, _ time.Time) ([]*conversation.Conversation, error) {
		return all, nil
	},
}

var contactJoint = joint[contact.Contact]{
	kind: record.Contacts, of: conversation.OfContacts, node: nodeOf,
	subject:       func(c *contact.Contact) string { return c.ID },
	conversations: conversationsOf,
}

func (f *function) mergeConversations(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return conversationJoint.merge(ctx, u, c)
}

func (f *function) unmergeConversations(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return conversationJoint.unmerge(ctx, u, c)
}

func (f *function) mergeContacts(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return contactJoint.merge(ctx, u, c)
}

func (f *function) unmergeContacts(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	a, err := contactJoint.unmerge(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	v, ok := a.body.(mergeView)
	if !ok {
		return a, nil
	}
	return a, remake(ctx, u, v.From, v.Into)
}

// merge draws an edge. Both ends are opened, so that neither is merged while
// its person's data is restricted; no message is touched.
func (j joint[T]) merge(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b mergeBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if other := b.Into + b.From; (b.Into == "") == (b.From == "") || !idShape.MatchString(other) {
		return answer{}, newProblem("invalid", `name the other side by exactly one of "into" and "from"`)
	}
	intoID, fromID := id, b.From
	if b.Into != "" {
		intoID, fromID = b.Into, id
	}
	into, from, err := j.load(ctx, u, intoID, fromID)
	if err != nil {
		return answer{}, err
	}
	if intoID != fromID {
		if err := j.fits(ctx, u, intoID, fromID); err != nil {
			return answer{}, err
		}
	}
	edge := &conversation.Merge{Of: j.of, Into: intoID, From: fromID, By: u.Actor().ID, At: u.Now()}
	if edge.ID, err = u.NewID(ctx, "merge"); err != nil {
		return answer{}, err
	}
	if err := conversation.Join(j.node(into), j.node(from), edge.ID); err != nil {
		return answer{}, err
	}
	j.save(u, into, from, edge)
	j.note(u, audit.Merge, into, from)
	return answer{body: viewMerge(edge)}, nil
}

// unmerge takes an edge away: that of the id in the path or, where From names a
// part of it, or it has but one, that part's. What the two were is restored;
// what came in meanwhile without an address of its own is listed.
func (j joint[T]) unmerge(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b struct {
		From string `json:"from"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	intoID, fromID, err := j.ends(ctx, u, id, b.From)
	if err != nil {
		return answer{}, err
	}
	into, from, err := j.load(ctx, u, intoID, fromID)
	if err != nil {
		return answer{}, err
	}
	edgeID := *j.node(from).Merge
	together, err := group(ctx, u, j.kind, intoID, j.node)
	if err != nil {
		return answer{}, err
	}
	if err := conversation.Part(j.node(into), j.node(from)); err != nil {
		return answer{}, err
	}
	edge, err := work.Load(ctx, u, record.Merges, edgeID)
	if err != nil {
		return answer{}, err
	}
	edge.UndoneBy, edge.UndoneAt = u.Actor().ID, u.Now()
	v := viewMerge(edge)
	if v.Undecided, err = j.undecided(ctx, u, together, edge.At); err != nil {
		return answer{}, err
	}
	if len(v.Undecided) > maxUndecided {
		v.Undecided, v.More = v.Undecided[:maxUndecided], true
	}
	j.save(u, into, from, edge)
	j.note(u, audit.Unmerge, into, from)
	return answer{body: v}, nil
}

func (j joint[T]) load(ctx context.Context, u *work.Unit, intoID, fromID string) (into, from *T, err error) {
	if err := u.Fetch(ctx, work.Of(j.kind, intoID), work.Of(j.kind, fromID)); err != nil {
		return nil, nil, err
	}
	if into, err = work.Load(ctx, u, j.kind, intoID); err != nil {
		return nil, nil, err
	}
	from, err = work.Load(ctx, u, j.kind, fromID)
	return into, from, err
}

func (j joint[T]) save(u *work.Unit, into, from *T, edge *conversation.Merge) {
	work.Save(u, j.kind, into)
	work.Save(u, j.kind, from)
	work.Save(u, record.Merges, edge)
}

func (j joint[T]) note(u *work.Unit, act audit.Act, into, from *T) {
	for _, end := range []*T{into, from} {
		u.Note(act, j.subject(end), audit.Item{Kind: j.kind.Name, ID: j.kind.ID(into)}, audit.Item{Kind: j.kind.Name, ID: j.kind.ID(from)})
	}
}

// fits refuses a group that no view could show whole.
func (j joint[T]) fits(ctx context.Context, u *work.Unit, intoID, fromID string) error {
	into, err := group(ctx, u, j.kind, intoID, j.node)
	if err != nil {
		return err
	}
	from, err := group(ctx, u, j.kind, fromID, j.node)
	if err == nil && len(into)+len(from) > conversation.MaxParts+1 {
		err = conversation.ErrTooMany
	}
	return err
}

// ends finds which edge is meant.
func (j joint[T]) ends(ctx context.Context, u *work.Unit, id, from string) (intoID, fromID string, err error) {
	if from != "" {
		if !idShape.MatchString(from) {
			return "", "", newProblem("invalid", `"from" must be an id`)
		}
		return id, from, nil
	}
	rec, err := work.Peek(ctx, u, j.kind, id)
	if err != nil {
		return "", "", err
	}
	n := j.node(rec)
	switch {
	case *n.Into != "":
		return *n.Into, id, nil
	case len(*n.Parts) == 1:
		return id, (*n.Parts)[0], nil
	case len(*n.Parts) > 1:
		return "", "", newProblem("part_unclear", "")
	}
	return "", "", conversation.ErrNoMerge
}

// undecided lists the messages that came in since the merge and stand in a
// conversation by its thread, not by their sender's address: they are of
// another contact than the conversation.
func (j joint[T]) undecided(ctx context.Context, u *work.Unit, together []*T, since time.Time) ([]undecidedView, error) {
	convs, err := j.conversations(ctx, u, together, since)
	if err != nil {
		return nil, err
	}
	var out []undecidedView
	for _, conv := range convs {
		if conv.LastAt.Before(since) {
			continue
		}
		err := each(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: conv.ID, From: record.Sortable(since)}, func(m *message.Message) bool {
			if m.ContactID != conv.ContactID {
				out = append(out, undecidedView{MessageID: m.ID, ConversationID: conv.ID, ContactID: m.ContactID, ReceivedAt: m.ReceivedAt.UTC()})
			}
			return len(out) <= maxUndecided
		})
		if err != nil {
			return nil, err
		}
		if len(out) > maxUndecided {
			break
		}
	}
	slices.SortFunc(out, func(a, b undecidedView) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return out, nil
}

// conversationsOf lists the conversations of a group of contacts in which
// something came in since.
func conversationsOf(ctx context.Context, u *work.Unit, people []*contact.Contact, since time.Time) ([]*conversation.Conversation, error) {
	var out []*conversation.Conversation
	for _, p := range people {
		err := each(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: p.ID}, func(c *conversation.Conversation) bool {
			if !c.LastAt.Before(since) {
				out = append(out, c)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// each calls fn for every record of a query, by clear parts, until it returns
// false.
func each[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], q store.Query, fn func(*T) bool) error {
	for {
		page, err := work.Scan(ctx, u, k, q)
		if err != nil {
			return err
		}
		for _, rec := range page.Items {
			if !fn(rec) {
				return nil
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
		if ctx.Err() != nil {
			return fault.New(fault.Unavailable, "portal: not finished in time").Because(ctx.Err())
		}
	}
}
