package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/okence/okence/shared/access"
)

// entry is an entry of the processing log as the API shows it.
type entry struct {
	Act       string `json:"act"`
	Role      string `json:"actor_role"`
	Recipient string `json:"recipient"`
	Result    string `json:"result"`
	Proof     string `json:"proof"`
	Items     []struct {
		Kind   string   `json:"kind"`
		Fields []string `json:"fields"`
	} `json:"items"`
}

// line is an entry without what differs from run to run.
func (e entry) line() string {
	out := e.Role + " " + e.Act
	if e.Result != "success" {
		out += " " + e.Result
	}
	var items []string
	for _, i := range e.Items {
		item := i.Kind
		if len(i.Fields) > 0 {
			item += "(" + strings.Join(i.Fields, " ") + ")"
		}
		items = append(items, item)
	}
	slices.Sort(items)
	out += ": " + strings.Join(items, ", ")
	if e.Recipient != "" {
		out += " -> " + e.Recipient
	}
	return out
}

// logPause is after how long every entry is sealed, with room to spare.
const logPause = 2 * time.Minute

// logged is the command log CLASS: what has come to the processing log since it
// was last asked, sealed and provable, without ids, sorted.
func logged(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, args, 1, "log CLASS")
	s := stageOf(ts)
	w := s.world(ts)
	s.move(ts, w.clock.Now().Add(logPause))
	token, err := access.IssueLocal(w.keys, access.Identity{Subject: "auditor-1", Tenant: s.tenant, Role: access.Auditor}, true, w.clock.Now())
	ts.Check(err)
	var lines []string
	for cursor := ""; ; {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, w.base+"/v1/ledger/entries?limit=100&class="+args[0]+"&cursor="+url.QueryEscape(cursor), nil)
		ts.Check(err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Okence-Case", "story")
		var p page[entry]
		answer := do(s.t, r)
		if err := json.Unmarshal([]byte(answer.body), &p); err != nil || answer.status != http.StatusOK {
			ts.Fatalf("the log: %d %s", answer.status, answer.body)
		}
		for _, e := range p.Items {
			if e.Proof == "" {
				ts.Fatalf("an entry that nothing proves: %s", e.line())
			}
			lines = append(lines, e.line())
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	asked := "log " + s.on + " " + args[0]
	fresh := slices.Clone(lines[min(s.asked[asked], len(lines)):])
	s.asked[asked] = len(lines)
	slices.Sort(fresh)
	fmt.Fprintln(ts.Stdout(), strings.Join(fresh, "\n"))
}
