package policy

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Explanation says where a value comes from.
type Explanation struct {
	Pack   string   `json:"pack"` // "ekc", or "ekc/spot" for an agreement
	Path   string   `json:"path"`
	At     string   `json:"at"` // date in the pack's zone
	Value  string   `json:"value,omitempty"`
	Clause string   `json:"clause,omitempty"` // "ekc sec. 7.14"
	Rules  []string `json:"rules,omitempty"`
	Source string   `json:"source,omitempty"` // title, version and date of the document
	Note   string   `json:"note,omitempty"`
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line,omitempty"`

	Via    []Step        `json:"via,omitempty"`    // what was laid over what, the law first
	Defect *Defect       `json:"defect,omitempty"` // fault of the source that the value mends
	Stated []Wording     `json:"stated,omitempty"`
	Parts  []Explanation `json:"parts,omitempty"` // of an object, in file order
	Early  bool          `json:"early,omitempty"` // before the pack's first valid-from date
}

// Step is one layer that gave the value.
type Step struct {
	Pack      string   `json:"pack"`
	ValidFrom Date     `json:"valid_from"`
	Value     string   `json:"value"`
	Clause    string   `json:"clause"`
	Rules     []string `json:"rules,omitempty"`
	Source    string   `json:"source"`
}

// Defect is a marked fault of a source.
type Defect struct {
	Fault   Fault    `json:"fault"`
	Clause  string   `json:"clause"`
	Rules   []string `json:"rules,omitempty"`
	Written string   `json:"written,omitempty"`
	Why     string   `json:"why"`
	Safe    string   `json:"safe"`
}

// Wording is what one place says of a value.
type Wording struct {
	Where string `json:"where"`
	Says  string `json:"says"`
}

// Explain says which clause led to the value at path ("breach.authority") at
// an instant. For an object it explains every value in it.
func (p *Pack) Explain(path string, at time.Time) (Explanation, error) {
	e, err := explain(p, p.ID, versionAt(p.resolved.get(), at), path)
	e.mark(at.In(p.Zone).Format(time.DateOnly), !p.InForce(at))
	return e, err
}

// Explain says which clause led to a value under the agreement.
func (a *Agreement) Explain(path string, at time.Time) (Explanation, error) {
	e, err := explain(a.Pack, a.Pack.ID+"/"+a.ID, versionAt(a.resolved.get(), at), path)
	e.mark(at.In(a.Pack.Zone).Format(time.DateOnly), at.Before(a.versions[0].start()))
	return e, err
}

func (e *Explanation) mark(date string, early bool) {
	e.At, e.Early = date, early
	for i := range e.Parts {
		e.Parts[i].mark(date, early)
	}
}

func explain(p *Pack, name string, v *Version, path string) (Explanation, error) {
	at := v.root
	var mark *defect
	if path != "" {
		for k := range strings.SplitSeq(path, ".") {
			next := at.obj[k]
			if next == nil {
				keys := append([]string(nil), at.keys...)
				sort.Strings(keys)
				return Explanation{}, fmt.Errorf("pack %s has nothing at %q; at %q there is: %s", name, path, k, strings.Join(keys, ", "))
			}
			if at = next; at.defect != nil {
				mark = at.defect
			}
		}
	}
	return p.explain(name, path, at, mark), nil
}

func (p *Pack) explain(name, path string, v *value, mark *defect) Explanation {
	e := Explanation{Pack: name, Path: path, Note: v.note}
	if v.defect != nil {
		mark = v.defect
	}
	for _, s := range v.stated {
		e.Stated = append(e.Stated, Wording{p.cite(s.where), s.says})
	}
	if v.obj != nil {
		if d := v.defect; d != nil {
			e.Defect = p.defect(d)
		}
		for _, k := range v.keys {
			e.Parts = append(e.Parts, p.explain(name, join(path, k), v.obj[k], nil))
		}
		return e
	}
	e.Value, e.Rules, e.File, e.Line = render(v.leaf), v.rules, v.layer.file, v.line
	e.Clause, e.Source = p.cite(v.clause), p.document(v.clause)
	if mark != nil {
		e.Defect = p.defect(mark)
	}
	for u := v; u != nil && u.leaf != nil; u = u.under {
		e.Via = append([]Step{{
			Pack: u.layer.name(), ValidFrom: u.layer.from, Value: render(u.leaf),
			Clause: p.cite(u.clause), Rules: u.rules, Source: p.document(u.clause),
		}}, e.Via...)
	}
	return e
}

func (p *Pack) defect(d *defect) *Defect {
	out := &Defect{Fault: d.fault, Clause: p.cite(d.clause), Rules: d.rules, Why: d.why, Safe: d.safe}
	if d.written != nil {
		out.Written = render(d.written)
	}
	return out
}

// cite writes a clause as people quote it: "GDPR art. 33(1)", "ekc sec. 7.14".
func (p *Pack) cite(clause string) string {
	s, section := p.source(clause)
	id, _, _ := strings.Cut(clause, " ")
	if s.Cite == "" {
		return clause
	}
	if isLaw := strings.HasPrefix(s.Cite, "art.") || s.Cite == "§"; isLaw {
		id = strings.ToUpper(id)
	}
	return id + " " + s.Cite + " " + section
}

func (p *Pack) document(clause string) string {
	s, _ := p.source(clause)
	out := s.Title
	if s.Version != "" {
		out += ", version " + s.Version
	}
	if s.Dated != "" {
		out += ", " + string(s.Dated)
	}
	return out
}

// render writes a scalar as it is and a list with commas.
func render(n *node) string {
	switch v := n.plain().(type) {
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = fmt.Sprint(x)
		}
		return strings.Join(parts, ", ")
	default:
		b, _ := json.Marshal(v)
		return string(b)
	}
}
