package portal

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct {
		Schemas    map[string]json.RawMessage
		Parameters map[string]json.RawMessage
	}
}

type operation struct {
	OperationID string `json:"operationId"`
	Summary     string
	Parameters  []struct {
		Ref string `json:"$ref"`
	}
	Responses map[string]struct{ Description string }
	Roles     []string `json:"x-roles"`
}

func described(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(openAPI(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRoutesManifestAndDescriptionAgree: what the manifest routes here, what the
// mux serves and what /openapi.json says are the same.
func TestRoutesManifestAndDescriptionAgree(t *testing.T) {
	var said, ids []string
	for path, item := range described(t).Paths {
		for method, op := range item {
			said = append(said, strings.ToUpper(method)+" "+path)
			ids = append(ids, op.OperationID)
			if op.Summary == "" || len(op.Responses) == 0 {
				t.Errorf("%s %s says nothing of itself", method, path)
			}
			for _, p := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' }) {
				name, isParam := strings.CutPrefix(p, "{")
				if isParam && !slices.ContainsFunc(op.Parameters, func(q struct {
					Ref string `json:"$ref"`
				}) bool {
					return q.Ref == "#/components/parameters/"+strings.TrimSuffix(name, "}")
				}) {
					t.Errorf("%s %s: parameter %s is not described", method, path, name)
				}
			}
		}
	}
	slices.Sort(said)
	slices.Sort(ids)
	if slices.Contains(ids, "") || len(slices.Compact(ids)) != len(said) {
		t.Errorf("operation ids are missing or twice: %v", ids)
	}
	var m struct{ Routes []string }
	text, err := os.ReadFile("function.yaml")
	if err != nil || yaml.Unmarshal(text, &m) != nil {
		t.Fatal(err)
	}
	slices.Sort(m.Routes)
	if !slices.Equal(said, m.Routes) {
		t.Errorf("described: %v\nin function.yaml: %v", said, m.Routes)
	}
	served := []string{"GET /docs", "GET /openapi.json"}
	for _, r := range routes {
		served = append(served, r.pattern)
	}
	slices.Sort(served)
	if !slices.Equal(served, m.Routes) {
		t.Errorf("served: %v\nin function.yaml: %v", served, m.Routes)
	}
}

// TestEveryReferenceLeadsSomewhere compiles every schema and follows every $ref.
func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	d := described(t)
	for name := range d.Components.Schemas {
		schemaOf(t, "/components/schemas/"+name)
	}
	for _, m := range regexp.MustCompile(`"#/components/(schemas|parameters)/([^"]+)"`).FindAllStringSubmatch(string(openAPI()), -1) {
		if (m[1] == "schemas" && d.Components.Schemas[m[2]] == nil) || (m[1] == "parameters" && d.Components.Parameters[m[2]] == nil) {
			t.Errorf("%s/%s is nowhere", m[1], m[2])
		}
	}
	for name := range d.Components.Parameters {
		if !strings.Contains(string(openAPI()), `"#/components/parameters/`+name+`"`) {
			t.Errorf("parameter %s is used nowhere", name)
		}
	}
}

func TestExamplesAreOfTheirSchemas(t *testing.T) {
	n := 0
	for name, raw := range described(t).Components.Schemas {
		var s struct{ Examples []json.RawMessage }
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		for _, e := range s.Examples {
			n++
			if err := schemaOf(t, "/components/schemas/"+name).Validate(decoded(t, e)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d examples", n)
	}
}

func TestPublishedEventSchema(t *testing.T) {
	s := schemaOf(t, "/components/schemas/Event")
	if err := s.Validate(decoded(t, []byte(event()))); err != nil {
		t.Errorf("a valid event: %v", err)
	}
	for name, e := range map[string]string{
		"another type":      event(set("type", "org.okence.relay.due.v1")),
		"no such type":      event(set("type", "org.okence.other.v1")),
		"a field too much":  event(data("x", 1)),
		"a tenant that can": event(set("tenant", "EKC")),
	} {
		if s.Validate(decoded(t, []byte(e))) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestProblemsOfRoutesAreKnown(t *testing.T) {
	for _, r := range routes {
		for _, name := range r.allProblems(true) {
			if _, ok := problems[name]; !ok {
				t.Errorf("%s: no problem %s", r.pattern, name)
			}
		}
	}
	for path, item := range described(t).Paths {
		for method, op := range item {
			if op.Roles != nil && op.Responses["401"].Description == "" {
				t.Errorf("%s %s says nothing of 401", method, path)
			}
		}
	}
}

// TestDocsRunNothingForeign: one script and one style, both by their hash, and
// nothing from anywhere else.
func TestDocsRunNothingForeign(t *testing.T) {
	w := newWorld(t)
	r := w.ask("GET", "/docs", "", func(r *http.Request) { r.Header.Del("Authorization") }).want(200, "")
	page := string(r.body)
	if strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "src=") || strings.Contains(page, "innerHTML") ||
		strings.Count(page, "<script") != 1 || strings.Count(page, "<style") != 1 || strings.Contains(page, "style=") {
		t.Error("the page fetches or runs something that is not in it")
	}
	policy := r.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, hashOf("nothing")) {
		t.Errorf("policy %s", policy)
	}
	r = w.ask("GET", "/openapi.json", "", func(r *http.Request) { r.Header.Del("Authorization") }).want(200, "")
	if r.header.Get("Content-Type") != "application/json" || !json.Valid(r.body) {
		t.Error("/openapi.json is no JSON")
	}
}
