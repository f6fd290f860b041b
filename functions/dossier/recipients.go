package dossier

import (
	"context"
	"strings"

	"github.com/okence/okence/shared/domain/deadline"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// maxNamed bounds the records that one letter names, in bytes.
const maxNamed = 2000

// tellRecipients writes to everybody in the disclosure register that something
// was rectified, erased or restricted (art. 19 GDPR): one letter for each mailbox,
// request and right. It returns who was told. Where no mailbox is known, the line
// of the register stands without a letter and an officer tells the recipient.
// What is under a duty of secrecy is told to its recipient, and not listed for the
// person (S08). The person's own copies went to nobody else.
func (f *function) tellRecipients(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) ([]string, error) {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return nil, err
	}
	var told []string
	var mailboxes []string // in the order of the register, so that a repeated run makes the same
	letters, values := map[string]notice.Recipient{}, map[string][]*model.Disclosure{}
	for _, id := range covered(r) {
		list, err := dossier.DisclosuresOf(ctx, u, id)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if d.Ground == model.ToPerson {
				continue
			}
			if !d.Hidden(u.Now()) {
				told = append(told, d.Recipient)
			}
			if !d.Tell(model.Telling{Request: r.ID, Right: string(i.Right), At: u.Now()}) {
				continue
			}
			work.Save(u, record.Disclosures, d)
			to := reach(terms, d)
			if to.Mailbox == "" {
				continue
			}
			if _, ok := letters[to.Mailbox]; !ok {
				mailboxes = append(mailboxes, to.Mailbox)
			}
			letters[to.Mailbox] = to
			values[to.Mailbox] = append(values[to.Mailbox], d)
		}
	}
	for _, mailbox := range mailboxes {
		to := letters[mailbox]
		n, err := notice.Queue(ctx, u, f.env, notice.Letter{
			Template: "dossier.recipient", Language: language(r), About: deadline.Ref{Kind: record.Requests.Name, ID: r.ID},
			To:     notice.To{Party: to.Party, Mailbox: to.Mailbox, Name: to.Name},
			Values: map[string]string{"right": string(i.Right), "reference": r.ID, "records": named(values[mailbox])},
		})
		if err != nil {
			return nil, err
		}
		for _, d := range values[mailbox] {
			d.Told[len(d.Told)-1].Notice = n.ID
		}
	}
	return dossier.Unique(told), nil
}

// reach is the mailbox of a recipient: the one in the register, or that of the
// party of the pack, for requests first of all.
func reach(t *policy.Terms, d *model.Disclosure) notice.Recipient {
	p := t.Parties[d.Recipient]
	to := notice.Recipient{Party: d.Recipient, Mailbox: d.Mailbox, Name: p.Name}
	for _, m := range append(append([]string{}, p.Intake...), p.DPO.Email, p.Custodian.Email, p.Email) {
		if to.Mailbox == "" && strings.Contains(m, "@") {
			to.Mailbox = m
		}
	}
	return to
}

// named says by their ids, or by the line of the register, what was disclosed.
func named(list []*model.Disclosure) string {
	var out []string
	for _, d := range list {
		on := d.At.UTC().Format("2006-01-02")
		if len(d.About) == 0 {
			out = append(out, on+" "+d.ID)
		}
		for _, a := range d.About {
			out = append(out, on+" "+a)
		}
	}
	s := strings.Join(dossier.Unique(out), ", ")
	if len(s) > maxNamed {
		s = s[:maxNamed] + " …"
	}
	return s
}
