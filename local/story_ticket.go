package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/message"
)

// aTicket goes to the custodian of an e-service, who sees what the technical
// specification permits, asks for one field more, and solves it (K03, K09).
func (d *demo) aTicket() error {
	fmt.Println("\nA matter that the first level can't solve goes to the custodian of the e-service.")
	if err := d.arrive(message.Email, "mime", mailText("<ticket@example.si>", "Ema Zorko <ema@example.si>", "Prosim za pomoč pri selitvi.", d.clock.Now())); err != nil {
		return err
	}
	if err := d.wait(time.Minute); err != nil {
		return err
	}
	m, err := d.find("<ticket@example.si>")
	if err != nil {
		return err
	}
	var t struct{ ID, Number string }
	open := map[string]any{"conversation_id": m.ConversationID, "service": "residence", "fields": map[string]string{
		"name": "Ema Zorko", "email": "ema@example.si", "details": "Potrdilo ne prispe; EMŠO 0101006500006.",
	}}
	if err := d.call(http.MethodPost, "/v1/tickets", access.Adviser, open, &t); err != nil {
		return err
	}
	path := "/v1/tickets/" + t.ID
	// do posts as somebody, and a minute goes by.
	do := func(sub string, role access.Role, body, out any) error {
		if err := d.call(http.MethodPost, path+sub, role, body, out); err != nil {
			return err
		}
		return d.wait(time.Minute)
	}
	// look is what the custodian sees.
	look := func(want ...string) (map[string]string, error) {
		var v struct{ Fields map[string]string }
		err := d.call(http.MethodGet, path, access.Custodian, nil, &v)
		if got := slices.Sorted(maps.Keys(v.Fields)); err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("the custodian sees %v, want %v", got, want)
		}
		return v.Fields, err
	}
	if err := do("/escalations", access.Adviser, map[string]string{"reason": "prva raven nima dostopa"}, nil); err != nil {
		return err
	}
	fields, err := look("details", "name")
	if err != nil {
		return err
	}
	if strings.Contains(fields["details"], "0101006500006") {
		return fmt.Errorf("the custodian sees what nobody may keep")
	}
	d.say("ticket %s is handed on: the custodian sees the name and %q, and not the address of her mail", t.Number, fields["details"])
	const answers = "/escalations/answer"
	if err := do(answers, access.Custodian, map[string]string{"answer": "accepted"}, nil); err != nil {
		return err
	}
	var asked struct{ Widenings []struct{ ID string } }
	ask := map[string]string{"answer": "asked", "field": "email", "text": "za ponastavitev računa"}
	if err := do(answers, access.Custodian, ask, &asked); err != nil {
		return err
	}
	if _, err := look("details", "name"); err != nil {
		return err
	}
	if len(asked.Widenings) != 1 {
		return fmt.Errorf("%d fields are asked for, want 1", len(asked.Widenings))
	}
	grant := map[string]any{"widening": asked.Widenings[0].ID, "grant": true, "hours": 2}
	if err := do("/escalations/view", access.Adviser, grant, nil); err != nil {
		return err
	}
	if _, err := look("details", "email", "name"); err != nil {
		return err
	}
	d.say("the custodian asks for the address with a reason, and an adviser grants it for two hours")
	if err := d.wait(2 * time.Hour); err != nil {
		return err
	}
	if _, err := look("details", "name"); err != nil {
		return err
	}
	d.say("two hours later the address can't be seen any more; that it was stands in the processing log")
	if err := do(answers, access.Custodian, map[string]string{"answer": "resolved", "text": "Potrdilo je na eUpravi."}, nil); err != nil {
		return err
	}
	var sent struct{ Items []seen }
	if err := d.call(http.MethodGet, "/v1/conversations/"+m.ConversationID+"/messages", access.Adviser, nil, &sent); err != nil {
		return err
	}
	if !slices.ContainsFunc(sent.Items, func(m seen) bool { return strings.Contains(m.Text, "Potrdilo je na eUpravi.") }) {
		return fmt.Errorf("nobody tells her the solution")
	}
	var now struct{ State string }
	if err := d.call(http.MethodGet, path, access.Adviser, nil, &now); err != nil {
		return err
	}
	if now.State != "resolved" {
		return fmt.Errorf("the ticket is %s, want resolved", now.State)
	}
	if err := d.call(http.MethodGet, path, access.Custodian, nil, nil); err == nil {
		return fmt.Errorf("the custodian still sees a matter that has ended")
	}
	d.say("resolved: the solution goes to Ema, and the custodian sees nothing of the matter any more")
	return nil
}
