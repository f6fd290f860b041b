package dsar

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// decided follows an officer's decision on one item: what was granted is ordered
// to be carried out, a refusal is told with reason, complaint and remedy.
func (f *function) decided(ctx context.Context, u *work.Unit, m *matter, item string) error {
	for n := range m.Items {
		i := &m.Items[n]
		if i.Key.String() != item || i.Decision == nil {
			continue
		}
		if i.Decision.Outcome == dsar.Refused {
			return f.refuse(ctx, u, m, i)
		}
		if i.State != dsar.ToDo {
			return nil
		}
		if err := f.still(ctx, u, m); err != nil {
			return err
		}
		if i.Key.Erases() { // its answer goes first
			return f.announce(ctx, u, m)
		}
		if err := u.Emit(ctx, m.ID, &events.DsarGranted{Request: m.ID, Right: i.Right, Scope: i.Scope}); err != nil {
			return err
		}
	}
	return f.keep(ctx, u, m)
}

// granted handles dsar.granted for the rights that a letter alone fulfils: what we
// do with personal data (arts. 13, 14), and that no decision rests on automated
// processing alone (art. 22). All others are carried out elsewhere.
func (f *function) granted(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarGranted](e)
	if err != nil || d.Right != dsar.Information && d.Right != dsar.NoAutomation {
		return err
	}
	return u.Emit(ctx, d.Request, &events.DsarCarriedOut{Request: d.Request, Right: d.Right, Scope: d.Scope, Outcome: dsar.Done})
}

// still drops evidence that rests on merges taken back since (K04), and what it
// brought about.
func (f *function) still(ctx context.Context, u *work.Unit, m *matter) error {
	lapsed, err := dossier.Still(ctx, u, m.Request)
	if err != nil {
		return err
	}
	for _, l := range lapsed {
		if err := unguard(ctx, u, m.Request, l.ContactID); err != nil { // keep guards it again if it is covered still
			return err
		}
		if err := unlead(ctx, u, m.Request, l.ContactID); err != nil { // and leads from it again
			return err
		}
	}
	return nil
}

// refuse tells a refusal: within the limit, with the reason, the complaint and the
// remedy (GDPR art. 12(4)).
func (f *function) refuse(ctx context.Context, u *work.Unit, m *matter, i *dsar.Item) error {
	err := f.tell(ctx, u, m, "refused", map[string]string{
		"right": m.right(i.Key), "reason": m.worded(i.Key.String(), i.Decision.Reason), "authority": m.authority(),
	})
	if err != nil {
		return err
	}
	return f.close(ctx, u, m)
}

// carriedOut handles dsar.carried.out.
func (f *function) carriedOut(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarCarriedOut](e)
	if err != nil {
		return err
	}
	m, err := f.load(ctx, u, d.Request)
	if err != nil {
		return err
	}
	k := dsar.Key{Right: d.Right, Scope: d.Scope}
	news, err := m.CarriedOut(k, d.Outcome, u.Now())
	if err != nil || !news {
		return refused(err)
	}
	if d.Outcome == dsar.Waiting {
		blocks, err := obstacles(ctx, u, m.Request)
		if err != nil {
			return err
		}
		m.Held(blocks)
		return f.keep(ctx, u, m)
	}
	return f.done(ctx, u, m, m.Item(k))
}

// done tells what was done, and closes the case once nothing is left. What an
// erasure leaves was told before it (announce): a second letter goes only where
// something stays and the person can still be reached. None makes a contact anew.
func (f *function) done(ctx context.Context, u *work.Unit, m *matter, i *dsar.Item) error {
	tell := i.Result != dsar.Impossible
	if i.Erasing != nil {
		there, err := u.There(ctx, work.Of(record.Contacts, m.ContactID))
		if err != nil {
			return err
		}
		tell = tell && i.Result == dsar.Partly && there
	}
	if tell {
		err := f.tell(ctx, u, m, "granted", map[string]string{"right": m.right(i.Key), "result": m.result(i)})
		if err != nil {
			return err
		}
	}
	return f.close(ctx, u, m)
}

// close tells the controller that handed the case over that the person has the
// final answer (K20 3c).
func (f *function) close(ctx context.Context, u *work.Unit, m *matter) error {
	if m.answered() && m.Origin != nil && m.Origin.AnsweredAt.IsZero() {
		m.Origin.AnsweredAt = u.Now()
		err := f.say(ctx, u, m, &events.DsarAnswered{Handover: m.Origin.ID, Request: m.ID, AnsweredAt: u.Now()})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return f.keep(ctx, u, m)
}
