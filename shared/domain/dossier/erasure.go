package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Statement is a supplementary statement of a person (art. 16 GDPR; P12). It
// stands beside what it corrects: the earlier version stays as it was.
type Statement struct {
	_         struct{}  `data:"owner=.ContactID class=channel purpose=service"`
	ID        string    `json:"id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	RequestID string    `json:"request_id" data:"technical"`
	At        time.Time `json:"at" data:"technical"`
	Text      string    `json:"text,omitempty" data:"personal content"`
}

// Erasure is a granted erasure: what was done, what stays, and the check that
// nothing else does. It holds ids and counts only, so that it can outlive what was
// erased.
type Erasure struct {
	ID          string      `json:"id" data:"technical"` // the request's
	ContactIDs  []string    `json:"contact_ids" data:"technical"`
	At          time.Time   `json:"at" data:"technical"`
	Pass        int         `json:"pass,omitempty" data:"technical"`    // the newest one: each goes on where a block has ended
	Waiting     bool        `json:"waiting,omitempty" data:"technical"` // a hold, another request or a restriction keeps some for now
	Certificate Certificate `json:"certificate" data:"technical"`
}

// Certificate is what the person gets, and can check offline: the entry of the
// processing log that notes the erasure names Digest.
type Certificate struct {
	Format  string         `json:"format"`
	Tenant  string         `json:"tenant"`
	Request string         `json:"request"`
	At      time.Time      `json:"at"`
	Planned int            `json:"planned"` // records that were to go
	Erased  map[string]int `json:"erased"`  // by kind
	Along   int            `json:"along"`   // files and the like that went with them
	Keys    int            `json:"keys"`    // destroyed: no copy can be read, backups included
	Residue int            `json:"residue"` // of what should be gone, found afterwards
	Stays   []Stay         `json:"stays"`

	Searched int `json:"searched,omitempty"` // places in which residue was looked for: records, indexes, files; certificates of before don't say

	Told []string `json:"told"` // recipients of earlier disclosures (art. 19)
}

// CertificateFormat names the form of a certificate.
const CertificateFormat = "okence.org/erasure-certificate/v1"

// Stay is something that an erasure does not reach, why, and until when.
type Stay struct {
	What  string `json:"what"`
	Why   string `json:"why"`
	Until string `json:"until"` // a date, or a term from the pack
	Count int    `json:"count,omitempty"`
	Law   string `json:"law,omitempty"`
}

// Digest is the SHA-256 of the certificate's canonical JSON, hex.
func (c Certificate) Digest() string {
	b, _ := json.Marshal(c) // plain values: can't fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Whole reports whether everything that was planned went.
func (c Certificate) Whole() bool {
	return c.Residue == 0 && !slices.ContainsFunc(c.Stays, func(s Stay) bool { return s.Count > 0 })
}
