package policy

import (
	"maps"
	"slices"
	"strings"
)

// layer is one version of one pack or agreement: what it adds to what is
// below it.
type layer struct {
	pack  *Pack
	agree string // agreement id, or empty
	from  Date
	title string
	file  string
	terms *value
}

func (l *layer) name() string {
	if l.agree != "" {
		return l.pack.ID + "/" + l.agree
	}
	return l.pack.ID
}

// value is a node of terms with what stands beside it taken apart: an object,
// or a leaf (scalar or list). Values are immutable once built.
type value struct {
	line   int
	layer  *layer
	keys   []string
	obj    map[string]*value
	leaf   *node
	clause string   // nearest above
	rules  []string // nearest above
	note   string   // own
	stated []statement
	defect *defect
	under  *value // what this leaf replaced, from the layer below
}

type statement struct{ where, says string }

// defect is a mark on a fault of the source.
type defect struct {
	line    int
	layer   *layer
	clause  string
	rules   []string
	fault   Fault
	written *node // the value as the source has it; may be nil
	why     string
	safe    string
}

// beside are the keys that stand beside values and are not values themselves.
var beside = []string{"clause", "rules", "note", "stated", "known_defect"}

// lift turns a parsed object into values of layer l.
func lift(n *node, l *layer, clause string, rules []string) *value {
	v := &value{line: n.line, layer: l, clause: clause, rules: rules}
	inner := n
	if n.obj != nil {
		if c := n.str("clause"); c != "" {
			v.clause, v.rules = c, nil
		}
		if r := n.get("rules"); r != nil {
			v.rules = nil
			for _, i := range r.items {
				s, _ := i.val.(string)
				v.rules = append(v.rules, s)
			}
		}
		v.note = n.str("note")
		if s := n.get("stated"); s != nil {
			for _, k := range s.keys {
				v.stated = append(v.stated, statement{k, s.str(k)})
			}
		}
		if d := n.get("known_defect"); d != nil {
			v.defect = &defect{
				line: d.line, layer: l, clause: v.clause, rules: v.rules, fault: Fault(d.str("fault")),
				written: d.get("written"), why: d.str("why"), safe: d.str("safe"),
			}
		}
		if w := n.get("value"); w != nil {
			inner = w
		}
	}
	if inner.obj == nil {
		v.leaf = inner
		return v
	}
	v.obj = make(map[string]*value, len(inner.obj))
	for _, k := range inner.keys {
		if slices.Contains(beside, k) {
			continue
		}
		v.keys = append(v.keys, k)
		v.obj[k] = lift(inner.obj[k], l, v.clause, v.rules)
	}
	return v
}

// merge lays top over base. Neither is changed.
func merge(base, top *value) *value {
	if base == nil {
		return top
	}
	m := *top
	if top.obj == nil || base.obj == nil {
		m.under = base
		return &m
	}
	m.obj = make(map[string]*value, len(base.obj)+len(top.obj))
	m.keys = slices.Clone(base.keys)
	for _, k := range base.keys {
		m.obj[k] = base.obj[k]
	}
	for _, k := range top.keys {
		if _, ok := m.obj[k]; !ok {
			m.keys = append(m.keys, k)
		}
		m.obj[k] = merge(m.obj[k], top.obj[k])
	}
	if m.defect == nil && m.stated == nil {
		m.defect, m.stated = base.defect, base.stated
	}
	if m.note == "" {
		m.note = base.note
	}
	return &m
}

// plain is the merged value without what stands beside it.
func (v *value) plain() any {
	if v.obj == nil {
		return v.leaf.plain()
	}
	m := make(map[string]any, len(v.obj))
	for k, c := range v.obj {
		m[k] = c.plain()
	}
	return m
}

// replace is v with the leaf at path changed; v itself stays.
func (v *value) replace(path []string, leaf *node) *value {
	c := *v
	if len(path) == 0 {
		c.leaf = leaf
		return &c
	}
	c.obj = maps.Clone(v.obj)
	c.obj[path[0]] = v.obj[path[0]].replace(path[1:], leaf)
	return &c
}

// walk visits every value below and including v, objects before what is in them.
func (v *value) walk(visit func(at keyPath, v *value)) { v.visit(nil, visit) }

func (v *value) visit(at keyPath, visit func(at keyPath, v *value)) {
	visit(at, v)
	for _, k := range v.keys {
		v.obj[k].visit(append(slices.Clone(at), k), visit)
	}
}

// keyPath leads from the terms to a value. Written out it has dots between keys;
// keys have none.
type keyPath []string

func (p keyPath) String() string { return strings.Join(p, ".") }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
