package record

import (
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/store"
)

// The kinds of record. A name stands in stored keys: it is never changed. Each
// says what ends its records: its own life, by the pack; what it goes with; or
// who ends it otherwise.
var (
	Contacts = Define[contact.Contact]("contact", 2, From[contact.Contact](1, asIs), Indexed(contactIndex),
		GoesWith[contact.Contact]("the last of what is found under it"))
	Lookups = Define[contact.Lookup]("lookup", 1, Indexed(lookupIndex),
		Under[contact.Lookup]("contact", ByPerson), GoesWith[contact.Lookup]("its contact"))
	Restrictions = Define[contact.Restriction]("restriction", 2, From[contact.Restriction](1, asIs), Indexed(restrictionIndex),
		EndsBy[contact.Restriction]("functions/dossier when it is lifted, or shared/erasure with its contact"))
	Conversations = Define[conversation.Conversation]("conversation", 2, From[conversation.Conversation](1, asIs), Indexed(conversationIndex), Agreed[conversation.Conversation](),
		Lives(conversationLives), Under[conversation.Conversation]("contact", ByContact))
	Merges = Define[conversation.Merge]("merge", 1, Indexed(mergeIndex),
		Under[conversation.Merge]("conversation", ByNode), Under[conversation.Merge]("contact", ByNode), GoesWith[conversation.Merge]("its head"))
	Messages = Define[message.Message]("message", 3, From[message.Message](1, asIs), From[message.Message](2, asIs), Indexed(messageIndex),
		Along(messageParts), Under[message.Message]("conversation", ByConversation),
		GoesWith[message.Message]("its conversation, by its own date"))
	Waitings    = Define[message.Waiting]("waiting", 1, Lives(waitingLives))
	Aliases     = Define[message.Alias]("alias", 1, GoesWith[message.Alias]("the last message that it leads to"))
	Paces       = Define[message.Pace]("pace", 1, Lives(paceLives))
	Attachments = Define[message.Attachment]("attachment", 1, GoesWith[message.Attachment]("its message"))
	Intakes     = Define[intake.Intake]("intake", 1, Indexed(intakeIndex),
		EndsBy[intake.Intake]("functions/inbound when it is handled, functions/relay with its key after 30 days"))
	Entries = Define[audit.Entry]("entry", 1, Indexed(entryIndex),
		EndsBy[audit.Entry]("shared/ledger.Sweep, by the log terms of the pack"))
)

// The indexes. Partitions and sorts hold ids, states and instants only.
const (
	ByTime         = "time"         // contacts, conversations: newest activity
	ByContact      = "contact"      // a contact's conversations
	ByConversation = "conversation" // a conversation's messages in order of receipt
	ByState        = "state"        // intake that still waits; log entries to be sequenced
	ByNode         = "node"         // merges into a head
	ByClass        = "class"        // log entries by retention class
	ByAbout        = "about"        // log entries by the keyed hash of the person
	ByTicket       = "ticket"       // log entries that end with a ticket
	ByPerson       = "person"       // a contact's addresses
)

// Sortable is an instant as a sort key: UTC, nine digits of fraction, so that
// byte order is time order.
func Sortable(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func contactIndex(c *contact.Contact) []store.Entry {
	return []store.Entry{{Index: ByTime, Partition: "contact", Sort: Sortable(c.CreatedAt)}}
}

func conversationIndex(c *conversation.Conversation) []store.Entry {
	return []store.Entry{
		// To the minute: a busy conversation moves in the index once a minute.
		{Index: ByTime, Partition: "conversation", Sort: Sortable(c.LastAt.Truncate(time.Minute))},
		{Index: ByContact, Partition: c.ContactID, Sort: Sortable(c.OpenedAt)},
	}
}

func lookupIndex(l *contact.Lookup) []store.Entry {
	return []store.Entry{{Index: ByPerson, Partition: l.ContactID}}
}

func mergeIndex(m *conversation.Merge) []store.Entry {
	return []store.Entry{{Index: ByNode, Partition: m.Into, Sort: Sortable(m.At)}}
}

func messageIndex(m *message.Message) []store.Entry {
	in := []store.Entry{{Index: ByConversation, Partition: m.ConversationID, Sort: Sortable(m.ReceivedAt)}}
	if at, due := m.Due(); due { // functions/delivery finds what is due by time
		in = append(in, store.Entry{Index: ByState, Partition: "delivery", Sort: Sortable(at)})
	}
	return in
}

func intakeIndex(i *intake.Intake) []store.Entry {
	// By the day of its key, not by receipt, which may be long ago when it is
	// fed in late: what goes is what can't be read.
	return []store.Entry{{Index: ByState, Partition: "intake", Sort: i.Day}}
}

// entryIndex puts an entry into the index of those not yet sequenced, from
// which shared/ledger takes it, and into those by class and by person.
func entryIndex(e *audit.Entry) []store.Entry {
	at := Sortable(e.At)
	in := []store.Entry{
		{Index: ByState, Partition: "entry", Sort: at},
		{Index: ByClass, Partition: string(e.Retention), Sort: at},
	}
	if e.About != "" {
		in = append(in, store.Entry{Index: ByAbout, Partition: e.About, Sort: at})
	}
	if e.Ticket != "" {
		in = append(in, store.Entry{Index: ByTicket, Partition: e.Ticket, Sort: at})
	}
	return in
}
