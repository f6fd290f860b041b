package main

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/okence/okence/shared/access"
)

// clockCmd is the command clock NAME TIME LAW: the limit of that name about $id
// ends then, under a clause that matches LAW.
func clockCmd(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 3, "clock NAME TIME LAW")
	s := stageOf(ts)
	w := s.world(ts)
	r := w.askWith(w.token(s.tenant, access.Officer), "GET", "/v1/deadlines?about="+ts.Getenv("id"), nil)
	var list page[struct {
		Name  string    `json:"name"`
		EndAt time.Time `json:"end_at"`
		Law   string    `json:"law"`
	}]
	ts.Check(json.Unmarshal([]byte(r.body), &list))
	law := regexp.MustCompile(args[2])
	for _, l := range list.Items {
		if l.Name == args[0] && l.EndAt.Equal(instant(ts, args[1])) && law.MatchString(l.Law) {
			return
		}
	}
	ts.Fatalf("no limit %s that ends %s under %s: %s", args[0], args[1], args[2], r.body)
}
