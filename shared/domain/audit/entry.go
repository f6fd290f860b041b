// Package audit is the processing log's own vocabulary: what an entry says, by
// rules K10 to K12 and L11 and article 22 of ZVOP-2.
package audit

import (
	"fmt"
	"time"
)

// Act is what somebody did to personal data. The set is closed.
type Act string

const (
	Collect  Act = "collect"  // personal data came in
	Change   Act = "change"   // it was altered
	View     Act = "view"     // somebody saw it; listing, opening and searching alike
	Disclose Act = "disclose" // it went to somebody outside
	Erase    Act = "erase"    // it was deleted or made anonymous
	Merge    Act = "merge"    // records of one person were joined
	Unmerge  Act = "unmerge"
	Login    Act = "login"
	Logout   Act = "logout"
	Manage   Act = "manage" // an administrator's act: redrive, settings, rights
)

// Acts is the closed set.
var Acts = []Act{Collect, Change, View, Disclose, Erase, Merge, Unmerge, Login, Logout, Manage}

// Validate reports whether a is one of the set.
func (a Act) Validate() error {
	for _, known := range Acts {
		if a == known {
			return nil
		}
	}
	return fmt.Errorf("audit: unknown act")
}

// Result is how it ended (K10: success or failure).
type Result string

const (
	Success Result = "success"
	Refused Result = "refused"
)

// Entry is one line of the processing log. What stands in the clear is what a
// leaf of the tree may show; the rest is sealed under the tenant's log key of
// the retention class and month, never under a person's key, so that erasing a
// person does not touch the log (K23).
type Entry struct {
	_          struct{}  `data:"owner=~log class=.Period purpose=proof"`
	ID         string    `json:"id" data:"technical"`
	At         time.Time `json:"at" data:"technical"`               // UTC
	Retention  Class     `json:"retention" data:"technical"`        // how long it is kept
	Period     string    `json:"period" data:"technical"`           // of its key: KeyPeriod
	Ticket     string    `json:"ticket,omitempty" data:"technical"` // of class DeskLog: the ticket it ends with
	About      string    `json:"about,omitempty" data:"technical"`  // keyed hash of Subject: finds a person's entries without opening any
	Commitment []byte    `json:"commitment" data:"technical"`       // to the sealed fields, salted: Commit

	Act       Act    `json:"act" data:"personal activity"`
	ActorID   string `json:"actor_id" data:"personal activity"`
	ActorName string `json:"actor_name,omitempty" data:"personal activity"`
	ActorRole string `json:"actor_role" data:"personal activity"`
	Source    string `json:"source,omitempty" data:"personal activity"`  // network address of a person's request (K10)
	Subject   string `json:"subject,omitempty" data:"personal activity"` // whose data
	Items     []Item `json:"items,omitempty" data:"personal activity"`
	Use       string `json:"use" data:"personal activity"` // purpose of use
	Result    Result `json:"result" data:"personal activity"`
	Reason    string `json:"reason,omitempty" data:"personal activity"`    // why refused, or the stated reason of the act; a code
	Recipient string `json:"recipient,omitempty" data:"personal activity"` // of a disclosure
	Case      string `json:"case,omitempty" data:"personal activity"`      // the matter the actor named
	Event     string `json:"event,omitempty" data:"personal activity"`     // id of the event that led to it

	// SecretUntil is the end of a legal duty to keep a disclosure secret (S08):
	// until then the person is shown neither it nor that anything is missing.
	SecretUntil time.Time `json:"secret_until,omitzero" data:"personal activity"`
	Salt        []byte    `json:"salt" data:"personal activity"` // of the commitment; goes with the content
}

// Item is a record, and which of its fields.
type Item struct {
	Kind   string   `json:"kind"`
	ID     string   `json:"id"`
	Fields []string `json:"fields,omitempty"`
}

// Class is the retention class of an entry: a pack says how long each is kept
// (its logs, by class). The set is closed.
type Class string

const (
	PlatformLog Class = "log"       // the platform's audit trail, its log-ins included (K10, K11, K15)
	LoginLog    Class = "login_log" // log-ins to the service desk: six months at most (K16)
	DeskLog     Class = "desk_log"  // the service desk's change audit: ends with its ticket (K12, A8)
)

// Classes is the closed set.
var Classes = []Class{PlatformLog, LoginLog, DeskLog}

// Validate reports whether c is one of the set.
func (c Class) Validate() error {
	for _, known := range Classes {
		if c == known {
			return nil
		}
	}
	return fmt.Errorf("audit: unknown retention class")
}

// KeyPeriod names the key that seals an entry: its class and UTC month, or its
// class and ticket where it ends with one. The key is destroyed when the last
// entry under it has gone.
func (e *Entry) KeyPeriod() string {
	if e.Retention == DeskLog && e.Ticket != "" {
		return string(DeskLog) + "." + e.Ticket
	}
	return string(e.Retention) + "." + e.At.UTC().Format("2006-01")
}
