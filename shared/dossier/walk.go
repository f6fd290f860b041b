package dossier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/redact"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Cut is one redaction: where, why, and whether a reviewer may undo it. Place is
// the key of a verdict: "message/ID#text:12-20", "message/ID#recipients[1]".
type Cut struct {
	Place    string        `json:"place"`
	Reason   redact.Reason `json:"reason"`
	Doubtful bool          `json:"doubtful,omitempty"`

	// Fragment is what stands there: for a reviewer, never in a package.
	Fragment string `json:"-"`
	Shown    bool   `json:"-"` // a reviewer showed it
	Decided  bool   `json:"-"`
}

// walker shows records: their tags say what is whose.
type walker struct {
	rules    *redact.Rules
	ours     map[string]bool
	own      map[string]bool // ids of the person's records
	shared   map[string]bool
	verdicts map[string]bool // place -> show
	added    map[string][]string
	cuts     []Cut
}

func newWalker(g *Gathered, verdicts []dossier.Verdict) *walker {
	w := &walker{rules: redact.New(g.Own, g.Others), ours: map[string]bool{}, own: map[string]bool{}, shared: g.shared,
		verdicts: map[string]bool{}, added: map[string][]string{}}
	for _, a := range g.Ours {
		w.ours[a] = true
	}
	for _, s := range g.Subjects {
		w.own[s] = true
	}
	for _, o := range g.Records {
		w.own[o.ID] = true
	}
	for _, v := range verdicts {
		w.verdicts[v.Place] = v.Show
		if !v.Show {
			field, _, _ := strings.Cut(v.Place, ":")
			w.added[field] = append(w.added[field], v.Place)
		}
	}
	return w
}

// outside are technical fields that say how records hang together with those of
// others, or which adviser did something: not the person's data.
var outside = map[string]bool{"into": true, "merge": true, "parts": true, "by": true}

// fields is a record as it is shown, by JSON name.
func (w *walker) fields(o *work.Owned) (map[string]any, error) {
	rec := o.Rec
	if m, ok := rec.(*message.Message); ok && w.shared[m.ConversationID] {
		rec = w.unquoted(o, m)
	}
	b, err := json.Marshal(rec)
	if err != nil {
		return nil, fault.New(fault.Internal, "dossier: %s can't be encoded", o.Shape.Name)
	}
	all := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if dec.Decode(&all) != nil {
		return nil, fault.New(fault.Internal, "dossier: %s can't be encoded", o.Shape.Name)
	}
	for _, f := range o.Shape.Fields {
		key := jsonName(o.Rec, f.Name)
		v, ok := all[key]
		if !ok {
			continue
		}
		path := name(o) + "#" + key
		switch {
		case !f.Personal:
			if outside[key] && !w.mine(v) {
				delete(all, key)
			}
		case f.File:
			delete(all, key)
		case f.Parties:
			all[key] = w.parties(path, v)
		default:
			all[key] = w.value(path, v, ownKind(f.Category))
		}
	}
	return all, nil
}

// ownKind: fields of these categories hold what names or reaches the owner.
func ownKind(c record.Category) bool {
	return c == record.Identity || c == record.Address || c == record.Identifier || c == record.Credential
}

// unquoted takes quoted history out of a message where it may be others' words.
func (w *walker) unquoted(o *work.Owned, m *message.Message) *message.Message {
	c := *m
	c.Text = w.ownWords(name(o)+"#text", m.Text)
	return &c
}

// ownWords is a text of a shared conversation without what it quotes.
func (w *walker) ownWords(path, text string) string {
	kept := message.NewText(text)
	if strings.TrimSpace(kept) == strings.TrimSpace(text) {
		return text
	}
	cut := Cut{Place: path + ".quoted", Reason: redact.OtherWords, Doubtful: true, Fragment: text}
	cut.Shown, cut.Decided = w.verdicts[cut.Place]
	w.cuts = append(w.cuts, cut)
	if cut.Shown {
		return text
	}
	return kept
}

// mine reports whether ids are of the person's own records.
func (w *walker) mine(v any) bool {
	ok := true
	texts(v, func(_, s string) { ok = ok && w.own[s] })
	return ok
}

// value shows a value: every text in it is searched for others.
func (w *walker) value(path string, v any, known bool) any {
	switch v := v.(type) {
	case string:
		return w.text(path, v, known)
	case []any:
		for i := range v {
			v[i] = w.value(path+"["+strconv.Itoa(i)+"]", v[i], known)
		}
	case map[string]any:
		for _, k := range keys(v) {
			v[k] = w.value(path+"."+k, v[k], known)
		}
	}
	return v
}

// text shows a text without others.
func (w *walker) text(path, s string, known bool) string {
	if s == "" || w.ours[s] {
		return s
	}
	return redact.Apply(s, w.find(path, s, known))
}

// find lists the cuts in a text that stand after the reviewer's verdicts.
func (w *walker) find(path, s string, known bool) []redact.Cut {
	var out []redact.Cut
	for _, c := range w.rules.Find(s, known) {
		if w.ours[s[c.Start:c.End]] && c.Doubtful {
			continue
		}
		place := fmt.Sprintf("%s:%d-%d", path, c.Start, c.End)
		show, decided := w.verdicts[place]
		cut := Cut{Place: place, Reason: c.Reason, Doubtful: c.Doubtful, Fragment: s[c.Start:c.End], Shown: show && c.Doubtful, Decided: decided}
		w.cuts = append(w.cuts, cut)
		if !cut.Shown {
			out = append(out, c)
		}
	}
	return w.more(path, s, out)
}

// more adds what a reviewer took out by hand.
func (w *walker) more(path, s string, cuts []redact.Cut) []redact.Cut {
	for _, place := range w.added[path] {
		_, span, ok := strings.Cut(place, ":")
		from, to, ok2 := strings.Cut(span, "-")
		start, err := strconv.Atoi(from)
		end, err2 := strconv.Atoi(to)
		if !ok || !ok2 || err != nil || err2 != nil || start < 0 || end > len(s) || start >= end {
			continue
		}
		if slices.ContainsFunc(cuts, func(c redact.Cut) bool { return c.Start < end && start < c.End }) {
			continue
		}
		cuts = append(cuts, redact.Cut{Start: start, End: end, Reason: redact.ByReviewer})
		w.cuts = append(w.cuts, Cut{Place: place, Reason: redact.ByReviewer, Fragment: s[start:end], Decided: true})
	}
	slices.SortFunc(cuts, func(a, b redact.Cut) int { return a.Start - b.Start })
	return cuts
}

// parties shows who else stands in a record only where that is the person, or we.
func (w *walker) parties(path string, v any) any {
	switch v := v.(type) {
	case string:
		if v == "" || w.rules.Own(v) || w.ours[v] {
			return v
		}
		w.other(path, v)
		return redact.Mark(redact.OtherParty)
	case []any:
		for i := range v {
			v[i] = w.parties(path+"["+strconv.Itoa(i)+"]", v[i])
		}
		return v
	case map[string]any:
		known, said := false, ""
		texts(v, func(key, s string) {
			if key == "scheme" || s == "" {
				return
			}
			said += s + " "
			known = known || key != "name" && (w.rules.Own(s) || w.ours[s])
		})
		if said == "" || known {
			return w.value(path, v, true)
		}
		if name, _ := v["name"].(string); v["address"] == nil && w.rules.Own(name) {
			return v
		}
		w.other(path, said)
		return map[string]any{"redacted": string(redact.OtherParty)}
	}
	return v
}

func (w *walker) other(place, fragment string) {
	w.cuts = append(w.cuts, Cut{Place: place, Reason: redact.OtherParty, Fragment: strings.TrimSpace(fragment)})
}

// texts calls f with every text in a value, and the key under which it stands.
func texts(v any, f func(key, s string)) { eachText("", v, f) }

func eachText(key string, v any, f func(key, s string)) {
	switch v := v.(type) {
	case string:
		f(key, v)
	case []any:
		for _, x := range v {
			eachText(key, x, f)
		}
	case map[string]any:
		for _, k := range keys(v) {
			eachText(k, v[k], f)
		}
	}
}

func keys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// fieldOf is a field of a record as JSON would have it.
func fieldOf(rec any, field string) any {
	b, err := json.Marshal(reflect.ValueOf(rec).Elem().FieldByName(field).Interface())
	var v any
	if err != nil || json.Unmarshal(b, &v) != nil {
		return nil
	}
	return v
}

func jsonName(rec any, field string) string {
	f, _ := reflect.TypeOf(rec).Elem().FieldByName(field)
	n, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if n == "" {
		return field
	}
	return n
}
