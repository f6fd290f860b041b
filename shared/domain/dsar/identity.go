package dsar

import (
	"crypto/subtle"
	"slices"
	"time"
)

// Means is how it was shown that an address, or a contact, is the requester's.
type Means string

// Means, with the confidence that each carries (percent). Those below Enough
// prove nothing by themselves.
const (
	ByToken    Means = "token"              // logged in at the portal as this contact
	ByCode     Means = "code"               // a one-time code came back from a known address
	ByAddress  Means = "usual_address"      // wrote from the address that we know (P10)
	ByLast     Means = "last_communication" // described the last communication (P10)
	BySight    Means = "in_person"          // showed a document on the spot; it is not copied (A8)
	ByPost     Means = "post"               // the answer goes by post to the known address (P11)
	ByOfficer  Means = "officer"            // an officer confirmed it, with a reason
	ByHandover Means = "handover"           // the other controller established it
	ByMerge    Means = "merge"              // an adviser merged the contacts: a hint, no proof
	ByClaim    Means = "claim"              // the requester says so
)

var confidence = map[Means]int{
	ByToken: 99, BySight: 97, ByCode: 95, ByOfficer: 90, ByAddress: 85, ByHandover: 85, ByLast: 80, ByPost: 80, ByMerge: 50, ByClaim: 10,
}

// Enough is the confidence from which a link is proved.
const Enough = 80

// Validate reports whether m is one of the set.
func (m Means) Validate() error {
	if confidence[m] == 0 {
		return oneOf[Means]("means", m)
	}
	return nil
}

// Confidence of the means in percent.
func (m Means) Confidence() int { return confidence[m] }

// Link is an edge of the identity graph of a request: that a contact is the
// person who asks, and the evidence.
type Link struct {
	ContactID  string    `json:"contact_id"`
	Means      Means     `json:"means"`
	Confidence int       `json:"confidence"`
	Edge       string    `json:"edge,omitempty"`   // of a merge: it lapses when that is taken back
	Shared     bool      `json:"shared,omitempty"` // others use the address too: never covered
	By         string    `json:"by,omitempty"`     // opaque id of who established it; empty: the system
	At         time.Time `json:"at"`
}

// Need is why identity is checked.
type Need string

// Needs (pack: requests.verify.when).
const (
	UnusualAddress Need = "unusual address"
	TotalErasure   Need = "total erasure asked"
	Doubt          Need = "doubt about identity"
)

// Validate reports whether n is one of the set.
func (n Need) Validate() error { return oneOf("need", n, UnusualAddress, TotalErasure, Doubt) }

// Identity is what is known of who asks.
type Identity struct {
	Need        Need        `json:"need,omitempty"` // "": no check is needed
	AskedAt     time.Time   `json:"asked_at,omitzero"`
	AskedBy     string      `json:"asked_by,omitempty"`
	ProvedAt    time.Time   `json:"proved_at,omitzero"`
	PostOffered time.Time   `json:"post_offered_at,omitzero"` // still in doubt: the answer may go by post (P11)
	Links       []Link      `json:"links,omitempty"`
	Challenges  []Challenge `json:"challenges,omitempty"`
	Failures    int         `json:"failures,omitempty"` // wrong codes since the last lock
	LockedUntil time.Time   `json:"locked_until,omitzero"`
}

// Pending reports whether a check is needed and has not succeeded.
func (id *Identity) Pending() bool { return id.Need != "" && id.ProvedAt.IsZero() }

// Challenge is a one-time code to an address. It exists for addresses that we do
// not know, too, without a hash: nobody can tell the two apart.
type Challenge struct {
	ID        string    `json:"id"`
	Hash      string    `json:"hash,omitempty"`       // keyed hash of the code
	ContactID string    `json:"contact_id,omitempty"` // whose address it went to
	MadeAt    time.Time `json:"made_at"`
	EndsAt    time.Time `json:"ends_at"`
	Tries     int       `json:"tries,omitempty"`
	UsedAt    time.Time `json:"used_at,omitzero"`
}

// Claim is an address that the requester says is theirs.
type Claim struct {
	Challenge string `json:"challenge"`
	Address   string `json:"address"`
}

// CodeTerms bound one-time codes (pack: requests.verify).
type CodeTerms struct {
	Life  time.Duration // of a code
	Tries int           // wrong codes until the request is locked
	Rest  time.Duration // how long it stays locked
}

// MaxChallenges bounds the codes asked for in one request.
const MaxChallenges = 10

// Challenge adds a code to be sent to an address that is claimed, or, with an
// empty address, to the address on file. Whether it goes anywhere is decided
// afterwards, and told to nobody.
func (r *Request) Challenge(id, address string, t CodeTerms, now time.Time) error {
	switch {
	case r.State.Closed():
		return ErrState
	case len(r.Identity.Challenges) >= MaxChallenges:
		return ErrTooMany
	}
	r.Identity.Challenges = append(r.Identity.Challenges, Challenge{ID: id, MadeAt: now, EndsAt: now.Add(t.Life)})
	if address != "" {
		r.Claims = append(r.Claims, Claim{Challenge: id, Address: address})
	}
	return nil
}

// Sent notes that the code of a challenge went to a contact.
func (r *Request) Sent(id, contactID, hash string) error {
	for i := range r.Identity.Challenges {
		if c := &r.Identity.Challenges[i]; c.ID == id && c.Hash == "" {
			c.ContactID, c.Hash = contactID, hash
			return nil
		}
	}
	return ErrTwice
}

// SentTo notes that the code of a challenge went to a mailbox that stands under
// another contact than the one that the request is filed under: the address that it
// gives for its answer.
func (r *Request) SentTo(id, contactID string) {
	for i := range r.Identity.Challenges {
		if c := &r.Identity.Challenges[i]; c.ID == id && c.Hash != "" {
			c.ContactID = contactID
		}
	}
}

// Try takes a code, by the keyed hash that it would have. It reports whether it
// was right: a wrong, expired, used or unknown one, one that was never sent, and
// any while the request is locked, are all the same false.
func (r *Request) Try(challenge, hash string, t CodeTerms, now time.Time) bool {
	id := &r.Identity
	var found *Challenge
	for i := range id.Challenges {
		if id.Challenges[i].ID == challenge {
			found = &id.Challenges[i]
		}
	}
	want := ""
	if found != nil {
		want = found.Hash
	}
	right := subtle.ConstantTimeCompare([]byte(want), []byte(hash)) == 1 && want != "" &&
		found.UsedAt.IsZero() && now.Before(found.EndsAt) && !now.Before(id.LockedUntil) && !r.State.Closed()
	if right {
		found.UsedAt, id.Failures = now, 0
		r.link(Link{ContactID: found.ContactID, Means: ByCode, At: now})
		if !slices.ContainsFunc(r.Claims, func(c Claim) bool { return c.Challenge == challenge }) { // it went to the address on file
			r.link(Link{ContactID: r.ContactID, Means: ByCode, At: now})
		}
		return true
	}
	if found != nil {
		found.Tries++
	}
	if id.Failures++; id.Failures >= t.Tries {
		id.Failures, id.LockedUntil = 0, now.Add(t.Rest)
	}
	return false
}

// Link adds evidence that a contact is the requester. One that is enough proves
// the requester's identity, where it is about the contact whose file it is or
// nothing had been proved.
func (r *Request) Link(l Link) error {
	if l.Means.Validate() != nil {
		return l.Means.Validate()
	}
	if l.By == "" && (l.Means == ByOfficer || l.Means == ByLast || l.Means == BySight) {
		return ErrNeedsPerson
	}
	r.link(l)
	return nil
}

func (r *Request) link(l Link) {
	l.Confidence = l.Means.Confidence()
	r.Identity.Links = append(slices.DeleteFunc(r.Identity.Links, func(o Link) bool {
		return o.ContactID == l.ContactID && o.Means == l.Means
	}), l)
	r.prove(l.At)
	r.settle(l.At)
}

// prove sets when identity was proved, once some link does. Who asks that
// everything be erased is checked beyond the address that was used (P11).
func (r *Request) prove(now time.Time) {
	if !r.Identity.ProvedAt.IsZero() || !r.represented() {
		return
	}
	for _, l := range r.Identity.Links {
		weak := r.Identity.Need == TotalErasure && (l.Means == ByAddress || l.Means == ByHandover)
		if l.Confidence >= Enough && !l.Shared && !weak {
			r.Identity.ProvedAt = now
		}
	}
}

// Covered are the contacts that the request reaches: those proved or confirmed,
// never one that is merely claimed, merged or shared.
func (r *Request) Covered() []string {
	var out []string
	for _, l := range r.Identity.Links {
		if l.Confidence >= Enough && !r.shared(l.ContactID) && !slices.Contains(out, l.ContactID) {
			out = append(out, l.ContactID)
		}
	}
	if len(out) == 0 && r.Marketing { // nobody is checked for that (P11)
		out = append(out, r.ContactID)
	}
	return out
}

func (r *Request) shared(contactID string) bool {
	return slices.ContainsFunc(r.Identity.Links, func(l Link) bool { return l.ContactID == contactID && l.Shared })
}

// Parted drops evidence that rests on a merge which has been taken back.
func (r *Request) Parted(edge string) {
	r.Identity.Links = slices.DeleteFunc(r.Identity.Links, func(l Link) bool { return l.Edge == edge && edge != "" })
}

// Check sets why identity is to be checked, by the pack: needs are those it
// lists. Ending direct marketing needs none (P11).
func (r *Request) Check(found, needs []Need, exemptMarketing bool) {
	if r.Marketing && exemptMarketing {
		return
	}
	for _, n := range found {
		if slices.Contains(needs, n) && r.Identity.Need == "" {
			r.Identity.Need, r.Identity.ProvedAt = n, time.Time{}
		}
	}
	r.prove(r.ReceivedAt)
}

// AskIdentity notes that the requester was asked to prove who they are, and
// stops the clock where that came in time. It reports whether it stopped.
func (r *Request) AskIdentity(t Terms, need Need, by string, now time.Time) (bool, error) {
	switch {
	case r.State.Closed():
		return false, ErrState
	case r.Marketing:
		return false, ErrGround // no check for ending direct marketing
	case !r.Identity.ProvedAt.IsZero() && need != Doubt:
		return false, ErrTwice
	}
	if need != "" {
		r.Identity.Need = need
	}
	if need == Doubt { // what was shown is not believed any longer
		r.Identity.ProvedAt = time.Time{}
		r.Identity.Links = slices.DeleteFunc(r.Identity.Links, func(l Link) bool { return l.Means != ByToken })
	}
	if r.Identity.AskedAt.IsZero() {
		r.Identity.AskedAt, r.Identity.AskedBy = now, by
	}
	paused := r.Clock.pause(t, now)
	r.settle(now)
	return paused, nil
}

// OfferPost offers the answer by post where doubt remains (P11).
func (r *Request) OfferPost(by string, now time.Time) error {
	if r.State.Closed() || by == "" {
		return ErrState
	}
	r.Identity.PostOffered = now
	return nil
}

// CodeLabel is the label of the tenant's keyed hash of one-time codes.
const CodeLabel = "one-time code"

// CodeHash is what is kept of a code: bound to its request and challenge.
func CodeHash(hash func(parts ...string) (string, error), request, challenge, code string) (string, error) {
	return hash(request, challenge, code)
}
