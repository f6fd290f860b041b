package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated files and goldens anew")

// TestGenerated keeps schema.json and COVERAGE.md as the types and lists say.
func TestGenerated(t *testing.T) {
	for name, want := range map[string][]byte{"schema.json": generateSchema(t), "COVERAGE.md": generateCoverage(t)} {
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go generate ./shared/policy", name)
		}
	}
}

type object = map[string]any

// generator writes the schema of Go types. Every object of the terms may carry
// what stands beside values; every scalar and list may be written as {value: …}.
type generator struct {
	defs object
	docs map[string]string // "Type" and "Type.Field"
}

func generateSchema(t *testing.T) []byte {
	t.Helper()
	g := &generator{defs: object{}, docs: readDocs(t)}
	text := object{"type": "string", "minLength": 1, "maxLength": 4000}
	id := object{"type": "string", "pattern": idPattern}
	g.defs["clause"] = object{"type": "string", "pattern": clausePattern, "description": "source and section that led to the values below"}
	g.defs["rules"] = object{"type": "array", "minItems": 1, "items": object{"type": "string", "pattern": rulePattern}, "description": "rule ids of the digest of the sources"}
	g.defs["note"] = object{"type": "string", "minLength": 1, "maxLength": 2000}
	g.defs["stated"] = object{"type": "object", "minProperties": 2, "additionalProperties": text, "description": "what several places say of the same value, word for word or shortened: place -> wording"}
	g.defs["known_defect"] = object{
		"type": "object", "additionalProperties": false, "required": []string{"fault", "why", "safe"},
		"description": "a fault of the source; the value beside it is the safe one used instead",
		"properties":  object{"fault": object{"enum": faults}, "written": object{"type": []string{"string", "boolean", "integer", "number", "array"}, "description": "the value as the source has it, in place of the safe one"}, "why": text, "safe": text},
	}
	terms := g.of(reflect.TypeFor[Terms]())
	versions := object{"type": "array", "minItems": 1, "maxItems": 200, "items": object{
		"type": "object", "additionalProperties": false, "required": []string{"valid_from", "terms"},
		"properties": object{
			"valid_from": object{"type": "string", "pattern": datePattern, "description": "first day in force, in the pack's zone"},
			"note":       object{"$ref": "#/$defs/note"}, "terms": terms,
		},
	}}
	root := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://okence.org/schema/policy-pack.json",
		"title": "Okence policy pack", "type": "object", "additionalProperties": false,
		"required": []string{"pack", "kind", "title", "jurisdiction", "zone", "languages", "sources", "versions"},
		"properties": object{
			"pack": id, "title": text, "note": object{"$ref": "#/$defs/note"},
			"kind":         object{"enum": kinds},
			"jurisdiction": object{"enum": []string{"EU", "SI", "SK"}},
			"zone":         object{"type": "string", "maxLength": 60},
			"languages":    object{"type": "array", "minItems": 1, "uniqueItems": true, "items": object{"enum": languages}},
			"tenants":      object{"type": "array", "uniqueItems": true, "items": object{"type": "string", "pattern": idPattern}, "description": "tenants that live under this pack"},
			"extends":      id,
			"sources":      object{"type": "object", "propertyNames": id, "additionalProperties": g.bare(reflect.TypeFor[Source]())},
			"versions":     versions,
			"agreements": object{"type": "object", "propertyNames": id, "additionalProperties": object{
				"type": "object", "additionalProperties": false, "required": []string{"title", "party", "services", "versions"},
				"properties": object{
					"title": text, "party": id, "note": object{"$ref": "#/$defs/note"},
					"services": object{"type": "array", "minItems": 1, "items": id}, "versions": versions,
				},
			}},
		},
		"$defs": g.defs,
	}
	out, err := json.MarshalIndent(root, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// of is a reference to the schema of a type within terms.
func (g *generator) of(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && t != reflect.TypeFor[Span]() {
		if _, ok := g.defs[t.Name()]; !ok {
			g.defs[t.Name()] = object{} // breaks the circle, were there one
			s := g.structure(t, g.of)
			for _, k := range beside {
				s["properties"].(object)[k] = object{"$ref": "#/$defs/" + k}
			}
			g.defs[t.Name()] = s
		}
		return object{"$ref": "#/$defs/" + t.Name()}
	}
	if t.Kind() == reflect.Map {
		props := object{}
		for _, k := range beside {
			props[k] = object{"$ref": "#/$defs/" + k}
		}
		names := object{"pattern": idPattern}
		if e := enum(t.Key()); e != nil {
			names = object{"enum": append(e, beside...)}
		}
		return object{"type": "object", "properties": props, "propertyNames": names, "additionalProperties": g.of(t.Elem())}
	}
	return object{"$ref": "#/$defs/" + g.wrapped(t)}
}

// wrapped defines a scalar or list that may also stand as {value, clause, …}.
func (g *generator) wrapped(t reflect.Type) string {
	name := "Value." + strings.NewReplacer("[]", "List.", "policy.", "", "*", "").Replace(t.String())
	if _, ok := g.defs[name]; !ok {
		props := object{"value": g.bare(t)}
		for _, k := range beside {
			props[k] = object{"$ref": "#/$defs/" + k}
		}
		g.defs[name] = object{
			"if":   object{"type": "object"},
			"then": object{"type": "object", "additionalProperties": false, "required": []string{"value"}, "properties": props},
			"else": g.bare(t),
		}
	}
	return name
}

// bare is the schema of a type without anything beside it.
func (g *generator) bare(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[Span]():
		return object{"type": "string", "pattern": spanPattern}
	case reflect.TypeFor[Date]():
		return object{"type": "string", "pattern": datePattern}
	case reflect.TypeFor[ClockTime]():
		return object{"type": "string", "pattern": clockPattern}
	case reflect.TypeFor[Country]():
		return object{"type": "string", "pattern": countryPattern}
	}
	if e := enum(t); e != nil {
		return object{"enum": e}
	}
	switch t.Kind() {
	case reflect.Struct:
		return g.structure(t, g.bare)
	case reflect.String:
		return object{"type": "string", "minLength": 1, "maxLength": 4000}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer", "minimum": 0, "maximum": 1_000_000}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "maxItems": 200, "uniqueItems": true, "items": g.bare(t.Elem())}
	}
	panic("no schema for " + t.String())
}

func (g *generator) structure(t reflect.Type, of func(reflect.Type) object) object {
	props := object{}
	for f := range fieldsOf(t) {
		s := of(f.Type)
		if d := g.docs[t.Name()+"."+f.Name]; d != "" {
			s["description"] = d
		}
		props[key(f)] = s
	}
	s := object{"type": "object", "additionalProperties": false, "properties": props}
	if d := g.docs[t.Name()]; d != "" {
		s["description"] = d
	}
	return s
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !yield(f) {
				return
			}
		}
	}
}

func key(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// enum lists a closed set; nil for other types.
func enum(t reflect.Type) []string {
	for _, set := range []any{kinds, languages, classes, channels, roles, bases, systems, retentionClasses, fields, technicalFields, modules, rights, scopes, outcomes, persons, actions, triggers, bounds, transferTools, measures, faults} {
		if v := reflect.ValueOf(set); v.Type().Elem() == t {
			var out []string
			for i := range v.Len() {
				out = append(out, v.Index(i).String())
			}
			return out
		}
	}
	return nil
}

// readDocs takes the comments of types and fields from the source.
func readDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	one := func(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
	for _, f := range files {
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			spec := gen.Specs[0].(*ast.TypeSpec)
			st, ok := spec.Type.(*ast.StructType)
			if !ok {
				continue
			}
			docs[spec.Name.Name] = one(gen.Doc)
			for _, fd := range st.Fields.List {
				for _, n := range fd.Names {
					if c := one(fd.Comment); c != "" {
						docs[spec.Name.Name+"."+n.Name] = c
					}
				}
			}
		}
	}
	return docs
}
