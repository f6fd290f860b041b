package erasure

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// onTheWay lists what waits to go to another organisation about a person's own
// tickets: hand-overs, and answers to theirs. Sent after the erasure, it would
// disclose what is erased. What is about the person's requests goes on: it tells the
// other controller of them.
func (e *Eraser) onTheWay(ctx context.Context, tenant, person string) (out []retention.Item, err error) {
	var tickets []string
	if _, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
		tickets = nil
		return eachOf(ctx, u, person, func(f work.Found) {
			if t, is := f.Rec.(*ticket.Ticket); is && t.ContactID == person {
				tickets = append(tickets, t.ID)
				if t.PeerTicket != "" {
					tickets = append(tickets, t.PeerTicket)
				}
			}
		})
	}); err != nil || len(tickets) == 0 {
		return nil, err
	}
	q := store.Query{Index: record.ByState, Partition: "sending", Limit: inOneLook}
	for {
		var some []retention.Item
		var next string
		_, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
			some = nil
			found, token, err := u.Seek(ctx, q, record.Sendings.Name)
			if next = token; err != nil {
				return err
			}
			for _, f := range found {
				about, err := aboutTicket(ctx, u, f.Rec.(*exchange.Sending))
				if err != nil {
					return err
				}
				if slices.Contains(tickets, about) {
					some = append(some, retention.Item{Kind: record.Sendings.Name, ID: f.ID(), Subject: person, Act: retention.Delete})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if q.Token = next; next == "" {
			return out, nil
		}
	}
}

// aboutTicket is the ticket that an event on its way is about, or "".
func aboutTicket(ctx context.Context, u *work.Unit, s *exchange.Sending) (string, error) {
	if s.Type != events.TicketEscalationRequestedType && s.Type != events.TicketEscalationAnsweredType {
		return "", nil
	}
	s, ok, err := work.Find(ctx, u, record.Sendings, s.ID)
	if fault.Is(err, fault.Gone) || err == nil && !ok {
		return "", nil // nobody can read it any more
	}
	if err != nil {
		return "", err
	}
	var e struct {
		Subject string `json:"subject"`
	}
	if json.Unmarshal([]byte(s.Body), &e) != nil {
		return "", nil // its body went when it was taken
	}
	return e.Subject, nil
}
