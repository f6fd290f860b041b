package dossier

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/policy"
)

// Item is one item of art. 15(1) and (2), by the name that the pack's list has.
type Item struct {
	Name  string   `json:"item"`
	Title string   `json:"title"`
	Text  []string `json:"text"`
}

//go:embed texts.json
var textsJSON []byte

// words are the fixed texts: key -> language -> text.
var words = sync.OnceValue(func() map[string]map[string]string {
	var all map[string]map[string]string
	if err := json.Unmarshal(textsJSON, &all); err != nil {
		panic("dossier: texts.json: " + err.Error())
	}
	return all
})

// Say is a fixed text in a language, with {names} filled in, in pairs.
func Say(key, language string, pairs ...string) string {
	t := words()[key]
	s, ok := t[language]
	if !ok {
		s = t["en"]
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, "{"+pairs[i]+"}", pairs[i+1])
	}
	return s
}

// Information answers every item that the pack lists for an access package
// (art. 15(1), (2); P08), from the pack's own register terms and what is stored.
func Information(t *policy.Terms, g *Gathered, language string) []Item {
	var out []Item
	for _, name := range t.Requests.Package.Items {
		out = append(out, Item{Name: name, Title: Say(name, language), Text: answer(name, t, g, language)})
	}
	return out
}

func answer(name string, t *policy.Terms, g *Gathered, language string) []string {
	switch name {
	case "confirmation":
		if len(g.Records) > 0 {
			return []string{Say("yes", language)}
		}
		return []string{Say("no", language)}
	case "identity":
		return controllers(t, language)
	case "purposes":
		return purposes(t, classesOf(g), language)
	case "categories":
		return categories(t, g, language)
	case "recipients":
		return recipients(t, g, language)
	case "period":
		return periods(t, language)
	case "rights":
		return []string{Say("rights_text", language)}
	case "objection":
		return []string{Say("objection_text", language)}
	case "complaint":
		a := strings.Join(nonEmpty(t.Authority.Name, t.Authority.Address, t.Authority.Email), ", ")
		return []string{Say("complaint_text", language, "authority", a)}
	case "source":
		return source(g, language)
	case "automated_decisions":
		return []string{Say("no_automation", language)}
	case "safeguards":
		return safeguards(t, language)
	}
	return []string{}
}

// classesOf are the classes of person that the records were made under.
func classesOf(g *Gathered) map[policy.Class]bool {
	out := map[policy.Class]bool{}
	for _, c := range g.conversations {
		if slices.Contains(g.Subjects, c.ContactID) {
			out[policy.Class(c.Class)] = true
		}
	}
	return out
}

func controllers(t *policy.Terms, language string) []string {
	out := []string{}
	for _, id := range slices.Sorted(maps.Keys(t.Parties)) {
		p := t.Parties[id]
		roles := map[string]bool{}
		for _, proc := range t.Processings {
			if r, ok := proc.Roles[id]; ok && proc.On() {
				roles[spelt("part", string(r), language)] = true
			}
		}
		if len(roles) > 0 {
			dpo := strings.Join(nonEmpty(p.DPO.Name, p.DPO.Email, p.DPO.Phone, p.DPO.Where), " ")
			out = append(out, strings.Join(nonEmpty(p.Name+" ("+strings.Join(sorted(roles), ", ")+")", p.Address, p.Email, dpo), "; "))
		}
	}
	return out
}

func purposes(t *policy.Terms, of map[policy.Class]bool, language string) []string {
	out := []string{}
	for _, id := range slices.Sorted(maps.Keys(t.Processings)) {
		p := t.Processings[id]
		if !p.On() {
			continue
		}
		var bases []string
		for _, c := range slices.Sorted(maps.Keys(p.Basis)) {
			if len(of) == 0 || of[c] {
				bases = append(bases, fmt.Sprintf("%s: %s", c, spelt("basis", string(p.Basis[c]), language)))
			}
		}
		out = append(out, strings.Join(nonEmpty(p.Purpose, strings.Join(bases, ", "), p.Law), "; "))
	}
	return out
}

// categories are those of the terms and, beside them, those that are stored.
func categories(t *policy.Terms, g *Gathered, language string) []string {
	all := map[string]bool{}
	for _, p := range t.Processings {
		for _, f := range p.Data {
			all[string(f)] = all[string(f)] || p.On()
		}
	}
	for _, o := range g.Records {
		for _, f := range o.Shape.Fields {
			if f.Personal {
				all[string(f.Category)] = true
			}
		}
	}
	out := map[string]bool{}
	for c, on := range all {
		if on {
			out[spelt("category", c, language)] = true
		}
	}
	return sorted(out)
}

// recipients are the categories that the terms name, and each one that actually
// received data of this person (CJEU C-154/21).
func recipients(t *policy.Terms, g *Gathered, language string) []string {
	all := map[string]bool{}
	for _, p := range t.Processings {
		for _, r := range p.Recipients {
			all[r] = true
		}
	}
	for _, s := range t.SubProcessors {
		if s.Usable == nil || *s.Usable {
			all[strings.Join(nonEmpty(s.Name, string(s.Country), s.Service), ", ")] = true
		}
	}
	told := false
	for _, o := range g.Records {
		if d, ok := o.Rec.(*dossier.Disclosure); ok && d.Ground != dossier.ToPerson {
			told = true
			all[d.Recipient+", "+d.At.UTC().Format("2006-01-02")+" ("+d.Ground+")"] = true
		}
	}
	if out := sorted(all); told {
		return out
	}
	return append(sorted(all), Say("to_nobody", language))
}

func periods(t *policy.Terms, language string) []string {
	all := map[string]bool{}
	line := func(store policy.System, of string, trigger policy.Trigger, period policy.Span, action string) {
		terms := nonEmpty(length(period, language), spelt("trigger", string(trigger), language), action)
		all[fmt.Sprintf("%s, %s: %s", store, of, strings.Join(terms, ", "))] = true
	}
	for _, r := range t.Retention {
		line(r.Store, string(r.Of), r.Trigger, r.Period, spelt("action", string(r.Action), language))
	}
	for _, l := range t.Logs {
		line(l.Store, string(l.Class), l.Trigger, l.Period, "")
	}
	return sorted(all)
}

// length is a term in words: a number and its unit; as the pack has it where it has
// several units, and "" where there is none.
func length(period policy.Span, language string) string {
	s := period.String()
	if s == "" || s == "0h" {
		return ""
	}
	n, unit := s[:len(s)-1], s[len(s)-1:]
	if _, err := strconv.Atoi(n); err != nil || words()["span_"+unit] == nil {
		return s
	}
	return Say("span_"+unit, language, "n", n)
}

func source(g *Gathered, language string) []string {
	all := map[string]bool{}
	for _, c := range g.conversations {
		if slices.Contains(g.Subjects, c.ContactID) {
			all[string(c.Channel)] = true
		}
	}
	if len(all) == 0 {
		return []string{Say("from_none", language)}
	}
	return []string{Say("from_you", language, "channels", strings.Join(sorted(all), ", "))}
}

func safeguards(t *policy.Terms, language string) []string {
	if t.Storage.Transfers == "on_instruction" {
		out := []string{Say("transfers", language)}
		for _, id := range slices.Sorted(maps.Keys(t.SubProcessors)) {
			if s := t.SubProcessors[id]; s.Tool != "" {
				out = append(out, fmt.Sprintf("%s, %s: %s", s.Name, s.Country, s.Tool))
			}
		}
		return out
	}
	return []string{Say("no_transfers", language)}
}

func itoa(n int) string { return strconv.Itoa(n) }
