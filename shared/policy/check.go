package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// checker examines one version of a pack or agreement.
type checker struct {
	pack  *Pack
	agree *Agreement
	root  *value
	t     *Terms
	marks map[*defect]bool // marks met with their fault
	trial *defect          // mark whose written value stands in for the safe one
	found []Finding
}

// checkVersion lists what is unlawful, contradictory or incomplete in terms.
func checkVersion(p *Pack, a *Agreement, v *Version, marks map[*defect]bool) []Finding {
	c := &checker{pack: p, agree: a, root: v.root, t: v.Terms, marks: marks}
	c.all()
	c.asWritten()
	return c.found
}

// asWritten tries every mark that gives the value of the source: with that
// value in place of the safe one the named fault must be there.
func (c *checker) asWritten() {
	c.root.walk(func(at keyPath, v *value) {
		d := v.defect
		if d == nil || d.written == nil || v.leaf == nil || c.marks[d] {
			return // no value to try, or tried in an earlier version
		}
		root := c.root.replace(at, d.written)
		terms, err := decodeTerms(c.pack, root)
		if err != nil {
			return // no value of its kind: unmet
		}
		try := &checker{pack: c.pack, agree: c.agree, root: root, t: terms, marks: map[*defect]bool{}, trial: d}
		try.all()
		if !try.marks[d] {
			return
		}
		c.marks[d] = true
		for _, f := range try.found {
			if f.Level == Warning && f.Fault == d.fault && f.Line == d.line && f.File == d.layer.file {
				c.found = append(c.found, f)
			}
		}
	})
}

func (c *checker) all() {
	c.required(reflect.ValueOf(c.t).Elem(), c.root, "")
	c.stated()
	c.parties()
	c.transfers()
	c.service()
	c.targets()
	c.lines()
	c.retention()
	c.logs()
	c.breach()
	c.requests()
	c.consent()
	c.contract()
	c.texts()
}

// at is the deepest value on the path that is there, and the known_defect of
// the fault on the way to it.
func (c *checker) at(path string, fault Fault) (v *value, mark *defect) {
	v = c.root
	look := func() {
		if v.defect != nil && v.defect.fault == fault {
			mark = v.defect
		}
	}
	look()
	for k := range strings.SplitSeq(path, ".") {
		next := v.obj[k]
		if next == nil {
			break
		}
		v = next
		look()
	}
	return v, mark
}

// factual faults are facts of a source that no other value beside them mends;
// all others are marked with the source's value under written, beside a safe
// value that is without fault.
var factual = []Fault{FaultTransfer, FaultContradiction, FaultReference, FaultRepealed}

// error reports a fault, or a warning where the pack marks it as a defect of
// its source.
func (c *checker) error(path string, fault Fault, rule, text, remedy string) {
	v, mark := c.at(path, fault)
	level := Error
	switch {
	case mark == nil || mark == c.trial:
	case !slices.Contains(factual, fault):
		remedy = "a marked fault needs a safe value: " + remedy + "; put what the source says under written"
		mark = nil
	}
	if mark != nil {
		c.marks[mark] = true
		level = Warning
		text = fmt.Sprintf("known defect of the source (%s): %s; %s", mark.clause, text, mark.why)
		remedy = "used instead: " + mark.safe
		v = &value{line: mark.line, layer: mark.layer, rules: mark.rules}
	}
	c.add(v, level, path, fault, rule, text, remedy)
}

func (c *checker) warn(path string, fault Fault, rule, text, remedy string) {
	v, _ := c.at(path, fault)
	c.add(v, Warning, path, fault, rule, text, remedy)
}

func (c *checker) add(v *value, level Level, path string, fault Fault, rule, text, remedy string) {
	all := []string{rule}
	for _, r := range v.rules {
		if !strings.Contains(rule, r) {
			all = append(all, r)
		}
	}
	c.found = append(c.found, Finding{
		File: v.layer.file, Line: max(v.line, 1), Pack: v.layer.name(), Path: path,
		Rule: strings.Join(all, ", "), Level: level, Fault: fault, Text: text, Remedy: remedy,
	})
}

// required demands the keys without which an object means nothing. They can
// only be asked for after merging: a version or agreement may change one key.
func (c *checker) required(s reflect.Value, v *value, path string) {
	if v == nil || v.obj == nil {
		return
	}
	switch s.Kind() {
	case reflect.Map:
		for k, child := range v.obj {
			if e := s.MapIndex(reflect.ValueOf(k).Convert(s.Type().Key())); e.IsValid() {
				c.required(e, child, join(path, k))
			}
		}
	case reflect.Struct:
		for i := range s.NumField() {
			f := s.Type().Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !f.IsExported() || name == "" {
				continue
			}
			if options == "" && s.Field(i).IsZero() && v.obj[name] == nil {
				c.error(path, FaultSchema, Strict, fmt.Sprintf("key %q is missing", name), fmt.Sprintf("add %q", name))
			}
			c.required(s.Field(i), v.obj[name], join(path, name))
		}
	}
}

// stated compares what several places of the sources say of one value.
func (c *checker) stated() {
	c.root.walk(func(path keyPath, v *value) {
		for _, s := range v.stated {
			if s.says != v.stated[0].says {
				c.error(path.String(), FaultContradiction, "A6", fmt.Sprintf("stated in two ways: %q in %s, %q in %s", v.stated[0].says, v.stated[0].where, s.says, s.where),
					"agree on one wording, or mark it known_defect (fault: contradiction) beside the safe value")
				return
			}
		}
	})
	for _, id := range sortedKeys(c.t.References) {
		if r := c.t.References[id]; r.Says != r.Means {
			c.error("references."+id, FaultReference, "A8", fmt.Sprintf("section %s refers to %s but means %s", r.At, r.Says, r.Means),
				"correct the reference, or mark it known_defect (fault: reference)")
		}
	}
	for _, id := range sortedKeys(c.t.Cites) {
		law := c.t.Cites[id].Law
		if from, ok := c.t.Repealed[law]; ok {
			c.error("cites."+id, FaultRepealed, "A6", fmt.Sprintf("relies on %s, repealed as of %s", law, from),
				"rely on the law in force, or mark it known_defect (fault: repealed) and name what is read instead")
		}
	}
}

// checkSources examines what a pack's own file says beside its values: every
// value under a clause, every clause from a known source.
func checkSources(p *Pack) (out []Finding) {
	all := slices.Clone(p.versions)
	for _, id := range sortedKeys(p.agreements) {
		all = append(all, p.agreements[id].versions...)
	}
	for _, l := range all {
		l.terms.walk(func(path keyPath, v *value) {
			bad := func(text, remedy string) {
				out = append(out, Finding{File: l.file, Line: max(v.line, 1), Pack: l.name(), Path: path.String(), Rule: Strict, Level: Error, Fault: FaultClause, Text: text, Remedy: remedy})
			}
			if v.leaf != nil {
				switch source, _, _ := strings.Cut(v.clause, " "); {
				case v.clause == "":
					bad("value without a clause", `write clause: "source section" beside it or above it; Okence's own choice is clause: "okence default"`)
				case !p.knows(source):
					bad(fmt.Sprintf("clause %q names no known source", v.clause), "add the source under sources, or use one of: "+strings.Join(p.sourceIDs(), ", "))
				case p.Kind == Party && len(v.rules) == 0:
					bad("value without a rule id", "write rules: [K26] beside the clause")
				}
			}
			for _, s := range v.stated {
				if source, _, _ := strings.Cut(s.where, " "); !p.knows(source) {
					bad(fmt.Sprintf("stated: %q names no known source", s.where), "write the source and its section")
				}
			}
		})
	}
	return out
}

// unmet lists the marks of a pack's own file that excuse nothing.
func unmet(p *Pack, marks map[*defect]bool) (out []Finding) {
	all := slices.Clone(p.versions)
	for _, id := range sortedKeys(p.agreements) {
		all = append(all, p.agreements[id].versions...)
	}
	for _, l := range all {
		l.terms.walk(func(path keyPath, v *value) {
			if d := v.defect; d != nil && !marks[d] {
				out = append(out, Finding{File: l.file, Line: d.line, Pack: l.name(), Path: path.String(), Rule: Strict, Level: Error, Fault: FaultMark,
					Text: fmt.Sprintf("known_defect of fault %q, but the value has no such fault", d.fault), Remedy: "remove the mark, or keep what the source says in stated"})
			}
		})
	}
	return out
}

func (p *Pack) knows(source string) bool {
	for b := p; b != nil; b = b.Base {
		if _, ok := b.Sources[source]; ok {
			return true
		}
	}
	return false
}

func (p *Pack) sourceIDs() (ids []string) {
	for b := p; b != nil; b = b.Base {
		ids = append(ids, sortedKeys(b.Sources)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// source finds the source a clause names.
func (p *Pack) source(clause string) (s Source, section string) {
	id, section, _ := strings.Cut(clause, " ")
	for b := p; b != nil; b = b.Base {
		if s, ok := b.Sources[id]; ok {
			return s, section
		}
	}
	return Source{Title: id}, section
}

// is reads an optional truth value.
func is(b *bool) bool { return b != nil && *b }

// isNot is true only for an explicit false.
func isNot(b *bool) bool { return b != nil && !*b }
