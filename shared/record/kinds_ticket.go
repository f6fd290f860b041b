package record

import (
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/store"
)

// Tickets and what belongs to them.
var (
	Tickets    = Define[ticket.Ticket]("ticket", 1, Indexed(ticketIndex), Lives(ticketLives))
	WorkLogs   = Define[ticket.Entry]("worklog", 1, Indexed(workLogIndex), GoesWith[ticket.Entry]("ticket"), Under[ticket.Entry]("ticket", ByWorkLog))
	Handovers  = Define[ticket.Handover]("handover", 1, Indexed(handoverIndex), GoesWith[ticket.Handover]("ticket"), Under[ticket.Handover]("ticket", ByHandover))
	Numberings = Define[ticket.Numbering]("numbering", 1)
	Queues     = Define[ticket.Queue]("queue", 1)
)

// Indexes of what belongs to a ticket, partition its id, in order of time.
const (
	ByWorkLog  = "worklog"
	ByHandover = "handover"
)

// Partitions of tickets, each with a state, an id or a name behind it. Those of a
// person are found by ByOwner.
const (
	TicketsOfState = "ticket.state."
	TicketsOfOwner = "ticket.owner."
)

// ticketIndex: by state and by who works on it, in order of report. A document has
// room for five entries; two owners and a life are the others.
func ticketIndex(t *ticket.Ticket) []store.Entry {
	at := Sortable(t.ReportAt)
	in := []store.Entry{{Index: ByState, Partition: TicketsOfState + string(t.State), Sort: at}}
	if t.OwnerID != "" {
		in = append(in, store.Entry{Index: ByNode, Partition: TicketsOfOwner + t.OwnerID, Sort: at})
	}
	return in
}

// ticketLives: of the desk's case data, since the report of this very ticket
// (K14); what a servant's end of employment changes is the rule's (K13). A ticket
// about another person lives as long as the one of who reported it.
func ticketLives(t *ticket.Ticket) []retention.Life {
	return []retention.Life{{Store: "desk", Class: "case", Of: string(t.Class), Subject: t.ContactID, Since: t.ReportAt}}
}

func workLogIndex(e *ticket.Entry) []store.Entry {
	return []store.Entry{{Index: ByWorkLog, Partition: e.TicketID, Sort: Sortable(e.At)}}
}

// handoverIndex: those of a ticket; those that are open.
func handoverIndex(h *ticket.Handover) []store.Entry {
	in := []store.Entry{{Index: ByHandover, Partition: h.TicketID, Sort: Sortable(h.At)}}
	if h.State.Open() {
		in = append(in, store.Entry{Index: ByTime, Partition: "handover", Sort: Sortable(h.At)})
	}
	return in
}
