package events_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/okence/okence/events"
)

var update = flag.Bool("update", false, "write asyncapi.yaml anew")

// manifest is what asyncapi.yaml needs of a function.yaml.
type manifest struct {
	Name     string `yaml:"name"`
	Title    string `yaml:"title"`
	Consumes []struct {
		Type string `yaml:"type"`
	} `yaml:"consumes"`
	Emits []string `yaml:"emits"`
}

func manifests(t *testing.T) []manifest {
	t.Helper()
	files, err := filepath.Glob("../functions/*/function.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	var all []manifest
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var m manifest
		if err := yaml.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

type tree = map[string]any

func ref(path string) tree { return tree{"$ref": path} }

// describe is the AsyncAPI 3.0 document: a channel for each type, its data by
// the schema beside it, and who sends and who receives it, by the manifests.
func describe(t *testing.T, all []manifest) []byte {
	t.Helper()
	channels, messages, operations := tree{}, tree{}, tree{}
	for _, typ := range events.Types() {
		channels[typ.Name] = tree{"address": typ.Name, "description": typ.Title, "messages": tree{"event": ref("#/components/messages/" + typ.Name)}}
		e := []any{}
		for _, size := range []string{"minimal", "full"} {
			e = append(e, tree{"name": size, "payload": ref("examples/" + typ.Name + "." + size + ".json")})
		}
		messages[typ.Name] = tree{
			"name": typ.Name, "title": typ.Title, "contentType": "application/cloudevents+json",
			"payload": tree{"allOf": []any{ref("#/components/schemas/cloudevent"), tree{
				"properties": tree{"type": tree{"const": typ.Name}, "data": ref("schemas/" + typ.Name + ".json")},
			}}},
			"x-examples": e,
		}
		if typ.Content {
			operations["outside.send."+typ.Name] = operation("send", typ.Name, "From outside, by POST /events (role producer).")
		}
	}
	for _, m := range all {
		for _, typ := range m.Emits {
			operations[m.Name+".send."+typ] = operation("send", typ, m.Title)
		}
		for _, c := range m.Consumes {
			operations[m.Name+".receive."+c.Type] = operation("receive", c.Type, m.Title)
		}
	}
	doc := tree{
		"asyncapi": "3.0.0",
		"info": tree{
			"title": "Okence", "version": "1", "license": tree{"name": "EUPL-1.2"},
			"description": "Every event that functions exchange: CloudEvents 1.0 that carry ids, states and times. Content comes in from outside only, and is sealed before anything else.",
		},
		"defaultContentType": "application/cloudevents+json",
		"channels":           channels,
		"operations":         operations,
		"components":         tree{"messages": messages, "schemas": tree{"cloudevent": envelope()}},
	}
	var b bytes.Buffer
	b.WriteString("# Made from the catalogue and the functions' manifests:\n#   go test ./events -run AsyncAPI -update\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func operation(action, typ, summary string) tree {
	return tree{
		"action": action, "summary": summary, "channel": ref("#/channels/" + typ),
		"messages": []any{ref("#/channels/" + typ + "/messages/event")},
	}
}

// envelope is what every event has around its data (events.Decode).
func envelope() tree {
	id := tree{"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"}
	return tree{
		"type": "object", "required": []string{"specversion", "id", "source", "type", "time", "tenant", "data"},
		"properties": tree{
			"specversion": tree{"const": "1.0"}, "id": id, "subject": id, "actor": id,
			"source": tree{"type": "string", "pattern": "^[A-Za-z0-9._:/-]{1,200}$"},
			"time":   tree{"type": "string", "format": "date-time"},
			"tenant": tree{"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"},
			"traceparent": tree{
				"type": "string", "description": "W3C Trace Context.",
			},
			"datacontenttype": tree{"const": "application/json"},
		},
	}
}

func TestAsyncAPI(t *testing.T) {
	all := manifests(t)
	want := describe(t, all)
	if *update {
		if err := os.WriteFile("asyncapi.yaml", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("asyncapi.yaml")
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("asyncapi.yaml is out of date (%v): go test ./events -run AsyncAPI -update", err)
	}
	var doc struct {
		Channels   map[string]any
		Operations map[string]struct{ Action string }
	}
	if err := yaml.Unmarshal(got, &doc); err != nil {
		t.Fatal(err)
	}
	for _, typ := range events.Types() {
		if doc.Channels[typ.Name] == nil {
			t.Errorf("%s is not described", typ.Name)
		}
		received := slices.ContainsFunc(all, func(m manifest) bool {
			return doc.Operations[m.Name+".receive."+typ.Name].Action == "receive"
		})
		if !received {
			t.Errorf("nobody receives %s", typ.Name)
		}
	}
}
