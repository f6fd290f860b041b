package record

import (
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/store"
)

// Tickets and what belongs to them.
var (
	Tickets    = Define[ticket.Ticket]("ticket", 3, From[ticket.Ticket](1, asIs), From[ticket.Ticket](2, asIs), Indexed(ticketIndex), Lives(ticketLives))
	WorkLogs   = Define[ticket.Entry]("worklog", 1, Indexed(workLogIndex), GoesWith[ticket.Entry]("ticket"), Under[ticket.Entry]("ticket", ByWorkLog))
	Handovers  = Define[ticket.Handover]("handover", 2, From[ticket.Handover](1, asIs), Indexed(handoverIndex), GoesWith[ticket.Handover]("ticket"), Under[ticket.Handover]("ticket", ByHandover))
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
// room for five entries; two owners and a life are the others (servants are found by
// their status, and two of one class by one entry).
func ticketIndex(t *ticket.Ticket) []store.Entry {
	at := Sortable(t.ReportAt)
	in := []store.Entry{{Index: ByState, Partition: TicketsOfState + string(t.State), Sort: at}}
	if t.OwnerID != "" {
		in = append(in, store.Entry{Index: ByNode, Partition: TicketsOfOwner + t.OwnerID, Sort: at})
	}
	return in
}

// ticketLives: of the desk's case data, each person's part by the term of their
// own class: another client's since the report of this very ticket (K14), a
// servant's by the servant's status (K13).
func ticketLives(t *ticket.Ticket) []retention.Life {
	out := []retention.Life{deskLife(t, t.ContactID, t.Class)}
	if t.TreatedID != "" && t.TreatedID != t.ContactID {
		class := t.TreatedClass
		if class == "" {
			class = t.Class
		}
		out = append(out, deskLife(t, t.TreatedID, class))
	}
	return out
}

func deskLife(t *ticket.Ticket, person string, class conversation.Class) retention.Life {
	return retention.Life{
		Store: "desk", Class: "case", Of: string(class), Subject: person, Since: t.ReportAt, ByStatus: class == conversation.Servant,
		Services: []string{t.Service},
	}
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
