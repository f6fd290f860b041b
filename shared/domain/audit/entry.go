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
	_         struct{}  `data:"owner=~log class=.Period purpose=proof"`
	ID        string    `json:"id" data:"technical"`
	At        time.Time `json:"at" data:"technical"`        // UTC
	Retention string    `json:"retention" data:"technical"` // retention class: platform, login ...
	Period    string    `json:"period" data:"technical"`    // retention class and month of the key

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
}

// Item is a record, and which of its fields.
type Item struct {
	Kind   string   `json:"kind"`
	ID     string   `json:"id"`
	Fields []string `json:"fields,omitempty"`
}

// Period is the key period of an entry made at the given instant: its retention
// class and UTC month.
func Period(retention string, at time.Time) string {
	return retention + "." + at.UTC().Format("2006-01")
}
