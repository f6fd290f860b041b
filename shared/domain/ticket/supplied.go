package ticket

// Supplied reports that the work log is the office's: a portable copy is of what the
// person supplied (art. 20(1) GDPR; P18). The person's own words stand in their
// messages and in the ticket.
func (e *Entry) Supplied() bool { return false }

// Supplied reports that a hand-over is the office's own act, as Entry.Supplied does.
func (h *Handover) Supplied() bool { return false }
