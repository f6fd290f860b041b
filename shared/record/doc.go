// Package record turns Go structs into stored documents, and back, so that no
// function has to think of privacy: every field says in its tag what it is.
//
//	type Message struct {
//		_         struct{}  `data:"owner=.ContactID class=channel purpose=service"`
//		ID        string    `json:"id" data:"technical"`
//		ContactID string    `json:"contact_id" data:"technical"`
//		Text      string    `json:"text" data:"personal content"`
//		Raw       []byte    `json:"-" data:"personal content file"`
//	}
//
// The blank field holds defaults. "technical" fields stand in the clear.
// "personal" fields need a category, an owner (whose key seals them), a
// retention class and the purpose they were collected for; they are sealed
// together with the others of the same owner, class and purpose. "file" marks
// a []byte that is sealed by itself and may go to the blob store; "parties" marks
// names and addresses that may be those of others than the owner. A value that
// begins with "." is taken from the field of that name; an owner that begins
// with "~" is the tenant itself.
//
// Sealing, access packages, redaction, anonymisation, retention and restriction
// all read these tags; a kind whose tags are incomplete does not start.
//
// A stored body is: version byte 1, then uvarint schema, clear part (JSON),
// number of parts, and for each part its name, subject, class, purpose, blob
// name and sealed bytes, every one behind its uvarint length. Older schemas are
// lifted by the kind's upgrades, one version at a time; every shape ever
// written stays in testdata/shapes.
package record
