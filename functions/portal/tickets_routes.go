package portal

import (
	"net/http"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
)

var (
	custodians = []access.Role{access.Custodian}
	deskRoles  = slices.Concat(firstLevel, custodians)
	everyParty = slices.Concat(deskRoles, []access.Role{access.Subject})
)

// ticketRoutes are the desk's: the first level works on tickets whole, the next
// sees what the technical specification permits of those handed to it, and a
// public servant their own (K02, K03, K09, K12).
var ticketRoutes = []*route{
	{
		pattern: "GET /v1/tickets", id: "listTickets", title: "Tickets, the newest first",
		text: "Technical fields alone. By at most one of state, owner (me: who asks) and contact; or the one of a number. Service leaves out the others of a page. " +
			"A custodian sees those that are handed to their queues, a public servant their own.",
		roles: everyParty, handle: (*function).listTickets,
		query: []string{"ticket_state", "owner", "service", "contact", "number", "cursor", "limit"}, gives: "TicketList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/tickets", id: "createTicket", title: "Open a ticket",
		text: "From a conversation, which gives the person and their class; of a contact; or, in self-service, of the public servant who asks. " +
			"A structured field that may not be kept for the service and the class is refused by name. Free text (subject, details) is kept as written; what it holds of identifiers is flagged.",
		roles: everyParty, about: "ticket", noted: audit.Collect, handle: (*function).createTicket, status: http.StatusCreated,
		schema: "TicketRequest", gives: "Ticket", problems: []string{"not_found", "restricted", "field_not_allowed", "unknown_service", "not_for_class"},
	},
	{
		pattern: "GET /v1/tickets/{id}", id: "getTicket", title: "One ticket",
		text:  "A custodian gets the minimised view: the fields that the technical specification permits and those granted for now, free text with the rest masked.",
		roles: everyParty, about: "ticket", handle: (*function).getTicket,
		gives: "Ticket", problems: []string{"not_found", "restricted", "gone"},
	},
	{
		pattern: "POST /v1/tickets/{id}/fields", id: "editTicket", title: "Change fields, service or urgency of a ticket",
		roles: firstLevel, use: access.Service, about: "ticket", noted: audit.Change, handle: changeTicket((*function).editTicket),
		schema: "TicketFields", gives: "Ticket", problems: []string{"not_found", "restricted", "field_not_allowed", "unknown_service", "not_for_class", "ticket_state"},
	},
	{
		pattern: "POST /v1/tickets/{id}/assignment", id: "assignTicket", title: "Give a ticket to somebody, or to nobody",
		roles: firstLevel, use: access.Service, about: "ticket", noted: audit.Change, handle: changeTicket((*function).assignTicket),
		schema: "TicketAssignment", gives: "Ticket", problems: []string{"not_found", "restricted", "ticket_state"},
	},
	{
		pattern: "POST /v1/tickets/{id}/state", id: "moveTicket", title: "Change the state of a ticket",
		text:  "Resolved and closed tickets are reopened by in_progress. To the next level and back leads the way of an escalation. When it is resolved, the person is told on the channel that they used last.",
		roles: firstLevel, use: access.Service, about: "ticket", noted: audit.Change, handle: changeTicket((*function).moveTicket),
		schema: "TicketMove", gives: "Ticket", problems: []string{"not_found", "restricted", "ticket_state"},
	},
	{
		pattern: "POST /v1/tickets/{id}/links", id: "linkTicket", title: "Link two tickets",
		text:  "The link stands on both. A duplicate is closed.",
		roles: firstLevel, use: access.Service, about: "ticket", noted: audit.Change, handle: changeTicket((*function).linkTicket),
		schema: "TicketLink", gives: "Ticket", problems: []string{"not_found", "restricted", "ticket_state", "link_self", "already_linked"},
	},
	{
		pattern: "GET /v1/tickets/{id}/worklog", id: "readWorklog", title: "Work log, communication log and history of a ticket, the oldest first",
		text:  "Lines are the office's own unless marked visible: a person sees the visible ones, without who wrote them; a custodian those of their level and the visible ones, masked. A page holds at most 45.",
		roles: everyParty, about: "ticket", handle: (*function).readWorklog,
		query: []string{"cursor", "limit"}, gives: "WorklogList", problems: []string{"not_found", "restricted", "gone", "bad_cursor"},
	},
	{
		pattern: "POST /v1/tickets/{id}/worklog", id: "writeWorklog", title: "Write into the work log of a ticket",
		text:  "Minutes are time spent; the pack prices them.",
		roles: everyParty, about: "ticket", noted: audit.Change, handle: (*function).writeWorklog, status: http.StatusCreated,
		schema: "WorklogRequest", gives: "WorklogEntry", problems: []string{"not_found", "restricted", "not_handed"},
	},
	{
		pattern: "GET /v1/tickets/{id}/escalations", id: "listEscalations", title: "The hand-overs of a ticket, the oldest first",
		text:  "To a custodian the one that they have.",
		roles: deskRoles, about: "ticket", handle: (*function).listEscalations,
		gives: "EscalationList", problems: []string{"not_found", "restricted", "gone"},
	},
	{
		pattern: "POST /v1/tickets/{id}/escalations", id: "escalateTicket", title: "Hand a ticket to the next level of support",
		text:  "To the custodian that the service's technical specification names, with the fields that it permits. A custodian hands on to a further level.",
		roles: deskRoles, about: "ticket", noted: audit.Disclose, handle: (*function).escalate, status: http.StatusAccepted,
		schema: "EscalationRequest", gives: "Taken", problems: []string{"not_found", "restricted", "not_handed", "ticket_state", "last_level", "no_service", "peer_not_set"},
	},
	{
		pattern: "POST /v1/tickets/{id}/escalations/answer", id: "answerEscalation", title: "Answer an escalation",
		text:  "Accepted; asked, for one more field with a reason; returned with a reason; resolved with a solution. The person is told of the last two.",
		roles: custodians, use: access.Escalation, about: "ticket", noted: audit.Change, handle: (*function).answerEscalation,
		schema: "EscalationAnswer", gives: "Escalation", problems: []string{"not_found", "restricted", "not_handed", "ticket_state", "field_not_allowed", "already_seen"},
	},
	{
		pattern: "POST /v1/tickets/{id}/escalations/view", id: "grantView", title: "Grant or refuse a field that the next level asked for",
		text:  "What is granted expires by itself.",
		roles: firstLevel, use: access.Service, about: "ticket", noted: audit.Disclose, handle: (*function).grantView,
		schema: "ViewDecision", gives: "Escalation", problems: []string{"not_found", "restricted", "not_handed", "not_asked", "peer_decides"},
	},
	{
		pattern: "GET /v1/queues/{queue}", id: "getQueue", title: "Who works on a queue of the second level",
		roles: deskRoles, about: "queue", handle: (*function).getQueue, gives: "Queue",
	},
	{
		pattern: "POST /v1/queues/{queue}", id: "staffQueue", title: "Say who works on a queue, who is away, and who stands in",
		text:  "The list as it shall be. A queue without members is open to every custodian; one with members, to them and to the substitutes of those who are away.",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: "queue", noted: audit.Manage, handle: (*function).staffQueue,
		schema: "QueueRequest", gives: "Queue",
	},
}
