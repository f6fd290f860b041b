package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/dossier"
)

// exceptions are the places that an erasure never reaches (A8; art. 17(3) GDPR),
// by kind and field: what each of the kept values must still be found in.
var exceptions = map[string][]string{
	"request text":  {"request.text"},
	"access text":   {"request.text"},
	"breach nature": {"breach.facts", "breachcampaign.form", "breachnotice.form"},
	// Also in what Bor was told of the same breach.
	"breach told": {"breach.facts", "breachcampaign.form", "breachnotice.HTML", "breachnotice.form", "message.text"},
}

// looked are where the search must be able to look: a value was put into each.
var looked = []string{
	"message.text", "message.provider_id", "message.sender", "message.subject", "message.media", "message.location", "message.calls",
	"attachment.Bytes", "contact.name", "contact.addresses", "conversation.subject", "statement.text", "package.Archive", "intake.message", "intake.Raw",
	"ticket.name", "ticket.address", "ticket.details", "ticket.phone", "ticket.email", "ticket.treated_name", "ticket.treated_email", "worklog.text", "worklog.to",
	"request.text", "request.statement", "breach.facts",
}

// idPlaces are the kinds in which an id of hers may still stand: the named
// exceptions, the erasure's own account, and marks of what was done.
var idPlaces = []string{
	"entry", "request", "package", "erasure", "circular", "covering", "disclosure", "consent", "breach", "breachscope", "breachcampaign", "breachnotice",
	"sweeppage", "tombstone", "tree:tombstone", "mark", "limit",
}

// TestAPersonIsFoundBeforeAnErasureAndNotAfter plants a person everywhere, finds
// every trace by opening all that can be opened, has the person erased by HTTP,
// and looks again, also in a backup that is restored afterwards.
func TestAPersonIsFoundBeforeAnErasureAndNotAfter(t *testing.T) {
	withoutArchive(t)
	w := searchable(t)
	p := w.plantPerson()
	n := newNeedles(sought())
	copied := filepath.Join(t.TempDir(), "copy")
	if err := (&backupCmd{places: places{Data: w.data, Keys: w.keys}, Out: copied}).Run(); err != nil {
		t.Fatal(err)
	}
	before := openAll(t, w.data, w.keys)
	for where, all := range map[string]contents{"the data": before, "the backup": openAll(t, copied, w.keys)} {
		found := all.find(n)
		var seen []string
		for _, v := range sought() {
			if seen = append(seen, found[v]...); len(found[v]) == 0 && v != kept["request text"] { // which is not written yet
				t.Errorf("%q is not found in %s: the search proves nothing about it", v, where)
			}
		}
		for _, place := range looked {
			if !slices.Contains(seen, place) {
				t.Errorf("nothing is found in %s of %s: the search proves nothing about it", place, where)
			}
		}
	}
	ids := p.ids(before)
	if n := len(before.find(newNeedles(ids))); len(ids) < 30 || n < len(ids) {
		t.Fatalf("%d ids, of which %d are found", len(ids), n)
	}

	public, err := w.env.Ledger.PublicKey(t.Context(), "ekc")
	if err != nil {
		t.Fatal(err)
	}
	at := places{Data: w.data, Keys: w.keys}
	request := w.asks(p, "erasure", kept["request text"], nil)
	for range 3 {
		w.elapse(2 * time.Minute)
	}
	proved := w.certificate(request)
	after := openAll(t, w.data, w.keys)
	after.clean(t, "the data", n, ids)
	same(t, p, before, after)
	if found := openAll(t, copied, w.keys).find(n); len(found[hers["answer to her"]])+len(found[hers["file"]]) > 2 {
		t.Errorf("a copy of before still opens: %v %v", found[hers["answer to her"]], found[hers["file"]])
	}
	w.shut()
	n.absentBelow(t, w.data)
	n.absent(t, "the log", []byte(w.logs.String()))
	if err := (&ledgerVerifyCmd{logData: logData{Tenant: "ekc", Data: w.data}}).Run(); err != nil {
		t.Error(err)
	}
	checked(t, proved, public)

	if err := (&restoreCmd{places: at, From: copied, Replace: true}).Run(); err != nil {
		t.Fatal(err)
	}
	restored := openAll(t, w.data, w.keys)
	restored.clean(t, "the restored data", n, ids)
	same(t, p, before, restored)
	if err := (&ledgerVerifyCmd{logData: logData{Tenant: "ekc", Data: w.data}}).Run(); err != nil {
		t.Error(err)
	}
}

// certificate fetches the certificate of an erasure, which is done and whole.
func (w *world) certificate(request string) (p dossier.Proved) {
	w.t.Helper()
	r := w.by(access.Officer, "officer-1", "GET", "/v1/requests/"+request+"/certificate", nil)
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != 200 {
		w.t.Fatalf("the certificate: %d %s", r.status, r.body)
	}
	c := p.Certificate
	if !c.Whole() || p.Entry == nil || c.Erased["message"] == 0 || c.Erased["package"] != 1 || c.Erased["intake"] != 2 || c.Keys == 0 || c.Searched < 40 {
		w.t.Errorf("%+v, entry %v", c, p.Entry != nil)
	}
	return p
}

// checked checks a certificate by the command, offline, and that no changed one
// holds.
func checked(t *testing.T, p dossier.Proved, key string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "certificate.json")
	check := func(p dossier.Proved, key string) error {
		b, err := json.MarshalIndent(p, "", "  ")
		if err == nil {
			err = os.WriteFile(file, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return (&certificateCmd{File: file, Key: key}).Run()
	}
	for _, k := range []string{"", key} {
		if err := check(p, k); err != nil {
			t.Errorf("the certificate with key %q: %v", k, err)
		}
	}
	for name, change := range map[string]func(*dossier.Proved){
		"fewer records": func(p *dossier.Proved) { p.Certificate.Planned-- },
		"another digest": func(p *dossier.Proved) {
			p.Certificate.Residue++
			p.Digest = p.Certificate.Digest()
		},
		"another request": func(p *dossier.Proved) { p.Certificate.Request += "x" },
		"no entry":        func(p *dossier.Proved) { p.Entry = nil },
		"another log": func(p *dossier.Proved) {
			p.Key = "example.com/log+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
		},
	} {
		changed := p
		change(&changed)
		if check(changed, "") == nil {
			t.Errorf("a certificate with %s holds, too", name)
		}
	}
}

// ids are those of what is hers: contacts, and every record under them but the
// tickets, which stay without her, and the conversation in which Bor wrote.
func (p *woman) ids(c contents) []string {
	out := slices.Clone(p.contacts)
	for _, x := range c.pieces {
		if x.field != "contact_id" || slices.Contains(idPlaces, x.kind) || x.kind == "ticket" || x.kind == "worklog" || x.kind == "handover" || x.id == p.visit.ConversationID {
			continue
		}
		if slices.ContainsFunc(p.contacts, func(id string) bool { return string(x.bytes) == `"`+id+`"` }) {
			out = append(out, x.id)
		}
	}
	return out
}

// clean fails for every value that stands outside the named exceptions, every
// exception that is not there, every id outside idPlaces, every file left over.
func (c contents) clean(t *testing.T, where string, n *needles, ids []string) {
	t.Helper()
	found := c.find(n)
	for what, v := range hers {
		if allowed := []string{"request.statement"}; what == "statement" && slices.Equal(found[v], allowed) {
			continue // in the file of the request
		}
		if len(found[v]) > 0 {
			t.Errorf("%s (%q) still stands in %s of %s", what, v, found[v], where)
		}
	}
	for what, v := range kept {
		if what == "request text" && where == "the restored data" {
			continue // it was asked after the copy was made
		}
		if !slices.Equal(found[v], exceptions[what]) {
			t.Errorf("%s stands in %s of %s, want %s", what, found[v], where, exceptions[what])
		}
	}
	for id, at := range c.find(newNeedles(ids)) {
		for _, place := range at {
			// What waits for a message that never came names the edit that waits:
			// in a copy, the edit's own key is gone, and with it the way there.
			if kind, _, _ := strings.Cut(place, "."); !slices.Contains(idPlaces, kind) && (where == "the data" || kind != "waiting") {
				t.Errorf("id %s still stands in %s of %s", id, place, where)
			}
		}
	}
	stand := map[string]bool{}
	for _, x := range c.pieces {
		stand[x.kind] = true
	}
	for _, kind := range []string{"request", "entry", "disclosure", "consent", "breach", "breachscope", "breachcampaign", "tree:tombstone"} {
		if !stand[kind] {
			t.Errorf("no %s is left in %s: it proves what was done", kind, where)
		}
	}
	if len(c.orphan) > 0 {
		t.Errorf("files that nothing names are left in %s: %s", where, c.orphan)
	}
}

// same fails for anything of Bor's that is not as it was, beside what says that he
// acted for her.
func same(t *testing.T, p *woman, before, after contents) {
	t.Helper()
	his := []string{p.bor.ContactID, p.borsMail.ContactID}
	mine := map[string]bool{} // "kind/id"
	for _, x := range before.pieces {
		if x.field == "contact_id" && slices.ContainsFunc(his, func(id string) bool { return string(x.bytes) == `"`+id+`"` }) || x.kind == "contact" && slices.Contains(his, x.id) {
			mine[x.kind+"/"+x.id] = true
		}
	}
	if len(mine) < 10 {
		t.Fatalf("only %d records of the other one", len(mine))
	}
	mine["message/"+p.visit.ID] = true
	now := map[string][]string{}
	for _, x := range after.pieces {
		at := x.kind + "/" + x.id + "." + x.field
		now[at] = append(now[at], string(x.bytes))
	}
	if at := "conversation/" + p.visit.ConversationID; !slices.Equal(now[at+".contact_id"], []string{`"` + p.visit.ContactID + `"`}) || len(now[at+".subject"])+len(now[at+".thread"]) > 0 {
		t.Errorf("the conversation in which he wrote is %s's, and about %s", now[at+".contact_id"], now[at+".subject"])
	}
	for _, x := range before.pieces {
		hers := strings.HasPrefix(x.field, "treated_") || x.field == "index" && slices.ContainsFunc(p.contacts, func(id string) bool { return strings.Contains(string(x.bytes), id) })
		if !mine[x.kind+"/"+x.id] || hers {
			continue
		}
		if at := x.kind + "/" + x.id + "." + x.field; !slices.Contains(now[at], string(x.bytes)) {
			t.Errorf("%s was %.200s, and is %.200s", at, x.bytes, now[at])
		}
	}
}
