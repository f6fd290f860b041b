package dossier

import "time"

// Circular is the telling of all recipients of a person's data that something was
// rectified, erased or restricted (art. 19 GDPR), for one right of one request. The
// register may hold any number of lines, so it goes on in bounded pieces: the
// circular is the place that they have reached.
type Circular struct {
	ID         string    `json:"id" data:"technical"` // CircularID
	RequestID  string    `json:"request_id" data:"technical"`
	Right      string    `json:"right" data:"technical"`
	Language   string    `json:"language" data:"technical"` // of the letters
	ContactIDs []string  `json:"contact_ids" data:"technical"`
	At         time.Time `json:"at" data:"technical"` // when it began, or last began anew

	// Contact counts the contacts whose lines have all been told; Token is where the
	// next piece goes on in the register of the one after these.
	Contact int    `json:"contact,omitempty" data:"technical"`
	Token   string `json:"token,omitempty" data:"technical"`
	Step    int    `json:"step,omitempty" data:"technical"` // pieces done

	// Letters are the notices that went out, by mailbox: one to each.
	Letters map[string]string `json:"letters,omitempty" data:"technical"`

	DoneAt time.Time `json:"done_at,omitzero" data:"technical"`
}

// CircularID is that of a circular of a request, by the name of the right.
func CircularID(request, name string) string { return request + "." + name }

// Begin starts a circular, or starts one anew that had come to its end: lines that
// came in since are told in letters of their own. It reports whether it runs from
// its beginning now; one that is under way goes on as it is.
func (c *Circular) Begin(contactIDs []string, now time.Time) bool {
	if !c.At.IsZero() && c.DoneAt.IsZero() {
		return false
	}
	c.ContactIDs, c.At, c.Contact, c.Token, c.Letters, c.DoneAt = contactIDs, now, 0, "", nil, time.Time{}
	return true
}

// Piece notes that a piece is done: the whole of a page, where next is the token of
// the one after it, "" behind the contact's last, or a part of the page. It reports
// whether another piece follows.
func (c *Circular) Piece(next string, whole bool, now time.Time) bool {
	c.Step++
	if !whole {
		return true
	}
	if c.Token = next; next == "" {
		c.Contact++
	}
	if c.Contact < len(c.ContactIDs) {
		return true
	}
	c.DoneAt = now
	return false
}
