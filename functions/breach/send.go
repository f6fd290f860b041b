package breach

import (
	"context"
	"encoding/json"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// send puts a released notice on its way by mail: the text, and with it the
// document as HTML and PDF and the structured data. The letter's record is the
// proof. A notice that has its letter is not sent again.
func (f *function) send(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.BreachNoticeReleased](e)
	if err != nil {
		return err
	}
	n, err := work.Load(ctx, u, record.BreachNotices, d.NoticeID)
	if err != nil || n.LetterID != "" || n.Drill {
		return err
	}
	c, err := work.Load(ctx, u, record.Breaches, n.BreachID)
	if err != nil {
		return err
	}
	rel := c.Relation(n.Relation)
	if rel == nil {
		return fault.New(fault.Poison, "notice %s is under no relation of its case", n.ID)
	}
	files, err := documents(ctx, u, n)
	if err != nil {
		return err
	}
	to, err := breachfile.RecipientOf(f.env.Policy, *rel, n.To, n.ReleasedAt)
	if err != nil {
		return err
	}
	p, ok := f.env.Policy.Pack(rel.Pack)
	if !ok {
		return fault.New(fault.Poison, "notice %s is under no pack", n.ID)
	}
	title, body, err := breachfile.Body(n, p.Zone)
	if err != nil {
		return err
	}
	letter, err := notice.Queue(ctx, u, f.env, notice.Letter{
		Template: "breach.notice", Language: n.Language, Values: map[string]string{"title": title, "reference": n.BreachID, "body": body},
		To: notice.To{Party: to.Party, Mailbox: n.Mailbox, Name: to.Name}, About: breachfile.Ref(c), Files: files,
	})
	if err != nil {
		return err
	}
	n.LetterID = letter.ID
	work.Save(u, record.BreachNotices, n)
	lines, err := f.lines(ctx, c, n, to.Party, u.Tenant())
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := dossier.DiscloseOnce(ctx, u, l, n.ID, l.ContactID); err != nil {
			return err
		}
	}
	if n.Form.Earlier != "" {
		return nil
	}
	return f.tellPeer(ctx, u, c, n, rel, lines)
}

// tellPeer sends the other party the report as a signed event besides, where it
// runs an Okence: its own clocks start at once. Without a peer of that name the
// mail is all.
func (f *function) tellPeer(ctx context.Context, u *work.Unit, c *breach.Case, n *breach.Notice, rel *breach.Relation, lines []*register.Disclosure) error {
	d := &events.BreachReported{Party: rel.Pack, OccurredFrom: n.Form.OccurredFrom, OccurredTo: n.Form.OccurredTo, DetectedAt: n.Form.DetectedAt, Content: &n.Form.Facts}
	switch n.To {
	case breach.ToController:
		d.Source, d.ProcessorAwareAt = breach.FromProcessor, n.Form.AwareAt
	case breach.ToOther:
		d.Source = breach.FromPartner
	default:
		return nil
	}
	_, err := peer.Queue(ctx, u, f.env, rel.Other, c.ID, d, lines)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func documents(ctx context.Context, u *work.Unit, n *breach.Notice) ([]notice.File, error) {
	data, err := json.MarshalIndent(n.Form, "", "  ")
	if err != nil {
		return nil, fault.New(fault.Internal, "breach: a notice can't be encoded")
	}
	out := []notice.File{{Name: "notice.json", Mime: "application/json", Bytes: data}}
	for _, d := range []struct{ field, name, mime string }{{"HTML", "notice.html", "text/html"}, {"PDF", "notice.pdf", "application/pdf"}} {
		b, err := work.OpenFile(ctx, u, record.BreachNotices, n.ID, d.field)
		if err != nil {
			return nil, err
		}
		out = append(out, notice.File{Name: d.name, Mime: d.mime, Bytes: b})
	}
	return out, nil
}
