package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Source is a document that clauses refer to, by the first word of a clause.
type Source struct {
	Title    string   `json:"title"`
	Cite     string   `json:"cite,omitempty"` // "art.", "sec.", "§": printed before the section
	Version  string   `json:"version,omitempty"`
	Dated    Date     `json:"dated,omitempty"`
	Language Language `json:"language,omitempty"`
	Note     string   `json:"note,omitempty"`
}

// Pack is one pack with everything it inherits. It is read-only.
type Pack struct {
	ID           string
	Kind         Kind
	Title        string
	Jurisdiction Country // "EU" for the law of the union
	Zone         *time.Location
	Languages    []Language
	Tenants      []string // tenants that live under this pack
	Sources      map[string]Source
	Base         *Pack // extended pack, or nil
	File         string

	versions   []*layer
	agreements map[string]*Agreement
	resolved   lazy
}

// Agreement is what the pack's parties and one user body agreed for some
// services, over the general terms. It is read-only.
type Agreement struct {
	ID       string
	Title    string
	Pack     *Pack
	Party    string   // the user body, a party id
	Services []string // that it covers

	line     int // in the pack's file
	versions []*layer
	resolved lazy
}

// lazy computes versions once, when first asked for: a process pays only for
// the packs it uses.
type lazy func() ([]*Version, error)

// get is for sets that have loaded: their versions have no errors.
func (l lazy) get() []*Version {
	vs, err := l()
	if err != nil {
		panic("policy: " + err.Error())
	}
	return vs
}

// stacks are the versions of the pack and of what it extends, lowest first.
func (p *Pack) stacks() (out [][]*layer) {
	for b := p; b != nil; b = b.Base {
		out = append(out, b.versions)
	}
	slices.Reverse(out)
	return out
}

// prepare sets what the versions of the pack and its agreements come from.
func (p *Pack) prepare() {
	p.resolved = sync.OnceValues(func() ([]*Version, error) { return resolve(p, p.stacks()) })
	for _, a := range p.agreements {
		a.resolved = sync.OnceValues(func() ([]*Version, error) { return resolve(p, append(p.stacks(), a.versions)) })
	}
}

// Version is the terms in force from one instant to the next.
type Version struct {
	From  time.Time // inclusive
	Terms *Terms
	root  *value
}

// At is the terms in force at t. Before the first valid-from date these are
// the first terms: data may come in at any instant.
func (p *Pack) At(t time.Time) *Terms { return versionAt(p.resolved.get(), t).Terms }

// At is the general terms of the pack with the agreement laid over them.
func (a *Agreement) At(t time.Time) *Terms { return versionAt(a.resolved.get(), t).Terms }

// InForce reports whether a version of the pack itself is in force at t.
func (p *Pack) InForce(t time.Time) bool { return !t.Before(p.versions[0].start()) }

// Versions lists all terms of the pack, oldest first; among them changes that
// come from an inherited law.
func (p *Pack) Versions() []*Version { return slices.Clone(p.resolved.get()) }

// Agreements lists the ids of the pack's agreements.
func (p *Pack) Agreements() []string { return sortedKeys(p.agreements) }

// Agreement finds an agreement by id.
func (p *Pack) Agreement(id string) (*Agreement, bool) {
	a, ok := p.agreements[id]
	return a, ok
}

// Dated gives terms by instant: a [Pack] or an [Agreement].
type Dated interface {
	At(time.Time) *Terms
	Explain(path string, at time.Time) (Explanation, error)
	Cite(path string, at time.Time) string
}

// ForService is the agreement that covers the service, or the pack itself:
// agreements override the general terms (ekc 2.3, 7.1).
func (p *Pack) ForService(service string) Dated {
	for _, id := range sortedKeys(p.agreements) {
		if a := p.agreements[id]; slices.Contains(a.Services, service) {
			return a
		}
	}
	return p
}

func (l *layer) start() time.Time { return l.from.In(l.pack.Zone) }

func versionAt(vs []*Version, t time.Time) *Version {
	i, found := slices.BinarySearchFunc(vs, t, func(v *Version, t time.Time) int { return v.From.Compare(t) })
	if !found {
		i--
	}
	return vs[max(i, 0)]
}

// resolve computes the versions that result from stacks of layers, lowest
// stack first; each stack is one pack's or agreement's versions in order. The
// result begins when the topmost stack does.
func resolve(p *Pack, stacks [][]*layer) ([]*Version, error) {
	top := stacks[len(stacks)-1]
	first := top[0].start()
	starts := []time.Time{first}
	for _, s := range stacks {
		for _, l := range s {
			if l.start().After(first) {
				starts = append(starts, l.start())
			}
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	starts = slices.CompactFunc(starts, time.Time.Equal)
	var out []*Version
	for _, from := range starts {
		var root *value
		for _, s := range stacks {
			for i, l := range s {
				if i == 0 || !l.start().After(from) {
					root = merge(root, l.terms)
				}
			}
		}
		terms, err := decodeTerms(p, root)
		if err != nil {
			return nil, err
		}
		out = append(out, &Version{From: from.UTC(), Terms: terms, root: root})
	}
	return out, nil
}

// decodeTerms turns merged values into typed terms. The schema has been checked
// before, so an error here is a value that the schema lets pass, such as a
// number beyond an int.
func decodeTerms(p *Pack, root *value) (*Terms, error) {
	raw, err := json.Marshal(root.plain())
	if err != nil {
		return nil, fmt.Errorf("terms: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	t := &Terms{languages: p.Languages, dialCode: dialCodes[p.Jurisdiction], country: p.Jurisdiction}
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("terms: %w", err)
	}
	return t, nil
}

// dialCodes are the country codes of ITU-T E.164 for national phone numbers.
var dialCodes = map[Country]string{"SI": "386", "SK": "421"}

// EEA lists the states of the European Economic Area: the union's 27, and
// Iceland, Liechtenstein and Norway.
var EEA = []Country{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
	"IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO",
}

// InEEA reports whether c is one of the thirty states, or the set itself.
func (c Country) InEEA() bool { return c == "EEA" || slices.Contains(EEA, c) }

// MayStore reports whether the pack allows personal data to lie in country.
func (t *Terms) MayStore(country Country) bool {
	return slices.Contains(t.Storage.Countries, country) ||
		country.InEEA() && slices.Contains(t.Storage.Countries, "EEA")
}
