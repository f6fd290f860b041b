package conversation

import "slices"

// Matter is a ticket about a conversation.
type Matter struct {
	TicketID string `json:"ticket_id"`
	Service  string `json:"service,omitempty"` // of the pack; "" while nobody has said
}

// MaxMatters bounds the matters of one conversation: of more, the newest count.
const MaxMatters = 50

// Concern notes of which service a ticket about c is. It reports whether that is
// new.
func (c *Conversation) Concern(ticketID, service string) bool {
	for i := range c.Matters {
		if m := &c.Matters[i]; m.TicketID == ticketID {
			changed := m.Service != service
			m.Service = service
			return changed
		}
	}
	c.Matters = append(c.Matters, Matter{ticketID, service})
	if len(c.Matters) > MaxMatters {
		c.Matters = slices.Clone(c.Matters[len(c.Matters)-MaxMatters:])
	}
	return true
}

// Services are those that c is about, each once, in order; "" is among them where
// a ticket has none yet. None: nobody has made a ticket of it.
func (c *Conversation) Services() []string {
	var out []string
	for _, m := range c.Matters {
		out = append(out, m.Service)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
