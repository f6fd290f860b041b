package dossier

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/deadline"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// A piece of a circular holds a bounded part of one commit (store.MaxOps): a line
// is one operation, a letter up to seven, the circular and its event three.
const (
	linesPerPiece   = 40
	lettersPerPiece = 4
)

// circulate begins to tell all recipients of persons' data about a right of a
// request, or goes on where that was begun. The event in the same commit carries
// it on.
func (f *function) circulate(ctx context.Context, u *work.Unit, r *dsar.Request, right dsar.Right, contacts []string) error {
	name := string(right)
	if right == lifting { // of one person at a time
		name += "." + contacts[0]
	}
	id := model.CircularID(r.ID, name)
	c, _, err := work.Find(ctx, u, record.Circulars, id)
	if err != nil {
		return err
	}
	c.ID, c.RequestID, c.Right, c.Language = id, r.ID, string(right), language(r)
	if !c.Begin(contacts, u.Now()) {
		return nil // its events are under way
	}
	work.Save(u, record.Circulars, c)
	return u.Emit(ctx, r.ID, &events.CircularStepped{Circular: id, Step: c.Step})
}

// circularStepped handles dossier.circular.stepped: the next lines of the register
// are noted as told, with one letter to each mailbox, and the step after it is asked
// for, all in one commit with the circular's own place. A crash before it leaves
// the event to come again, one after it finds the step done.
func (f *function) circularStepped(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.CircularStepped](e)
	if err != nil {
		return err
	}
	c, err := work.Load(ctx, u, record.Circulars, d.Circular)
	if err != nil || !c.DoneAt.IsZero() || d.Step != c.Step {
		return err
	}
	next, whole, err := f.piece(ctx, u, c)
	if err != nil {
		return err
	}
	goesOn := c.Piece(next, whole, u.Now())
	work.Save(u, record.Circulars, c)
	if !goesOn {
		return nil
	}
	return u.Emit(ctx, c.RequestID, &events.CircularStepped{Circular: c.ID, Step: c.Step})
}

// piece tells about one page of a contact's lines and returns where the next page
// begins. A page that needs more letters than a piece holds is not whole yet.
func (f *function) piece(ctx context.Context, u *work.Unit, c *model.Circular) (next string, whole bool, err error) {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return "", false, err
	}
	page, err := work.Scan(ctx, u, record.Disclosures, dossier.DisclosureQuery(c.ContactIDs[c.Contact], c.Token, linesPerPiece))
	if err != nil {
		return "", false, err
	}
	letters := 0
	for _, found := range page.Items {
		if found.Ground == model.ToPerson {
			continue
		}
		d, ok, err := work.Find(ctx, u, record.Disclosures, found.ID)
		if err != nil {
			return "", false, err
		}
		if !ok {
			continue // its term is over
		}
		t := model.Telling{Request: c.RequestID, Right: c.Right, At: u.Now()}
		if to := reach(terms, d); to.Mailbox != "" && !d.Heard(t) {
			if c.Letters[to.Mailbox] == "" {
				if letters++; letters > lettersPerPiece {
					return "", false, nil
				}
				if err := f.letter(ctx, u, terms, c, to); err != nil {
					return "", false, err
				}
			}
			t.Notice = c.Letters[to.Mailbox]
		}
		if d.Tell(t) {
			work.Save(u, record.Disclosures, d)
		}
	}
	return page.Next, true, nil
}

// letter writes to a mailbox, once for all lines of the register that it is told of.
func (f *function) letter(ctx context.Context, u *work.Unit, terms *policy.Terms, c *model.Circular, to notice.Recipient) error {
	var lines []*model.Disclosure
	t := model.Telling{Request: c.RequestID, Right: c.Right}
	for _, id := range c.ContactIDs {
		err := dossier.DisclosuresOf(ctx, u, id, func(d *model.Disclosure) {
			if d.Ground != model.ToPerson && !d.Heard(t) && reach(terms, d).Mailbox == to.Mailbox {
				lines = append(lines, d)
			}
		})
		if err != nil {
			return err
		}
	}
	template, values := "dossier.recipient", map[string]string{"right": c.Right, "reference": c.RequestID, "records": named(lines)}
	if c.Right == lifting {
		template = "dossier.lifted"
		delete(values, "right")
	}
	n, err := notice.Queue(ctx, u, f.env, notice.Letter{
		Template: template, Language: c.Language, About: deadline.Ref{Kind: record.Requests.Name, ID: c.RequestID},
		To:     notice.To{Party: to.Party, Mailbox: to.Mailbox, Name: to.Name},
		Values: values,
	})
	if err != nil {
		return err
	}
	if c.Letters == nil {
		c.Letters = map[string]string{}
	}
	c.Letters[to.Mailbox] = n.ID
	return nil
}
