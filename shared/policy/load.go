package policy

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // packs name zones; the host may have none
)

//go:embed packs/*.yaml
var builtin embed.FS

// Set is a number of packs that know each other. It is read-only and safe for
// concurrent use.
type Set struct {
	packs    map[string]*Pack
	findings func() []Finding // warnings and notes
}

// Builtin is the packs that ship with the product, read once. A test loads
// them strictly; here only their form is read, and versions are computed when
// first asked for, so that a process starts fast. It panics when they cannot be
// read at all.
func Builtin() *Set { return readBuiltin() }

var readBuiltin = sync.OnceValue(func() *Set {
	s, err := load(nil, builtinFS(), nil, true)
	if err != nil {
		panic(fmt.Sprintf("built-in policy packs:\n%v", err))
	}
	s.findings = sync.OnceValue(func() []Finding {
		strict, err := Load(builtinFS())
		if err != nil {
			panic(fmt.Sprintf("built-in policy packs:\n%v", err))
		}
		return strict.findings()
	})
	return s
})

func builtinFS() fs.FS {
	sub, err := fs.Sub(builtin, "packs")
	if err != nil {
		panic(err) // the path is a constant
	}
	return sub
}

// Load reads every .yaml file at the root of fsys as a pack. On any error it
// returns no set and all errors found, as [Findings].
func Load(fsys fs.FS) (*Set, error) { return load(nil, fsys, nil, false) }

// With loads further files on top of the packs of s: a new pack may extend one
// of s, and a pack with the id of one of s takes its place. s is unchanged.
func (s *Set) With(fsys fs.FS) (*Set, error) { return load(s, fsys, nil, false) }

// WithFile is [Set.With] for one file.
func (s *Set) WithFile(name string, data []byte) (set *Set, id string, err error) {
	set, err = load(s, nil, map[string][]byte{name: data}, false)
	if n, bad := parse(data); bad == nil {
		id = n.str("pack")
	}
	return set, id, err
}

// load reads files over the packs of under. Trusted files have been loaded
// strictly before: neither schema nor checks are run on them.
func load(under *Set, fsys fs.FS, extra map[string][]byte, trusted bool) (*Set, error) {
	files := map[string][]byte{}
	for name, data := range extra {
		files[name] = data
	}
	if fsys != nil {
		names, err := fs.Glob(fsys, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("policy packs: %w", err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, fmt.Errorf("policy packs: %w", err)
			}
			files[name] = data
		}
	}
	ld := &loader{set: &Set{packs: map[string]*Pack{}}, roots: map[string]*node{}, trusted: trusted}
	if under != nil {
		for id, p := range under.packs {
			ld.set.packs[id] = p
		}
	}
	for _, name := range sortedKeys(files) {
		ld.file(name, files[name])
	}
	for _, id := range sortedKeys(ld.roots) {
		ld.link(id, nil)
	}
	if err := ld.failed(); err != nil {
		return nil, err
	}
	ld.rebase()
	ld.tenants()
	for _, id := range sortedKeys(ld.roots) {
		ld.set.packs[id].prepare()
	}
	if trusted {
		return ld.set, ld.failed()
	}
	for _, id := range sortedKeys(ld.roots) {
		ld.check(ld.set.packs[id])
	}
	if err := ld.failed(); err != nil {
		return nil, err
	}
	ld.set.findings = sync.OnceValue(func() []Finding {
		if under == nil {
			return sortFindings(ld.findings)
		}
		return sortFindings(append(ld.untouched(under.Check()), ld.findings...))
	})
	return ld.set, nil
}

// loader collects packs and findings.
type loader struct {
	set      *Set
	roots    map[string]*node // by pack id, of the files being loaded
	findings []Finding
	trusted  bool
}

func (ld *loader) failed() error {
	var errs Findings
	for _, f := range sortFindings(ld.findings) {
		if f.Level == Error {
			errs = append(errs, f)
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

func (ld *loader) bad(file string, line int, fault Fault, text, remedy string) {
	ld.findings = append(ld.findings, Finding{File: file, Line: max(line, 1), Rule: Strict, Level: Error, Fault: fault, Text: text, Remedy: remedy})
}

// file parses one file and checks its form.
func (ld *loader) file(name string, data []byte) {
	n, bad := parse(data)
	if bad != nil {
		ld.bad(name, bad.line, FaultSyntax, bad.text, "write one plain YAML document of objects, lists and values")
		return
	}
	if !ld.trusted {
		if found := validate(name, n); len(found) > 0 {
			ld.findings = append(ld.findings, found...)
			return
		}
	}
	id := n.str("pack")
	if other, ok := ld.roots[id]; ok && other != nil {
		ld.bad(name, n.get("pack").line, FaultExtends, fmt.Sprintf("pack %q is in another file too", id), "give each pack an id of its own")
		return
	}
	zone, err := time.LoadLocation(n.str("zone"))
	if err != nil || n.str("zone") == "" || n.str("zone") == "Local" {
		ld.bad(name, n.get("zone").line, FaultSchema, "unknown time zone", "use an IANA name, such as Europe/Ljubljana")
		return
	}
	p := &Pack{
		ID: id, Kind: Kind(n.str("kind")), Title: n.str("title"), Jurisdiction: Country(n.str("jurisdiction")),
		Zone: zone, File: name, Sources: map[string]Source{}, agreements: map[string]*Agreement{},
	}
	p.Languages = stringsOf[Language](n.get("languages"))
	p.Tenants = stringsOf[string](n.get("tenants"))
	if s := n.get("sources"); s != nil {
		for k, c := range s.obj {
			p.Sources[k] = Source{
				Title: c.str("title"), Cite: c.str("cite"), Version: c.str("version"),
				Dated: Date(c.str("dated")), Language: Language(c.str("language")), Note: c.str("note"),
			}
		}
	}
	p.versions = ld.layers(p, "", p.Title, n.get("versions"))
	if ag := n.get("agreements"); ag != nil {
		for _, k := range ag.keys {
			c := ag.obj[k]
			a := &Agreement{ID: k, Title: c.str("title"), Pack: p, Party: c.str("party"), Services: stringsOf[string](c.get("services")), line: c.line}
			a.versions = ld.layers(p, k, a.Title, c.get("versions"))
			p.agreements[k] = a
		}
	}
	ld.roots[id], ld.set.packs[id] = n, p
}

func stringsOf[T ~string](n *node) (out []T) {
	if n != nil {
		for _, i := range n.items {
			s, _ := i.val.(string)
			out = append(out, T(s))
		}
	}
	return out
}

func (ld *loader) layers(p *Pack, agreement, title string, n *node) (out []*layer) {
	for _, c := range n.items {
		l := &layer{pack: p, agree: agreement, title: title, from: Date(c.str("valid_from")), file: p.File}
		if l.from.Validate() != nil {
			ld.bad(p.File, c.get("valid_from").line, FaultSchema, "not a date of the calendar", "write an existing day as YYYY-MM-DD")
		}
		if len(out) > 0 && out[len(out)-1].from >= l.from {
			ld.bad(p.File, c.get("valid_from").line, FaultExtends, "versions are not in rising order of valid_from", "order them, one version a day at most")
		}
		l.terms = lift(c.get("terms"), l, "", nil)
		out = append(out, l)
	}
	return out
}

// link finds the base of a pack and refuses circles.
func (ld *loader) link(id string, seen []string) {
	p, root := ld.set.packs[id], ld.roots[id]
	base := root.str("extends")
	if base == "" || p.Base != nil {
		return
	}
	line := root.get("extends").line
	if slices.Contains(append(seen, id), base) {
		ld.bad(p.File, line, FaultExtends, "packs extend each other in a circle: "+strings.Join(append(seen, id, base), " -> "), "extend a law pack")
		return
	}
	b, ok := ld.set.packs[base]
	if !ok {
		ld.bad(p.File, line, FaultExtends, fmt.Sprintf("extends the unknown pack %q", base), "extend one of: "+strings.Join(sortedKeys(ld.set.packs), ", "))
		return
	}
	if _, mine := ld.roots[base]; mine {
		ld.link(base, append(seen, id))
	}
	if b.Kind != Law {
		ld.bad(p.File, line, FaultExtends, fmt.Sprintf("extends %q, which is not a law", base), "extend law-eu or the law of the country")
	}
	p.Base = b
}

// rebase adds the packs that extend a replaced pack to those to be resolved
// again, because what they inherit has changed.
func (ld *loader) rebase() {
	for again := true; again; {
		again = false
		for id, p := range ld.set.packs {
			if p.Base == nil || ld.set.packs[p.Base.ID] == p.Base {
				continue
			}
			if _, mine := ld.roots[id]; mine {
				p.Base = ld.set.packs[p.Base.ID]
				continue
			}
			c := *p
			c.Base, c.agreements = ld.set.packs[p.Base.ID], map[string]*Agreement{}
			for k, a := range p.agreements {
				d := *a
				d.Pack = &c
				c.agreements[k] = &d
			}
			ld.set.packs[id], ld.roots[id], again = &c, nil, true
		}
	}
}

// untouched are the findings of the set below about packs not loaded anew.
func (ld *loader) untouched(found []Finding) []Finding {
	return slices.DeleteFunc(found, func(f Finding) bool {
		id, _, _ := strings.Cut(f.Pack, "/")
		_, anew := ld.roots[id]
		return anew
	})
}

// tenants refuses a tenant under two packs.
func (ld *loader) tenants() {
	of := map[string]string{}
	for _, id := range sortedKeys(ld.set.packs) {
		for _, t := range ld.set.packs[id].Tenants {
			other, taken := of[t]
			of[t] = id
			if !taken {
				continue
			}
			p := ld.set.packs[id] // report at a file that is being loaded
			if ld.roots[id] == nil {
				p = ld.set.packs[other]
			}
			line := 1
			if n := ld.roots[p.ID].get("tenants"); n != nil {
				line = n.line
			}
			ld.bad(p.File, line, FaultExtends, fmt.Sprintf("tenant %q is under the packs %s and %s", t, other, id), "leave a tenant under one pack")
		}
	}
}

// check resolves the versions of a pack and of its agreements and examines them.
func (ld *loader) check(p *Pack) {
	versions, err := p.resolved()
	if err != nil {
		ld.bad(p.File, 1, FaultSchema, err.Error(), "mend the value")
		return
	}
	ld.findings = append(ld.findings, checkSources(p)...)
	marks := map[*defect]bool{}
	for _, v := range versions {
		ld.findings = append(ld.findings, checkVersion(p, nil, v, marks)...)
	}
	for _, id := range sortedKeys(p.agreements) {
		a := p.agreements[id]
		versions, err := a.resolved()
		if err != nil {
			ld.bad(p.File, a.versions[0].terms.line, FaultSchema, err.Error(), "mend the value")
			return
		}
		for _, v := range versions {
			ld.findings = append(ld.findings, checkVersion(p, a, v, marks)...)
		}
	}
	ld.findings = append(ld.findings, unmet(p, marks)...)
}

// Packs lists the ids of all packs: laws first, then parties.
func (s *Set) Packs() []string {
	ids := sortedKeys(s.packs)
	slices.SortStableFunc(ids, func(a, b string) int { return strings.Compare(string(s.packs[a].Kind), string(s.packs[b].Kind)) })
	return ids
}

// Pack finds a pack by id.
func (s *Set) Pack(id string) (*Pack, bool) {
	p, ok := s.packs[id]
	return p, ok
}

// Lookup finds a pack ("ekc") or an agreement of a pack ("ekc/spot").
func (s *Set) Lookup(name string) (Dated, error) {
	id, agreement := path.Split(name)
	if id == "" {
		id, agreement = agreement, ""
	}
	p, ok := s.packs[strings.TrimSuffix(id, "/")]
	if !ok {
		return nil, fmt.Errorf("no pack %q; there are %s", name, strings.Join(s.Packs(), ", "))
	}
	if agreement == "" {
		return p, nil
	}
	a, ok := p.agreements[agreement]
	if !ok {
		return nil, fmt.Errorf("pack %q has no agreement %q; it has %s", p.ID, agreement, strings.Join(p.Agreements(), ", "))
	}
	return a, nil
}

// ForTenant finds the pack a tenant lives under.
func (s *Set) ForTenant(tenant string) (*Pack, error) {
	for _, id := range sortedKeys(s.packs) {
		if slices.Contains(s.packs[id].Tenants, tenant) {
			return s.packs[id], nil
		}
	}
	return nil, fmt.Errorf("no policy pack names tenant %q under tenants", tenant)
}

// Check lists the warnings and notes of all packs: defects of the sources with
// the safe value used instead, limits that are not contractual.
func (s *Set) Check() []Finding { return slices.Clone(s.findings()) }
