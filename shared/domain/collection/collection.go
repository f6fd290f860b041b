// Package collection is what a controller keeps in a processor's product: the
// cashiers and customers of a till (Saopnet, Table 1; S22), the patients of a
// dental laboratory with their images (Laboss, annex A). The processor keeps it
// until its purpose is fulfilled, or returns and destroys it when the contract
// ends (L08, S16).
package collection

import (
	"slices"
	"time"
)

// Item is one person in a collection. Values are what the controller entered.
type Item struct {
	_           struct{}  `data:"owner=.Subject class=product purpose=service"`
	ID          string    `json:"id" data:"technical"`
	ContractID  string    `json:"contract_id" data:"technical link"`
	Subject     string    `json:"subject" data:"technical"` // the person, opaque
	Of          string    `json:"of" data:"technical"`      // class of person: cashier, customer, patient
	EnteredAt   time.Time `json:"entered_at" data:"technical"`
	FulfilledAt time.Time `json:"fulfilled_at,omitzero" data:"technical"` // the controller says that the purpose is fulfilled
	Scans       []string  `json:"scans,omitempty" data:"technical link"`  // records of images

	Name      string            `json:"name,omitempty" data:"personal identity"`
	Addresses []string          `json:"addresses,omitempty" data:"personal address"`
	Numbers   map[string]string `json:"numbers,omitempty" data:"personal identifier"` // tax number, patient number, cashier code
	Notes     string            `json:"notes,omitempty" data:"personal content"`
	Findings  string            `json:"findings,omitempty" data:"personal health"`

	// PIN is a salted hash of the till PIN. It is compared and never handed
	// out, to nobody: Export leaves it out.
	PIN []byte `json:"pin,omitempty" data:"personal credential"`
}

// Scan is an image: an X-ray, a 3D scan.
type Scan struct {
	_        struct{}  `data:"owner=.Subject class=product purpose=service"`
	ID       string    `json:"id" data:"technical"`
	ItemID   string    `json:"item_id" data:"technical"`
	Subject  string    `json:"subject" data:"technical"`
	StoredAt time.Time `json:"stored_at" data:"technical"`
	Mime     string    `json:"mime" data:"technical"`
	Size     int64     `json:"size" data:"technical"` // bytes
	SHA256   string    `json:"sha256" data:"technical"`
	Bytes    []byte    `json:"-" data:"personal health file"`
}

// Exported is an item as it is returned: structured, and without credentials.
// Its Scans are ids of images, which are returned beside it.
type Exported struct {
	ID        string            `json:"id"`
	Of        string            `json:"of"`
	EnteredAt time.Time         `json:"entered_at"`
	Name      string            `json:"name,omitempty"`
	Addresses []string          `json:"addresses,omitempty"`
	Numbers   map[string]string `json:"numbers,omitempty"`
	Notes     string            `json:"notes,omitempty"`
	Findings  string            `json:"findings,omitempty"`
	Scans     []string          `json:"scans,omitempty"`
}

// Export is the item for its controller.
func (i *Item) Export() Exported {
	return Exported{i.ID, i.Of, i.EnteredAt, i.Name, i.Addresses, i.Numbers, i.Notes, i.Findings, slices.Clone(i.Scans)}
}
