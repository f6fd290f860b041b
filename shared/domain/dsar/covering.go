package dsar

import (
	"slices"
	"time"
)

// Covering leads from a contact to a request that reaches it and is filed under
// another one: what the person proved to be theirs later. Their list of requests
// finds it there.
type Covering struct {
	_         struct{}  `data:"owner=.ContactID class=request purpose=rights"`
	ID        string    `json:"id" data:"technical"` // CoveringID
	RequestID string    `json:"request_id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	At        time.Time `json:"at" data:"technical"` // of the request's receipt
}

// CoveringID is that of the way from a contact to a request.
func CoveringID(request, contactID string) string { return request + "." + contactID }

// Beside are the contacts that a request reaches beside the one it is filed under,
// and those that it names and does not reach: claimed, merged or shared.
func (r *Request) Beside() (covered, not []string) {
	reach := r.Covered()
	for _, l := range r.Identity.Links {
		switch {
		case l.ContactID == r.ContactID || slices.Contains(covered, l.ContactID) || slices.Contains(not, l.ContactID):
		case slices.Contains(reach, l.ContactID):
			covered = append(covered, l.ContactID)
		default:
			not = append(not, l.ContactID)
		}
	}
	return covered, not
}
