// Package dossier is what a person is given of their own data: a package, its
// review, and how it was handed over (arts. 15 and 20 GDPR; P08, P09, P18).
package dossier

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// State of a package.
type State string

// States.
const (
	Review  State = "review"  // a reviewer decides doubtful places
	Ready   State = "ready"   // it can be handed over
	Expired State = "expired" // its content has gone: it can be made anew on request
)

// Validate reports whether s is one of the set.
func (s State) Validate() error {
	switch s {
	case Review, Ready, Expired:
		return nil
	}
	return fmt.Errorf("dossier: unknown state")
}

// Form is what a package is for.
type Form string

// Forms.
const (
	Access      Form = "access"      // everything (art. 15)
	Portability Form = "portability" // what the person supplied, on consent or contract (art. 20; P18)
)

// Validate reports whether f is one of the set.
func (f Form) Validate() error {
	switch f {
	case Access, Portability:
		return nil
	}
	return fmt.Errorf("dossier: unknown form")
}

// Life is how long the content of a package is kept, and with it the person's
// chance to fetch it, before it must be made anew.
const Life = 30 * 24 * time.Hour

// Package is one package for one right of one request.
type Package struct {
	_          struct{}  `data:"owner=.ContactID class=request purpose=proof"`
	ID         string    `json:"id" data:"technical"` // ID(request, form)
	RequestID  string    `json:"request_id" data:"technical"`
	ContactID  string    `json:"contact_id" data:"technical"`  // whose file the request is
	ContactIDs []string  `json:"contact_ids" data:"technical"` // whom it covers: proved, or confirmed by an officer
	Form       Form      `json:"form" data:"technical"`
	Language   string    `json:"language" data:"technical"`
	State      State     `json:"state" data:"technical"`
	CreatedAt  time.Time `json:"created_at" data:"technical"`
	ReadyAt    time.Time `json:"ready_at,omitzero" data:"technical"`
	ExpiresAt  time.Time `json:"expires_at,omitzero" data:"technical"`

	// Open counts the doubtful places without a verdict. Verdicts are kept by
	// the key of the place, so that a package made anew has them again.
	Open     int       `json:"open" data:"technical"`
	Verdicts []Verdict `json:"verdicts,omitempty" data:"technical"`

	Records int    `json:"records" data:"technical"`
	Cuts    int    `json:"cuts" data:"technical"`
	Digest  string `json:"digest,omitempty" data:"technical"` // SHA-256 of the manifest, hex

	Link    *Link   `json:"link,omitempty" data:"technical"`
	Fetched []Fetch `json:"fetched,omitempty" data:"technical"`

	Archive []byte `json:"-" data:"personal content file"`
}

// ID is the id of the package of a request in a form: there is one.
func ID(request string, f Form) string { return request + "." + string(f) }

// Verdict is a reviewer's decision on one place: show it, or take it out.
type Verdict struct {
	Place string    `json:"place"` // Place.Key
	Show  bool      `json:"show"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// Judge takes a verdict on a place; a later one replaces an earlier one.
func (p *Package) Judge(v Verdict) error {
	if p.State == Expired {
		return ErrExpired
	}
	for i := range p.Verdicts {
		if p.Verdicts[i].Place == v.Place {
			p.Verdicts[i] = v
			return nil
		}
	}
	if len(p.Verdicts) >= MaxVerdicts {
		return ErrTooMany
	}
	p.Verdicts = append(p.Verdicts, v)
	return nil
}

// MaxVerdicts bounds what one record holds.
const MaxVerdicts = 1500

// Finish says that the content is there.
func (p *Package) Finish(archive []byte, digest string, now time.Time) {
	p.State, p.Archive, p.Digest = Ready, archive, digest
	p.ReadyAt, p.ExpiresAt = now, now.Add(Life)
}

// Over reports whether the content has served: the person has taken it, or its
// time is over. What an officer has looked at has not been handed over.
func (p *Package) Over(now time.Time) bool {
	taken := slices.ContainsFunc(p.Fetched, func(f Fetch) bool { return f.How != "officer" })
	return taken || !now.Before(p.ExpiresAt)
}

// Expire says that the content is gone.
func (p *Package) Expire() { p.State, p.Link = Expired, nil }

// Link lets whoever has it and the code fetch the package once.
type Link struct {
	Hash      string    `json:"hash"`      // SHA-256 of the token, hex
	CodeHash  string    `json:"code_hash"` // keyed, of the token and the code
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	ExpiresAt time.Time `json:"expires_at"`
	Failed    int       `json:"failed,omitempty"` // wrong codes
	UsedAt    time.Time `json:"used_at,omitzero"`
}

// Of a link.
const (
	LinkLife    = 7 * 24 * time.Hour
	MaxFailures = 5 // wrong codes, after which the link is dead
)

// Fetch is one handing over.
type Fetch struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"` // opaque id of who fetched; "link" for the link
	How string    `json:"how"`
}

// The reasons for which a package is not handed over.
var (
	ErrNotReady = errors.New("the package is still in review")
	ErrExpired  = errors.New("the package has expired")
	ErrNoLink   = errors.New("the link is unknown, used, expired or locked")
	ErrCode     = errors.New("the code is wrong")
	ErrTooMany  = errors.New("too many verdicts on one package")
)

// HashToken is what is stored of a link's token.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte("okence package link " + token))
	return hex.EncodeToString(sum[:])
}

// Fetchable reports whether the content may be handed over now.
func (p *Package) Fetchable(now time.Time) error {
	switch {
	case p.State == Review:
		return ErrNotReady
	case p.State == Expired || !now.Before(p.ExpiresAt):
		return ErrExpired
	}
	return nil
}

// Offer makes a new link; an older one is dead.
func (p *Package) Offer(token, codeHash, by string, now time.Time) error {
	if err := p.Fetchable(now); err != nil {
		return err
	}
	until := now.Add(LinkLife)
	if until.After(p.ExpiresAt) {
		until = p.ExpiresAt
	}
	p.Link = &Link{Hash: HashToken(token), CodeHash: codeHash, By: by, At: now, ExpiresAt: until}
	return nil
}

// Redeem uses the link: once, before it expires, with the right code. A wrong
// code is counted; the caller saves that too. What is wrong with a link that
// does not work is not told.
func (p *Package) Redeem(token, codeHash string, now time.Time) error {
	l := p.Link
	if l == nil || p.Fetchable(now) != nil || !l.UsedAt.IsZero() || !now.Before(l.ExpiresAt) || l.Failed >= MaxFailures ||
		subtle.ConstantTimeCompare([]byte(l.Hash), []byte(HashToken(token))) != 1 {
		return ErrNoLink
	}
	if subtle.ConstantTimeCompare([]byte(l.CodeHash), []byte(codeHash)) != 1 {
		l.Failed++
		return ErrCode
	}
	l.UsedAt = now
	p.Fetched = append(p.Fetched, Fetch{At: now, By: "link", How: "link"})
	return nil
}

// LinkName is the last part of a link: which package, and the token.
func LinkName(id, token string) string { return id + "~" + token }

// ParseLink reads a LinkName.
func ParseLink(name string) (id, token string, ok bool) {
	id, token, ok = strings.Cut(name, "~")
	return id, token, ok && id != "" && len(token) >= 20 && len(name) <= 200
}
