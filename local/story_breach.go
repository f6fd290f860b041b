package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
)

// breachSeen is what the story looks at in a case.
type breachSeen struct {
	Clocks []struct {
		Name    string
		State   string
		EndAt   time.Time `json:"end_at"`
		Law     string
		Overdue bool
		Late    bool
	}
	Told []struct{ Task, Stage string }
}

func (b breachSeen) end(name string) (time.Time, string) {
	for _, k := range b.Clocks {
		if k.Name == name {
			return k.EndAt, k.State
		}
	}
	return time.Time{}, ""
}

// aBreach is the chapter of a breach: an adviser flags a conversation on the
// Friday before summer time begins; the clocks run through the weekend; nothing
// leaves without a named officer, and nothing that lacks what it must hold.
func (d *demo) aBreach() error {
	fmt.Println("\nA personal data breach, on a Friday before the clocks change.")
	friday := time.Date(2026, time.March, 27, 15, 0, 0, 0, time.UTC)
	if err := d.wait(friday.Sub(d.clock.Now())); err != nil {
		return err
	}
	var taken struct{ ID string }
	report := map[string]any{"service": "business", "conversation_ids": []string{d.ids["whatsapp"]}, "facts": map[string]any{"nature": "A caller knew another person's application."}}
	if err := d.call(http.MethodPost, "/v1/breaches", access.Adviser, report, &taken); err != nil {
		return err
	}
	if err := d.wait(time.Minute); err != nil {
		return err
	}
	path := "/v1/breaches/" + taken.ID
	look := func() (b breachSeen, err error) { return b, d.call(http.MethodGet, path, access.Officer, nil, &b) }
	b, err := look()
	if err != nil {
		return err
	}
	end, _ := b.end("breach.authority.ekc")
	if !end.Equal(friday.Add(72 * time.Hour)) {
		return fmt.Errorf("the authority's limit ends %s", end)
	}
	d.say("an adviser flags a conversation: %d clocks run; the authority by %s UTC, 72 elapsed hours", len(b.Clocks), end.Format("Mon 2 Jan 15:04:05"))

	// do posts as somebody, a minute later each time.
	do := func(sub string, role access.Role, body any) error {
		if err := d.wait(time.Minute); err != nil {
			return err
		}
		return d.call(http.MethodPost, path+sub, role, body, nil)
	}
	notice := map[string]any{"to": "other", "relation": "ekc", "language": "sl", "reason": "the other joint controller is told at once"}
	if err := do("/notices", access.Officer, notice); err == nil || !strings.Contains(err.Error(), `"missing":["person_categories","persons","data_categories","records","contact","consequences","measures"]`) {
		return fmt.Errorf("a notice without half of its items: %w", err)
	}
	d.say("the officer's notice is refused, with the list of what it lacks: seven items")
	facts := map[string]any{
		"nature": "A caller knew another person's application.", "confidentiality": true, "person_categories": []string{"customers"}, "persons": 3, "data_categories": []string{"application data"},
		"consequences": "Somebody may act in their name.", "measures": "Callers are asked for a second proof.", "persons_text": "Somebody may have seen your application.",
	}
	for _, step := range []struct {
		sub  string
		role access.Role
		body any
	}{
		{"/facts", access.Supervisor, facts},
		{"/advice", access.DPO, map[string]any{"text": "Tell the authority; a risk can't be excluded."}},
		{"/decisions", access.Officer, map[string]any{"kind": "risk", "value": "risk", "reason": "impersonation"}},
	} {
		if err := do(step.sub, step.role, step.body); err != nil {
			return err
		}
	}
	contact := map[string]string{"name": "Pooblaščena oseba", "email": "dpo@example.si"}
	for k, v := range map[string]any{"contact": contact, "phased": true, "follow_up_at": friday.Add(6 * 24 * time.Hour)} {
		notice[k] = v
	}
	if err := do("/notices", access.Officer, notice); err != nil {
		return err
	}
	d.say("it goes in phases: the number of records follows, and stays due until it has")
	notice["to"] = "authority"
	if err := do("/notices", access.Officer, notice); err == nil || !strings.Contains(err.Error(), "tell_other_first") {
		return fmt.Errorf("the authority was contacted first: %w", err)
	}
	plan := map[string]any{"to": "plan", "relation": "ekc", "language": "sl", "reason": "ekc 7.15", "contact": contact, "contact_purpose": "obvestilo o kršitvi", "contact_at": friday.Add(3 * time.Hour)}
	if err := do("/notices", access.Officer, plan); err != nil {
		return err
	}
	if err := do("/notices", access.Officer, notice); err != nil {
		return err
	}
	d.say("the authority is told only after the other party knows why and when")
	if err := d.wait(friday.Add(24 * time.Hour).Sub(d.clock.Now())); err != nil {
		return err
	}
	if err := d.wait(7 * 24 * time.Hour); err != nil {
		return err
	}
	if b, err = look(); err != nil {
		return err
	}
	if _, state := b.end("breach.authority.ekc"); state != "done" {
		return fmt.Errorf("the authority's clock is %s", state)
	}
	missed := 0
	for _, t := range b.Told {
		if t.Stage == "due" && strings.HasPrefix(t.Task, "breach.follow_up.") {
			missed++
		}
	}
	var letters struct {
		Items []struct {
			LetterID string `json:"letter_id"`
		}
	}
	if err := d.call(http.MethodGet, path+"/notices", access.DPO, nil, &letters); err != nil {
		return err
	}
	sent := 0
	for _, n := range letters.Items {
		if n.LetterID != "" {
			sent++
		}
	}
	if missed == 0 || len(letters.Items) != 3 || sent != 3 {
		return fmt.Errorf("%d missed ends, %d notices, %d letters", missed, len(letters.Items), sent)
	}
	d.say("%d notices went by mail, hashed in the processing log; the promised number never came: overdue, and on record", sent)
	return nil
}
