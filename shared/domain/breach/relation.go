package breach

import (
	"slices"
	"time"
)

// Role is what our organisation is towards a party in the processing concerned.
type Role string

// Roles (GDPR art. 4(7), 4(8), 26).
const (
	Controller Role = "controller"
	Joint      Role = "joint_controller"
	Processor  Role = "processor"
)

// Validate reports whether r is one of the roles above.
func (r Role) Validate() error { return in("role", r, Controller, Joint, Processor) }

// Relation is our role towards one party, and the terms that bind the two.
type Relation struct {
	Pack    string `json:"pack"`              // id of the policy pack, unique in the case
	Service string `json:"service,omitempty"` // covered by an agreement of the pack
	Role    Role   `json:"role"`              // ours
	We      string `json:"we,omitempty"`      // party id of the pack
	Other   string `json:"other,omitempty"`   // party id: the other joint controller, the controller, or our processor
	// Contact of the other party where the pack only says where it stands ("named
	// in the processing contract"). A name and a mail address of an office.
	ContactName  string `json:"contact_name,omitempty"`
	ContactEmail string `json:"contact_email,omitempty"`
}

func (c *Case) relate(r Relation) error {
	if err := r.Role.Validate(); err != nil {
		return err
	}
	if r.Pack == "" || c.Relation(r.Pack) != nil {
		return ErrUnknown
	}
	c.Relations = append(c.Relations, r)
	return nil
}

// Relation is the one under a pack, or nil.
func (c *Case) Relation(pack string) *Relation {
	for i := range c.Relations {
		if c.Relations[i].Pack == pack {
			return &c.Relations[i]
		}
	}
	return nil
}

func (c *Case) anyController() bool {
	return slices.ContainsFunc(c.Relations, func(r Relation) bool { return r.Role != Processor })
}

// Relate sets our role towards a party by an officer's decision: in place of
// what stood under the pack, or beside it.
func (c *Case) Relate(r Relation, by Person, reason string, now time.Time) error {
	if reason == "" {
		return ErrReason
	}
	if err := r.Role.Validate(); err != nil {
		return err
	}
	if err := c.decide(by, "related", r.Pack, now); err != nil {
		return err
	}
	c.Decisions = append(c.Decisions, Decision{Kind: DecideRole, Value: string(r.Role), Relation: r.Pack, By: by, At: now.UTC(), Reason: reason})
	if old := c.Relation(r.Pack); old != nil {
		*old = r
		return nil
	}
	return c.relate(r)
}
