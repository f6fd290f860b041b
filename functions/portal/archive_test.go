package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("GET /v1/archive-offers", contractReaders...)
	_ = may("GET /v1/archive-offers/{id}", contractReaders...)
	_ = may("POST /v1/archive-offers/{id}/answer", access.Officer)
	_ = may("GET /v1/archive-offers/{id}/material", access.Officer)
	_ = may("POST /v1/archive-offers/{id}/handover", access.Officer)
)

// TestTheArchiveTakesWhatItWants: an officer notes what the archive wants, takes it
// out page by page and hands it over against a receipt and the digest of all; each
// person's register says so.
func TestTheArchiveTakesWhatItWants(t *testing.T) {
	w := newWorld(t)
	officer, auditor := w.as("ekc", access.Officer), w.as("ekc", access.Auditor)
	now := w.Clock.Now()
	offer := &retention.Offer{ID: "o1", Archive: "archive", Clause: "spec R.8", State: retention.OfferMade, MadeAt: now, AnswerBy: now.Add(time.Hour)}
	limit := deadline.New(deadline.Ref{Kind: "offer", ID: "o1"}, retention.OfferLimit, now, offer.AnswerBy)
	const wanted = archivedAtOnce + 1
	w.do("ekc", func(_ context.Context, u *work.Unit) error {
		for i := range wanted + 1 {
			x := &ticket.Ticket{
				ID: fmt.Sprintf("t%d", i), Number: fmt.Sprintf("SR-%d", i), Kind: ticket.ServiceRequest, State: ticket.Closed, Class: conversation.Other, Urgency: 3,
				ContactID: fmt.Sprintf("p%d", i), TreatedID: "treated", Service: "residence", ReportAt: now, Details: "NEEDLE",
			}
			offer.Add(retention.Offered{ID: x.ID, Number: x.Number, Kind: string(x.Kind), Class: string(x.Class), Service: x.Service, ReportAt: x.ReportAt})
			work.Save(u, record.Tickets, x)
			work.Save(u, record.WorkLogs, &ticket.Entry{ID: "w" + x.ID, TicketID: x.ID, ContactID: x.ContactID, At: now, Kind: ticket.Communication, Text: "NEEDLE"})
		}
		work.Save(u, record.Offers, offer)
		work.Save(u, record.Limits, limit)
		return nil
	})
	n := 0
	post := func(path, body string) reply {
		n++
		return w.ask("POST", "/v1/archive-offers/o1/"+path, body, officer, with("Idempotency-Key", fmt.Sprint("k", n)))
	}
	if r := w.ask("GET", "/v1/archive-offers", "", auditor).want(200, "").schema("ArchiveOfferList"); strings.Contains(string(r.body), "NEEDLE") || strings.Contains(string(r.body), "p1") {
		t.Fatal("the list tells of persons")
	}
	w.ask("GET", "/v1/archive-offers/o1", "", auditor).want(200, "").schema("ArchiveOffer")
	w.ask("GET", "/v1/archive-offers/o1", "", w.as("other", access.Officer)).want(404, "not_found")
	w.ask("GET", "/v1/archive-offers/o1/material", "", officer).want(409, "offer_state")
	post("answer", `{"wanted": ["t0", "elsewhere"], "reference": "ARS 1"}`).want(422, "not_offered")
	post("answer", `{"wanted": ["t0"], "reference": "Ana Novak želi"}`).want(400, "invalid")
	post("answer", `{"wanted": ["t0", "t1", "t2", "t3", "t4"], "reference": "ARS 1"}`).want(200, "").schema("ArchiveOffer")
	post("answer", `{"reference": "ARS 1"}`).want(409, "offer_state")
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		l, err := work.Load(ctx, u, record.Limits, limit.ID)
		if err == nil && l.Open() {
			t.Error("the limit to answer still runs")
		}
		return err
	})
	take := func() (digest string, seen int) {
		for next, first := "", true; first || next != ""; first = false {
			var p takenPage
			w.ask("GET", "/v1/archive-offers/o1/material?cursor="+next, "", officer).want(200, "").schema("ArchiveMaterial").into(&p)
			for _, i := range p.Items {
				sum := sha256.Sum256(i.Data)
				if hex.EncodeToString(sum[:]) != i.SHA256 || strings.Count(string(i.Data), "NEEDLE") != 2 {
					t.Fatal(string(i.Data))
				}
				digest, seen = retention.Join(digest, i.Data), seen+1
			}
			if next = p.Next; p.Digest != digest || p.Count != seen {
				t.Fatal("we have computed something else")
			}
		}
		return digest, seen
	}
	w.ask("GET", "/v1/archive-offers/o1/material", "", officer).want(200, "") // the first page, and again below
	w.ask("GET", "/v1/archive-offers/o1/material?cursor=9", "", officer).want(400, "bad_cursor")
	post("handover", `{"receipt": "acc 7", "digest": "`+strings.Repeat("0", 64)+`"}`).want(409, "handover_incomplete")
	digest, seen := take()
	if again, _ := take(); seen != wanted || again != digest {
		t.Fatal(seen, digest, again)
	}
	for person, want := range map[string]int{"p0": 1, "p5": 0, "treated": wanted} {
		lines := 0
		w.do("ekc", func(ctx context.Context, u *work.Unit) error {
			return dossier.DisclosuresOf(ctx, u, person, func(d *register.Disclosure) {
				if lines++; d.Recipient != "archive" || d.Ground != register.Archive {
					t.Errorf("%+v", d)
				}
			})
		})
		if lines != want {
			t.Errorf("%s: %d lines in the register, want %d", person, lines, want)
		}
	}
	w.restrict("ekc", "p2")
	w.ask("GET", "/v1/archive-offers/o1/material", "", officer).want(403, "restricted")
	post("handover", `{"receipt": "acc 7", "digest": "`+digest+`"}`).want(200, "").schema("ArchiveOffer")
	post("handover", `{"receipt": "acc 7", "digest": "`+digest+`"}`).want(409, "offer_state")
}
