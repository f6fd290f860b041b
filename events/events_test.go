package events_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/fault"
)

func compile(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(events.Schema(name)))
	if err != nil {
		t.Fatalf("%s: no schema: %v", name, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bySchema(s *jsonschema.Schema, data []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err == nil {
		err = s.Validate(v)
	}
	return err
}

func example(t testing.TB, name, size string) events.Event {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("examples", name+"."+size+".json"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := cloudevent.Unmarshal(text)
	if err != nil {
		t.Fatalf("%s %s: %v", name, size, err)
	}
	return e
}

func TestEveryTypeIsWhole(t *testing.T) {
	for _, typ := range events.Types() {
		s := compile(t, typ.Name)
		if s.Title != typ.Name || s.Description != typ.Title || !strings.HasSuffix(typ.Title, ".") {
			t.Errorf("%s: schema and catalogue give it different titles", typ.Name)
		}
		for _, size := range []string{"minimal", "full"} {
			e := example(t, typ.Name, size)
			if e.Type != typ.Name {
				t.Errorf("%s.%s.json is an example of %s", typ.Name, size, e.Type)
			}
			if _, err := events.Decode(e); err != nil {
				t.Errorf("%s, %s: %v", typ.Name, size, err)
			}
			if err := bySchema(s, e.Data); err != nil {
				t.Errorf("%s, %s, by the schema: %v", typ.Name, size, err)
			}
		}
	}
}

func TestNoFileWithoutItsType(t *testing.T) {
	for _, dir := range []string{"schemas", "examples"} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := strings.TrimSuffix(f.Name(), ".json")
			if dir == "examples" {
				name = strings.TrimSuffix(strings.TrimSuffix(name, ".minimal"), ".full")
			}
			if events.Lookup(name) == nil {
				t.Errorf("%s/%s belongs to no type", dir, f.Name())
			}
		}
	}
}

// TestFrozenFilesStayAsTheyWere holds what frozen.txt lists (decision 16).
func TestFrozenFilesStayAsTheyWere(t *testing.T) {
	text, err := os.ReadFile("frozen.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		want, path, ok := strings.Cut(strings.TrimSpace(line), "  ")
		file, err := os.ReadFile(filepath.FromSlash(path))
		if !ok || err != nil {
			t.Fatalf("frozen.txt: %q: %v", line, err)
		}
		if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is frozen and was changed: a new version is a new type", path)
		}
	}
}

// values are what a mutation puts in place of a value: right and wrong ones, and
// both sides of limits. An integer written with a fraction (1.0) is not among
// them: JSON Schema calls it an integer and Go does not, and Go decides.
var values = []string{
	`null`, `true`, `""`, `"x"`, `"a b"`, `"tel"`, `"mailto"`, `"read"`, `"gone"`, `"ended"`, `"voice"`, `"standard"`, `"9x"`, `"status"`, `"call"`, `"message"`, `"outbound"`,
	`0`, `-1`, `1`, `999`, `1000`, `1.5`, `-90`, `90.001`, `180`, `180.5`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775809`, `1e30`,
	`[]`, `{}`, `[null]`, `[{}]`, `["x"]`, `{"state":"read"}`, `{"step":"ended"}`, `{"scheme":"fax"}`, `"` + strings.Repeat("a", 128) + `"`, `"` + strings.Repeat("a", 129) + `"`,
	`"2026-11-23T11:00:00Z"`, `"2026-02-30T00:00:00Z"`, `"2026-02-28T23:59:60Z"`, `"2026-11-23t11:00:00z"`, `"2026-11-23T11:00:00+23:59"`, `"2026-11-23T11:00:00+24:00"`,
	`"2026-11-23T24:00:00Z"`, `"2026-11-23 11:00:00Z"`, `"2026-11-23T11:00:00,5Z"`, `"2026-11-23T11:00:00.123456789012Z"`, `"2026-11-23T11:00:00"`, `"2026-11-23"`,
	`"1999-12-31T23:59:59Z"`, `"2000-01-01T00:00:00Z"`, `"2999-12-31T23:59:59Z"`, `"3000-01-01T00:00:00Z"`, `"0001-01-01T00:00:00Z"`, `"2000-01-01T00:00:00+01:00"`, `"20260-11-23T11:00:00Z"`,
}

// mutate changes one place somewhere in a JSON value.
func mutate(t *rapid.T, v any) any {
	other := func() any {
		var out any
		dec := json.NewDecoder(strings.NewReader(rapid.SampledFrom(values).Draw(t, "value")))
		dec.UseNumber()
		if err := dec.Decode(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 {
			break
		}
		key := rapid.SampledFrom(keys).Draw(t, "key")
		switch rapid.SampledFrom([]string{"drop", "replace", "into", "into", "into", "case", "add"}).Draw(t, "change") {
		case "drop":
			delete(v, key)
		case "replace":
			v[key] = other()
		case "into":
			v[key] = mutate(t, v[key])
		case "case":
			v[strings.ToUpper(key[:1])+key[1:]] = v[key]
			delete(v, key)
		case "add":
			v[rapid.SampledFrom([]string{"x", "Intake", "text ", "intake", "content"}).Draw(t, "name")] = other()
		}
		return v
	case []any:
		if len(v) > 0 && rapid.Bool().Draw(t, "inside") {
			v[0] = mutate(t, v[0])
			return v
		}
	}
	return other()
}

// TestSchemasAndTypesAgree: what one refuses, the other refuses.
func TestSchemasAndTypesAgree(t *testing.T) {
	for _, typ := range events.Types() {
		s := compile(t, typ.Name)
		for _, size := range []string{"minimal", "full"} {
			e := example(t, typ.Name, size)
			taken, refused := 0, 0
			t.Run(typ.Name+" "+size, rapid.MakeCheck(func(t *rapid.T) {
				var v any
				dec := json.NewDecoder(bytes.NewReader(e.Data))
				dec.UseNumber()
				if err := dec.Decode(&v); err != nil {
					t.Fatal(err)
				}
				for range rapid.IntRange(0, 3).Draw(t, "changes") {
					v = mutate(t, v)
				}
				data, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				m := e
				m.Data = data
				_, byType := events.Decode(m)
				if schema := bySchema(s, data); (byType == nil) != (schema == nil) {
					t.Fatalf("%s\nthe Go type says: %v\nthe schema says: %v", data, byType, schema)
				}
				if byType == nil {
					taken++
				} else {
					refused++
				}
			}))
			if taken == 0 || refused == 0 {
				t.Errorf("%s %s: %d taken, %d refused: the mutations show nothing", typ.Name, size, taken, refused)
			}
		}
	}
}

func TestDataIsReadExactly(t *testing.T) {
	e := example(t, events.MessageReceivedType, "minimal")
	for name, data := range map[string]string{
		"a name twice":                 `{"intake":"a","intake":"b","channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"a name in another case":       `{"Intake":"a","channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"null for what is not there":   `{"intake":"a","content":null,"channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"null in a list":               `{"content":{"provider_id":"1","kind":"message","direction":"inbound","references":[null]},"channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"a nested name twice":          `{"content":{"provider_id":"1","kind":"message","direction":"inbound","text":"a","text":"b"},"channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"neither intake nor content":   `{"channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"a status without a status":    `{"content":{"provider_id":"1","kind":"status","direction":"inbound"},"channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"a call without a step":        `{"content":{"provider_id":"1","kind":"call","direction":"inbound","call":{}},"channel":"voice","provider":"x","received_at":"2026-11-23T11:00:00Z"}`,
		"something behind the data":    `{"intake":"a","channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"} {}`,
		"null":                         `null`,
		"nothing":                      ``,
		"a list":                       `[]`,
		"a year before the system was": `{"intake":"a","channel":"sms","provider":"x","received_at":"1999-12-31T23:59:59Z"}`,
	} {
		e.Data = json.RawMessage(data)
		if _, err := events.Decode(e); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEnvelope(t *testing.T) {
	good := example(t, events.RelayDueType, "full")
	for name, c := range map[string]struct {
		spoil func(*events.Event)
		want  fault.Kind
	}{
		"as it is":                        {func(*events.Event) {}, ""},
		"a type that nobody knows":        {func(e *events.Event) { e.Type = "org.okence.other.v1" }, fault.Invalid},
		"no id":                           {func(e *events.Event) { e.ID = "" }, fault.Invalid},
		"an id of 128 characters":         {func(e *events.Event) { e.ID = strings.Repeat("a", 128) }, ""},
		"an id of 129 characters":         {func(e *events.Event) { e.ID = strings.Repeat("a", 129) }, fault.Invalid},
		"a mail address as id":            {func(e *events.Event) { e.ID = "ana@example.org" }, fault.Invalid},
		"no source":                       {func(e *events.Event) { e.Source = "" }, fault.Invalid},
		"a source with a query":           {func(e *events.Event) { e.Source = "/a?b=c" }, fault.Invalid},
		"no tenant":                       {func(e *events.Event) { e.Tenant = "" }, fault.Invalid},
		"a tenant in upper case":          {func(e *events.Event) { e.Tenant = "EKC" }, fault.Invalid},
		"a tenant of 32 characters":       {func(e *events.Event) { e.Tenant = strings.Repeat("a", 32) }, ""},
		"a tenant of 33 characters":       {func(e *events.Event) { e.Tenant = strings.Repeat("a", 33) }, fault.Invalid},
		"a subject with a space":          {func(e *events.Event) { e.Subject = "a b" }, fault.Invalid},
		"an actor that is a mail address": {func(e *events.Event) { e.Actor = "a@b" }, fault.Invalid},
		"no time":                         {func(e *events.Event) { *e = withoutTime(*e) }, fault.Invalid},
		"data over 64 KiB": {func(e *events.Event) {
			e.Data = append(bytes.Repeat([]byte(" "), events.MaxData), e.Data...)
		}, fault.TooLarge},
	} {
		e := good
		c.spoil(&e)
		if _, err := events.Decode(e); fault.Of(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func withoutTime(e events.Event) events.Event {
	var zero events.Event
	e.Time = zero.Time
	return e
}

func TestContentIsTakenOut(t *testing.T) {
	d, err := events.Decode(example(t, events.MessageReceivedType, "full"))
	if err != nil {
		t.Fatal(err)
	}
	m := d.(*events.MessageReceived)
	content, err := m.TakeContent()
	if err != nil || !strings.Contains(string(content), "Pošiljam") {
		t.Fatalf("%s, %v", content, err)
	}
	m.SetIntake("i-1")
	if err := m.Validate(); err != nil {
		t.Error(err)
	}
	rest, err := json.Marshal(m)
	if err != nil || strings.Contains(string(rest), "ana@") {
		t.Errorf("content is left: %s", rest)
	}
	if again, err := m.TakeContent(); again != nil || err != nil {
		t.Errorf("taken twice: %s, %v", again, err)
	}
}

func TestErrorsTellNoValue(t *testing.T) {
	e := example(t, events.MessageReceivedType, "full")
	for _, data := range []string{
		`{"channel":"SECRET"}`, `{"SECRET":1}`, `{"channel":"sms","provider":"SECRET"}`, `{"intake":"SECRET SECRET","channel":"sms","provider":"x","received_at":"2026-11-23T11:00:00Z"}`, `SECRET`,
	} {
		e.Data = json.RawMessage(data)
		if _, err := events.Decode(e); err == nil || strings.Contains(fmt.Sprint(err), "SECRET") {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// FuzzDecode: whatever comes, Decode neither panics nor takes what the schema
// refuses.
func FuzzDecode(f *testing.F) {
	schemas := map[string]*jsonschema.Schema{}
	for _, typ := range events.Types() {
		schemas[typ.Name] = compile(f, typ.Name)
		for _, size := range []string{"minimal", "full"} {
			e := example(f, typ.Name, size)
			f.Add(e.Type, e.ID, e.Source, e.Tenant, e.Subject, e.Actor, []byte(e.Data))
		}
	}
	f.Add("", "", "", "", "", "", []byte("{"))
	at := example(f, events.RelayDueType, "full").Time
	f.Fuzz(func(t *testing.T, typ, id, source, tenant, subject, actor string, data []byte) {
		d, err := events.Decode(events.Event{Type: typ, ID: id, Source: source, Tenant: tenant, Subject: subject, Actor: actor, Time: at, Data: data})
		if err != nil {
			if k := fault.Of(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("%v", err)
			}
			return
		}
		if err := bySchema(schemas[typ], data); err != nil {
			t.Fatalf("the Go type takes what the schema refuses: %v\n%s", err, data)
		}
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}
