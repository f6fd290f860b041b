package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/message"
)

// aRequest is a data-subject request from a message to its answer.
func (d *demo) aRequest() error {
	fmt.Println("\nA mail holds a data-subject request. Rules find it; people decide.")
	text := "Na podlagi GDPR prosim za izpis svojih osebnih podatkov."
	if err := d.arrive(message.Email, "mime", mailText("<dsar@example.si>", "Cene Kos <cene@example.si>", text, d.clock.Now())); err != nil {
		return err
	}
	received := d.clock.Now()
	var list struct {
		Items []struct {
			ID    string
			State string
			DueAt time.Time `json:"due_at"`
		}
	}
	see := func(state string) error {
		if err := d.call(http.MethodGet, "/v1/requests", access.Officer, nil, &list); err != nil {
			return err
		}
		if len(list.Items) != 1 || list.Items[0].State != state {
			return fmt.Errorf("requests %+v, want one that is %s", list.Items, state)
		}
		return nil
	}
	if err := d.wait(3 * 24 * time.Hour); err != nil { // it is done while the clock stands, at the latest when it moves
		return err
	}
	if err := see("suggested"); err != nil {
		return err
	}
	d.say("three days later an adviser looks: recognised at %s, and due %s all the while", received.Format("2 Jan 15:04"), list.Items[0].DueAt.Format("2 Jan 2006"))
	at := "/v1/requests/" + list.Items[0].ID
	verdict := map[string]any{"verdict": "request", "asks": []map[string]string{{"right": "no_automation"}, {"right": "erasure", "scope": "audit_trail"}}}
	if err := d.call(http.MethodPost, at+"/recognition", access.Adviser, verdict, nil); err != nil {
		return err
	}
	if err := d.wait(time.Hour); err != nil {
		return err
	}
	d.say("on the telephone he says what he means: no decision by a machine, and the processing log erased")
	log := map[string]string{"right": "erasure", "scope": "audit_trail", "outcome": "granted", "ground": "no longer needed"}
	if err := d.call(http.MethodPost, at+"/decision", access.Officer, log, nil); err == nil || !strings.Contains(err.Error(), "refused_by_terms") {
		return fmt.Errorf("the processing log could be erased: %w", err)
	}
	d.say("the officer can't grant that the log be erased: the terms refuse it (ekc 7.11.2)")
	if err := d.wait(time.Minute); err != nil {
		return err
	}
	log = map[string]string{"right": "erasure", "scope": "audit_trail", "outcome": "refused"}
	if err := d.call(http.MethodPost, at+"/decision", access.Officer, log, nil); err != nil {
		return err
	}
	if err := d.wait(time.Minute); err != nil {
		return err
	}
	if err := d.call(http.MethodPost, at+"/decision", access.Officer, map[string]string{"right": "no_automation", "outcome": "granted"}, nil); err != nil {
		return err
	}
	if err := d.wait(time.Minute); err != nil {
		return err
	}
	if err := see("answered"); err != nil {
		return err
	}
	d.say("refused with reason, complaint and remedy; and answered that no decision is a machine's. The case is closed")
	return nil
}
