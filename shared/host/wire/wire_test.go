package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/okence/okence/events"
)

// valid is a manifest that nothing is wrong with; each case breaks one thing.
const valid = `name: keeper
title: Keeps things.
use: service
timeout: 30s
consumes:
  - type: org.okence.message.received.v1
  - type: org.okence.relay.due.v1
emits: [org.okence.media.requested.v1]
routes:
  - GET /things/{id}
schedules:
  - type: org.okence.relay.due.v1
    every: 5m
settings:
  - name: OKENCE_SECRET_<TENANT>_KEEPER
    text: What opens it.
keeps: [message]
reads: [contact]
`

func TestValidManifestIsRead(t *testing.T) {
	m, err := read("functions/keeper/function.yaml", []byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "keeper" || len(m.Consumes) != 2 || m.Schedules[0].Type != "org.okence.relay.due.v1" {
		t.Errorf("read %+v", m)
	}
}

func TestBrokenManifestIsRefused(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown key is refused with its line", "use: service", "useful: yes", "line 3"},
		{"a key that stands twice is refused with its line", "use: service", "use: service\nuse: intake", "line 4"},
		{"an unknown key in a list is refused with its line", "    every: 5m", "    evry: 5m", "line 13"},
		{"a length of time without a unit is refused with its line", "30s", "30", "line 4"},
		{"a second document is refused", "reads: [contact]", "reads: [contact]\n---\nname: x", "one document"},
		{"the name is the folder's", "name: keeper", "name: other", "its folder"},
		{"the name is one word", "name: keeper", "name: keep-er", "one word"},
		{"the title is a sentence", "things.", "things", "full stop"},
		{"the purpose is a known one", "use: service", "use: curiosity", "purposes"},
		{"a timeout under a second is refused", "30s", "999ms", "timeout"},
		{"a timeout over Lambda's is refused", "30s", "15m1s", "timeout"},
		{"an event outside the catalogue is refused", "[org.okence.media.requested.v1]", "[org.okence.media.lost.v1]", "catalogue"},
		{"an event that is consumed twice is refused", "  - type: org.okence.relay.due.v1\nemits", "  - type: org.okence.message.received.v1\nemits", "twice"},
		{"a schedule for what is not consumed is refused", "  - type: org.okence.relay.due.v1\n    every", "  - type: org.okence.media.requested.v1\n    every", "does not consume"},
		{"a schedule of what has other data is refused", "  - type: org.okence.relay.due.v1\n    every", "  - type: org.okence.message.received.v1\n    every", `{"now": TIME}`},
		{"a schedule that cron can't keep is refused", "5m", "7m", "divide"},
		{"a schedule under a minute is refused", "5m", "30s", "divide"},
		{"a route without a method is refused", "GET /things", "/things", "METHOD"},
		{"the receiver's route is refused", "GET /things/{id}", "POST /", "receiver"},
		{"a public function that consumes is refused", "use: service", "use: service\npublic: true", "trusted"},
		{"a setting of another name is refused", "OKENCE_SECRET_<TENANT>_KEEPER", "SECRET", "OKENCE_"},
		{"a setting without a text is refused", "text: What opens it.", "default: x", "text"},
		{"a required setting with a default is refused", "    text:", "    default: x\n    required: true\n    text:", "default"},
		{"a kind that is kept and read is refused", "reads: [contact]", "reads: [message]", "twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(valid, c.old, c.new, 1)
			if broken == valid {
				t.Fatal("the case breaks nothing")
			}
			_, err := read("functions/keeper/function.yaml", []byte(broken))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestPublicWithoutRoutesIsRefused(t *testing.T) {
	_, err := read("functions/a/function.yaml", []byte("name: a\ntitle: A.\nuse: service\ntimeout: 1s\npublic: true\n"))
	if err == nil || !strings.Contains(err.Error(), "no routes") {
		t.Errorf("error %v", err)
	}
}

// TestMain holds the catalogue to the types that the fixtures wire, so that they
// need not grow with it.
func TestMain(m *testing.M) {
	catalogue = func() []*events.Type {
		return []*events.Type{events.Lookup(events.MediaRequestedType), events.Lookup(events.MessageReceivedType), events.Lookup(events.RelayDueType)}
	}
	os.Exit(m.Run())
}

// house is a module with two functions that wire together.
func house(t *testing.T, edit map[string]string) string {
	t.Helper()
	files := map[string]string{
		"go.mod": "module x\n\ngo 1.26.0\n", "go.sum": "",
		"README.md":                      "# A\n\n" + mapBegin + "\nold\n" + mapEnd + "\n\nend\n",
		"infra/decisions/README.md":      "# Decisions\n" + mapBegin + "\n" + mapEnd + "\n",
		"infra/decisions/0001-doors.md":  "# 0001 Doors open inward\n\nChanged by [0002](0002-gates.md).\n",
		"infra/decisions/0002-gates.md":  "# 0002 Gates do not\n",
		"functions/keeper/function.yaml": valid,
		"functions/door/function.yaml": "name: door\ntitle: Takes things in.\nuse: intake\ntimeout: 10s\npublic: true\n" +
			"emits: [org.okence.message.received.v1]\nroutes: [\"POST /door\"]\n",
		"functions/media/function.yaml": "name: media\ntitle: Fetches files.\nuse: intake\ntimeout: 10s\n" +
			"consumes: [{type: org.okence.media.requested.v1}]\n",
	}
	for k, v := range edit {
		files[k] = v
	}
	dir := t.TempDir()
	for path, text := range files {
		if err := write(filepath.Join(dir, path), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestGeneratedFilesAreWholeAndStayUpToDate(t *testing.T) {
	dir := house(t, nil)
	if err := generate(dir, true, io.Discard); err == nil {
		t.Fatal("nothing is generated yet, and the check is content")
	}
	if err := generate(dir, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := generate(dir, true, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"functions/keeper/manifest_gen.go", "functions/keeper/main/main.go", "local/wiring_gen.go"} {
		if _, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, path), nil, parser.AllErrors); err != nil {
			t.Error(err)
		}
	}
	readme, _ := os.ReadFile(filepath.Join(dir, "README.md"))
	for _, want := range []string{"# A\n", "\nend\n", "| [keeper](functions/keeper) | Keeps things. | `/things` |", "| schedule, every 5m | keeper |", "| door, outside | keeper |"} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("the README lacks %q:\n%s", want, readme)
		}
	}
	if strings.Contains(string(readme), "old") {
		t.Error("the README keeps the old map")
	}
	index, _ := os.ReadFile(filepath.Join(dir, "infra/decisions/README.md"))
	for _, want := range []string{"| 0001 | [Doors open inward](0001-doors.md) | [0002](0002-gates.md). |\n", "| 0002 | [Gates do not](0002-gates.md) |  |\n"} {
		if !strings.Contains(string(index), want) {
			t.Errorf("the index lacks %q:\n%s", want, index)
		}
	}
	knative, err := os.Open(filepath.Join(dir, "infra/knative/keeper.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	defer knative.Close()
	var kinds []string
	for dec := yaml.NewDecoder(knative); ; {
		var doc struct{ Kind string }
		if err := dec.Decode(&doc); err != nil {
			break
		}
		kinds = append(kinds, doc.Kind)
	}
	if got := strings.Join(kinds, " "); got != "Service Trigger Trigger PingSource" {
		t.Errorf("Knative objects %s", got)
	}
	for _, path := range []string{"functions/door/main/main.go", "README.md", "infra/knative/media.yaml"} {
		text, _ := os.ReadFile(filepath.Join(dir, path))
		_ = os.WriteFile(filepath.Join(dir, path), bytes.Replace(text, []byte("door"), []byte("doom"), 1), 0o644)
		if strings.HasSuffix(path, "media.yaml") {
			_ = os.Remove(filepath.Join(dir, path))
		}
		if err := generate(dir, true, io.Discard); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s was changed: %v", path, err)
		}
		_ = generate(dir, false, io.Discard)
	}
}

func TestWiringNeedsBothEnds(t *testing.T) {
	for _, c := range []struct{ name, path, old, new, want string }{
		{"an event that nobody consumes is refused", "functions/media/function.yaml", "consumes: [{type: org.okence.media.requested.v1}]", "routes: [GET /media]", "no function consumes"},
		{"an event that nobody makes is refused", "functions/keeper/function.yaml", "emits: [org.okence.media.requested.v1]\n", "", "no function emits"},
		{"two functions with one route are refused", "functions/door/function.yaml", "POST /door", "GET /things/{id}", "meets"},
		{"the host's own route is refused", "functions/door/function.yaml", "POST /door", "GET /readyz", "meets"},
		{"a malformed route is refused", "functions/door/function.yaml", "POST /door", "GET /{", "malformed"},
		{"inline is refused where no emitter has the purpose", "functions/keeper/function.yaml", "received.v1\n", "received.v1\n    inline: true\n", "inline"},
		{"a decision without a title is refused", "infra/decisions/0002-gates.md", "# 0002 G", "# g", "does not begin"},
		{"a decision under another's number is refused", "infra/decisions/0002-gates.md", "# 0002", "# 0001", "another number"},
		{"a decision changed by one that is not there is refused", "infra/decisions/0001-doors.md", "0002-gates", "0003-gates", "not there"},
		{"a README without a place for the map is refused", "README.md", mapEnd, "", "no place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := house(t, nil)
			text, err := os.ReadFile(filepath.Join(dir, c.path))
			if err != nil {
				t.Fatal(err)
			}
			broken := strings.Replace(string(text), c.old, c.new, 1)
			if broken == string(text) {
				t.Fatal("the case breaks nothing")
			}
			if err := os.WriteFile(filepath.Join(dir, c.path), []byte(broken), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := generate(dir, false, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestManifestOfAFunctionThatIsGoneGoesToo(t *testing.T) {
	dir := house(t, nil)
	if err := generate(dir, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "infra/knative/gone.yaml")
	own := filepath.Join(dir, "infra/knative/broker.yaml")
	_ = os.WriteFile(old, []byte("# "+generated+"\n"), 0o644)
	_ = os.WriteFile(own, []byte("# by hand\n"), 0o644)
	if err := generate(dir, true, io.Discard); err == nil {
		t.Error("the check does not see a stray manifest")
	}
	if err := generate(dir, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the stray manifest is still there")
	}
	if _, err := os.Stat(own); err != nil {
		t.Error("a manifest by hand went")
	}
}
