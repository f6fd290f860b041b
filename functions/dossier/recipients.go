package dossier

import (
	"context"
	"strings"

	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/work"
)

// maxNamed bounds the records that one letter names, in bytes.
const maxNamed = 2000

// tellRecipients has everybody in the disclosure register told that something was
// rectified, erased or restricted (art. 19 GDPR): circular.go writes the letters. It
// returns who is told. What is under a duty of secrecy is told to its recipient, and
// not listed for the person (S08). The person's own copies went to nobody else.
func (f *function) tellRecipients(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) ([]string, error) {
	var told []string
	lines := 0
	for _, id := range covered(r) {
		err := dossier.DisclosuresOf(ctx, u, id, func(d *model.Disclosure) {
			if d.Ground == model.ToPerson {
				return
			}
			lines++
			if !d.Hidden(u.Now()) {
				told = append(told, d.Recipient)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if lines == 0 {
		return nil, nil
	}
	return dossier.Unique(told), f.circulate(ctx, u, r, i.Right, covered(r))
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
