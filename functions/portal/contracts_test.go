package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("GET /v1/contracts", contractReaders...)
	_ = may("POST /v1/contracts", access.Officer, access.Administrator)
	_ = may("GET /v1/contracts/{id}", contractReaders...)
	_ = may("POST /v1/contracts/{id}/end", access.Officer)
	_ = may("POST /v1/contracts/{id}/statutory", access.Officer)
	_ = may("POST /v1/contracts/{id}/data", access.Producer)
	_ = may("POST /v1/contracts/{id}/fulfilled", access.Producer)
	_ = may("GET /v1/contracts/{id}/data", access.Officer)
	_ = may("GET /v1/contracts/{id}/files/{file}", access.Officer)
	_ = may("POST /v1/contracts/{id}/return", access.Officer)
	_ = may("GET /v1/contracts/{id}/certificate", contractReaders...)
)

// TestAContractsDataAreTakenBackWhole: page by page, with a digest that the
// controller computes too; a return is noted once all of it was taken.
func TestAContractsDataAreTakenBackWhole(t *testing.T) {
	w := newWorld(t)
	officer, machine, admin := w.as("ekc", access.Officer), w.as("ekc", access.Producer), w.as("ekc", access.Administrator)
	n := 0
	post := func(path, body string, who ...func(*http.Request)) reply {
		n++
		return w.ask("POST", path, body, append(who, with("Idempotency-Key", fmt.Sprint("k", n)))...)
	}
	var k contractView
	post("/v1/contracts", `{"controller": "Ana Novak", "began_at": "2026-01-01T00:00:00Z"}`, admin).want(400, "invalid")
	post("/v1/contracts", `{"controller": "lab", "began_at": "2026-01-01T00:00:00Z"}`, admin).want(201, "").schema("Contract").into(&k)
	at := "/v1/contracts/" + k.ID
	const persons = takenAtOnce + 1
	for i := range persons {
		body := fmt.Sprintf(`{"subject": "pat-%02d", "of": "patient", "name": "Ana Novak %d", "findings": "karies", "files": [{"mime": "image/png", "bytes": "TkVFRExF"}]}`, i, i)
		post(at+"/data", body, machine).want(201, "").schema("CollectedState")
	}
	post(at+"/data", `{"subject": "pat-x", "of": "servant"}`, machine).want(400, "invalid")
	w.ask("GET", at+"/data", "", officer).want(409, "contract_state")
	post(at+"/return", `{"digest": "", "to": "lab-admin"}`, officer).want(409, "return_incomplete")
	post(at+"/end", `{"ended_at": "2025-12-01T00:00:00Z", "reason": "notice"}`, officer).want(422, "contract_span")
	post(at+"/end", `{"ended_at": "2025-12-01T00:00:00Z"}`, officer).want(400, "invalid")
	end := w.Clock.Now().Add(-time.Second)
	post(at+"/end", `{"ended_at": "`+end.Format(time.RFC3339)+`", "reason": "notice"}`, officer).want(202, "").schema("Contract")
	w.do("ekc", func(ctx context.Context, u *work.Unit) error { // as functions/retention does
		c, err := work.Load(ctx, u, record.Contracts, k.ID)
		if err == nil {
			err = c.End(end, false, "officer-1", u.Now())
			work.Save(u, record.Contracts, c)
		}
		return err
	})
	post(at+"/data", `{"subject": "pat-x", "of": "patient"}`, machine).want(409, "contract_state")
	post(at+"/statutory", `{"of": "patient", "law": "ZZPPZ 14", "until": "2020-01-01T00:00:00Z"}`, officer).want(422, "statutory_term")
	post(at+"/statutory", `{"items": ["x1"], "law": "ZZPPZ 14", "until": "2036-01-01T00:00:00Z"}`, officer).want(200, "").schema("Contract")

	take := func() (digest string, seen int) {
		for next, first := "", true; first || next != ""; first = false {
			var p takenPage
			w.ask("GET", at+"/data?cursor="+next, "", officer).want(200, "").schema("CollectedList").into(&p)
			for _, i := range p.Items {
				sum := sha256.Sum256(i.Data)
				if hex.EncodeToString(sum[:]) != i.SHA256 || strings.Contains(string(i.Data), `"pin`) {
					t.Fatal(string(i.Data))
				}
				digest = retention.Join(digest, i.Data)
				var d returned
				if err := json.Unmarshal(i.Data, &d); err != nil || d.Findings != "karies" || len(d.Files) != 1 {
					t.Fatal(err, d)
				}
				if f := w.ask("GET", at+"/files/"+d.Files[0].ID, "", officer).want(200, ""); string(f.body) != "NEEDLE" {
					t.Fatal(string(f.body))
				}
				seen++
			}
			if p.Digest != digest || p.Count != seen {
				t.Fatal("we have computed something else")
			}
			next = p.Next
		}
		return digest, seen
	}
	w.ask("GET", at+"/data", "", officer).want(200, "") // the first page, and again below
	post(at+"/return", `{"digest": "00", "to": "lab-admin"}`, officer).want(409, "return_incomplete")
	digest, seen := take()
	if seen != persons {
		t.Fatal(seen)
	}
	lines := 0
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		return dossier.DisclosuresOf(ctx, u, "pat-03", func(d *register.Disclosure) {
			if lines++; d.Recipient != "lab" || d.Ground != register.Return {
				t.Errorf("%+v", d)
			}
		})
	})
	if lines != 1 {
		t.Errorf("%d lines in the register for data that was taken twice", lines)
	}
	post(at+"/return", `{"digest": "`+strings.Repeat("0", 64)+`", "to": "lab-admin"}`, officer).want(409, "return_incomplete")
	post(at+"/return", `{"digest": "`+digest+`", "to": "lab-admin"}`, officer).want(202, "").schema("Contract").into(&k)
	if k.ReturnedTo != "lab-admin" || k.SweepID == "" || !k.TakenAll || k.Taken != persons {
		t.Fatalf("%+v", k)
	}
	var s sweepView
	w.ask("GET", "/v1/sweeps/"+k.SweepID, "", admin).want(200, "").schema("Sweep").into(&s)
	if s.State != retention.Planning || s.Contract != k.ID {
		t.Fatalf("%+v", s)
	}
	post(at+"/return", `{"digest": "`+digest+`", "to": "lab-admin"}`, officer).want(409, "contract_state")
	w.ask("GET", at+"/certificate", "", officer).want(409, "contract_state")
	w.ask("GET", "/v1/contracts/"+k.ID, "", w.as("other", access.Officer)).want(404, "not_found")
	w.ask("GET", at+"/files/nothing", "", officer).want(404, "not_found")
	w.ask("GET", "/v1/contracts", "", w.as("ekc", access.Auditor)).want(200, "").schema("ContractList")
}

func TestThePurposeOfAnItem(t *testing.T) {
	w := newWorld(t)
	machine := w.as("ekc", access.Producer)
	var one, two contractView
	for i, k := range []*contractView{&one, &two} {
		w.ask("POST", "/v1/contracts", `{"controller": "shop", "began_at": "2026-01-01T00:00:00Z"}`, w.as("ekc", access.Administrator), with("Idempotency-Key", fmt.Sprint("c", i))).want(201, "").into(k)
	}
	var i collectedState
	w.ask("POST", "/v1/contracts/"+one.ID+"/data", `{"subject": "cash", "of": "cashier", "name": "Ana"}`, machine, with("Idempotency-Key", "d1")).want(201, "").into(&i)
	w.ask("POST", "/v1/contracts/"+two.ID+"/fulfilled", `{"item": "`+i.ID+`"}`, machine, with("Idempotency-Key", "d2")).want(404, "not_found")
	w.ask("POST", "/v1/contracts/"+one.ID+"/fulfilled", `{"item": "`+i.ID+`"}`, machine, with("Idempotency-Key", "d3")).want(200, "").schema("CollectedState").into(&i)
	if !i.FulfilledAt.Equal(w.Clock.Now()) {
		t.Fatal(i)
	}
}
