package policy

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Schema is the published JSON Schema (draft 2020-12) of a pack file. It is
// generated from the types of this package.
//
//go:embed schema.json
var Schema []byte

var schema = sync.OnceValue(func() *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema)))
	if err != nil {
		panic("policy schema: " + err.Error())
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		panic("policy schema: " + err.Error())
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		panic("policy schema: " + err.Error())
	}
	return s
})

var english = message.NewPrinter(language.English)

// Patterns of the schema, and how each is explained.
const (
	spanPattern    = `^(0|[1-9][0-9]{0,5})(min|h|d|m|y)$`
	datePattern    = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	clockPattern   = `^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$`
	countryPattern = `^[A-Z]{2}$|^EEA$`
	idPattern      = `^[a-z0-9][a-z0-9_-]{0,60}$`
	clausePattern  = `^[a-z0-9-]+ \S.{0,120}$`
	rulePattern    = `^([KSMLP][0-9]{2}|[A-E][0-9]?|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$`
)

var patternForms = map[string]string{
	spanPattern:    "a whole number and a unit: 10min, 24h, 30d, 6m (months), 5y",
	datePattern:    "a date: 2025-05-01",
	clockPattern:   "a time of day: 08:00",
	countryPattern: "a country code of ISO 3166-1 (SI, SK, US), or EEA",
	idPattern:      "a short lower-case id: letters, digits, hyphen, underscore",
	clausePattern:  "a source and its section: ekc 7.14, gdpr 33(1)",
	rulePattern:    "a rule id or rule code: K26, A8, BREACH_72H",
}

// validate checks the form of a file against the schema, and lists what is
// wrong with line and remedy.
func validate(file string, root *node) []Finding {
	err := schema().Validate(root.plain())
	if err == nil {
		return nil
	}
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return []Finding{{File: file, Line: 1, Rule: Strict, Level: Error, Fault: FaultSchema, Text: err.Error(), Remedy: "see schema.json"}}
	}
	var out []Finding
	var leaves func(e *jsonschema.ValidationError)
	leaves = func(e *jsonschema.ValidationError) {
		for _, c := range e.Causes {
			leaves(c)
		}
		if len(e.Causes) == 0 {
			out = append(out, formFindings(file, root, e)...)
		}
	}
	leaves(ve)
	return sortFindings(out)
}

func formFindings(file string, root *node, e *jsonschema.ValidationError) (out []Finding) {
	where := root.at(e.InstanceLocation)
	add := func(line int, key, text, remedy string) {
		path := strings.Join(e.InstanceLocation, ".")
		if key != "" {
			path = join(path, key)
		}
		rule := Strict
		if r := rulesAround(root, e.InstanceLocation); r != "" {
			rule = Strict + ", " + r
		}
		out = append(out, Finding{File: file, Line: max(line, 1), Path: path, Rule: rule, Level: Error, Fault: FaultSchema, Text: text, Remedy: remedy})
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		known := knownKeys(e.SchemaURL)
		for _, key := range k.Properties {
			line := where.line
			if c := where.get(key); c != nil {
				line = c.line
			}
			add(line, key, fmt.Sprintf("unknown key %q", key), "use one of: "+strings.Join(known, ", ")+closest(key, known))
		}
	case *kind.PropertyNames:
		line := where.line
		if c := where.get(k.Property); c != nil {
			line = c.line
		}
		add(line, k.Property, fmt.Sprintf("key %q is not allowed here", k.Property), "use a key that schema.json allows at this place")
	case *kind.Required:
		for _, key := range k.Missing {
			add(where.line, "", fmt.Sprintf("key %q is missing", key), fmt.Sprintf("add %q", key))
		}
	case *kind.Enum:
		want := make([]string, 0, len(k.Want))
		for _, w := range k.Want {
			want = append(want, fmt.Sprint(w))
		}
		add(where.line, "", fmt.Sprintf("value %q is not of the closed set", fmt.Sprint(k.Got)), "use one of: "+strings.Join(want, ", ")+closest(fmt.Sprint(k.Got), want))
	case *kind.Type:
		add(where.line, "", "value is "+k.Got+", not "+strings.Join(k.Want, " or "), "write "+strings.Join(k.Want, " or ")+" (quote text that looks like a number)")
	case *kind.Pattern:
		add(where.line, "", fmt.Sprintf("value %q has the wrong form", k.Got), "write it as "+cmp.Or(patternForms[k.Want], k.Want))
	default:
		add(where.line, "", strings.TrimPrefix(e.LocalizedError(english), "at "), "see schema.json")
	}
	return out
}

// rulesAround is the rule ids of the nearest object that names any.
func rulesAround(root *node, tokens []string) string {
	found := ""
	n := root
	for i := 0; ; i++ {
		if r := n.get("rules"); r != nil && r.items != nil {
			found = strings.Join(stringsOf[string](r), ", ")
		}
		if i == len(tokens) {
			return found
		}
		if n = n.at(tokens[i : i+1]); n == nil {
			return found
		}
	}
}

// knownKeys lists the keys an object of the schema may have.
func knownKeys(url string) []string {
	_, fragment, _ := strings.Cut(url, "#")
	if found := findSchema(schema(), fragment, map[*jsonschema.Schema]bool{}); found != nil {
		return slices.Sorted(maps.Keys(found.Properties))
	}
	return nil
}

func findSchema(s *jsonschema.Schema, fragment string, seen map[*jsonschema.Schema]bool) *jsonschema.Schema {
	if s == nil || seen[s] {
		return nil
	}
	seen[s] = true
	if _, f, _ := strings.Cut(s.Location, "#"); f == fragment {
		return s
	}
	next := []*jsonschema.Schema{s.Ref, s.Then, s.Else, s.Items2020, s.PropertyNames}
	for _, p := range s.Properties {
		next = append(next, p)
	}
	if a, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
		next = append(next, a)
	}
	for _, n := range next {
		if f := findSchema(n, fragment, seen); f != nil {
			return f
		}
	}
	return nil
}

// closest suggests the known word that differs by little, if there is one.
func closest(word string, known []string) string {
	best, at := "", 3
	for _, k := range known {
		if d := distance(word, k); d < at {
			best, at = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is the Levenshtein distance, capped at 9 for long words.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 9
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
