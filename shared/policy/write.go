package policy

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteList lists packs and agreements, or with a name one pack with the
// versions it has and the top-level keys of its terms. With asJSON it writes
// one JSON object a line.
func WriteList(w io.Writer, s *Set, name string, asJSON bool) error {
	if name != "" {
		if _, err := s.Lookup(name); err != nil {
			return err
		}
	}
	out := newLines(w, asJSON)
	for _, id := range s.Packs() {
		p := s.packs[id]
		if root, _, _ := strings.Cut(name, "/"); root != "" && root != id {
			continue
		}
		out.pack(p.ID, p, p.Title, p.versions, p.resolved.get())
		for _, a := range p.Agreements() {
			g := p.agreements[a]
			out.pack(p.ID+"/"+a, p, g.Title, g.versions, g.resolved.get())
		}
	}
	return out.flush()
}

// listed is a line of WriteList.
type listed struct {
	Pack         string   `json:"pack"`
	Kind         Kind     `json:"kind"`
	Jurisdiction Country  `json:"jurisdiction"`
	Title        string   `json:"title"`
	Extends      string   `json:"extends,omitempty"`
	Tenants      []string `json:"tenants,omitempty"`
	ValidFrom    []Date   `json:"valid_from"`
	Keys         []string `json:"keys"`
}

type lines struct {
	w    io.Writer
	tab  *tabwriter.Writer
	json *json.Encoder
	err  error
}

func newLines(w io.Writer, asJSON bool) *lines {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return &lines{w: w, json: e}
	}
	l := &lines{w: w, tab: tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)}
	_, l.err = fmt.Fprintln(l.tab, "PACK\tKIND\tLAW\tEXTENDS\tVALID FROM\tTITLE")
	return l
}

func (l *lines) pack(name string, p *Pack, title string, versions []*layer, resolved []*Version) {
	x := listed{Pack: name, Kind: p.Kind, Jurisdiction: p.Jurisdiction, Title: title, Tenants: p.Tenants}
	if p.Base != nil {
		x.Extends = p.Base.ID
	}
	for _, v := range versions {
		x.ValidFrom = append(x.ValidFrom, v.from)
	}
	x.Keys = slices.Sorted(slices.Values(resolved[len(resolved)-1].root.keys))
	switch {
	case l.err != nil:
	case l.json != nil:
		l.err = l.json.Encode(x)
	default:
		_, l.err = fmt.Fprintf(l.tab, "%s\t%s\t%s\t%s\t%s\t%s\n", x.Pack, x.Kind, x.Jurisdiction, x.Extends, list(x.ValidFrom), x.Title)
	}
}

func (l *lines) flush() error {
	if l.tab != nil && l.err == nil {
		l.err = l.tab.Flush()
	}
	return l.err
}

// WriteCheck lists warnings and notes of a pack and what it extends, or of
// every pack when name is empty, one a line. Errors never get here: a set with
// errors does not load; write those with [WriteFindings].
func WriteCheck(w io.Writer, s *Set, name string, asJSON bool) error {
	found := s.Check()
	if name != "" {
		id, _, _ := strings.Cut(name, "/")
		p, ok := s.packs[id]
		if !ok {
			_, err := s.Lookup(name)
			return err
		}
		var chain []string
		for b := p; b != nil; b = b.Base {
			chain = append(chain, b.ID)
		}
		found = slices.DeleteFunc(found, func(f Finding) bool {
			id, _, _ := strings.Cut(f.Pack, "/")
			return !slices.Contains(chain, id)
		})
	}
	return WriteFindings(w, found, asJSON)
}

// WriteFindings writes findings one a line, and after plain lines a count.
func WriteFindings(w io.Writer, found []Finding, asJSON bool) error {
	count := map[Level]int{}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, f := range found {
		count[f.Level]++
		var err error
		if asJSON {
			err = enc.Encode(f)
		} else {
			_, err = fmt.Fprintln(w, f)
		}
		if err != nil {
			return err
		}
	}
	if asJSON {
		return nil
	}
	_, err := fmt.Fprintf(w, "%s, %s, %s\n", plural(count[Error], Error), plural(count[Warning], Warning), plural(count[Note], Note))
	return err
}

func plural(n int, what Level) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// WriteExplain writes which clause led to the value at path of the pack or
// agreement name, at an instant; with asJSON one [Explanation] a line.
func WriteExplain(w io.Writer, s *Set, name, path string, at time.Time, asJSON bool) error {
	d, err := s.Lookup(name)
	if err != nil {
		return err
	}
	e, err := d.Explain(path, at)
	if err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s on %s\n", e.Pack, e.Path, e.At)
	if e.Early {
		b.WriteString("  not yet in force on that day; these are the first terms\n")
	}
	e.write(&b, e.Path)
	_, err = io.WriteString(w, b.String())
	return err
}

func (e Explanation) write(b *strings.Builder, under string) {
	if e.Parts != nil {
		if e.Note != "" {
			fmt.Fprintf(b, "  note: %s\n", e.Note)
		}
		e.beside(b, "  ")
		for _, p := range e.Parts {
			p.write(b, under)
		}
		return
	}
	name := strings.TrimPrefix(strings.TrimPrefix(e.Path, under), ".")
	if name == "" {
		name = "value"
	}
	fmt.Fprintf(b, "  %s = %s\n", name, e.Value)
	for i := len(e.Via) - 1; i >= 0; i-- {
		s := e.Via[i]
		word := "from"
		switch {
		case i == len(e.Via)-1:
		case s.Value == e.Via[i+1].Value:
			word = "same as"
		default:
			word = "in place of " + s.Value + " from"
		}
		fmt.Fprintf(b, "    %s %s", word, s.Clause)
		if len(s.Rules) > 0 {
			fmt.Fprintf(b, " [%s]", strings.Join(s.Rules, ", "))
		}
		fmt.Fprintf(b, ": %s (pack %s, valid from %s)\n", s.Source, s.Pack, s.ValidFrom)
	}
	if e.Note != "" {
		fmt.Fprintf(b, "    note: %s\n", e.Note)
	}
	e.beside(b, "    ")
}

func (e Explanation) beside(b *strings.Builder, indent string) {
	for _, s := range e.Stated {
		fmt.Fprintf(b, "%sstated in %s: %s\n", indent, s.Where, s.Says)
	}
	if d := e.Defect; d != nil {
		fmt.Fprintf(b, "%sknown defect (%s) of %s: %s", indent, d.Fault, d.Clause, d.Why)
		if d.Written != "" {
			fmt.Fprintf(b, "; written there: %s", d.Written)
		}
		fmt.Fprintf(b, "\n%sused instead: %s\n", indent, d.Safe)
	}
}
