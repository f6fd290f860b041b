package portal

import (
	"context"
	"net/http"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/work"
)

// route is all that is known of a route: what serves it, and what /openapi.json
// says of it.
type route struct {
	pattern string // as in function.yaml
	id      string // operationId
	title   string
	text    string
	roles   []access.Role
	use     access.Use // "": the first purpose of each role (access.UseOf)
	about   string     // kind of record that {id} names
	noted   audit.Act  // how a refusal is noted; "" is view

	handle func(*function, context.Context, *work.Unit, *call) (answer, error)
	apart  func(*function, context.Context, *call) (answer, error) // instead, for what takes units of its own
	limit  int64                                                   // bytes of the body; 0 is maxBody
	status int                                                     // of success; 0 is 200

	query    []string // parameters, by their names in schemas/*.json
	schema   string   // schema of the body
	gives    string   // schema of the answer; "" is a file
	problems []string // beside those that every route has
}

func (r *route) takes(role access.Role) bool { return slices.Contains(r.roles, role) }

func (r *route) act() audit.Act {
	if r.noted == "" {
		return audit.View
	}
	return r.noted
}

var (
	firstLevel = []access.Role{access.Adviser, access.Supervisor}
	operators  = []access.Role{access.Administrator}
	machines   = []access.Role{access.Producer}
)

// routes is the table. Whoever is not in roles is refused, and that is noted.
var routes = slices.Concat(
	deskRoutes, operationRoutes,
	deadlineRoutes, ticketRoutes,
	requestRoutes, letterRoutes,
	breachRoutes,
	dossierRoutes, registerRoutes,
	holdRoutes, restrictionRoutes, sweepRoutes, contractRoutes, archiveRoutes, reportRoutes,
	replyRoutes, noticeRoutes, incidentRoutes, announcementRoutes,
)

// deskRoutes are what an adviser works with.
var deskRoutes = []*route{
	{
		pattern: "GET /v1/conversations", id: "listConversations", title: "Conversations, the newest first",
		text:  "Without their subjects, which one conversation shows.",
		roles: firstLevel, use: access.Service, handle: (*function).listConversations,
		query: []string{"cursor", "limit"}, gives: "ConversationList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/conversations/{id}", id: "getConversation", title: "One conversation",
		roles: firstLevel, use: access.Service, about: "conversation", handle: (*function).getConversation,
		gives: "Conversation", problems: []string{"not_found", "restricted", "gone"},
	},
	{
		pattern: "GET /v1/conversations/{id}/messages", id: "listConversationMessages", title: "The messages of a conversation",
		text:  "Those of everything merged into it too, as one view in order of receipt: conversation_id says of which part each is. A page holds at most 50.",
		roles: firstLevel, use: access.Service, about: "conversation", handle: (*function).conversationMessages,
		query: []string{"cursor", "limit", "order"}, gives: "MessageList", problems: []string{"not_found", "bad_cursor"},
	},
	{
		pattern: "POST /v1/conversations/{id}/merge", id: "mergeConversations", title: "Merge two conversations",
		text:  "Draws an edge: no message moves, and each part keeps its class of person, its retention and its access.",
		roles: firstLevel, use: access.Service, about: "conversation", noted: audit.Merge, handle: (*function).mergeConversations,
		schema: "MergeRequest", gives: "Merge", problems: []string{"not_found", "restricted", "merge_self", "already_merged", "merge_loop", "too_many_parts"},
	},
	{
		pattern: "POST /v1/conversations/{id}/unmerge", id: "unmergeConversations", title: "Take a merge of conversations back",
		text:  "Both sides are what they were. The answer lists messages that came in meanwhile by their thread and not by an address of their own, for a person to decide.",
		roles: firstLevel, use: access.Service, about: "conversation", noted: audit.Unmerge, handle: (*function).unmergeConversations,
		schema: "UnmergeRequest", gives: "Merge", problems: []string{"not_found", "restricted", "not_merged", "part_unclear"},
	},
	{
		pattern: "GET /v1/messages", id: "findMessages", title: "Messages by the provider's id",
		text:  "Usually one, all on one page; an id that is unknown finds none.",
		roles: firstLevel, use: access.Service, handle: (*function).listMessages,
		query: []string{"provider_id"}, gives: "MessageList",
	},
	{
		pattern: "GET /v1/messages/{id}", id: "getMessage", title: "One message",
		roles: firstLevel, use: access.Service, about: "message", handle: (*function).getMessage,
		gives: "Message", problems: []string{"not_found", "restricted", "gone"},
	},
	{
		pattern: "GET /v1/messages/{id}/media/{index}", id: "getMedia", title: "A file of a message",
		text:  "index counts from 0 in the message's media. To be saved, never to be shown; the header Okence-Media-State says whether a scanner has passed it.",
		roles: firstLevel, use: access.Service, about: "message", handle: (*function).getMedia,
		problems: []string{"not_found", "restricted", "gone", "media_infected", "media_pending", "media_unavailable"},
	},
	{
		pattern: "GET /v1/contacts", id: "listContacts", title: "Contacts, the newest first",
		text:  "A page holds at most 50.",
		roles: firstLevel, use: access.Service, handle: (*function).listContacts,
		query: []string{"cursor", "limit"}, gives: "ContactList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/contacts/{id}", id: "getContact", title: "One contact",
		roles: firstLevel, use: access.Service, about: "contact", handle: (*function).getContact,
		gives: "Contact", problems: []string{"not_found", "restricted", "gone"},
	},
	{
		pattern: "GET /v1/contacts/{id}/history", id: "getContactHistory", title: "The conversations of a contact on all channels, the newest first",
		text:  "Those of everyone merged into it too. A page holds at most 45.",
		roles: firstLevel, use: access.Service, about: "contact", handle: (*function).contactHistory,
		query: []string{"cursor", "limit"}, gives: "ConversationList", problems: []string{"not_found", "restricted", "gone", "bad_cursor"},
	},
	{
		pattern: "POST /v1/contacts/{id}/merge", id: "mergeContacts", title: "Say that two contacts are one person",
		text:  "Draws an edge: records stay under the contact that they came from.",
		roles: firstLevel, use: access.Service, about: "contact", noted: audit.Merge, handle: (*function).mergeContacts,
		schema: "MergeRequest", gives: "Merge", problems: []string{"not_found", "restricted", "merge_self", "already_merged", "merge_loop", "too_many_parts"},
	},
	{
		pattern: "POST /v1/contacts/{id}/unmerge", id: "unmergeContacts", title: "Take a merge of contacts back",
		text:  "As for conversations.",
		roles: firstLevel, use: access.Service, about: "contact", noted: audit.Unmerge, handle: (*function).unmergeContacts,
		schema: "UnmergeRequest", gives: "Merge", problems: []string{"not_found", "restricted", "not_merged", "part_unclear"},
	},
}

// operationRoutes are an administrator's, an auditor's and a machine's.
var operationRoutes = []*route{
	{
		pattern: "GET /v1/deadletters", id: "listDeadLetters", title: "Events that can't be handled, the newest first",
		text:  "Ids, states and times only: no content.",
		roles: operators, use: access.Operation, handle: (*function).listDeadLetters,
		query: []string{"state", "cursor", "limit"}, gives: "DeadLetterList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/deadletters/{id}", id: "getDeadLetter", title: "One dead letter",
		roles: operators, use: access.Operation, about: "deadletter", handle: (*function).getDeadLetter,
		gives: "DeadLetter", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/deadletters/{id}/redrive", id: "redriveDeadLetter", title: "Send the event of a dead letter on its way again",
		roles: operators, use: access.Operation, about: "deadletter", noted: audit.Manage, handle: (*function).redrive, status: http.StatusAccepted,
		gives: "Taken", problems: []string{"not_found", "already_redriven"},
	},
	{
		pattern: "GET /v1/ledger/entries", id: "listLedgerEntries", title: "The processing log, the oldest first",
		text: "For administrators and auditors, and for others with a recorded entitlement. The header Okence-Case must name the matter, and the query is noted. " +
			"The service desk's log-ins are an administrator's alone. Each entry comes with its proof.",
		roles: []access.Role{access.Administrator, access.Auditor, access.DPO}, use: access.Audit, handle: (*function).listEntries,
		query: []string{"class", "from", "to", "cursor", "limit"}, gives: "LedgerEntryList", problems: []string{"not_entitled"},
	},
	{
		pattern: "GET /v1/ledger/mine", id: "listMyLedgerEntries", title: "Who did what with my data, the oldest first",
		text:  "The entries of the processing log about the person who asks, each with its proof. Advisers appear by role and a pseudonym.",
		roles: []access.Role{access.Subject}, use: access.Rights, handle: (*function).listMine,
		query: []string{"cursor", "limit"}, gives: "LedgerEntryList",
	},
	{
		pattern: "POST /v1/ledger/entitlements", id: "entitleReader", title: "Record that a person may read the processing log",
		text:  "For a year at most. An instant that is past ends it.",
		roles: operators, use: access.Audit, noted: audit.Manage, handle: (*function).entitle,
		schema: "EntitlementRequest", gives: "Entitlement", problems: []string{"not_entitled"},
	},
	{
		pattern: "POST /events", id: "postEvents", title: "Take events in from outside",
		text: "Any event of the catalogue as a CloudEvent 1.0 over HTTP: binary, structured or batched. All are checked before the first is taken; " +
			"each is taken once, by its source and id. Content is sealed before anything else is done with it.",
		roles: machines, use: access.Intake, noted: audit.Collect, apart: (*function).takeEvents, limit: maxEvents, status: http.StatusAccepted,
		schema: "Event", gives: "TakenOrList", problems: []string{"invalid_event", "foreign_tenant"},
	},
	{
		pattern: "GET /events/{id}", id: "getEvent", title: "How far an event from outside has come",
		roles: slices.Concat(machines, operators), use: access.Operation, about: "event", handle: (*function).getEvent,
		query: []string{"source"}, gives: "EventStatus", problems: []string{"not_found"},
	},
}
