package breach

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// reached keeps on record that a limit warned or ended, and does what follows:
// parts not agreed in time make a joint notice due (K26); no joint notice by the
// last warning before the authority's limit leaves each to notify by itself. A
// missed end raises an alarm.
func (f *function) reached(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil {
		return err
	}
	if d.AboutKind != record.Breaches.Name && d.AboutKind != "drill" {
		return nil
	}
	c, err := work.Load(ctx, u, record.Breaches, d.AboutID)
	if err != nil {
		if fault.Is(err, fault.NotFound) { // its retention has ended
			return nil
		}
		return err
	}
	if !c.Tell(d.Name, d.Stage, d.StageAt) {
		return nil
	}
	clocks, err := breachfile.Clocks(f.env.Policy, c)
	if err != nil {
		return err
	}
	for _, k := range clocks {
		if k.Name != d.Name || k.State != breach.Due {
			continue
		}
		if d.Stage == deadline.Due && !k.AtOnce {
			f.alarm(u.Tenant(), c, k)
		}
		switch {
		case k.Task == breach.Agree && d.Stage == deadline.Due:
			c.Lapse(k.Relation, u.Now())
		case k.Task == breach.TellAuthority && k.Last(d.StageAt):
			c.Fail(k.Relation, breach.Person{ID: manifest.Name, Role: "function"}, u.Now())
		}
	}
	_, err = breachfile.Save(ctx, u, f.env.Policy, c)
	return err
}

// alarm is loud about a limit that was missed. A drill is told apart.
func (f *function) alarm(tenant string, c *breach.Case, k breach.Clock) {
	name := "breach_overdue"
	if c.Drill {
		name = "breach_drill_overdue"
	}
	obs.Count("okence_alarm_total", "alarm", name, "tenant", tenant)
	f.env.Log.Error("a limit of a breach has passed and what it asks for is not done", "tenant", tenant, "function", manifest.Name, "limit", k.Name)
}
