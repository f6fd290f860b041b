package portal

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var _ = may("GET /v1/reports/tickets", access.Supervisor, access.Auditor, access.DPO, access.Administrator)

// TestAReportHidesSmallGroups: counts of a month that is over, of anonymous tickets
// too; a group of fewer than five is not told, nor what would tell it.
func TestAReportHidesSmallGroups(t *testing.T) {
	w := newWorld(t)
	at := w.Clock.Now().AddDate(0, -1, 0)
	month := at.Format("2006-01")
	n := 0
	put := func(count int, service, contact string, at time.Time) {
		w.do("ekc", func(_ context.Context, u *work.Unit) error {
			for range count {
				n++
				who, secret := contact, ""
				if who == "" {
					who, secret = fmt.Sprint("p", n), "NEEDLE"
				}
				work.Save(u, record.Tickets, &ticket.Ticket{
					ID: fmt.Sprint("t", n), Number: fmt.Sprint("SR-", n), Kind: ticket.ServiceRequest, State: ticket.States[n%len(ticket.States)], Class: conversation.Other, Urgency: 3,
					ContactID: who, Service: service, ReportAt: at, Minutes: 10, Cost: 250, Currency: "EUR", OwnerID: secret, Name: secret,
				})
			}
			return nil
		})
	}
	put(6, "residence", "", at)
	put(7, "business", retention.Anonymous, at)
	put(9, "workplace", "", at)
	put(4, "workplace", "", at.AddDate(0, 1, 0)) // another month
	supervisor := w.as("ekc", access.Supervisor)
	ask := func(by string) (v reportView) {
		r := w.ask("GET", "/v1/reports/tickets?month="+month+"&by="+by, "", supervisor).want(200, "").schema("TicketReport")
		if strings.Contains(string(r.body), "NEEDLE") {
			t.Error(string(r.body))
		}
		r.into(&v)
		return v
	}
	if v := ask("service"); v.Suppressed != 0 || v.Total.Tickets != 22 || v.Total.Cost["EUR"] != 22*250 || v.Groups[0].Counts.Tickets != 7 || v.Smallest != 5 {
		t.Fatalf("%+v", v)
	}
	put(2, "", "", at)
	v := ask("service")
	if v.Suppressed != 2 || v.Groups[0].Counts != nil || v.Groups[2].Name != "residence" || v.Groups[2].Counts != nil || v.Groups[1].Counts == nil || v.Total.Tickets != 24 {
		t.Fatalf("%+v", v)
	}
	if v := ask("class"); v.Suppressed != 0 || len(v.Groups) != 1 || v.Total.Minutes != 240 {
		t.Fatalf("%+v", v)
	}
	for _, bad := range []string{"", "?month=" + month, "?by=service", "?month=" + month + "&by=owner", "?month=" + w.Clock.Now().Format("2006-01") + "&by=kind"} {
		w.ask("GET", "/v1/reports/tickets"+bad, "", supervisor).want(400, "invalid")
	}
	w.ask("GET", "/v1/reports/tickets?month="+month+"&by=kind", "", w.as("ekc", access.Adviser)).want(403, "")
}
